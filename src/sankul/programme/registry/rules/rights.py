"""Who may see and change what in the registry."""

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role
from sankul.programme.registry.rules.words import BodyKind

SEE_REGISTRY = Permission(
    "registry.see", _("See programmes, clusters and organisations"), frozenset({Role.PUBLIC})
)
SEE_GOVERNANCE = Permission(
    "registry.see_governance",
    _("See meetings, minutes and decisions"),
    frozenset({Role.PROGRAMME_OFFICER, Role.APEX_MEMBER, Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
MANAGE_PROGRAMME = Permission(
    "registry.manage_programme",
    _("Change a programme, its clusters and its bodies"),
    frozenset({Role.PROGRAMME_OFFICER}),
)
MANAGE_MEMBERS = Permission(
    "registry.manage_members",
    _("Change a cluster's members"),
    frozenset({Role.PROGRAMME_OFFICER, Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
DECIDE = Permission(
    "registry.decide", _("Record a decision of the apex committee"), frozenset({Role.APEX_MEMBER})
)
MANAGE_BODIES = Permission(
    "registry.manage_bodies",
    _("Change bodies, who sits on them, and their meetings"),
    frozenset({Role.PROGRAMME_OFFICER, Role.CLUSTER_CEO}),
)
REGISTER = Permission(
    "registry.register",
    _("Register organisations, legal entities and people"),
    frozenset({Role.PROGRAMME_OFFICER, Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)


def permission_to_decide(kind: str) -> Permission:
    """What it takes to record a decision of a body of this kind: the apex committee's members record their own."""
    return DECIDE if kind == BodyKind.APEX else MANAGE_BODIES
