"""The claims that clusters make, kind by kind, the facts that prove them, and the law of a claim's life."""

from .credit import default_shares, why_not_shares
from .facts import URL_MAX, Fact, FactType, Problem, WrongFacts, checked, link, missing
from .kinds import KIND_CHOICES, KINDS, OUTCOMES, UNIT_LABELS, Kind, Unit
from .life import (
    SCORE_HIGH,
    SCORE_LOW,
    WHOLE_UNITS,
    Wanting,
    wanting,
    why_not_amend,
    why_not_attach,
    why_not_change,
    why_not_judge,
    why_not_kind,
    why_not_nil,
    why_not_project,
    why_not_quantity,
    why_not_rest,
    why_not_return,
    why_not_revise,
    why_not_submit,
    why_not_withdraw,
)
from .rights import (
    DECLARE_NIL,
    JUDGE_CLAIM,
    LOCK_CLAIMS,
    RECORD_CLAIM,
    RECORD_FEEDBACK,
    RECORDED_BY,
    SEE_CLAIMS,
    permission_to_record,
)
from .words import (
    AMENDABLE,
    ATTACHABLE,
    JUDGED,
    ROLE_WEIGHT,
    STANDING,
    ClaimStatus,
    CreditRole,
)

__all__ = [
    "AMENDABLE", "ATTACHABLE", "DECLARE_NIL", "JUDGED", "JUDGE_CLAIM", "KINDS", "KIND_CHOICES", "LOCK_CLAIMS",
    "OUTCOMES", "RECORDED_BY", "RECORD_CLAIM", "RECORD_FEEDBACK", "ROLE_WEIGHT", "SCORE_HIGH", "SCORE_LOW",
    "SEE_CLAIMS", "STANDING", "UNIT_LABELS", "URL_MAX", "WHOLE_UNITS", "ClaimStatus", "CreditRole", "Fact", "FactType", "Kind",
    "Problem", "Unit", "Wanting", "WrongFacts", "checked", "default_shares", "link", "missing", "permission_to_record",
    "wanting", "why_not_amend", "why_not_attach", "why_not_change", "why_not_judge", "why_not_kind", "why_not_nil",
    "why_not_project", "why_not_quantity", "why_not_rest", "why_not_return", "why_not_revise", "why_not_shares", "why_not_submit",
    "why_not_withdraw",
]  # fmt: skip
