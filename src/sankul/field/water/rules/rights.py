"""Who may see and change what about water."""

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role

SEE_WATER = Permission(
    "water.see",
    _("See samples, results and responses of sources that are not public"),
    frozenset(
        {
            Role.PROGRAMME_OFFICER,
            Role.EVALUATOR,
            Role.CLUSTER_CEO,
            Role.CLUSTER_STAFF,
            Role.OPERATOR,
            Role.NODAL_OFFICER,
        }
    ),
)
RECORD_WATER = Permission(
    "water.record",
    _("Record sources, samples, custody and results"),
    frozenset({Role.CLUSTER_STAFF, Role.OPERATOR}),
)
RESPOND_WATER = Permission(
    "water.respond",
    _("Say who deals with unsafe water, by when, and close it with its cause"),
    frozenset({Role.CLUSTER_STAFF, Role.OPERATOR, Role.NODAL_OFFICER}),
)
SET_LIMITS = Permission(
    "water.set_limits",
    _("Record limits of water quality with their source"),
    frozenset({Role.PROGRAMME_OFFICER}),
)
IMPORT_RIVERS = Permission(
    "water.import_rivers",
    _("Take over tables of river stations by year"),
    frozenset({Role.PROGRAMME_OFFICER}),
)
