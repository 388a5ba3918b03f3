"""Words and law of the registry."""

from .rights import (
    DECIDE,
    MANAGE_BODIES,
    MANAGE_MEMBERS,
    MANAGE_PROGRAMME,
    REGISTER,
    SEE_GOVERNANCE,
    SEE_REGISTRY,
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
]
