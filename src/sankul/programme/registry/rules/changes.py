"""The law of changes: what the registry refuses, in words that a person can act on."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from sankul.core.formats import day
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

NEAR = 0.6
"""Trigram similarity (0 to 1) from which two names may well be of one organisation."""


def why_not_dates(from_on: date | None, until_on: date | None) -> Verdict:
    """Whether something may hold from a day until a day; an empty end is open."""
    if from_on and until_on and until_on < from_on:
        return refused(_("It ends before it begins: the last day comes on or after the first."))
    return ALLOWED


def why_not_end(*, from_on: date | None, until_on: date | None, on: date) -> Verdict:
    """Whether something that holds from ``from_on`` until ``until_on`` may end on a day."""
    if until_on and until_on <= on:
        return refused(_("It has ended already, on %s.") % day(until_on))
    return why_not_dates(from_on, on)


def why_not_succeed(*, since: date | None, from_on: date, today: date) -> Verdict:
    """Whether what holds since ``since`` may give way to something new from ``from_on`` on."""
    if from_on > today:
        return refused(_("The day lies in the future: record the change when it has happened."))
    if since and from_on <= since:
        return refused(
            _("What is recorded now holds since %s: the change comes after that day.") % day(since)
        )
    return ALLOWED


def why_not_open(*, opened: bool, starts_on: date, today: date) -> Verdict:
    """Whether the records of a period may be opened to the public."""
    if opened:
        return refused(_("The records of this period are open to the public already."))
    if starts_on > today:
        return refused(_("This period has not begun: there is nothing to open yet."))
    return ALLOWED


def why_not_admit(*, fictional_organisation: bool, fictional_cluster: bool) -> Verdict:
    """Whether an organisation may join a cluster: real goes with real, fictional with fictional."""
    if fictional_organisation == fictional_cluster:
        return ALLOWED
    if fictional_cluster:
        return refused(
            _("This cluster is a demonstration: no real organisation is shown as its member.")
        )
    return refused(_("This organisation is fictional: it can join demonstration clusters only."))


def why_not_hold(*, held_on: date, today: date) -> Verdict:
    """Whether a meeting may be recorded."""
    if held_on > today:
        return refused(_("The day lies in the future: record a meeting when it has been held."))
    return ALLOWED
