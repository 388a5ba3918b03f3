"""Declarations of nothing."""

from datetime import UTC, date, datetime

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.outcomes.actions import nil
from sankul.programme.outcomes.models import NilReturn
from sankul.programme.outcomes.queries.nil import returns
from sankul.programme.outcomes.tests import makers as made
from sankul.programme.registry.models import Cluster, Period
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db
AT = makers.AT


@pytest.fixture
def cluster() -> Cluster:
    return makers.cluster()


@pytest.fixture
def period(cluster: Cluster) -> Period:
    return makers.period(cluster.programme)


@pytest.fixture
def ceo(cluster: Cluster) -> Actor:
    return makers.actor_with(Role.CLUSTER_CEO, cluster.scopes[0])


def test_a_ceo_declares_that_there_was_nothing(
    cluster: Cluster, period: Period, ceo: Actor
) -> None:
    declared = nil.declare(actor=ceo, cluster=cluster, period=period, kind="rd_fdi", at=AT)
    assert NilReturn.objects.get() == declared
    assert Event.objects.latest("seq").verb == "nil_return.declared"


def test_staff_cannot_declare_it(cluster: Cluster, period: Period) -> None:
    staff = makers.actor_with(Role.CLUSTER_STAFF, cluster.scopes[0])
    with pytest.raises(Forbidden):
        nil.declare(actor=staff, cluster=cluster, period=period, kind="rd_fdi", at=AT)


def test_it_is_declared_once(cluster: Cluster, period: Period, ceo: Actor) -> None:
    made.nil_return(cluster, period, "rd_fdi")
    with pytest.raises(Refused, match="declared already"):
        nil.declare(actor=ceo, cluster=cluster, period=period, kind="rd_fdi", at=AT)


def test_an_unknown_kind_is_refused(cluster: Cluster, period: Period, ceo: Actor) -> None:
    with pytest.raises(Refused, match="no kind of claim"):
        nil.declare(actor=ceo, cluster=cluster, period=period, kind="magic", at=AT)


def test_what_others_record_cannot_be_declared_away(
    cluster: Cluster, period: Period, ceo: Actor
) -> None:
    with pytest.raises(Refused, match="Others record this kind"):
        nil.declare(actor=ceo, cluster=cluster, period=period, kind="feedback_score", at=AT)


def test_a_period_of_another_programme_is_refused(cluster: Cluster, ceo: Actor) -> None:
    with pytest.raises(Refused, match="another programme"):
        nil.declare(actor=ceo, cluster=cluster, period=makers.period(), kind="rd_fdi", at=AT)


def test_nothing_is_declared_before_the_period_is_over(
    cluster: Cluster, period: Period, ceo: Actor
) -> None:
    last_day = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="not over"):
        nil.declare(actor=ceo, cluster=cluster, period=period, kind="rd_fdi", at=last_day)
    day_after = datetime(2026, 3, 31, 19, 0, tzinfo=UTC)  # past midnight in India
    assert nil.declare(actor=ceo, cluster=cluster, period=period, kind="rd_fdi", at=day_after).pk


def test_it_is_refused_beside_submitted_claims_even_of_a_partner(
    cluster: Cluster, period: Period, ceo: Actor
) -> None:
    partner = makers.cluster(cluster.programme)
    claim = made.claim(partner, kind="rd_fdi")
    claim.credits.update(share="0.6")
    made.credit(claim, cluster=cluster, organisation=makers.organisation(), share="0.4")
    with pytest.raises(Refused, match="1 submitted claims of this kind credit the cluster"):
        nil.declare(actor=ceo, cluster=cluster, period=period, kind="rd_fdi", at=AT)


def test_a_draft_does_not_stand_in_its_way(cluster: Cluster, period: Period, ceo: Actor) -> None:
    made.draft(cluster, kind="rd_fdi")
    made.claim(cluster, kind="rd_fdi", on=date(2026, 4, 1))
    assert nil.declare(actor=ceo, cluster=cluster, period=period, kind="rd_fdi", at=AT).pk


def test_a_ceo_retracts_it(cluster: Cluster, period: Period, ceo: Actor) -> None:
    declared = made.nil_return(cluster, period)
    nil.retract(actor=ceo, nil_return=declared, at=AT)
    assert not NilReturn.objects.exists()
    assert Event.objects.latest("seq").verb == "nil_return.retracted"


def test_it_is_retracted_once(cluster: Cluster, period: Period, ceo: Actor) -> None:
    declared = made.nil_return(cluster, period)
    NilReturn.objects.filter(pk=declared.pk).delete()
    with pytest.raises(Refused, match="retracted already"):
        nil.retract(actor=ceo, nil_return=declared, at=AT)


def test_the_ceo_of_another_cluster_cannot_retract_it(cluster: Cluster, period: Period) -> None:
    other = makers.actor_with(Role.CLUSTER_CEO, makers.cluster(cluster.programme).scopes[0])
    with pytest.raises(Forbidden):
        nil.retract(actor=other, nil_return=made.nil_return(cluster, period), at=AT)


def test_what_is_missing_is_told_from_what_is_nothing(
    cluster: Cluster, period: Period, django_assert_num_queries: object
) -> None:
    made.attachment(made.claim(cluster))
    made.claim(cluster)
    declared = made.nil_return(cluster, period, "rd_fdi")
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = {row.kind.code: row for row in returns(cluster, period)}
    assert (found["outreach_item"].submitted, found["outreach_item"].evidenced) == (2, 1)
    assert (found["rd_fdi"].nil, found["rd_fdi"].is_missing) == (declared, False)
    assert found["deployment"].is_missing
    assert "feedback_score" not in found
    assert len(found) == 29
