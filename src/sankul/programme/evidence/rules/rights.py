"""Who may do what in a verification."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role

PLAN = Permission(
    "evidence.plan",
    _("Plan a verification, announce it, close the claims and draw the sample"),
    frozenset({Role.PROGRAMME_OFFICER}),
)
SEE = Permission(
    "evidence.see",
    _("See how a verification goes, and its sample, before they are public"),
    frozenset({Role.PROGRAMME_OFFICER, Role.APEX_MEMBER, Role.EVALUATOR}),
)
VERIFY = Permission(
    "evidence.verify", _("Verify claims of the sample"), frozenset({Role.EVALUATOR})
)
ESTIMATE = Permission(
    "evidence.estimate",
    _("Settle the findings and estimate what the claims are worth"),
    frozenset({Role.EVALUATOR}),
)
SEE_FINDINGS = Permission(
    "evidence.see_findings",
    _("See settled findings before they are public"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR, Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
MANAGE_CONFLICTS = Permission(
    "evidence.manage_conflicts",
    _("Declare a verifier's conflict of interest"),
    frozenset({Role.PROGRAMME_OFFICER}),
)
SEE_PLAUSIBILITY = Permission(
    "evidence.see_plausibility",
    _("See what plausibility rules found of a cluster's claims"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR, Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
ANSWER_PLAUSIBILITY = Permission(
    "evidence.answer_plausibility",
    _("Answer what plausibility rules found of a cluster's claims"),
    frozenset({Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
RULE_ON_PLAUSIBILITY = Permission(
    "evidence.rule_on_plausibility",
    _("Uphold or dismiss what plausibility rules found"),
    frozenset({Role.EVALUATOR}),
)
CHECK_PLAUSIBILITY = Permission(
    "evidence.check_plausibility",
    _("Run the plausibility rules over all claims of a programme"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR}),
)
DECLARE_CAPACITY = Permission(
    "evidence.declare_capacity",
    _("Declare how much an institution, facility or city can hold"),
    frozenset({Role.PROGRAMME_OFFICER}),
)
