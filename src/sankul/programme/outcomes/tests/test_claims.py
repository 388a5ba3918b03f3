"""The life of a claim, and every reason to refuse it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.outcomes.actions import claims
from sankul.programme.outcomes.actions.credit import Partner, Shared, write
from sankul.programme.outcomes.models import Attachment, Claim
from sankul.programme.outcomes.rules import KINDS, CreditRole, WrongFacts
from sankul.programme.outcomes.tests import makers as made
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db
AT = makers.AT


class Scene(NamedTuple):
    """A cluster with one member, and someone on its staff."""

    cluster: Cluster
    member: Organisation
    staff: Actor


@pytest.fixture
def scene() -> Scene:
    cluster = makers.cluster()
    member = makers.organisation()
    makers.membership(cluster, member)
    return Scene(cluster, member, makers.actor_with(Role.CLUSTER_STAFF, cluster.scopes[0]))


def drafted(scene: Scene, **changes: Any) -> Claim:
    content: dict[str, Any] = {
        "actor": scene.staff,
        "cluster": scene.cluster,
        "kind": "training_event",
        "reference": "T-1",
        "title": "Workshop on water quality",
        "on": date(2025, 5, 10),
        "quantity": Decimal(1),
        "partners": [Partner(scene.cluster, scene.member, CreditRole.LED)],
        "at": AT,
    } | changes
    facts = made.facts(content["kind"]) if content["kind"] in KINDS else {}
    return claims.draft(**{"facts": facts} | content)


def reason(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.reason


def test_a_draft_credits_its_partners_and_is_told_in_the_log(scene: Scene) -> None:
    claim = drafted(scene)
    assert claim.status == "draft"
    credit = claim.credits.get()
    assert (credit.share, credit.kind, credit.quantity, credit.stands) == (
        1,
        "training_event",
        1,
        False,
    )
    event = Event.objects.latest("seq")
    assert (event.verb, event.subject) == ("claim.drafted", f"claim/{claim.pk}")
    assert f"cluster:{scene.cluster.pk}" in event.scopes


def test_the_same_reference_with_the_same_content_is_the_same_claim(scene: Scene) -> None:
    assert drafted(scene) == drafted(scene)
    assert Claim.objects.count() == 1
    assert Event.objects.filter(verb="claim.drafted").count() == 1


@pytest.mark.parametrize(
    "change", [{"title": "Another workshop"}, {"quantity": Decimal(2)}, {"on": date(2025, 5, 11)}]
)
def test_the_same_reference_with_other_content_is_refused(
    scene: Scene, change: dict[str, Any]
) -> None:
    drafted(scene)
    with pytest.raises(Refused) as error:
        drafted(scene, **change)
    assert (
        reason(error)
        == "The reference T-1 stands for another claim already: “Workshop on water quality”."
    )


def test_staff_of_another_cluster_cannot_draft(scene: Scene) -> None:
    stranger = makers.actor_with(
        Role.CLUSTER_STAFF, makers.cluster(scene.cluster.programme).scopes[0]
    )
    with pytest.raises(Forbidden):
        drafted(scene, actor=stranger)


def test_a_cluster_cannot_record_what_others_say_of_it(scene: Scene) -> None:
    score = {"kind": "feedback_score", "quantity": Decimal("3.8")}
    with pytest.raises(Forbidden):
        drafted(scene, **score)
    evaluator = makers.actor_with(Role.EVALUATOR, scene.cluster.programme.scopes[0])
    assert drafted(scene, actor=evaluator, **score).quantity == Decimal("3.8")
    with pytest.raises(Forbidden):
        drafted(scene, actor=evaluator, reference="T-2")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": "magic"}, "“magic” is no kind of claim."),
        ({"quantity": Decimal(0)}, "The quantity lies above 0."),
        ({"quantity": Decimal("NaN")}, "The quantity lies above 0."),
        ({"quantity": Decimal("1.5")}, "The quantity is a whole number: events held."),
        ({"quantity": Decimal("1.00001")}, "The quantity has at most 14 digits"),
        ({"quantity": Decimal(10) ** 14}, "The quantity has at most 14 digits"),
        ({"title": "  "}, "Give a title"),
        ({"title": "x" * 251}, "Give a title"),
        ({"reference": ""}, "Give your own reference"),
        ({"reference": "x" * 81}, "Give your own reference"),
    ],
)
def test_a_draft_is_refused_with_the_reason(
    scene: Scene, change: dict[str, Any], expected: str
) -> None:
    with pytest.raises(Refused) as error:
        drafted(scene, **change)
    assert reason(error).startswith(expected)
    assert not Claim.objects.exists()


def test_a_feedback_score_lies_from_1_to_5(scene: Scene) -> None:
    evaluator = makers.actor_with(Role.EVALUATOR, scene.cluster.programme.scopes[0])
    with pytest.raises(Refused) as error:
        drafted(scene, actor=evaluator, kind="feedback_score", quantity=Decimal("5.2"))
    assert reason(error) == "The quantity is a mean score from 1 to 5."


def test_shares_follow_the_declared_roles(scene: Scene) -> None:
    city, college = makers.organisation(), makers.organisation()
    claim = drafted(
        scene,
        partners=[
            Partner(scene.cluster, scene.member, CreditRole.LED),
            Partner(scene.cluster, college, CreditRole.CONTRIBUTED),
            Partner(scene.cluster, city, CreditRole.ENABLED),
        ],
    )
    shares = list(claim.credits.values_list("share", flat=True))
    assert shares == [Decimal("0.500001"), Decimal("0.333333"), Decimal("0.166666")]


def test_shares_above_one_are_refused(scene: Scene) -> None:
    partners = [
        Partner(scene.cluster, scene.member, CreditRole.LED, Decimal("0.7")),
        Partner(scene.cluster, makers.organisation(), CreditRole.ENABLED, Decimal("0.4")),
    ]
    with pytest.raises(Refused) as error:
        drafted(scene, partners=partners)
    assert reason(error) == "The shares of one result add up to more than 1."


@pytest.mark.parametrize(
    ("share", "expected"),
    [("0", "Each share lies above 0 and up to 1."), ("1.1", "Each share lies above 0 and up to 1."),
     ("0.1234567", "A share has at most six decimals.")],
)  # fmt: skip
def test_a_share_out_of_range_is_refused(scene: Scene, share: str, expected: str) -> None:
    with pytest.raises(Refused) as error:
        drafted(
            scene, partners=[Partner(scene.cluster, scene.member, CreditRole.LED, Decimal(share))]
        )
    assert reason(error) == expected


def test_shares_are_given_for_all_or_for_none(scene: Scene) -> None:
    partners = [
        Partner(scene.cluster, scene.member, CreditRole.LED, Decimal("0.7")),
        Partner(scene.cluster, makers.organisation(), CreditRole.ENABLED),
    ]
    with pytest.raises(Refused) as error:
        drafted(scene, partners=partners)
    assert reason(error).startswith("Give the share of every partner")


def test_the_database_refuses_shares_above_one_too(scene: Scene) -> None:
    claim = drafted(scene)
    shares = [
        Shared(scene.cluster, scene.member, CreditRole.LED, Decimal("0.7")),
        Shared(scene.cluster, makers.organisation(), CreditRole.ENABLED, Decimal("0.300001")),
    ]
    with pytest.raises(Refused) as error:
        write(claim, shares)
    assert reason(error) == "The shares of one result add up to more than 1."


def test_a_partner_is_credited_once(scene: Scene) -> None:
    partner = Partner(scene.cluster, scene.member, CreditRole.LED)
    with pytest.raises(Refused) as error:
        drafted(scene, partners=[partner, partner._replace(role=CreditRole.ENABLED)])
    assert reason(error).startswith("A partner stands here twice.")


def test_the_claiming_cluster_is_credited(scene: Scene) -> None:
    other = makers.cluster(scene.cluster.programme)
    makers.membership(other, scene.member)
    with pytest.raises(Refused) as error:
        drafted(scene, partners=[Partner(other, scene.member, CreditRole.LED)])
    assert reason(error).startswith("Credit at least one partner of ")


def test_credit_stays_within_the_programme(scene: Scene) -> None:
    foreign = makers.cluster()
    partners = [
        Partner(scene.cluster, scene.member, CreditRole.LED),
        Partner(foreign, scene.member, CreditRole.ENABLED),
    ]
    with pytest.raises(Refused) as error:
        drafted(scene, partners=partners)
    assert reason(error) == f"{foreign} belongs to another programme."


def test_who_led_was_a_member_on_that_day(scene: Scene) -> None:
    late = makers.organisation()
    makers.membership(scene.cluster, late, from_on=date(2025, 6, 1))
    partners = [Partner(scene.cluster, late, CreditRole.LED)]
    with pytest.raises(Refused) as error:
        drafted(scene, partners=partners)
    assert reason(error) == (
        f"{late} was no member of {scene.cluster} on that day, so it cannot have led for it."
    )
    assert drafted(scene, partners=partners, on=date(2025, 6, 1)).pk


def test_a_partner_from_outside_may_contribute(scene: Scene) -> None:
    partners = [
        Partner(scene.cluster, scene.member, CreditRole.LED),
        Partner(scene.cluster, makers.organisation(), CreditRole.CONTRIBUTED),
    ]
    assert drafted(scene, partners=partners).credits.count() == 2


def revised(scene: Scene, claim: Claim, **changes: Any) -> Claim:
    content: dict[str, Any] = {
        "actor": scene.staff,
        "claim": claim,
        "title": "Two workshops on water quality",
        "on": date(2025, 5, 12),
        "quantity": Decimal(2),
        "partners": [Partner(scene.cluster, scene.member, CreditRole.LED)],
        "at": AT,
    }
    return claims.revise(**content | changes)


def test_a_draft_can_be_revised(scene: Scene) -> None:
    claim = revised(scene, drafted(scene))
    assert (claim.title, claim.quantity) == ("Two workshops on water quality", 2)
    credit = claim.credits.get()
    assert (credit.quantity, credit.on) == (2, date(2025, 5, 12))
    assert Event.objects.latest("seq").verb == "claim.revised"


def test_a_submitted_claim_cannot_be_revised(scene: Scene) -> None:
    claim = claims.submit(actor=scene.staff, claim=drafted(scene), at=AT)
    with pytest.raises(Refused) as error:
        revised(scene, claim)
    assert reason(error).startswith("Only a draft can be changed.")


def test_a_revision_is_checked_like_a_draft(scene: Scene) -> None:
    claim = drafted(scene)
    with pytest.raises(Refused):
        revised(scene, claim, quantity=Decimal("0.5"))
    assert Claim.objects.get().quantity == 1


def test_staff_of_another_cluster_cannot_revise(scene: Scene) -> None:
    stranger = makers.actor_with(
        Role.CLUSTER_CEO, makers.cluster(scene.cluster.programme).scopes[0]
    )
    with pytest.raises(Forbidden):
        revised(scene, drafted(scene), actor=stranger)


def attached(
    scene: Scene, claim: Claim, content: bytes = b"Attendance: 34", **changes: Any
) -> Attachment:
    given: dict[str, Any] = {
        "actor": scene.staff,
        "claim": claim,
        "file": io.BytesIO(content),
        "name": "attendance.txt",
        "proves": "34 people came",
        "at": AT,
    }
    return claims.attach(**given | changes)


def test_a_document_makes_a_submitted_claim_count(scene: Scene) -> None:
    claim = claims.submit(actor=scene.staff, claim=drafted(scene), at=AT)
    assert (claim.credits.get().stands, claim.credits.get().counts) == (True, False)
    attached(scene, claim)
    assert claim.credits.get().counts is True
    claim.refresh_from_db()
    assert claim.is_evidenced is True


def test_the_same_document_is_attached_once(scene: Scene) -> None:
    claim = drafted(scene)
    assert attached(scene, claim) == attached(scene, claim)
    assert Event.objects.filter(verb="claim.document_attached").count() == 1


def test_a_file_of_no_kept_kind_is_refused(scene: Scene) -> None:
    with pytest.raises(Refused) as error:
        attached(scene, drafted(scene), content=b"MZ\x00", name="virus.pdf")
    assert reason(error).startswith("“virus.pdf” is not a file of a kind that is kept here")


def test_a_withdrawn_claim_takes_no_document(scene: Scene) -> None:
    claim = claims.withdraw(actor=scene.staff, claim=drafted(scene), at=AT)
    with pytest.raises(Refused) as error:
        attached(scene, claim)
    assert reason(error) == "This claim is withdrawn: it needs no document any more."


def test_staff_of_another_cluster_cannot_attach(scene: Scene) -> None:
    stranger = makers.actor_with(
        Role.CLUSTER_STAFF, makers.cluster(scene.cluster.programme).scopes[0]
    )
    with pytest.raises(Forbidden):
        attached(scene, drafted(scene), actor=stranger)


def test_a_document_can_be_taken_from_a_draft(scene: Scene) -> None:
    claim = drafted(scene)
    claims.detach(actor=scene.staff, attachment=attached(scene, claim), at=AT)
    claim.refresh_from_db()
    assert claim.is_evidenced is False
    assert Event.objects.latest("seq").verb == "claim.document_detached"


def test_evidence_of_a_submitted_claim_stays(scene: Scene) -> None:
    claim = drafted(scene)
    attachment = attached(scene, claim)
    claims.submit(actor=scene.staff, claim=claim, at=AT)
    with pytest.raises(Refused):
        claims.detach(actor=scene.staff, attachment=attachment, at=AT)
    assert claim.attachments.count() == 1


def submitted(scene: Scene, claim: Claim, **changes: Any) -> Claim:
    return claims.submit(**{"actor": scene.staff, "claim": claim, "at": AT} | changes)


def test_a_submitted_claim_stands(scene: Scene) -> None:
    claim = submitted(scene, drafted(scene))
    assert (claim.status, claim.submitted_at) == ("submitted", AT)
    assert Event.objects.latest("seq").verb == "claim.submitted"


def test_a_claim_is_submitted_once(scene: Scene) -> None:
    claim = submitted(scene, drafted(scene))
    with pytest.raises(Refused) as error:
        submitted(scene, claim)
    assert reason(error) == "Only a draft can be submitted."


def test_the_future_cannot_be_claimed(scene: Scene) -> None:
    claim = drafted(scene, on=date(2026, 11, 23))
    with pytest.raises(Refused) as error:
        submitted(scene, claim)
    assert reason(error).startswith("The date lies in the future")
    assert submitted(
        scene, claim, at=datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    ).pk  # 00:00 in India


def test_what_was_there_before_the_programme_cannot_be_claimed(scene: Scene) -> None:
    makers.membership(scene.cluster, old := makers.organisation(), from_on=None)
    partners = [Partner(scene.cluster, old, CreditRole.LED)]
    claim = drafted(scene, on=date(2020, 7, 31), partners=partners)
    with pytest.raises(Refused) as error:
        submitted(scene, claim)
    assert reason(error).startswith("The date is before the programme began")


def test_a_claim_is_refused_where_a_nil_return_stands(scene: Scene) -> None:
    period = makers.period(scene.cluster.programme)
    made.nil_return(scene.cluster, period, "training_event")
    with pytest.raises(Refused) as error:
        submitted(scene, drafted(scene))
    assert reason(error) == (
        f"{scene.cluster} has declared that it had nothing of this kind in 2025-26. Retract that first."
    )


def test_a_joint_claim_is_refused_where_the_other_cluster_declared_nothing(scene: Scene) -> None:
    other = makers.cluster(scene.cluster.programme)
    made.nil_return(other, makers.period(scene.cluster.programme), "training_event")
    partners = [
        Partner(scene.cluster, scene.member, CreditRole.LED),
        Partner(other, makers.organisation(), CreditRole.ENABLED),
    ]
    with pytest.raises(Refused) as error:
        submitted(scene, drafted(scene, partners=partners))
    assert reason(error).startswith(f"{other} has declared")


def test_staff_of_another_cluster_cannot_submit(scene: Scene) -> None:
    stranger = makers.actor_with(
        Role.CLUSTER_STAFF, makers.cluster(scene.cluster.programme).scopes[0]
    )
    with pytest.raises(Forbidden):
        submitted(scene, drafted(scene), actor=stranger)


def test_a_withdrawn_claim_counts_no_more(scene: Scene) -> None:
    claim = drafted(scene)
    attached(scene, claim)
    submitted(scene, claim)
    withdrawn = claims.withdraw(actor=scene.staff, claim=claim, at=AT)
    assert withdrawn.status == "withdrawn"
    assert (claim.credits.get().stands, claim.credits.get().counts) == (False, False)
    assert Event.objects.latest("seq").verb == "claim.withdrawn"


def test_a_claim_is_withdrawn_once(scene: Scene) -> None:
    claim = claims.withdraw(actor=scene.staff, claim=drafted(scene), at=AT)
    with pytest.raises(Refused) as error:
        claims.withdraw(actor=scene.staff, claim=claim, at=AT)
    assert reason(error) == "This claim is withdrawn already."


def test_the_public_cannot_withdraw(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        claims.withdraw(actor=makers.public(), claim=drafted(scene), at=AT)


def test_a_draft_may_wait_for_quantity_partners_and_facts(scene: Scene) -> None:
    claim = drafted(scene, quantity=None, partners=[], facts={"mode": "online"})
    assert (claim.quantity, claim.facts, claim.credits.count()) == (None, {"mode": "online"}, 0)
    with pytest.raises(Refused) as error:
        submitted(scene, claim)
    assert reason(error) == (
        "Still missing: Quantity, Length, Institutions that took part, A partner to credit."
    )


def test_facts_are_kept_in_their_one_spelling(scene: Scene) -> None:
    rows = [{"institution": " College A ", "people": "12"}]
    claim = drafted(scene, facts={"hours": "6.50", "institutions": rows, "mode": ""})
    claim.refresh_from_db()
    assert claim.facts == {
        "hours": "6.5",
        "institutions": [{"institution": "College A", "people": 12}],
    }


def test_wrong_facts_are_refused_all_at_once(scene: Scene) -> None:
    with pytest.raises(WrongFacts) as error:
        drafted(scene, facts={"hours": "long", "mode": "by post"})
    assert [one.place for one in error.value.problems] == [("mode",), ("hours",)]
    assert not Claim.objects.exists()


def test_the_same_reference_with_other_facts_is_refused(scene: Scene) -> None:
    drafted(scene)
    with pytest.raises(Refused):
        drafted(scene, facts={"mode": "online"})


def test_organisations_that_facts_name_exist(scene: Scene) -> None:
    facts = made.facts("academic_partnership", scene.member)
    assert drafted(scene, kind="academic_partnership", facts=facts).pk
    facts["partners"] = [scene.member.slug, "nobody"]
    with pytest.raises(WrongFacts) as error:
        drafted(scene, kind="academic_partnership", facts=facts, reference="T-2")
    assert reason(error) == "Institutions that signed: there is no organisation “nobody”"


def test_attendance_rests_on_its_event(scene: Scene) -> None:
    event = made.claim(scene.cluster, kind="training_event")
    claim = drafted(scene, kind="training_attendance", rests_on=event)
    assert claim.rests_on == event
    assert list(event.carries.all()) == [claim]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"kind": "patent"},
            "“Attendance at training across institutions” rests on: Training, workshop",
        ),
        ({"status": "withdrawn"}, "The claim that it rests on does not stand."),
    ],
)
def test_a_claim_does_not_rest_on_just_anything(
    scene: Scene, fields: dict[str, Any], expected: str
) -> None:
    base = made.claim(scene.cluster, **{"kind": "training_event"} | fields)
    with pytest.raises(Refused) as error:
        drafted(scene, kind="training_attendance", rests_on=base)
    assert reason(error).startswith(expected)


def test_a_claim_does_not_rest_on_another_programme_or_a_strangers_draft(scene: Scene) -> None:
    other = made.claim(makers.cluster(), kind="training_event")
    draft = made.draft(makers.cluster(scene.cluster.programme), kind="training_event")
    for base, expected in ((other, "belongs to another programme"), (draft, "does not stand")):
        with pytest.raises(Refused) as error:
            drafted(scene, kind="training_attendance", rests_on=base)
        assert expected in reason(error)


def test_a_claim_about_a_deployment_is_about_its_project(scene: Scene) -> None:
    project = made.project(scene.cluster)
    deployment = made.deployment(project)
    claim = drafted(scene, deployment=deployment)
    claim.refresh_from_db()
    assert (claim.project, claim.deployment) == (project, deployment)


def test_a_project_of_another_programme_or_deployment_is_refused(scene: Scene) -> None:
    own = made.project(scene.cluster)
    other = made.project(scene.cluster)
    cases = (
        ({"project": made.project(makers.cluster())}, "The project belongs to another programme."),
        (
            {"project": own, "deployment": made.deployment(other)},
            "The deployment belongs to another project.",
        ),
    )
    for fields, expected in cases:
        with pytest.raises(Refused) as error:
            drafted(scene, **fields)
        assert reason(error) == expected


def linked(scene: Scene, claim: Claim, url: str = "https://media.example/film") -> Attachment:
    return claims.attach_link(actor=scene.staff, claim=claim, url=url, proves="It is there", at=AT)


def test_a_link_alone_is_evidence_of_what_can_be_seen_there(scene: Scene) -> None:
    claim = submitted(scene, drafted(scene, kind="outreach_item"))
    attachment = linked(scene, claim)
    assert (attachment.url, attachment.proves) == ("https://media.example/film", "It is there")
    assert claim.credits.get().counts is True
    assert Event.objects.latest("seq").verb == "claim.link_attached"
    assert linked(scene, claim) == attachment


def test_a_link_alone_is_no_evidence_of_other_kinds(scene: Scene) -> None:
    claim = submitted(scene, drafted(scene))
    linked(scene, claim)
    assert claim.credits.get().counts is False
    attached(scene, claim)
    assert claim.credits.get().counts is True


def test_without_its_document_a_claim_with_a_mere_link_is_not_evidenced(scene: Scene) -> None:
    claim = drafted(scene)
    linked(scene, claim)
    claims.detach(actor=scene.staff, attachment=attached(scene, claim), at=AT)
    claim.refresh_from_db()
    assert claim.is_evidenced is False


def test_what_is_no_web_address_is_refused(scene: Scene) -> None:
    with pytest.raises(Refused) as error:
        linked(scene, drafted(scene), url="ftp://media.example/film")
    assert reason(error).startswith("“ftp://media.example/film”: a web address is expected")


def test_a_link_is_taken_from_a_draft(scene: Scene) -> None:
    claim = drafted(scene)
    claims.detach(actor=scene.staff, attachment=linked(scene, claim), at=AT)
    assert not claim.attachments.exists()
    assert Event.objects.latest("seq").verb == "claim.link_detached"


def test_staff_of_another_cluster_cannot_link(scene: Scene) -> None:
    other = makers.cluster(scene.cluster.programme)
    stranger = makers.actor_with(Role.CLUSTER_STAFF, other.scopes[0])
    with pytest.raises(Forbidden):
        linked(scene._replace(staff=stranger), drafted(scene))
