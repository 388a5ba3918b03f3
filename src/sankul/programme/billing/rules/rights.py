"""Who may see and do what in billing."""

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role

SEE_OWED = Permission(
    "billing.see_owed",
    _("See what one's own organisation was charged, owes and has paid"),
    frozenset({Role.NODAL_OFFICER, Role.LAB_MANAGER, Role.MEMBER}),
)
SEE_BILLED = Permission(
    "billing.see_billed",
    _("See what one's own institution has charged others"),
    frozenset({Role.NODAL_OFFICER, Role.LAB_MANAGER}),
)
BILL = Permission(
    "billing.bill",
    _("Issue invoices and credit notes, waive charges, record payments and answer disputes"),
    frozenset({Role.NODAL_OFFICER, Role.LAB_MANAGER}),
)
DISPUTE = Permission(
    "billing.dispute",
    _("Dispute an invoice to one's own organisation"),
    frozenset({Role.NODAL_OFFICER, Role.LAB_MANAGER, Role.MEMBER}),
)
KEEP_DETAILS = Permission(
    "billing.keep_details",
    _("Keep one's own organisation's billing address, registration and bank account"),
    frozenset({Role.NODAL_OFFICER}),
)
SEE_TOTALS = Permission(
    "billing.see_totals",
    _("See totals of what the institutions of a cluster charged and received"),
    frozenset({Role.PROGRAMME_OFFICER, Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
