"""The rules of booking, in words."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from .words import Assistance


class Terms(Protocol):
    """The rules of booking as an instrument carries them; a row of ``models.Instrument`` has them."""

    @property
    def slot_minutes(self) -> int: ...
    @property
    def min_minutes(self) -> int: ...
    @property
    def max_minutes(self) -> int: ...
    @property
    def lead_minutes(self) -> int: ...
    @property
    def horizon_days(self) -> int: ...
    @property
    def setup_minutes(self) -> int: ...
    @property
    def cleanup_minutes(self) -> int: ...
    @property
    def needs_approval(self) -> bool: ...
    @property
    def needs_training(self) -> bool: ...
    @property
    def assistance(self) -> str: ...
    @property
    def quota_minutes_week(self) -> int | None: ...
    @property
    def no_show_minutes(self) -> int: ...
    @property
    def cancel_free_hours(self) -> int: ...


def lasting(minutes: int) -> str:
    """Minutes in words: hours where they are whole, else minutes."""
    if minutes and minutes % 60 == 0:
        return ngettext("%d hour", "%d hours", minutes // 60) % (minutes // 60)
    return ngettext("%d minute", "%d minutes", minutes) % minutes


def in_words(terms: Terms) -> list[str]:
    """Each rule of booking as a sentence, without those that do not apply."""
    told = [
        _t("Booked for %(least)s to %(most)s, in slots of %(slot)s.")
        % {
            "least": lasting(terms.min_minutes),
            "most": lasting(terms.max_minutes),
            "slot": lasting(terms.slot_minutes),
        },
        _t("Booked up to %d days ahead.") % terms.horizon_days,
    ]
    if terms.lead_minutes:
        told.append(_t("Booked at least %s before.") % lasting(terms.lead_minutes))
    told += _people(terms)
    told += _around(terms)
    if terms.quota_minutes_week is not None:
        told.append(_t("One person books at most %s a week.") % lasting(terms.quota_minutes_week))
    told.append(_t("Who has not begun after %s loses the slot.") % lasting(terms.no_show_minutes))
    if terms.cancel_free_hours:
        told.append(
            _t("Cancelled free of charge until %s before.") % lasting(terms.cancel_free_hours * 60)
        )
    return told


def _people(terms: Terms) -> list[str]:
    told = []
    if terms.needs_approval:
        told.append(_t("The lab approves every booking."))
    if terms.needs_training:
        told.append(_t("Who uses it unaided is trained on it."))
    if terms.assistance == Assistance.OFFERED:
        told.append(_t("Staff can run it for you."))
    if terms.assistance == Assistance.REQUIRED:
        told.append(_t("Staff run it for you."))
    return told


def _around(terms: Terms) -> list[str]:
    if not (terms.setup_minutes or terms.cleanup_minutes):
        return []
    return [
        _t("%(setup)s before and %(cleanup)s after are kept for set-up and clean-up.")
        % {"setup": lasting(terms.setup_minutes), "cleanup": lasting(terms.cleanup_minutes)}
    ]
