"""What verification says of a claim, what its cluster may do about it, and the lock at the end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from sankul.core.models import Event
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused, refused
from sankul.programme.outcomes.actions import claims
from sankul.programme.outcomes.models import Attachment, Claim, Credit
from sankul.programme.outcomes.queries import holds
from sankul.programme.outcomes.tests import makers as made
from sankul.programme.registry.models import Cluster, Period
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db
AT = makers.AT


class Scene(NamedTuple):
    """A cluster with a claim of 100 people at a training, its staff, and an evaluator of the programme."""

    cluster: Cluster
    claim: Claim
    staff: Actor
    evaluator: Actor


@pytest.fixture
def scene() -> Scene:
    cluster = makers.cluster()
    claim = made.claim(
        cluster,
        kind="training_attendance",
        quantity=Decimal(100),
        facts=made.facts("training_attendance"),
    )
    made.attachment(claim)
    return Scene(
        cluster,
        claim,
        makers.actor_with(Role.CLUSTER_STAFF, cluster.scopes[0]),
        makers.actor_with(Role.EVALUATOR, cluster.programme.scopes[0]),
    )


def judged(scene: Scene, status: str = "verified", **changes: Any) -> Claim:
    given = {"actor": scene.evaluator, "claim": scene.claim, "status": status, "at": AT}
    return claims.judge(**given | changes)


def reason(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.reason


def credited(claim: Claim) -> tuple[Decimal, bool, bool]:
    credit = claim.credits.get()
    return credit.quantity, credit.stands, credit.counts


def test_a_verified_claim_counts_as_claimed(scene: Scene) -> None:
    claim = judged(scene)
    assert (claim.status, claim.verified_quantity, claim.judged_at) == ("verified", 100, AT)
    assert claim.judged_by == scene.evaluator.user
    assert credited(claim) == (100, True, True)
    event = Event.objects.latest("seq")
    assert (event.verb, event.subject) == ("claim.judged", f"claim/{claim.pk}")


def test_a_partly_verified_claim_counts_with_the_part(scene: Scene) -> None:
    Credit.objects.update(share=Decimal("0.5"))
    claim = judged(scene, "partly_verified", quantity=Decimal(60), reason="60 signatures")
    assert (claim.verified_quantity, claim.quantity) == (60, 100)
    assert credited(claim) == (30, True, True)


def test_a_rejected_claim_is_known_to_be_nothing_with_or_without_a_document(scene: Scene) -> None:
    scene.claim.attachments.all().delete()
    claim = judged(scene, "rejected", reason="Nobody was there")
    assert credited(claim) == (0, True, True)


def test_a_later_judgement_replaces_an_earlier_one(scene: Scene) -> None:
    judged(scene, "rejected", reason="The list is missing")
    claim = judged(scene)
    assert (claim.verified_quantity, claim.judgement) == (100, "")
    kept = claim.events.order_by("pgh_id").values_list("status", flat=True)  # type: ignore[attr-defined]
    assert list(kept) == ["submitted", "submitted", "rejected", "verified"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "draft"}, "A claim is verified, partly verified or rejected."),
        ({"status": "rejected"}, "Give the reason"),
        ({"status": "partly_verified", "quantity": Decimal(5)}, "Give the reason"),
        ({"status": "partly_verified", "reason": "x"}, "Give the quantity that is verified."),
        ({"status": "partly_verified", "reason": "x", "quantity": Decimal(100)}, "The verified part lies below"),
        ({"status": "partly_verified", "reason": "x", "quantity": Decimal(0)}, "The quantity lies above 0."),
        ({"status": "partly_verified", "reason": "x", "quantity": Decimal("1.5")}, "The quantity is a whole"),
        ({"status": "verified", "quantity": Decimal(99)}, "A quantity is given only where a part"),
        ({"status": "rejected", "reason": "x", "quantity": Decimal(1)}, "A quantity is given only where a part"),
    ],
)  # fmt: skip
def test_a_judgement_is_refused_with_the_reason(
    scene: Scene, changes: dict[str, Any], expected: str
) -> None:
    with pytest.raises(Refused) as error:
        judged(scene, **changes)
    assert reason(error).startswith(expected)
    scene.claim.refresh_from_db()
    assert scene.claim.status == "submitted"


@pytest.mark.parametrize("status", ["draft", "returned", "withdrawn"])
def test_only_a_claim_that_stands_is_judged_or_returned(scene: Scene, status: str) -> None:
    Claim.objects.update(status=status)
    with pytest.raises(Refused) as error:
        judged(scene)
    assert reason(error) == "Only a claim that stands can be judged."
    with pytest.raises(Refused) as error:
        returned(scene)
    assert reason(error) == "Only a claim that stands can be returned."


def test_the_cluster_cannot_judge_itself(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        judged(scene, actor=scene.staff)
    with pytest.raises(Forbidden):
        returned(scene, actor=scene.staff)


def test_an_evaluator_of_another_programme_cannot_judge(scene: Scene) -> None:
    other = makers.actor_with(Role.EVALUATOR, makers.programme().scopes[0])
    with pytest.raises(Forbidden):
        judged(scene, actor=other)


def returned(scene: Scene, **changes: Any) -> Claim:
    given = {"actor": scene.evaluator, "claim": scene.claim, "reason": "Which day?", "at": AT}
    return claims.give_back(**given | changes)


def test_a_returned_claim_stands_no_more_and_says_why(scene: Scene) -> None:
    claim = returned(scene)
    assert (claim.status, claim.judgement) == ("returned", "Which day?")
    assert credited(claim) == (100, False, False)
    assert Event.objects.latest("seq").verb == "claim.returned"


def test_a_claim_is_not_returned_without_a_reason(scene: Scene) -> None:
    with pytest.raises(Refused) as error:
        returned(scene, reason=" ")
    assert reason(error).startswith("Say what is wrong with it")


def amended(scene: Scene, **changes: Any) -> Claim:
    given = {"actor": scene.staff, "claim": scene.claim, "reason": "A new list came", "at": AT}
    return claims.amend(**given | changes)


def test_a_judged_claim_that_is_amended_is_a_draft_without_judgement(scene: Scene) -> None:
    judged(scene, "partly_verified", quantity=Decimal(60), reason="60 signatures")
    claim = amended(scene)
    assert (claim.status, claim.verified_quantity, claim.judgement) == ("draft", None, "")
    assert (claim.judged_at, claim.judged_by, claim.submitted_at) == (None, None, None)
    assert credited(claim) == (100, False, False)
    event = Event.objects.latest("seq")
    assert event.verb == "claim.amended"
    assert '"reason":"A new list came"' in event.body
    assert claims.submit(actor=scene.staff, claim=claim, at=AT).status == "submitted"


def test_a_returned_claim_is_amended_without_a_reason_of_its_own(scene: Scene) -> None:
    returned(scene)
    assert amended(scene, reason="").status == "draft"


def test_a_judged_claim_is_not_amended_without_a_reason(scene: Scene) -> None:
    judged(scene)
    with pytest.raises(Refused) as error:
        amended(scene, reason=" ")
    assert reason(error) == "Say why it is changed after it was judged."


def test_a_claim_that_nobody_judged_is_not_amended(scene: Scene) -> None:
    with pytest.raises(Refused) as error:
        amended(scene)
    assert reason(error) == "Only a claim that was returned or judged is amended."


def test_staff_of_another_cluster_cannot_amend(scene: Scene) -> None:
    judged(scene)
    other = makers.cluster(scene.cluster.programme)
    with pytest.raises(Forbidden):
        amended(scene, actor=makers.actor_with(Role.CLUSTER_STAFF, other.scopes[0]))


def test_a_rejected_claim_cannot_be_made_unknown_by_withdrawing_it(scene: Scene) -> None:
    judged(scene, "rejected", reason="Nobody was there")
    with pytest.raises(Refused) as error:
        claims.withdraw(actor=scene.staff, claim=scene.claim, at=AT)
    assert reason(error).startswith("This claim was rejected")


def test_a_verified_claim_can_be_withdrawn(scene: Scene) -> None:
    judged(scene)
    claim = claims.withdraw(actor=scene.staff, claim=scene.claim, at=AT)
    assert (claim.status, claim.verified_quantity) == ("withdrawn", None)


def test_a_judged_claim_takes_no_more_evidence(scene: Scene) -> None:
    judged(scene)
    url = "https://media.example/film"
    with pytest.raises(Refused) as error:
        claims.attach_link(actor=scene.staff, claim=scene.claim, url=url, at=AT)
    assert reason(error) == "This claim was judged as it is. Amend it first."


def test_another_area_can_hold_a_claim(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(holds.HOLDS, "test", lambda claim: refused("It is being verified."))
    url = "https://media.example/film"
    for touch in (
        lambda: claims.withdraw(actor=scene.staff, claim=scene.claim, at=AT),
        lambda: claims.attach_link(actor=scene.staff, claim=scene.claim, url=url, at=AT),
        lambda: (judged(scene), amended(scene)),
    ):
        with pytest.raises(Refused) as error:
            touch()
        assert reason(error) == "It is being verified."


@pytest.fixture
def period(scene: Scene) -> Period:
    return makers.period(scene.cluster.programme)


def locked(scene: Scene, period: Period) -> Claim:
    claims.lock(actor=scene.evaluator, period=period, at=AT)
    scene.claim.refresh_from_db()
    return scene.claim


def test_a_lock_holds_every_claim_of_the_period_and_no_other(scene: Scene, period: Period) -> None:
    draft, later = made.draft(scene.cluster), made.claim(scene.cluster, on=date(2026, 4, 1))
    elsewhere = made.claim(makers.cluster())
    assert claims.lock(actor=scene.evaluator, period=period, at=AT) == 2
    assert set(Claim.objects.filter(locked_at=AT)) == {scene.claim, draft}
    assert not {later.locked_at, elsewhere.locked_at} - {None}
    event = Event.objects.latest("seq")
    assert (event.verb, event.subject) == ("claims.locked", f"period/{period.pk}")


def test_a_cluster_cannot_lock(scene: Scene, period: Period) -> None:
    with pytest.raises(Forbidden):
        claims.lock(actor=scene.staff, period=period, at=AT)


def test_the_database_lets_nothing_of_a_locked_claim_change(scene: Scene, period: Period) -> None:
    claim = locked(scene, period)
    row, credit = claim.attachments.get(), claim.credits.get()
    other = makers.organisation()
    writes = [
        lambda: Claim.objects.filter(pk=claim.pk).update(title="Another"),
        lambda: Claim.objects.filter(pk=claim.pk).update(locked_at=None),
        claim.delete,
        row.delete,
        lambda: Attachment.objects.filter(pk=row.pk).update(proves="Else"),
        lambda: made.attachment(claim),
        credit.delete,
        lambda: Credit.objects.filter(pk=credit.pk).update(role="enabled"),
        lambda: made.credit(claim, organisation=other, share=Decimal("0.000001")),
    ]
    for write in writes:
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            write()
        assert "locked" in str(error.value) or "Cannot" in str(error.value)


def test_every_action_on_a_locked_claim_is_refused_in_words(scene: Scene, period: Period) -> None:
    judged(scene)
    locked(scene, period)
    for change in (
        lambda: judged(scene, "rejected", reason="x"),
        lambda: returned(scene),
        lambda: amended(scene),
        lambda: claims.withdraw(actor=scene.staff, claim=scene.claim, at=AT),
    ):
        with pytest.raises(Refused) as error:
            change()
        assert reason(error).startswith("The claims of this period are locked")


def test_nothing_more_is_submitted_into_a_locked_period(scene: Scene, period: Period) -> None:
    locked(scene, period)
    late = made.draft(scene.cluster, facts=made.facts("outreach_item"))
    with pytest.raises(Refused) as error:
        claims.submit(actor=scene.staff, claim=late, at=AT)
    assert reason(error) == "The claims of 2025-26 are locked: nothing more is counted there."


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "verified", "verified_quantity": Decimal(99)},
        {"status": "verified"},
        {"status": "rejected", "verified_quantity": Decimal(1)},
        {"status": "partly_verified", "verified_quantity": Decimal(100)},
        {"status": "submitted", "verified_quantity": Decimal(1)},
        {"status": "verified", "verified_quantity": Decimal(100), "judged_at": None},
        {"quantity": None},
    ],
)
def test_the_database_holds_judgement_and_quantity_together(
    scene: Scene, columns: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=scene.claim.pk).update(**{"judged_at": AT} | columns)
