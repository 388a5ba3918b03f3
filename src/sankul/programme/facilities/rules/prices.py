"""What use costs: an estimate, line by line, from a tariff. Amounts are without tax.

Every line is rounded to the paisa by itself, half away from zero, from exact time; the total is the sum of the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .hours import DAY, Span, common, moment

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAISA = Decimal("0.01")
MICRO = Decimal("0.000001")


class LineKind(TextChoices):
    """What a line of an estimate is for."""

    TIME = "time", _("Time")
    PEAK = "peak", _("Time in peak hours")
    WORK = "work", _("Service")
    MINIMUM = "minimum", _("Up to the least for a booking")
    ASSISTANCE = "assistance", _("Assistance")
    CONSUMABLE = "consumable", _("Consumable")


class Rates(Protocol):
    """What an estimate needs of a tariff; a row of ``models.Tariff`` has it."""

    @property
    def rate_inr(self) -> Decimal: ...
    @property
    def minimum_inr(self) -> Decimal: ...
    @property
    def assistance_inr_hour(self) -> Decimal: ...
    @property
    def peak_percent(self) -> int: ...
    @property
    def peak_from(self) -> time | None: ...
    @property
    def peak_until(self) -> time | None: ...


class Used(NamedTuple):
    """So much of a consumable, at a price for each unit."""

    name: str
    quantity: Decimal
    unit_name: str
    price_inr: Decimal


@dataclass(frozen=True)
class Line:
    """One line: ``quantity`` in ``unit`` (hours to six decimals) at ``rate_inr`` each, and its amount to the paisa."""

    kind: LineKind
    title: StrOrPromise
    quantity: Decimal
    unit: StrOrPromise
    rate_inr: Decimal
    amount_inr: Decimal


@dataclass(frozen=True)
class Estimate:
    """The lines of an estimate, and their sum."""

    lines: tuple[Line, ...]

    @property
    def total_inr(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.amount_inr for line in self.lines), Decimal("0.00"))


def estimate(
    tariff: Rates,
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
    assisted: bool = False,
    consumables: Iterable[Used] = (),
) -> Estimate:
    """What the use of an instrument costs from a moment to a moment, by the tariff given, in the zone of its facility.

    Hours are those that pass, also where clocks change. The least for a booking is of the time alone: assistance and
    consumables come on top.
    """
    span = Span(starts_at.astimezone(UTC), ends_at.astimezone(UTC))
    passed = span.ends_at - span.starts_at
    lines = _time(tariff, passed, common([span], peak_spans(tariff, span, zone)))
    lines += _minimum(tariff, lines)
    if assisted:
        lines.append(_hours(LineKind.ASSISTANCE, passed, Fraction(tariff.assistance_inr_hour)))
    return Estimate((*lines, *(_used(one) for one in consumables)))


def estimate_work(
    tariff: Rates, quantity: Decimal, unit_name: str, consumables: Iterable[Used] = ()
) -> Estimate:
    """What so many units of a service cost."""
    amount = paise(Fraction(tariff.rate_inr) * Fraction(quantity))
    title = LineKind.WORK.label
    lines = [Line(LineKind.WORK, title, quantity, unit_name, tariff.rate_inr, amount)]
    lines += _minimum(tariff, lines)
    return Estimate((*lines, *(_used(one) for one in consumables)))


def peak_spans(tariff: Rates, within: Span, zone: ZoneInfo) -> list[Span]:
    """The peak hours of a tariff that touch an interval, in UTC."""
    if not tariff.peak_percent or tariff.peak_from is None or tariff.peak_until is None:
        return []
    on = within.starts_at.astimezone(zone).date()
    last = within.ends_at.astimezone(zone).date()
    spans = []
    while on <= last:
        spans.append(Span(moment(on, tariff.peak_from, zone), moment(on, tariff.peak_until, zone)))
        on += DAY
    return spans


def share_of(amount_inr: Decimal, percent: int) -> Decimal:
    """So many per cent of an amount, to the paisa: what a late cancellation or not coming costs."""
    return paise(Fraction(amount_inr) * percent / 100)


def paise(amount: Fraction) -> Decimal:
    """An exact amount of rupees, to the paisa, half away from zero."""
    whole, rest = divmod(abs(amount) * 100, 1)
    return (Decimal(int(whole) + (rest >= Fraction(1, 2))) * PAISA).copy_sign(
        Decimal(-1 if amount < 0 else 1)
    )


def why_not_tariff(
    *, peak_percent: int, peak_from: time | None, peak_until: time | None
) -> Verdict:
    """Whether peak hours are told in full: a surcharge with both times, the first before the last, or nothing."""
    if not peak_percent and peak_from is None and peak_until is None:
        return ALLOWED
    if not peak_percent or peak_from is None or peak_until is None:
        return refused(_t("Peak hours need a surcharge in per cent, a beginning and an end."))
    if peak_until <= peak_from:
        return refused(_t("Peak hours end before they begin."))
    return ALLOWED


def _time(tariff: Rates, passed: timedelta, peak: timedelta) -> list[Line]:
    rate = Fraction(tariff.rate_inr)
    lines = []
    if passed > peak or not peak:
        lines.append(_hours(LineKind.TIME, passed - peak, rate))
    if peak:
        lines.append(_hours(LineKind.PEAK, peak, rate * (100 + tariff.peak_percent) / 100))
    return lines


def _minimum(tariff: Rates, lines: Sequence[Line]) -> list[Line]:
    missing = tariff.minimum_inr - sum(line.amount_inr for line in lines)
    if missing <= 0:
        return []
    amount = paise(Fraction(missing))
    kind = LineKind.MINIMUM
    return [Line(kind, kind.label, Decimal(1), _("booking"), amount, amount)]


def _hours(kind: LineKind, lasting: timedelta, rate: Fraction) -> Line:
    hours = Fraction(lasting // timedelta(microseconds=1), 3_600_000_000)
    quantity = (Decimal(hours.numerator) / hours.denominator).quantize(MICRO, ROUND_HALF_UP)
    each = (Decimal(rate.numerator) / rate.denominator).quantize(Decimal("0.0001"))
    return Line(kind, kind.label, quantity, _("hour"), each, paise(hours * rate))


def _used(one: Used) -> Line:
    amount = paise(Fraction(one.price_inr) * Fraction(one.quantity))
    kind = LineKind.CONSUMABLE
    return Line(kind, one.name, one.quantity, one.unit_name, one.price_inr, amount)
