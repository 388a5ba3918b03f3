"""Who may see and change what of the field's systems."""

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role

SEE_STREAMS = Permission(
    "streams.see",
    _("See field systems and their observations before they are public"),
    frozenset(
        {
            Role.PROGRAMME_OFFICER,
            Role.EVALUATOR,
            Role.CLUSTER_CEO,
            Role.CLUSTER_STAFF,
            Role.OPERATOR,
        }
    ),
)
RECORD_STREAMS = Permission(
    "streams.record",
    _("Record field systems, send and correct their observations, mend what was refused"),
    frozenset({Role.CLUSTER_CEO, Role.CLUSTER_STAFF, Role.OPERATOR}),
)
MANAGE_DEVICES = Permission(
    "streams.manage_devices",
    _("Give tokens to devices in the field, and revoke them"),
    frozenset({Role.CLUSTER_CEO, Role.CLUSTER_STAFF, Role.OPERATOR}),
)
