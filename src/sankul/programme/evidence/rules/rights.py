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
