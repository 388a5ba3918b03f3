"""Sources' samples, limits, responses and river tables: what is done, and every refusal."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from sankul.core.rules.roles import PLATFORM, Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.engines.composite.tests.oracles import oracle
from sankul.field.water.actions import limits, responses, rivers, samples
from sankul.field.water.actions.samples import Found
from sankul.field.water.models import Limit, RiverImport, Source, StationYear, YearRange
from sankul.field.water.queries.judging import bounds
from sankul.field.water.queries.risks import at_risk
from sankul.field.water.queries.samples import judged_samples, next_due, quarters
from sankul.field.water.rules import Custodian, Index, SampleKind, Standing, Uncomputable, judged
from sankul.programme.registry.tests import makers as registry
from sankul.programme.registry.tests.makers import AT, actor_with

from . import makers

pytestmark = pytest.mark.django_db


def operator(source: Source) -> Actor:
    return actor_with(Role.OPERATOR, source.village.cluster.scopes[0])


def officer() -> Actor:
    return actor_with(Role.PROGRAMME_OFFICER, PLATFORM)


def test_a_field_kit_sample_is_recorded_with_its_results() -> None:
    source = makers.source()
    made = samples.take(
        actor=operator(source), source=source, code="W-1", kind=SampleKind.FIELD_KIT, taken_at=makers.TAKEN,
        taken_by="Village health worker", at=AT, results={"fluoride": Found(Decimal("2.4"))},
    )  # fmt: skip
    assert [(one.parameter, one.value) for one in made.results.all()] == [
        ("fluoride", Decimal("2.4"))
    ]
    assert [(one.step, one.holder) for one in made.custody.all()] == [
        (Custodian.TAKEN, "Village health worker")
    ]


def test_samples_that_cannot_be_are_refused() -> None:
    source = makers.source()
    given = {
        "actor": operator(source), "source": source, "code": "W-1", "kind": SampleKind.FIELD_KIT,
        "taken_at": makers.TAKEN, "taken_by": "Officer", "at": AT,
    }  # fmt: skip
    samples.take(**given)  # type: ignore[arg-type]
    for change, told in (
        ({"taken_at": AT + timedelta(hours=1)}, "in the future"),
        ({"kind": SampleKind.LABORATORY, "code": "W-2"}, "Name the laboratory"),
        ({}, "a sample of that number"),
        ({"code": "W-3", "results": {"gold": Found(Decimal(1))}}, "no parameter gold"),
        ({"code": "W-4", "results": {"ph": Found(Decimal(15))}}, "outside 0 to 14"),
    ):
        with pytest.raises(Refused, match=told), transaction.atomic():
            samples.take(**{**given, **change})  # type: ignore[arg-type]
    assert source.samples.count() == 1
    stranger = actor_with(Role.OPERATOR, registry.cluster().scopes[0])
    with pytest.raises(Forbidden):
        samples.take(**{**given, "actor": stranger, "code": "W-9"})  # type: ignore[arg-type]


def test_a_sample_goes_from_hand_to_hand_until_it_is_rejected() -> None:
    sample = makers.sample()
    actor = operator(sample.source)
    step = {"actor": actor, "sample": sample, "at": AT, "holder": "Laboratory desk"}
    samples.hand_on(
        **step,
        step=Custodian.RECEIVED,
        happened_at=makers.TAKEN + timedelta(hours=4),
        temperature_c=Decimal(6),
    )  # type: ignore[arg-type]
    with pytest.raises(Refused, match="follow each other"):
        samples.hand_on(**step, step=Custodian.HANDED_OVER, happened_at=makers.TAKEN)  # type: ignore[arg-type]
    later = makers.TAKEN + timedelta(hours=5)
    samples.hand_on(**step, step=Custodian.REJECTED, happened_at=later, note="warm")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="take another"):
        samples.report(actor=actor, sample=sample, results={"ph": Found(Decimal(7))}, at=AT)
    with pytest.raises(Refused, match="take another"):
        samples.hand_on(**step, step=Custodian.HANDED_OVER, happened_at=later)  # type: ignore[arg-type]


def test_a_result_is_corrected_and_none_is_refused() -> None:
    sample = makers.sample(ph="7.0")
    actor = operator(sample.source)
    samples.report(actor=actor, sample=sample, results={"ph": Found(Decimal("7.2"))}, at=AT)
    assert sample.results.get().value == Decimal("7.2")
    with pytest.raises(Refused, match="at least one"):
        samples.report(actor=actor, sample=sample, results={}, at=AT)


def test_the_limits_of_is_10500_are_there_with_their_source() -> None:
    iron = Limit.objects.filter(parameter="iron").values_list("acceptable", "from_on", "until_on")
    assert list(iron) == [
        (Decimal("0.3"), date(2012, 5, 1), date(2015, 5, 31)),
        (Decimal(1), date(2015, 6, 1), None),
    ]
    expected = {
        "ph": ("8.5", None), "tds": ("500", "2000"), "turbidity": ("1", "5"), "hardness": ("200", "600"),
        "alkalinity": ("200", "600"), "chloride": ("250", "1000"), "sulphate": ("200", "400"), "nitrate": ("45", None),
        "fluoride": ("1", "1.5"),
    }  # fmt: skip
    for parameter, (acceptable, permissible) in expected.items():
        row = Limit.objects.get(parameter=parameter, until_on=None)
        assert (row.acceptable, row.permissible) == (
            Decimal(acceptable), permissible and Decimal(permissible),
        )  # fmt: skip
        assert row.source.startswith("IS 10500:2012")


def test_a_newer_limit_ends_the_one_before_and_the_past_is_judged_as_before() -> None:
    new = date(2026, 1, 1)
    limits.set_limit(
        actor=officer(),
        parameter="nitrate",
        acceptable=Decimal(40),
        source="IS 10500, a trial",
        from_on=new,
        at=AT,
    )
    known, value = bounds(), Decimal(44)
    assert judged("nitrate", value, date(2025, 12, 31), known).standing == Standing.ACCEPTABLE
    assert judged("nitrate", value, new, known).standing == Standing.UNSAFE
    with pytest.raises(Refused, match="there already"):
        limits.set_limit(
            actor=officer(),
            parameter="nitrate",
            acceptable=Decimal(1),
            source="x",
            from_on=new,
            at=AT,
        )
    with pytest.raises(Forbidden):
        limits.set_limit(
            actor=actor_with(Role.PROGRAMME_OFFICER, registry.programme().scopes[0]),
            parameter="nitrate", acceptable=Decimal(1), source="x", from_on=date(2027, 1, 1), at=AT,
        )  # fmt: skip


def test_two_limits_of_a_day_cannot_be() -> None:
    with pytest.raises(IntegrityError, match="water_limit_no_overlap"), transaction.atomic():
        Limit.objects.create(parameter="ph", acceptable=9, from_on=date(2020, 1, 1), source="x")


def test_a_response_is_begun_once_and_closed_with_its_cause() -> None:
    source = makers.source()
    nodal = actor_with(Role.NODAL_OFFICER, source.scopes[0])
    given = {
        "actor": nodal, "source": source, "parameter": "fluoride", "owner": "Engineer", "action": "Tanker",
        "due_on": date(2026, 12, 1), "at": AT,
    }  # fmt: skip
    made = responses.begin(**given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="already"), transaction.atomic():
        responses.begin(**given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="has passed"):
        responses.begin(**{**given, "due_on": date(2026, 1, 1)})  # type: ignore[arg-type]
    with pytest.raises(Refused, match="what the cause was"):
        responses.close(actor=nodal, response=made, cause=" ", at=AT)
    closed = responses.close(actor=nodal, response=made, cause="Deep aquifer", at=AT)
    assert (closed.closed_at, closed.cause) == (AT, "Deep aquifer")
    with pytest.raises(Refused, match="closed already"):
        responses.close(actor=nodal, response=made, cause="Again", at=AT)


def test_which_sources_are_at_risk_since_when_and_who_is_on_it() -> None:
    source, fine = makers.source(), makers.source()
    first = makers.TAKEN - timedelta(days=60)
    makers.sample(source, first, fluoride="1.9", ph="7")
    makers.sample(source, fluoride="2.2")
    makers.sample(fine, fluoride="1.2", ecoli="<1")
    made = makers.response(source)
    (found,) = at_risk(registry.public(), AT)
    assert (found.source, found.risk.parameter, found.risk.since) == (source, "fluoride", first)
    assert found.response == made


def test_risks_are_asked_in_five_queries(django_assert_num_queries: object) -> None:
    for number in (1, 3):
        for _ in range(number):
            makers.sample(makers.source(), fluoride="2.2")
        with django_assert_num_queries(5):  # type: ignore[operator]
            at_risk(registry.public(), AT)


def test_a_source_tells_its_index_its_compliance_and_what_is_due() -> None:
    source = makers.source()
    makers.sample(source, oxygen="5.5", bod="2.2", faecal_coliform="6", ph="7.6")
    makers.sample(source, makers.TAKEN - timedelta(days=5), fluoride="3.0")
    makers.plan(source)
    found = judged_samples(source)
    assert isinstance(found[0].index, Index)
    assert found[0].index.value == pytest.approx(83.17, abs=0.005)
    assert found[1].index == Uncomputable(missing=("oxygen", "faecal_coliform", "ph", "bod"))
    (quarter,) = quarters(found)
    assert (quarter.label, quarter.complied, quarter.judged) == ("2026 Q4", 1, 2)
    assert quarter.load == Decimal("0.5")
    assert next_due(source, found) == date(2026, 11, 30)


HEAD = (
    "Country,Year,State Name ,Station Code,Monitoring Location,Minimum Value Of Dissolved Oxygen (UOM:mg/L),"
    "Maximum Value Of Dissolved Oxygen (UOM:mg/L),Minimum Potential Of Hydrogen Value,Maximum Potential Of Hydrogen Value,"
    "Minimum Total Coliform Required,Minimum Total Coliform Required\n"
)


def taken_over(*lines: str) -> RiverImport:
    file = io.BytesIO((HEAD + "".join(f"India,{line}\n" for line in lines)).encode())
    return rivers.take_over(actor=officer(), file=file, name="rivers.csv", at=AT)


def test_a_river_table_keeps_what_can_be_and_names_the_rest() -> None:
    year = '"Calendar Year (Jan - Dec), 2023"'
    made = taken_over(
        f"{year},Goa,11,MANDOVI AT PANAJI,6.1,7.0,6.9,7.8,12,40",
        f"{year},Goa,12,ZUARI,6.1,5.0,6.9,15.2,12,40",
        f"{year},Goa,11,MANDOVI AGAIN,1,2,7,8,1,2",
        f"{year},Goa,,NOWHERE,1,2,7,8,1,2",
        f"{year},Goa,13,SAL,,5.5,2.4,7.8,high,",
    )
    assert (made.rows, made.kept) == (5, 3)
    *told, (place, unread) = made.problems
    assert told == [
        ("line 3, 12 2023, oxygen", "minimum 6.1 is above maximum 5.0"),
        ("line 3, 12 2023, ph", "15.2 lies outside 0 to 14, which is all there can be"),
        ("line 4", "station 11 has the year 2023 already"),
        ("line 5", "no station code"),
    ]
    assert place == "line 6, 13 2023, total_coliform"
    assert unread.startswith("This is no number.")
    assert [place for place, _told in made.doubts] == ["line 6, 13 2023, ph"]
    best = dict(StationYear.objects.values_list("station__code", "best_use"))
    assert best == {"11": "", "12": "", "13": ""}
    kept = YearRange.objects.filter(station_year__station__code="13", parameter="oxygen").get()
    assert (kept.least, kept.most) == (None, Decimal("5.5"))


def test_a_river_table_is_taken_over_once_and_must_be_one() -> None:
    line = '"Calendar Year, 2023",Goa,11,MANDOVI,6.1,7.0,6.9,7.8,12,40'
    taken_over(line)
    with pytest.raises(Refused, match="before"):
        taken_over(line)
    with pytest.raises(Refused, match="lacks columns for: code"):
        rivers.take_over(
            actor=officer(),
            file=io.BytesIO(b"year,state,monitoring location\n1,2,3\n"),
            name="x",
            at=AT,
        )
    with pytest.raises(Forbidden):
        rivers.take_over(actor=registry.public(), file=io.BytesIO(b"x"), name="x", at=AT)


def test_the_rivers_of_twelve_years_with_their_real_dirt() -> None:
    with (oracle("water") / "cpcb_nwmp_rivers_2012_2023.csv").open("rb") as file:
        made = rivers.take_over(actor=officer(), file=file, name="rivers.csv", at=AT)
    assert made.rows == 11_721
    told = [what for _place, what in made.problems]
    assert sum("already" in what for what in told) == 87
    assert made.kept == 11_721 - 87 - sum("no station code" in what for what in told)
    acid = [what for place, what in made.problems if place.endswith(" ph") and "outside" in what]
    assert len(acid) == 8
    oxygen = [
        what
        for place, what in made.problems
        if place.endswith(" oxygen") and "above maximum" in what
    ]
    assert len(oxygen) == 16
    assert YearRange.objects.filter(parameter="ph", most__gt=14).count() == 0
