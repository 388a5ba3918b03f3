"""Words and law of bookings."""

from .clock import Asked, Step, answer_by, steps
from .rights import ANSWER, ANSWER_ESCALATED, BOOK, RUN, SEE_BOOKINGS
from .slots import (
    RELEASE,
    Span,
    Terms,
    Week,
    earliest,
    lasting,
    named,
    on_grid,
    week_of,
    why_not_open,
    why_not_quota,
    why_not_share,
    why_not_times,
)
from .words import AHEAD, OCCUPYING, Condition, OrderState, Reason, State, Via, Wait

__all__ = [
    "AHEAD",
    "ANSWER",
    "ANSWER_ESCALATED",
    "BOOK",
    "OCCUPYING",
    "RELEASE",
    "RUN",
    "SEE_BOOKINGS",
    "Asked",
    "Condition",
    "OrderState",
    "Reason",
    "Span",
    "State",
    "Step",
    "Terms",
    "Via",
    "Wait",
    "Week",
    "answer_by",
    "earliest",
    "lasting",
    "named",
    "on_grid",
    "steps",
    "week_of",
    "why_not_open",
    "why_not_quota",
    "why_not_share",
    "why_not_times",
]
