"""Who may see and answer alerts, and say what raises them."""

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role

SEE_ALERTS = Permission(
    "alerts.see",
    _("See alerts of field systems, what was done about them, and the proof"),
    frozenset(
        {
            Role.PROGRAMME_OFFICER,
            Role.EVALUATOR,
            Role.CLUSTER_CEO,
            Role.CLUSTER_STAFF,
            Role.NODAL_OFFICER,
            Role.OPERATOR,
        }
    ),
)
ANSWER_ALERTS = Permission(
    "alerts.answer",
    _("Acknowledge alerts, say what is done, prove it, close them with their cause"),
    frozenset({Role.CLUSTER_CEO, Role.CLUSTER_STAFF, Role.NODAL_OFFICER, Role.OPERATOR}),
)
SET_DETECTORS = Permission(
    "alerts.set_detectors",
    _("Set detectors, silence windows and webhooks of field systems"),
    frozenset({Role.CLUSTER_CEO, Role.CLUSTER_STAFF, Role.OPERATOR}),
)
