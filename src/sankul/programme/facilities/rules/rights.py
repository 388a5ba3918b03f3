"""Who may see and change what of the shared facilities."""

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role

SEE_CATALOGUE = Permission(
    "facilities.see",
    _("See the catalogue of instruments and services, with tariffs and downtime"),
    frozenset({Role.PUBLIC}),
)
MANAGE_FACILITY = Permission(
    "facilities.manage",
    _("Manage an institution's instruments, services, hours, tariffs, training and tickets"),
    frozenset({Role.LAB_MANAGER, Role.NODAL_OFFICER}),
)
REPORT = Permission(
    "facilities.report",
    _("Report faults of instruments, take places in trainings, name papers that used them"),
    frozenset({Role.MEMBER, Role.LAB_MANAGER, Role.NODAL_OFFICER}),
)
