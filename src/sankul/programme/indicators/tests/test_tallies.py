"""Values from records: what counts, what is missing, what is zero."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sankul.programme.indicators.queries.tallies import Wanted, values
from sankul.programme.indicators.rules import Statistic, Tally, value_of
from sankul.programme.outcomes.rules import CreditRole
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.tests import makers


@pytest.mark.parametrize(
    ("tally", "statistic", "value"),
    [
        (None, Statistic.SUM, None),
        (Tally(Decimal(0), 0, 0, 3), Statistic.SUM, None),
        (Tally(Decimal(0), 0, 0, 0, is_nil=True), Statistic.SUM, Decimal(0)),
        (Tally(Decimal(0), 0, 0, 0, is_nil=True), Statistic.MEAN, None),
        (Tally(Decimal("7.5"), 3, 2, 3), Statistic.SUM, Decimal("7.5")),
        (Tally(Decimal("7.5"), 3, 2, 3), Statistic.COUNT, Decimal(3)),
        (Tally(Decimal("7.5"), 3, 2, 3), Statistic.MEAN, Decimal("2.5")),
        (Tally(Decimal("7.5"), 3, 2, 3), Statistic.ORGANISATIONS, Decimal(2)),
        (Tally(Decimal(24), 3, 2, 3), Statistic.PER_MONTH, Decimal(2)),
        (Tally(Decimal(6), 3, 1, 3, void=1), Statistic.COUNT, Decimal(2)),
        (Tally(Decimal(6), 3, 1, 3, void=1), Statistic.MEAN, Decimal(3)),
        (Tally(Decimal(0), 2, 0, 3, void=2), Statistic.SUM, Decimal(0)),
        (Tally(Decimal(0), 2, 0, 3, void=2), Statistic.COUNT, Decimal(0)),
        (Tally(Decimal(0), 2, 0, 3, void=2), Statistic.MEAN, None),
    ],
)
def test_a_value_is_missing_rather_than_zero(
    tally: Tally | None, statistic: Statistic, value: Decimal | None
) -> None:
    assert value_of(tally, statistic, months=12) == value


@pytest.mark.parametrize(
    ("tally", "coverage"),
    [
        (Tally(Decimal(3), 3, 1, 4), Decimal("0.75")),
        (Tally(Decimal(0), 0, 0, 0), None),
        (Tally(Decimal(0), 0, 0, 0, is_nil=True), Decimal(1)),
        (Tally(Decimal(0), 0, 0, 5), Decimal(0)),
    ],
)
def test_coverage_is_the_share_of_submitted_records_with_evidence(
    tally: Tally, coverage: Decimal | None
) -> None:
    assert tally.coverage == coverage


ITEMS = Wanted("items", "outreach_item", Statistic.SUM)


def _value(period: Any, cluster: Any, wanted: Wanted = ITEMS) -> Decimal | None:
    return values(period, [wanted]).values[wanted.code][cluster.pk]


@pytest.mark.django_db
def test_only_submitted_claims_with_a_document_count() -> None:
    period = makers.period()
    cluster = makers.cluster(period.programme)
    outcomes.attachment(outcomes.claim(cluster, quantity=Decimal(3)))
    outcomes.claim(cluster, quantity=Decimal(5))
    outcomes.attachment(outcomes.draft(cluster, quantity=Decimal(7)))
    found = values(period, [ITEMS])
    assert found.values["items"][cluster.pk] == 3
    assert found.tallies["outreach_item"][cluster.pk].coverage == Decimal("0.5")


@pytest.mark.django_db
def test_removing_the_document_takes_the_claim_out_of_the_count() -> None:
    period = makers.period()
    cluster = makers.cluster(period.programme)
    attachment = outcomes.attachment(outcomes.claim(cluster))
    assert _value(period, cluster) == 1
    attachment.delete()
    assert _value(period, cluster) is None


@pytest.mark.django_db
def test_both_ends_of_the_period_belong_to_it_and_nothing_else_does() -> None:
    period = makers.period()
    cluster = makers.cluster(period.programme)
    for day in (date(2025, 3, 31), date(2025, 4, 1), date(2026, 3, 31), date(2026, 4, 1)):
        outcomes.attachment(outcomes.claim(cluster, on=day))
    assert _value(period, cluster) == 2


@pytest.mark.django_db
def test_a_declaration_of_nothing_makes_a_zero() -> None:
    period = makers.period()
    cluster, other = makers.cluster(period.programme), makers.cluster(period.programme)
    outcomes.nil_return(cluster, period)
    assert _value(period, cluster) == 0
    assert _value(period, other) is None


@pytest.mark.django_db
def test_a_joint_result_is_credited_by_share_and_never_twice() -> None:
    period = makers.period()
    cluster, other = makers.cluster(period.programme), makers.cluster(period.programme)
    claim = outcomes.claim(cluster, quantity=Decimal(10))
    claim.credits.update(share=Decimal("0.6"))
    outcomes.credit(
        claim,
        cluster=other,
        organisation=makers.organisation(),
        role=CreditRole.CONTRIBUTED,
        share=Decimal("0.4"),
    )
    outcomes.attachment(claim)
    assert (_value(period, cluster), _value(period, other)) == (6, 4)


@pytest.mark.django_db
def test_a_changed_quantity_reaches_the_credits() -> None:
    period = makers.period()
    cluster = makers.cluster(period.programme)
    claim = outcomes.claim(cluster, quantity=Decimal(2))
    outcomes.attachment(claim)
    type(claim).objects.filter(pk=claim.pk).update(quantity=Decimal(9))
    assert _value(period, cluster) == 9


@pytest.mark.django_db
def test_different_organisations_are_counted_once_each() -> None:
    period = makers.period()
    cluster = makers.cluster(period.programme)
    one, two = makers.organisation(), makers.organisation()
    for organisation in (one, one, two):
        outcomes.attachment(outcomes.claim(cluster, organisation, kind="facility_access"))
    wanted = Wanted("x", "facility_access", Statistic.ORGANISATIONS)
    assert _value(period, cluster, wanted) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_does_not_grow_with_rows(
    rows: int, django_assert_max_num_queries: Any
) -> None:
    period = makers.period()
    cluster = makers.cluster(period.programme)
    organisation = makers.organisation()
    for _number in range(rows):
        outcomes.attachment(outcomes.claim(cluster, organisation))
    with django_assert_max_num_queries(3):
        values(period, [ITEMS])


def _judged(claim: Any, status: str, quantity: Decimal) -> None:
    type(claim).objects.filter(pk=claim.pk).update(
        status=status, verified_quantity=quantity, judged_at=makers.AT
    )


@pytest.mark.django_db
def test_a_partly_verified_claim_counts_with_its_part_and_a_rejected_one_as_nothing() -> None:
    period = makers.period()
    cluster = makers.cluster(period.programme)
    _judged(outcomes.attachment(outcomes.claim(cluster, quantity=Decimal(9))).claim,
            "partly_verified", Decimal(4))  # fmt: skip
    _judged(outcomes.claim(cluster, quantity=Decimal(7)), "rejected", Decimal(0))
    found = values(period, [ITEMS])
    tally = found.tallies["outreach_item"][cluster.pk]
    assert found.values["items"][cluster.pk] == 4
    assert (tally.records, tally.void, tally.coverage) == (2, 1, 1)
    organisations = Wanted("x", "outreach_item", Statistic.ORGANISATIONS)
    assert _value(period, cluster, organisations) == 1


@pytest.mark.django_db
def test_a_cluster_whose_claims_were_all_rejected_has_zero_and_not_nothing_known() -> None:
    period = makers.period()
    cluster = makers.cluster(period.programme)
    _judged(outcomes.claim(cluster), "rejected", Decimal(0))
    assert _value(period, cluster) == 0
