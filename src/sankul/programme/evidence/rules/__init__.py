"""Words and law of a verification by sampling."""

from .assignment import shared_out
from .checklist import Item, checklist
from .conflicts import COOLING_YEARS, Interests, Parties, Tie, ties, why_not_verify
from .design import Design, why_not_design
from .findings import (
    Finding,
    Found,
    State,
    Turn,
    agreed,
    quantity_of,
    why_not_find,
    why_not_undo,
)
from .life import (
    CLOSED_STAGES,
    DONE_STAGES,
    DRAWN_STAGES,
    STAGES,
    Stage,
    why_not_announce,
    why_not_begin,
    why_not_close,
    why_not_draw,
    why_not_estimate,
    why_not_plan,
    why_not_redesign,
    why_not_step,
)
from .plausibility import (
    ANSWER_DAYS,
    MOST_FOUND,
    PENDING,
    PLAUSIBILITY,
    RULED,
    RULES_DIGEST,
    Consequence,
    Doubt,
    PlausibilityRule,
    Severity,
    why_not_answer,
    why_not_capacity,
    why_not_dismiss,
    why_not_uphold,
)
from .recipe import recipe
from .rights import (
    ANSWER_PLAUSIBILITY,
    CHECK_PLAUSIBILITY,
    DECLARE_CAPACITY,
    ESTIMATE,
    MANAGE_CONFLICTS,
    PLAN,
    RULE_ON_PLAUSIBILITY,
    SEE,
    SEE_FINDINGS,
    SEE_PLAUSIBILITY,
    VERIFY,
)

__all__ = [
    "ANSWER_DAYS", "ANSWER_PLAUSIBILITY", "CHECK_PLAUSIBILITY", "CLOSED_STAGES", "COOLING_YEARS", "DECLARE_CAPACITY",
    "DONE_STAGES", "DRAWN_STAGES", "ESTIMATE", "MANAGE_CONFLICTS", "MOST_FOUND", "PENDING", "PLAN", "PLAUSIBILITY",
    "RULED", "RULES_DIGEST", "RULE_ON_PLAUSIBILITY", "SEE", "SEE_FINDINGS", "SEE_PLAUSIBILITY", "STAGES", "VERIFY",
    "Consequence", "Design", "Doubt", "Finding", "Found", "Interests", "Item", "Parties", "PlausibilityRule",
    "Severity", "Stage", "State", "Tie", "Turn", "agreed", "checklist", "quantity_of", "recipe", "shared_out", "ties",
    "why_not_announce", "why_not_answer", "why_not_begin", "why_not_capacity", "why_not_close", "why_not_design",
    "why_not_dismiss", "why_not_draw", "why_not_estimate", "why_not_find", "why_not_plan", "why_not_redesign",
    "why_not_step", "why_not_undo", "why_not_uphold", "why_not_verify",
]  # fmt: skip
