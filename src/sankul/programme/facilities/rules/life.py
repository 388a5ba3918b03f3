"""The law of instruments, tickets, tariffs and trainings, in words that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from sankul.core.formats import day
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .words import InstrumentStatus, Relation, TicketKind

DOI = re.compile(r"10\.\d{4,9}/[!-~]+")
"""A DOI as Crossref recommends to recognise it (https://www.crossref.org/blog/dois-and-matching-regular-expressions/)."""
RESERVED = frozenset({"new", "import"})
"""Short names that the addresses of pages take."""


def relation(
    *, host: int, asker: int, host_clusters: Collection[int], asker_clusters: Collection[int]
) -> Relation:
    """How an asker's organisation stands to the host: the same, in a common cluster, or outside; all are told by their ids."""
    if host == asker:
        return Relation.OWN
    if set(host_clusters) & set(asker_clusters):
        return Relation.CLUSTER
    return Relation.OUTSIDE


def why_not_slug(slug: str) -> Verdict:
    """Whether a short name can stand in addresses."""
    if slug in RESERVED:
        return refused(_t("“%s” is a word of the addresses here. Choose another.") % slug)
    return ALLOWED


def why_not_lengths(*, slot: int, least: int, most: int) -> Verdict:
    """Whether bookings of ``least`` to ``most`` minutes fit slots of ``slot`` minutes, and a day holds whole slots."""
    if slot < 1 or 1440 % slot:
        return refused(_t("A day is not made of whole slots of %d minutes.") % slot)
    if most < least:
        return refused(_t("The longest booking is shorter than the shortest."))
    if least % slot or most % slot:
        return refused(_t("The shortest and the longest booking are made of whole slots."))
    return ALLOWED


def why_not_withdraw(*, status: str, ahead: int, seen: int | None) -> Verdict:
    """Whether an instrument may be withdrawn with ``ahead`` bookings on it, of which the person was shown ``seen``.

    Withdrawing cancels them, so it takes somebody who knows how many they are.
    """
    if status == InstrumentStatus.WITHDRAWN:
        return refused(_t("It is withdrawn already."))
    if ahead == (seen or 0):
        return ALLOWED
    return refused(
        ngettext(
            "%d booking lies ahead and would be cancelled. Look at it, and confirm.",
            "%d bookings lie ahead and would be cancelled. Look at them, and confirm.",
            ahead,
        )
        % ahead
    )


def why_not_offered(status: str) -> Verdict:
    """Whether an instrument may still be changed, trained on or reported about."""
    if status == InstrumentStatus.WITHDRAWN:
        return refused(_t("It is withdrawn: nothing is changed on it any more."))
    return ALLOWED


def why_not_tariff_from(*, from_on: date, today: date) -> Verdict:
    """Whether a tariff may begin on a day: today at the earliest, so that nothing gets dearer after it was booked."""
    if from_on < today:
        return refused(_t("A tariff begins today or later: what was used before has its price."))
    return ALLOWED


def why_not_tariff_end(
    *, from_on: date, until_on: date | None, ends_on: date, today: date
) -> Verdict:
    """Whether a tariff may end on a day."""
    if until_on is not None and until_on <= ends_on:
        return refused(_t("It ends on %s already.") % day(until_on))
    if ends_on < today:
        return refused(_t("A tariff ends today or later: what was used before has its price."))
    if ends_on < from_on:
        return refused(_t("It begins on %s only.") % day(from_on))
    return ALLOWED


def why_not_blocks(*, blocks_from: datetime | None, blocks_until: datetime | None) -> Verdict:
    """Whether a ticket may block from a moment to a moment."""
    if blocks_from is None and blocks_until is not None:
        return refused(_t("Say from when it cannot be used."))
    if blocks_from is not None and blocks_until is not None and blocks_until <= blocks_from:
        return refused(_t("It ends before it begins."))
    return ALLOWED


def why_not_open(*, kind: str, manages: bool, blocks: bool) -> Verdict:
    """Whether somebody may open a ticket: users report faults; what blocks slots is decided by the instrument's people."""
    if manages:
        return ALLOWED
    if kind == TicketKind.MAINTENANCE or blocks:
        return refused(
            _t(
                "Report the fault; the lab manager decides whether the instrument is taken out of use."
            )
        )
    return ALLOWED


def why_not_resolve(*, resolved_at: datetime | None, resolution: str) -> Verdict:
    """Whether a ticket may be resolved."""
    if resolved_at is not None:
        return refused(_t("It is resolved already."))
    if not resolution.strip():
        return refused(_t("Say what was done."))
    return ALLOWED


def why_not_train(*, starts_at: datetime, ends_at: datetime, places: int, at: datetime) -> Verdict:
    """Whether a training may be held."""
    if ends_at <= starts_at:
        return refused(_t("The training ends before it begins."))
    if ends_at - starts_at > timedelta(days=1):
        return refused(_t("A training lasts a day at most. Hold another one on the next day."))
    if starts_at <= at:
        return refused(_t("The training begins in the past."))
    if places < 1:
        return refused(_t("A training has at least one place."))
    return ALLOWED


def why_not_taken(bookings: int) -> Verdict:
    """Whether a training may take time in which so many bookings lie."""
    if not bookings:
        return ALLOWED
    return refused(
        ngettext(
            "%d booking lies in that time. Choose another time, or move it first.",
            "%d bookings lie in that time. Choose another time, or move them first.",
            bookings,
        )
        % bookings
    )


def why_not_enrol(
    *, starts_at: datetime, cancelled: bool, places: int, taken: int, enrolled: bool, at: datetime
) -> Verdict:
    """Whether one more person may have a place in a training."""
    if cancelled:
        return refused(_t("This training is cancelled. Choose another one."))
    if starts_at <= at:
        return refused(_t("This training has begun. Choose another one."))
    if enrolled:
        return refused(_t("You have a place in this training already."))
    if taken >= places:
        return refused(_t("All places are taken. Choose another training."))
    return ALLOWED


def why_not_outcome(*, starts_at: datetime, cancelled: bool, at: datetime) -> Verdict:
    """Whether the outcome of a place may be recorded."""
    if cancelled:
        return refused(_t("This training is cancelled."))
    if at < starts_at:
        return refused(_t("This training has not begun."))
    return ALLOWED


def why_not_qualify(*, from_on: date, until_on: date | None) -> Verdict:
    """Whether a qualification may hold from a day until a day."""
    if until_on is not None and until_on < from_on:
        return refused(_t("It ends before it begins."))
    return ALLOWED


def doi(text: str) -> str:
    """A DOI in small letters, given bare or as an address; else ""."""
    bare = re.sub(r"^(https?://)?(dx\.)?doi\.org/|^doi:\s*", "", text.strip(), flags=re.IGNORECASE)
    return bare.lower() if DOI.fullmatch(bare) else ""
