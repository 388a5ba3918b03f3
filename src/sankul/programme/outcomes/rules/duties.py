"""Duties to report: which spans they cover, when a return for each is due, and what reminds of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sankul.core.rules.roles import Permission, Role
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

SET_DUTIES = Permission(
    "outcomes.set_duties",
    _("Set what clusters report, how often and by when"),
    frozenset({Role.PROGRAMME_OFFICER}),
)
YEAR_BEGINS = 4
"""The Indian financial year begins in April (General Clauses Act 1897, section 3 (21)); spans are parts of it."""
LONGEST_DUE_DAYS = 180
BEFORE, AFTER, ESCALATED = timedelta(7), timedelta(3), timedelta(10)
"""Days before it is due for the first reminder; days after it for the one that it is late, and for telling the CEO."""


class Every(TextChoices):
    """How often a return is due."""

    MONTH = "month", _("every month")
    QUARTER = "quarter", _("every quarter")
    HALF_YEAR = "half_year", _("every half-year")
    YEAR = "year", _("every year")


MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}


class Span(NamedTuple):
    """The days that one return covers, both included."""

    starts_on: date
    ends_on: date


class DueState(TextChoices):
    """Where the return for a span is."""

    OVERDUE = "overdue", pgettext_lazy("return", "overdue")
    DUE = "due", pgettext_lazy("return", "due")
    RUNNING = "running", pgettext_lazy("return", "not over yet")
    MADE = "made", pgettext_lazy("return", "made")


class Stage(StrEnum):
    """Which reminder it is time for."""

    BEFORE = "before"
    DUE = "due"
    AFTER = "after"
    ESCALATED = "escalated"


def span_of(every: str, day: date) -> Span:
    """The span that a day lies in: months, and quarters, halves and whole years that begin in April."""
    length = MONTHS[Every(every)]
    into = (day.month - YEAR_BEGINS) % length
    start = _plus(date(day.year, day.month, 1), -into)
    return Span(start, _plus(start, length) - timedelta(1))


def spans(every: str, first: date, until: date) -> Iterator[Span]:
    """Every span that begins on or after ``first`` and on or before ``until``, in order."""
    span = span_of(every, first)
    if span.starts_on < first:
        span = span_of(every, span.ends_on + timedelta(1))
    while span.starts_on <= until:
        yield span
        span = span_of(every, span.ends_on + timedelta(1))


def state_of(span: Span, due_on: date, today: date, *, is_made: bool) -> DueState:
    """Where the return for a span is today."""
    if is_made:
        return DueState.MADE
    if today <= span.ends_on:
        return DueState.RUNNING
    return DueState.OVERDUE if today > due_on else DueState.DUE


def stage_of(span: Span, due_on: date, today: date) -> Stage | None:
    """The latest reminder that it is time for, or None: nobody is reminded of a span that is not over."""
    if today <= span.ends_on:
        return None
    if today >= due_on + ESCALATED:
        return Stage.ESCALATED
    if today >= due_on + AFTER:
        return Stage.AFTER
    if today >= due_on:
        return Stage.DUE
    return Stage.BEFORE if today >= due_on - BEFORE else None


def why_not_duty(*, kinds: int, due_days: int) -> Verdict:
    """Whether such a duty can be set."""
    if not kinds:
        return refused(_t("Choose at least one kind of result."))
    if not 0 < due_days <= LONGEST_DUE_DAYS:
        return refused(
            _t("A return is due 1 to %d days after the end of its span.") % LONGEST_DUE_DAYS
        )
    return ALLOWED


def why_not_return(*, span: Span, today: date, drafts: int, seen: int, claims: int) -> Verdict:
    """Whether a cluster may say that ``seen`` claims are all of a span, where ``claims`` stand and ``drafts`` wait."""
    if today <= span.ends_on:
        return refused(_t("The span is not over: more may happen."))
    if drafts:
        return refused(
            _t("%d drafts of these kinds lie in this span. Submit or withdraw them first.") % drafts
        )
    if seen != claims:
        return refused(_t("There are %d claims now. Look again before you confirm.") % claims)
    return ALLOWED


def _plus(day: date, months: int) -> date:
    """The first of the month so many months later."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
