"""Words and law of the registry."""

from .rights import (
    DECIDE,
    MANAGE_BODIES,
    MANAGE_MEMBERS,
    MANAGE_PROGRAMME,
    REGISTER,
    SEE_GOVERNANCE,
    SEE_REGISTRY,
    permission_to_decide,
)
from .words import (
    BodyKind,
    EntityForm,
    FactTopic,
    MembershipKind,
    NameKind,
    OrganisationKind,
)

__all__ = [
    "DECIDE",
    "MANAGE_BODIES",
    "MANAGE_MEMBERS",
    "MANAGE_PROGRAMME",
    "REGISTER",
    "SEE_GOVERNANCE",
    "SEE_REGISTRY",
    "BodyKind",
    "EntityForm",
    "FactTopic",
    "MembershipKind",
    "NameKind",
    "OrganisationKind",
    "permission_to_decide",
]
