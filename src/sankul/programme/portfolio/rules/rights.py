"""Who may see and change what in the portfolio."""

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role

SEE_PORTFOLIO = Permission(
    "portfolio.see",
    _("See a cluster's problems, projects and lessons before they are public"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR, Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
RECORD_PORTFOLIO = Permission(
    "portfolio.record",
    _("Record a cluster's problems, projects, stages, deployments and lessons"),
    frozenset({Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
MEASURE_PROJECT = Permission(
    "portfolio.measure",
    _("Add measurements to a project that a cluster leads or takes part in"),
    frozenset({Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
