"""The law of the area, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.facilities.rules.hours import (
    Days,
    Hours,
    Span,
    clipped,
    merged,
    minus,
    open_spans,
    why_not_hours,
    why_not_zone,
)
from sankul.programme.facilities.rules.life import (
    doi,
    relation,
    why_not_lengths,
    why_not_withdraw,
)
from sankul.programme.facilities.rules.listing import ASKED, completeness, is_stale
from sankul.programme.facilities.rules.prices import (
    LineKind,
    Used,
    estimate,
    estimate_work,
    share_of,
    why_not_tariff,
)

INDIA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)


@dataclass
class Rates:
    """A tariff as the rules see it."""

    rate_inr: Decimal = Decimal(600)
    minimum_inr: Decimal = Decimal(0)
    assistance_inr_hour: Decimal = Decimal(0)
    peak_percent: int = 0
    peak_from: time | None = None
    peak_until: time | None = None


def india(hour: int, minute: int = 0, on: date = MONDAY) -> datetime:
    """A moment in Indian time."""
    return datetime.combine(on, time(hour, minute), INDIA)


def utc(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(rates: Rates, starts: datetime, ends: datetime, **more: object) -> list[tuple[str, ...]]:
    """The lines of an estimate: kind, quantity, rate and amount."""
    lines = estimate(rates, starts, ends, INDIA, **more).lines  # type: ignore[arg-type]
    return [
        (line.kind.value, str(line.quantity), str(line.rate_inr), str(line.amount_inr))
        for line in lines
    ]


def test_an_hour_and_a_half_costs_one_and_a_half_rates() -> None:
    assert told(Rates(), india(10), india(11, 30)) == [("time", "1.500000", "600.0000", "900.00")]


def test_twenty_minutes_of_a_thousand_rupees_are_rounded_from_exact_time() -> None:
    thousand = Rates(rate_inr=Decimal(1000))
    assert told(thousand, india(10), india(10, 20)) == [("time", "0.333333", "1000.0000", "333.33")]
    assert told(thousand, india(10), india(10, 40))[0][3] == "666.67"


def test_half_a_paisa_is_rounded_up() -> None:
    assert told(Rates(rate_inr=Decimal("0.01")), india(10), india(10, 30))[0][3] == "0.01"
    assert told(Rates(rate_inr=Decimal("0.01")), india(10), india(10, 29))[0][3] == "0.00"


def test_peak_hours_are_split_off_exactly() -> None:
    rates = Rates(peak_percent=25, peak_from=time(10), peak_until=time(16))
    assert told(rates, india(9, 15), india(10, 45)) == [
        ("time", "0.750000", "600.0000", "450.00"),
        ("peak", "0.750000", "750.0000", "562.50"),
    ]
    assert told(rates, india(11), india(12)) == [("peak", "1.000000", "750.0000", "750.00")]
    assert told(rates, india(16), india(17)) == [("time", "1.000000", "600.0000", "600.00")]


def test_peak_hours_of_every_day_of_a_long_booking_count() -> None:
    rates = Rates(peak_percent=100, peak_from=time(10), peak_until=time(12))
    tomorrow = india(11, on=date(2026, 11, 24))
    assert told(rates, india(11), tomorrow) == [
        ("time", "22.000000", "600.0000", "13200.00"),
        ("peak", "2.000000", "1200.0000", "2400.00"),
    ]


def test_hours_are_those_that_pass_when_clocks_change() -> None:
    spring = estimate(
        Rates(),
        datetime(2026, 3, 29, 1, tzinfo=BERLIN),
        datetime(2026, 3, 29, 4, tzinfo=BERLIN),
        BERLIN,
    )
    autumn = estimate(
        Rates(),
        datetime(2026, 10, 25, 1, tzinfo=BERLIN),
        datetime(2026, 10, 25, 4, tzinfo=BERLIN),
        BERLIN,
    )
    assert spring.total_inr == Decimal("1200.00")
    assert autumn.total_inr == Decimal("2400.00")


def test_the_least_for_a_booking_is_of_its_time_alone() -> None:
    rates = Rates(minimum_inr=Decimal(1000), assistance_inr_hour=Decimal(200))
    assert told(rates, india(10), india(11), assisted=True) == [
        ("time", "1.000000", "600.0000", "600.00"),
        ("minimum", "1", "400.00", "400.00"),
        ("assistance", "1.000000", "200.0000", "200.00"),
    ]
    assert [kind for kind, *_rest in told(rates, india(10), india(12))] == ["time"]


def test_consumables_are_added_line_by_line() -> None:
    used = [Used("Grid", Decimal(3), "piece", Decimal("250.00"))]
    found = estimate(Rates(), india(10), india(11), INDIA, consumables=used)
    assert found.lines[1].title == "Grid"
    assert found.lines[1].amount_inr == Decimal("750.00")
    assert found.total_inr == Decimal("1350.00")


def test_a_service_is_paid_by_the_unit() -> None:
    found = estimate_work(
        Rates(rate_inr=Decimal(450), minimum_inr=Decimal(2000)), Decimal(3), "sample"
    )
    assert [(line.kind, line.amount_inr) for line in found.lines] == [
        (LineKind.WORK, Decimal("1350.00")),
        (LineKind.MINIMUM, Decimal("650.00")),
    ]


def test_a_share_is_rounded_to_the_paisa() -> None:
    assert share_of(Decimal("333.33"), 50) == Decimal("166.67")
    assert share_of(Decimal("100.00"), 0) == Decimal("0.00")


@given(
    minutes=st.integers(1, 3000),
    start=st.integers(0, 1439),
    rate=st.integers(0, 10**7),
    percent=st.integers(1, 300),
)
def test_peak_and_other_time_add_up_to_all_of_it(
    minutes: int, start: int, rate: int, percent: int
) -> None:
    rates = Rates(
        rate_inr=Decimal(rate) / 100,
        peak_percent=percent,
        peak_from=time(9, 30),
        peak_until=time(17, 10),
    )
    begins = india(0) + timedelta(minutes=start)
    found = estimate(rates, begins, begins + timedelta(minutes=minutes), INDIA)
    hours = sum(line.quantity for line in found.lines)
    assert abs(hours - Decimal(minutes) / 60) <= Decimal("0.000001")
    plain = Decimal(rate) / 100 * minutes / 60
    assert plain - Decimal("0.02") <= found.total_inr
    assert found.total_inr <= plain * (100 + percent) / 100 + Decimal("0.02")


@pytest.mark.parametrize(
    ("percent", "since", "until", "allowed"),
    [
        (0, None, None, True),
        (20, time(9), time(17), True),
        (20, time(17), time(9), False),
        (20, time(9), None, False),
        (0, time(9), time(17), False),
    ],
)
def test_peak_hours_are_told_in_full(
    percent: int, since: time | None, until: time | None, allowed: bool
) -> None:
    verdict = why_not_tariff(peak_percent=percent, peak_from=since, peak_until=until)
    assert bool(verdict) is allowed


NINE_TO_FIVE = [Hours(day, time(9), time(17)) for day in range(5)]
WEEK = Span(utc("2026-11-23T00:00"), utc("2026-11-30T00:00"))


def test_hours_are_those_of_the_place() -> None:
    found = open_spans(NINE_TO_FIVE, [], INDIA, WEEK)
    assert len(found) == 5
    assert found[0] == Span(utc("2026-11-23T03:30"), utc("2026-11-23T11:30"))


def test_a_holiday_is_cut_out() -> None:
    holiday = Days(date(2026, 11, 24), date(2026, 11, 26))
    found = open_spans(NINE_TO_FIVE, [holiday], INDIA, WEEK)
    assert [span.starts_at.day for span in found] == [23, 27]


def test_what_is_open_all_day_and_night_is_one_interval() -> None:
    always = [Hours(day, time(0), time(0)) for day in range(7)]
    assert open_spans(always, [], INDIA, WEEK) == [WEEK]


def test_a_night_that_began_the_day_before_is_seen() -> None:
    late = [Hours(6, time(22), time(0)), Hours(0, time(0), time(6))]
    within = Span(utc("2026-11-22T19:00"), utc("2026-11-23T06:00"))
    assert open_spans(late, [], INDIA, within) == [
        Span(utc("2026-11-22T19:00"), utc("2026-11-23T00:30"))
    ]


def test_the_day_on_which_clocks_change_has_23_or_25_hours() -> None:
    always = [Hours(day, time(0), time(0)) for day in range(7)]
    for on, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        start = datetime.combine(on, time(0), BERLIN)
        end = datetime.combine(on + timedelta(days=1), time(0), BERLIN)
        [span] = open_spans(always, [], BERLIN, Span(start, end))
        assert span.ends_at - span.starts_at == timedelta(hours=hours)


def test_an_hour_that_the_clocks_skip_is_read_by_the_offset_before_it() -> None:
    early = [Hours(6, time(2, 30), time(4))]
    within = Span(utc("2026-03-29T00:00"), utc("2026-03-30T00:00"))
    assert open_spans(early, [], BERLIN, within) == [
        Span(utc("2026-03-29T01:30"), utc("2026-03-29T02:00"))
    ]


def test_an_hour_that_the_clocks_repeat_is_the_first_of_the_two() -> None:
    early = [Hours(6, time(2, 30), time(4))]
    within = Span(utc("2026-10-25T00:00"), utc("2026-10-26T00:00"))
    assert open_spans(early, [], BERLIN, within) == [
        Span(utc("2026-10-25T00:30"), utc("2026-10-25T03:00"))
    ]


spans = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 40)).map(
        lambda it: Span(
            WEEK.starts_at + timedelta(minutes=it[0]),
            WEEK.starts_at + timedelta(minutes=it[0] + it[1]),
        )
    ),
    max_size=8,
)


def minutes(given: list[Span]) -> set[datetime]:
    """Every minute of some intervals."""
    return {
        one.starts_at + timedelta(minutes=number)
        for one in given
        for number in range(int((one.ends_at - one.starts_at).total_seconds()) // 60)
    }


@given(one=spans, other=spans)
def test_intervals_are_sets_of_minutes(one: list[Span], other: list[Span]) -> None:
    assert minutes(merged(one)) == minutes(one)
    assert minutes(minus(merged(one), other)) == minutes(one) - minutes(other)
    within = Span(WEEK.starts_at + timedelta(minutes=30), WEEK.starts_at + timedelta(minutes=90))
    assert minutes(clipped(one, within)) == minutes(one) & minutes([within])


def test_hours_and_zones_that_make_no_sense_are_refused() -> None:
    assert why_not_hours(time(9), time(0)).allowed
    assert "closes before it opens" in why_not_hours(time(17), time(9)).reason
    assert why_not_zone("Asia/Kolkata").allowed
    assert "Asia/Calcuta" in why_not_zone("Asia/Calcuta").reason


def test_who_asks_is_told_by_the_kind_of_the_organisation() -> None:
    told = {
        kind: UserClass.of(kind).value
        for kind in ("academia", "laboratory", "startup", "msme", "industry", "state_government")
    }
    assert told == {
        "academia": "academia",
        "laboratory": "academia",
        "startup": "startup",
        "msme": "msme",
        "industry": "industry",
        "state_government": "academia",
    }


def test_relation_is_own_then_cluster_then_outside() -> None:
    def found(asker: int, clusters: set[int]) -> Relation:
        return relation(host=1, asker=asker, host_clusters={7, 8}, asker_clusters=clusters)

    assert found(1, set()) == Relation.OWN
    assert found(2, {8, 9}) == Relation.CLUSTER
    assert found(2, {9}) == Relation.OUTSIDE


def test_withdrawing_takes_somebody_who_saw_the_bookings() -> None:
    assert why_not_withdraw(status="in_service", ahead=0, seen=None).allowed
    assert why_not_withdraw(status="in_service", ahead=3, seen=3).allowed
    refused = why_not_withdraw(status="in_service", ahead=3, seen=2)
    assert refused.reason == (
        "3 bookings lie ahead and would be cancelled. Look at them, and confirm."
    )
    assert "already" in why_not_withdraw(status="withdrawn", ahead=0, seen=0).reason


def test_bookings_are_made_of_whole_slots() -> None:
    assert why_not_lengths(slot=30, least=30, most=480).allowed
    assert "whole slots of 7" in why_not_lengths(slot=7, least=7, most=70).reason
    assert "shorter" in why_not_lengths(slot=30, least=60, most=30).reason
    assert "made of whole slots" in why_not_lengths(slot=30, least=45, most=90).reason


def test_a_listing_is_as_complete_as_what_it_tells() -> None:
    assert completeness(ASKED).share == 1
    found = completeness({"summary", "make", "model"})
    assert found.share == Decimal("0.25")
    assert len(found.missing) == 9


def test_a_listing_is_stale_after_180_days() -> None:
    now = utc("2026-11-22T06:30")
    assert not is_stale(now - timedelta(days=180), now)
    assert is_stale(now - timedelta(days=180, seconds=1), now)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.5555/12345678", "10.5555/12345678"),
        ("https://doi.org/10.5555/ABC", "10.5555/abc"),
        ("doi: 10.5555/x", "10.5555/x"),
        ("10.5555", ""),
        ("a paper", ""),
    ],
)
def test_a_doi_is_read_bare_or_as_an_address(text: str, found: str) -> None:
    assert doi(text) == found
