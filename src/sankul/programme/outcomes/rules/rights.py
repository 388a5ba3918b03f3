"""Who may do what with claims."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role

SEE_CLAIMS = Permission(
    "outcomes.see_claims",
    _("See a cluster's claims before they are public"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR, Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
RECORD_CLAIM = Permission(
    "outcomes.record_claim",
    _("Record, submit and withdraw a cluster's claims"),
    frozenset({Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
RECORD_FEEDBACK = Permission(
    "outcomes.record_feedback",
    _("Record the 360-degree feedback on a cluster"),
    frozenset({Role.EVALUATOR}),
)
DECLARE_NIL = Permission(
    "outcomes.declare_nil",
    _("Declare that a cluster did nothing of a kind in a period"),
    frozenset({Role.CLUSTER_CEO}),
)
JUDGE_CLAIM = Permission(
    "outcomes.judge_claim",
    _("Verify, return or reject a claim"),
    frozenset({Role.EVALUATOR}),
)
LOCK_CLAIMS = Permission(
    "outcomes.lock_claims",
    _("Lock the claims of a period for good"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR}),
)

RECORDED_BY = {"feedback_score": RECORD_FEEDBACK}
"""Kinds that nobody may record about himself."""


def permission_to_record(kind: str) -> Permission:
    """Who records claims of a kind: the cluster itself, or the evaluator what others say of it."""
    return RECORDED_BY.get(kind, RECORD_CLAIM)
