"""Repeated bookings: RFC 5545 recurrence rules, read strictly and unrolled on the clock of the place."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr
from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import Refused

MOST = 100
"""So many bookings at most come of one rule."""
ALWAYS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY"}
PARTS = {
    "DAILY": ALWAYS,
    "WEEKLY": ALWAYS | {"WKST"},
    "MONTHLY": ALWAYS | {"BYMONTHDAY", "BYSETPOS"},
    "YEARLY": ALWAYS | {"BYMONTHDAY", "BYSETPOS", "BYMONTH"},
}
"""What a rule of each frequency may say. More would let a rule search thousands of years for a day that never comes."""


def starts(rule: str, starts_at: datetime, zone: ZoneInfo) -> list[datetime]:
    """The starts of a rule such as ``FREQ=WEEKLY;BYDAY=MO,TH;COUNT=10``, the first at ``starts_at``, in UTC.

    A rule repeats the wall clock of the place: 10:00 stays 10:00 when its clocks change. A time that the change leaves out is
    read with the offset before it, one that comes twice is the first (RFC 5545, 3.3.5). Raises ``Refused`` for what is no rule,
    has no end, repeats within a day, or gives more than ``MOST``.
    """
    parts = _parts(rule)
    local = starts_at.astimezone(zone).replace(tzinfo=None, fold=0)
    try:
        found = rrulestr(_until_local(parts, zone), dtstart=local)
    except (ValueError, TypeError, OverflowError) as error:
        raise Refused(
            _t("“%(rule)s” is no recurrence rule of RFC 5545: %(why)s.")
            % {"rule": rule, "why": error}
        ) from None
    unrolled = _unrolled(found)
    if unrolled[0] != local:
        raise Refused(_t("The first slot must itself be one of the rule's days."))
    return [_aware(one, zone) for one in unrolled]


def _parts(rule: str) -> dict[str, str]:
    text = rule.strip().upper().removeprefix("RRULE:")
    parts = dict(part.partition("=")[::2] for part in text.split(";") if part)
    known = PARTS.get(parts.get("FREQ", ""))
    if known is None:
        raise Refused(_t("A rule says how often: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY."))
    if unknown := sorted(set(parts) - known):
        raise Refused(
            _t("A rule of that frequency does not know: %(unknown)s. It knows: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": ", ".join(sorted(known))}
        )
    for part, most in {"INTERVAL": 366, "COUNT": MOST}.items():
        if part in parts and not (parts[part].isdecimal() and 1 <= int(parts[part]) <= most):
            raise Refused(
                _t("%(part)s is a number from 1 to %(most)d.") % {"part": part, "most": most}
            )
    if "UNTIL" in parts and not re.fullmatch(r"\d{8}(T\d{6}Z?)?", parts["UNTIL"]):
        raise Refused(_t("UNTIL is a day, as 20261231, or a moment, as 20261231T100000Z."))
    return _ended(parts)


def _ended(parts: dict[str, str]) -> dict[str, str]:
    if not {"COUNT", "UNTIL"} & set(parts):
        raise Refused(_t("A rule needs an end: COUNT=10, or UNTIL=20261231."))
    if {"COUNT", "UNTIL"} <= set(parts):
        raise Refused(_t("A rule ends by COUNT or by UNTIL, not by both."))
    return parts


def _until_local(parts: dict[str, str], zone: ZoneInfo) -> str:
    """The rule with UNTIL on the clock of the place; a date alone means its whole day."""
    until = parts.get("UNTIL")
    if until and until.endswith("Z"):
        moment = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        parts = parts | {"UNTIL": moment.astimezone(zone).strftime("%Y%m%dT%H%M%S")}
    elif until and "T" not in until:
        parts = parts | {"UNTIL": f"{until}T235959"}
    return ";".join(f"{key}={value}" for key, value in parts.items())


def _unrolled(found: rrule | rruleset) -> list[datetime]:
    starts: list[datetime] = []
    for one in found:
        if len(starts) == MOST:
            raise Refused(_t("One rule gives at most %d bookings.") % MOST)
        starts.append(one)
    if not starts:
        raise Refused(_t("The rule gives no booking at all."))
    return starts


def _aware(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
