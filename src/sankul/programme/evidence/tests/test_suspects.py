"""Each plausibility rule: what it finds, and what it leaves alone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from sankul.programme.evidence.actions import plausibility
from sankul.programme.evidence.models import Capacity, PlausibilityFinding
from sankul.programme.evidence.queries import suspects
from sankul.programme.evidence.rules import PLAUSIBILITY
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import ClaimStatus
from sankul.programme.outcomes.tests.makers import (
    attachment,
    claim,
    credit,
    deployment,
    link,
    project,
)
from sankul.programme.portfolio.models import Baseline
from sankul.programme.registry.models import Cluster, Programme
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme() -> Programme:
    """A programme with the fiscal year 2025-26."""
    made = makers.programme()
    makers.period(made)
    return made


@pytest.fixture
def here(programme: Programme) -> Cluster:
    """One of its clusters."""
    return makers.cluster(programme)


@pytest.fixture
def beside(programme: Programme) -> Cluster:
    """Another of them."""
    return makers.cluster(programme)


def found(code: str, of: Programme | Cluster) -> list[PlausibilityFinding]:
    """What a rule finds over everything: and the same, claim by claim, as after each submission."""
    programme = of if isinstance(of, Programme) else of.programme
    rule = PLAUSIBILITY[code]
    plausibility.check_all(programme=programme, at=makers.AT, rules=[rule])
    rows = list(PlausibilityFinding.objects.filter(rule=code).order_by("claim_id", "key"))
    whole = {(row.claim_id, row.key) for row in rows}
    claims = list(Claim.objects.filter(programme=programme).values_list("pk", flat=True))
    for number in claims:
        suspects.gather(rule, programme, [number])
        assert _gathered(number) == {it for it in whole if it[0] == number}
    return rows


def _gathered(number: int) -> set[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT claim, key FROM {suspects.TABLE} WHERE claim = %s", [number])
        return set(cursor.fetchall())


def cited(finding: PlausibilityFinding) -> list[int]:
    """Numbers of the further claims."""
    return list(finding.cited.values_list("claim", flat=True))


def later(days: int) -> Any:
    """So many days after the moment at which claims are submitted in tests."""
    return {"submitted_at": makers.AT + timedelta(days)}


def test_a_claim_of_the_same_kind_day_and_title_is_the_same_event(here: Cluster) -> None:
    first = claim(here, title="Workshop on lakes", kind="training_event")
    second = claim(here, title="WORKSHOP – on lakes!", kind="training_event", **later(1))
    claim(here, title="Workshop on lakes", kind="cohort")
    claim(here, title="Workshop on lakes", kind="training_event", on=date(2025, 5, 11))
    (one,) = found("same_event", here)
    assert (one.claim, cited(one)) == (second, [first.pk])
    assert one.figure == {"value": "", "times": 2}


def test_of_two_clusters_both_are_asked(here: Cluster, beside: Cluster) -> None:
    first = claim(here, title="Workshop on lakes")
    second = claim(beside, title="Workshop on lakes", **later(1))
    third = claim(beside, title="Workshop on lakes", **later(2))
    rows = found("same_event", here)
    assert [(row.claim, cited(row)) for row in rows] == [
        (first, [second.pk]), (second, [first.pk]), (third, [first.pk]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"status": ClaimStatus.DRAFT},
        {"status": ClaimStatus.WITHDRAWN},
        {"status": ClaimStatus.REJECTED, "verified_quantity": Decimal(0), "judged_at": makers.AT},
        {"status": ClaimStatus.RETURNED, "judged_at": makers.AT},
    ],
)
def test_what_does_not_stand_is_nobodys_double(here: Cluster, fields: dict[str, Any]) -> None:
    claim(here, title="Workshop on lakes")
    claim(here, title="Workshop on lakes", **later(1) | fields)
    assert found("same_event", here) == []


def test_a_claim_of_another_programme_is_no_double(here: Cluster) -> None:
    claim(here, title="Workshop on lakes")
    claim(makers.cluster(), title="Workshop on lakes")
    assert found("same_event", here) == []


def test_a_locked_claim_is_not_asked_about_and_is_still_compared_with(here: Cluster) -> None:
    first = claim(here, title="Workshop on lakes")
    Claim.objects.update(locked_at=makers.AT)
    second = claim(here, title="Workshop on lakes", **later(1))
    (one,) = found("same_event", here)
    assert (one.claim, cited(one)) == (second, [first.pk])


def test_nearly_the_same_title_within_days_is_asked_about(here: Cluster) -> None:
    first = claim(here, title="Workshop on sewage monitoring of viruses for farmers")
    near = claim(
        here, title="Workshop: sewage monitoring of viruses for farmers", on=date(2025, 5, 12),
        **later(1),
    )  # fmt: skip
    claim(here, title="Workshop on sewage monitoring of viruses for farmers", on=date(2025, 5, 20))
    claim(here, title="Workshop on science kits for village schools", **later(2))
    (one,) = found("same_title", here)
    assert (one.claim, cited(one)) == (near, [first.pk])
    # 51 three-letter pieces in all; " on" and "on " are in one title alone: 49 / 51
    assert one.figure == {"days": 2, "likeness": 0.961}


def test_what_rules_titles_out_loses_none_that_a_plain_comparison_finds(here: Cluster) -> None:
    words = ("lakes", "nitrate", "sensors", "village", "schools", "science", "kits", "viruses")
    for number in range(60):
        told = [words[(number * step + step) % len(words)] for step in (1, 3, 5, 7)]
        title = f"{'Workshop' if number % 3 else 'Course'} on {' '.join(told)} {number // 20}"
        claim(here, title=title, on=date(2025, 5, 1 + number % 7), **later(number))
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT DISTINCT b.id FROM outcomes_claim a JOIN outcomes_claim b ON a.submitted_at < b.submitted_at
            AND abs(a."on" - b."on") <= 3 AND (a."on" <> b."on" OR a.title <> b.title)
            WHERE similarity(a.title, b.title) >= 0.85 ORDER BY 1""")
        plain = [row[0] for row in cursor.fetchall()]
    assert len(plain) > 20
    assert [row.claim_id for row in found("same_title", here)] == plain


def test_a_patent_is_claimed_once_ever(here: Cluster, beside: Cluster) -> None:
    facts = {"office": "IN", "application_number": "201841012345"}
    first = claim(here, kind="patent", facts=facts, on=date(2023, 5, 10))
    second = claim(beside, kind="patent", facts=facts, **later(1))
    claim(here, kind="patent", facts=facts | {"application_number": "201841012346"})
    claim(here, kind="patent")
    rows = found("same_patent", here)
    assert [(row.claim, cited(row)) for row in rows] == [
        (first, [second.pk]), (second, [first.pk]),
    ]  # fmt: skip
    assert rows[0].figure == {"value": "201841012345", "times": 2}


def test_a_stage_of_a_trial_is_reached_once(here: Cluster) -> None:
    facts = {"ctri": "CTRI/2021/05/033456", "stage": "phase_1"}
    claim(here, kind="regulatory_stage", facts=facts)
    claim(here, kind="regulatory_stage", facts=facts | {"stage": "phase_2"}, **later(1))
    again = claim(here, kind="regulatory_stage", facts=facts, **later(2))
    assert [row.claim for row in found("same_registration", here)] == [again]


def test_a_receipt_is_one_receipt(here: Cluster) -> None:
    facts = {"payer": "Kundanika Sensors", "receipt": "UTR 4711"}
    claim(here, kind="royalty_receipt", facts=facts)
    claim(here, kind="royalty_receipt", facts=facts | {"payer": "Another"})
    again = claim(here, kind="royalty_receipt", facts=facts | {"receipt": "utr  4711"}, **later(2))
    assert [row.claim for row in found("same_receipt", here)] == [again]


def test_a_venture_is_supported_once_a_year(programme: Programme, here: Cluster) -> None:
    makers.period(programme, 2024)
    facts = {"venture": "Bijankur Seeds"}
    claim(here, kind="venture_supported", facts=facts, on=date(2024, 5, 10))
    claim(here, kind="venture_supported", facts=facts)
    again = claim(here, kind="venture_supported", facts={"venture": "BIJANKUR seeds"}, **later(1))
    assert [row.claim for row in found("same_venture", here)] == [again]


def test_a_deployment_comes_into_use_once(here: Cluster) -> None:
    own = deployment(project(here))
    claim(here, kind="deployment", deployment=own)
    claim(here, kind="deployment", deployment=deployment(project(here)))
    again = claim(here, kind="deployment", deployment=own, **later(1))
    assert [row.claim for row in found("same_deployment", here)] == [again]


def test_an_address_is_one_item_however_it_is_written(here: Cluster) -> None:
    facts = {"url": "https://media.example/film"}
    first = claim(here, facts=facts)
    link(first, "https://media.example/film")
    again = claim(here, **later(1))
    link(again, "http://www.media.example/film/#start")
    link(claim(here, **later(2)), "https://media.example/film-2")
    (one,) = found("same_link", here)
    assert (one.claim, cited(one)) == (again, [first.pk])
    assert one.figure == {"value": "http://www.media.example/film/#start", "times": 2}


def test_a_document_may_prove_much_of_one_cluster_and_nothing_of_another(
    here: Cluster, beside: Cluster
) -> None:
    register, shared = makers.document(), makers.document()
    for _ in range(2):
        attachment(claim(here), register)
    first = claim(here)
    attachment(first, shared)
    second = claim(beside, kind="training_event", **later(1))
    attachment(second, shared)
    rows = found("same_document", here)
    assert [(row.claim, cited(row)) for row in rows] == [
        (first, [second.pk]), (second, [first.pk]),
    ]  # fmt: skip
    assert rows[0].figure["value"] == shared.sha256[:12]


def test_shares_of_one_result_add_up_to_no_more_than_one(here: Cluster, beside: Cluster) -> None:
    def patent(cluster: Cluster, number: str, share: str, days: int = 0) -> Claim:
        made = claim(cluster, kind="patent", facts={"application_number": number}, **later(days))
        made.credits.update(share=Decimal(share))
        return made

    patent(here, "201841012345", "0.5")
    patent(beside, "201841012345", "0.5")
    first, second = patent(here, "201841099999", "0.6"), patent(beside, "201841099999", "0.7", 1)
    rows = found("shares_above_one", here)
    assert [(row.claim, row.figure) for row in rows] == [
        (first, {"shares": 1.3}), (second, {"shares": 1.3}),
    ]  # fmt: skip


def test_nothing_is_older_than_the_programme(here: Cluster) -> None:
    Programme.objects.update(starts_on=date(2023, 4, 1))
    old = claim(here, kind="deployment", on=date(2023, 3, 31))
    used = claim(here, kind="deployment", facts={"in_use_since": "2019-07-01"})
    filed = claim(
        here, kind="patent",
        facts={"history": [{"status": "filed", "on": "2018-01-02"}, {"status": "granted", "on": "2024-01-02"}]},
    )  # fmt: skip
    claim(here, kind="deployment", facts={"in_use_since": "2023-04-01"})
    rows = found("before_programme", here)
    assert [(row.claim, row.figure["what"], row.figure["on"]) for row in rows] == [
        (old, "on", "2023-03-31"), (used, "in_use_since", "2019-07-01"), (filed, "history", "2018-01-02"),
    ]  # fmt: skip
    assert rows[0].figure["began_on"] == "2023-04-01"


def test_credit_begins_with_the_membership(here: Cluster) -> None:
    late, early, never = (makers.organisation() for _ in range(3))
    makers.membership(here, late, from_on=date(2025, 6, 1))
    makers.membership(here, early, from_on=date(2021, 4, 1), until_on=date(2022, 3, 31))
    wrong = claim(here, late)
    claim(here, early)
    claim(here, never)
    claim(here, late, on=date(2025, 6, 1))
    (one,) = found("before_membership", here)
    assert one.claim == wrong
    assert one.figure == {
        "organisation": late.name, "cluster": here.name, "on": "2025-05-10", "since_on": "2025-06-01",
    }  # fmt: skip


def test_a_project_older_than_the_programme_is_asked_about(here: Cluster) -> None:
    old = project(here, starts_on=date(2017, 1, 1))
    wrong = claim(here, project=old)
    claim(here, project=project(here, starts_on=date(2020, 8, 1)))
    claim(here, project=project(here))
    (one,) = found("project_before_programme", here)
    assert (one.claim, one.figure) == (
        wrong, {"project": old.code, "on": "2017-01-01", "began_on": "2020-08-01"},
    )  # fmt: skip


def test_a_baseline_is_measured_before_the_start(here: Cluster) -> None:
    begun = project(here, starts_on=date(2024, 4, 1))
    good = project(here, starts_on=date(2024, 4, 1))
    for one, day in (
        (begun, date(2024, 4, 11)),
        (begun, date(2024, 9, 1)),
        (good, date(2024, 3, 1)),
    ):
        Baseline.objects.create(
            project=one, indicator=f"Nitrate {day}", unit="mg/l", value=9, measured_on=day,
            method="Strip test", source="Own", recorded_at=makers.AT,
        )  # fmt: skip
    wrong = claim(here, kind="deployment", project=begun)
    claim(here, kind="deployment", project=good)
    (one,) = found("baseline_after_start", here)
    assert (one.claim, one.figure["measured_on"], one.figure["days"]) == (wrong, "2024-04-11", 10)


def capacity(programme: Programme, of: str, amount: int, **fields: Any) -> Capacity:
    """A declared capacity."""
    return Capacity.objects.create(
        programme=programme, of=of, amount=amount, source="Site plan of 2024",
        declared_at=makers.AT, **fields,
    )  # fmt: skip


def test_no_more_people_attend_than_an_institution_can_hold(
    programme: Programme, here: Cluster
) -> None:
    capacity(programme, "institution", 120, name="Hall of Science")
    capacity(programme, "institution", 10, name="Old Hall", retracted_at=makers.AT)
    rows = [
        {"institution": "hall of science ", "people": 121},
        {"institution": "Old Hall", "people": 99},
    ]
    wrong = claim(here, kind="training_attendance", facts={"attendance": rows})
    rows = [{"institution": "Hall of Science", "people": 120}]
    claim(here, kind="training_attendance", facts={"attendance": rows})
    claim(here, kind="training_attendance", facts={"attendance": "many"})
    (one,) = found("beyond_institution", here)
    assert (one.claim, one.figure) == (
        wrong,
        {"people": 121, "institution": "Hall of Science", "capacity": 120, "source": "Site plan of 2024"},
    )  # fmt: skip


def test_a_facility_runs_no_longer_than_the_year(programme: Programme, here: Cluster) -> None:
    def used(hours: int, facility: str) -> Claim:
        facts = {"facility": facility}
        return claim(here, kind="facility_access", quantity=Decimal(hours), facts=facts)

    capacity(programme, "facility", 2, cluster=here, name="Clean room")
    small, large = used(3760, "Microscope"), used(5001, "microscope")
    used(8760, "Spectrometer")
    used(17000, "Clean room")
    (one,) = found("beyond_facility", here)
    assert (one.claim, cited(one)) == (large, [small.pk])
    assert one.figure["hours"] == 8761
    assert (one.figure["units"], one.figure["available"]) == (1, 8760)


def test_a_city_has_no_more_users_than_people(programme: Programme, here: Cluster) -> None:
    capacity(programme, "city", 900_000, cluster=here)
    wrong = claim(here, kind="deployment_users", quantity=Decimal(900_001))
    claim(here, kind="deployment_users", quantity=Decimal(900_000))
    (one,) = found("beyond_city", here)
    assert (one.claim, one.figure["users"], one.figure["place"]) == (wrong, 900_001, here.place)


def _monthly(cluster: Cluster, totals: list[int]) -> list[Claim]:
    """One claim a month from April 2024 on; none where the total is 0."""
    days = [date(2024 + (3 + n) // 12, (3 + n) % 12 + 1, 15) for n in range(len(totals))]
    return [
        claim(cluster, kind="training_event", on=day, quantity=Decimal(total))
        for day, total in zip(days, totals, strict=True)
        if total
    ]


def test_a_month_that_jumps_out_of_twelve_is_asked_about(here: Cluster) -> None:
    *_rest, high = _monthly(here, [4, 5, 6, 5, 4, 6, 5, 5, 4, 6, 5, 5, 11])
    (one,) = found("jump", here)
    assert one.claim == high
    # median 5 of twelve, absolute deviations 0,0,0,0,0,1,…: MAD 0.5 between the sixth and the seventh; 0.6745 × 6 / 0.5 = 8.1
    deviations = sorted(abs(n - 5) for n in [4, 5, 6, 5, 4, 6, 5, 5, 4, 6, 5, 5])
    assert (deviations[5] + deviations[6]) / 2 == 0.5
    assert one.figure == {"total": 11, "month": "2025-04", "median": 5, "months": 12, "z": 8.1}


@pytest.mark.parametrize(
    "totals",
    [
        [4, 5, 6, 5, 4, 6, 5, 5, 4, 6, 5, 11],  # eleven months are too little history
        [4, 5, 6, 5, 4, 6, 5, 5, 4, 6, 5, 5, 7],  # z = 2.7
        [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 50],  # it never varied: there is no scale
        [4, 5, 6, 5, 4, 6, 5, 5, 4, 6, 5, 5, 1],  # a fall
    ],
)
def test_other_months_are_not(here: Cluster, totals: list[int]) -> None:
    _monthly(here, totals)
    assert found("jump", here) == []


def test_where_half_the_months_are_alike_the_mean_deviation_scales(here: Cluster) -> None:
    _monthly(here, [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 11, 9])
    (one,) = found("jump", here)
    assert one.figure["z"] == 6.4  # mean deviation 6 / 12 = 0.5; (9 − 5) / (1.253314 × 0.5)


def test_numbers_are_told_right_from_wrong(here: Cluster) -> None:
    good = {"ctri": "CTRI/2021/05/033456", "venture": "V"}
    claim(here, kind="regulatory_stage", facts=good)
    wrong = claim(here, kind="regulatory_stage", facts=good | {"ctri": "CTRI/2021/13/1"})
    patent = {"office": "IN", "application_number": "US10000000B2"}
    indian = claim(here, kind="patent", facts=patent)
    claim(here, kind="patent", facts=patent | {"office": "US"})
    claim(here, makers.organisation(ror="04dese585"))
    unreal = claim(here, makers.organisation(ror="04dese586"))
    rows = found("identifier", here)
    assert [(row.claim, row.figure["value"], row.figure["scheme"]) for row in rows] == [
        (wrong, "CTRI/2021/13/1", "ctri"), (indian, "US10000000B2", "patent_in"), (unreal, "04dese586", "ror"),
    ]  # fmt: skip


def test_a_royalty_rests_on_a_licence_that_stands(here: Cluster) -> None:
    licence = claim(here, kind="licence")
    gone = claim(here, kind="licence", status=ClaimStatus.WITHDRAWN)
    claim(here, kind="royalty_receipt", rests_on=licence)
    bare = claim(here, kind="royalty_receipt")
    hollow = claim(here, kind="royalty_receipt", rests_on=gone)
    assert [row.claim for row in found("royalty_without_licence", here)] == [bare, hollow]


def test_a_training_across_institutions_names_two(here: Cluster) -> None:
    def training(*names: str) -> Claim:
        facts = {"institutions": [{"institution": name} for name in names]}
        return claim(here, kind="training_event", facts=facts)

    alone = training("Hall of Science", "hall of science ")
    training("Hall of Science", "Old Hall")
    claim(here, kind="training_event")
    (one,) = found("one_institution", here)
    assert (one.claim, one.figure) == (alone, {"institutions": 1, "least": 2})


def test_the_quantity_is_the_sum_of_its_table(here: Cluster) -> None:
    def attended(quantity: int, *people: int) -> Claim:
        rows = [{"institution": f"Hall {n}", "people": n} for n in people]
        facts = {"attendance": rows}
        return claim(here, kind="training_attendance", quantity=Decimal(quantity), facts=facts)

    wrong = attended(50, 20, 25)
    attended(45, 20, 25)
    teams = {"teams": [{"team": "A"}, {"team": "B"}]}
    short = claim(here, kind="cohort", quantity=Decimal(3), facts=teams)
    claim(here, kind="cohort", quantity=Decimal(2), facts=teams)
    claim(here, kind="cohort", quantity=Decimal(2))
    rows = found("table_sum", here)
    assert [(row.claim, row.figure) for row in rows] == [
        (wrong, {"quantity": 50, "total": 45}), (short, {"quantity": 3, "total": 2}),
    ]  # fmt: skip


def test_every_rule_is_bound_to_a_check_and_every_check_to_a_rule() -> None:
    assert {rule.check for rule in PLAUSIBILITY.values()} == set(suspects.CHECKS)


def test_a_credit_counts_once_where_two_organisations_share(here: Cluster) -> None:
    made = claim(here, makers.organisation())
    made.credits.update(share=Decimal("0.5"))
    late = makers.organisation()
    makers.membership(here, late, from_on=date(2025, 6, 1))
    credit(made, organisation=late, share=Decimal("0.5"))
    assert [row.claim for row in found("before_membership", here)] == [made]
