"""Who may book, answer requests, and see who uses an institution's instruments."""

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role

BOOK = Permission(
    "bookings.book",
    _("Book instruments and order services for an organisation"),
    frozenset({Role.MEMBER, Role.LAB_MANAGER, Role.NODAL_OFFICER}),
)
SEE_BOOKINGS = Permission(
    "bookings.see",
    _("See who books and uses an institution's instruments"),
    frozenset({Role.LAB_MANAGER, Role.NODAL_OFFICER}),
)
ANSWER = Permission(
    "bookings.answer",
    _("Answer requests for an institution's instruments and services"),
    frozenset({Role.LAB_MANAGER, Role.NODAL_OFFICER}),
)
ANSWER_ESCALATED = Permission(
    "bookings.answer_escalated",
    _("Answer requests that an institution of the cluster has left unanswered"),
    frozenset({Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
RUN = Permission(
    "bookings.run",
    _("Start, stop and release the use of an institution's instruments"),
    frozenset({Role.LAB_MANAGER, Role.NODAL_OFFICER}),
)
