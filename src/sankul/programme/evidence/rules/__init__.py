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
from .recipe import recipe
from .rights import ESTIMATE, MANAGE_CONFLICTS, PLAN, SEE, SEE_FINDINGS, VERIFY

__all__ = [
    "CLOSED_STAGES", "COOLING_YEARS", "DONE_STAGES", "DRAWN_STAGES", "ESTIMATE", "MANAGE_CONFLICTS", "PLAN", "SEE",
    "SEE_FINDINGS", "STAGES", "VERIFY", "Design", "Finding", "Found", "Interests", "Item", "Parties", "Stage", "State", "Tie",
    "Turn", "agreed", "checklist", "quantity_of", "recipe", "shared_out", "ties", "why_not_announce", "why_not_begin",
    "why_not_close",
    "why_not_design", "why_not_draw", "why_not_estimate", "why_not_find", "why_not_plan", "why_not_redesign",
    "why_not_step", "why_not_undo", "why_not_verify",
]  # fmt: skip
