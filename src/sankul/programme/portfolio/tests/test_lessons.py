"""Lessons: told, credited with consent, shared, found again, and counted."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.db import connection

from sankul.core.measures import MEASURES
from sankul.core.queries.documents import readable
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.portfolio.actions import lesson
from sankul.programme.portfolio.models import Lesson
from sankul.programme.portfolio.queries import lessons
from sankul.programme.portfolio.rules import PartnerRole, default_shares
from sankul.programme.portfolio.tests import makers as made
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db
AT = makers.AT
TOLD: dict[str, Any] = {
    "title": "Nitrate sensors foul in water with iron",
    "sector": "water",
    "on": date(2024, 9, 30),
    "hypothesis": "Cheap sensors hold their calibration for a year.",
    "tried": "Forty sensors on shared wells.",
    "happened": "Twenty-seven drifted within six months.",
    "why": "Iron fouled the membranes.",
    "learned": "Test for iron before choosing wells.",
    "instead": "Strip tests each fortnight.",
}


class Scene(NamedTuple):
    """A cluster and someone on its staff."""

    cluster: Cluster
    staff: Actor


@pytest.fixture
def scene() -> Scene:
    cluster = makers.cluster()
    return Scene(cluster, makers.actor_with(Role.CLUSTER_STAFF, cluster.scopes[0]))


def told(scene: Scene, **changes: Any) -> Lesson:
    return lesson.tell(actor=scene.staff, cluster=scene.cluster, at=AT, **TOLD | changes)


def credited(scene: Scene, found: Lesson, **changes: Any) -> Any:
    given = {
        "organisation": makers.organisation(),
        "cluster": scene.cluster,
        "role": "led",
    } | changes
    return lesson.credit(actor=scene.staff, lesson=found, at=AT, **given)


def shared(scene: Scene) -> Lesson:
    found = told(scene, report_url="https://example.org/data")
    credited(scene, found)
    return lesson.share(actor=scene.staff, lesson=found, at=AT)


def reason(act: Any) -> str:
    with pytest.raises(Refused) as error:
        act()
    return error.value.reason


def test_a_lesson_is_public_once_shared(scene: Scene) -> None:
    found = told(scene)
    credited(scene, found)
    stranger = makers.actor_with(
        Role.CLUSTER_STAFF, makers.cluster(scene.cluster.programme).scopes[0]
    )
    for who in (makers.public(), stranger):
        assert not Lesson.objects.visible_to(who).exists()
    lesson.share(actor=scene.staff, lesson=found, at=AT)
    assert Lesson.objects.visible_to(makers.public()).get() == found


def test_credit_is_shared_out_by_role(scene: Scene) -> None:
    found = told(scene)
    for role in ("led", "contributed", "enabled"):
        credited(scene, found, role=role)
    shares = list(found.credits.values_list("share", flat=True))
    assert shares == [Decimal("0.500001"), Decimal("0.333333"), Decimal("0.166666")]
    lesson.uncredit(actor=scene.staff, credit=found.credits.last(), at=AT)  # type: ignore[arg-type]
    assert [str(one.share) for one in found.credits.all()] == ["0.600000", "0.400000"]


def test_shares_add_up_to_one_whatever_the_roles() -> None:
    roles = [PartnerRole.LED, PartnerRole.ENABLED, PartnerRole.ENABLED, PartnerRole.CONTRIBUTED]
    assert sum(default_shares(roles * 5)) == 1
    assert default_shares([]) == []


def test_a_person_is_named_with_consent_only_and_the_name_goes_when_consent_ends(
    scene: Scene,
) -> None:
    found, person = told(scene), makers.person()
    assert reason(lambda: credited(scene, found, person=person)).startswith(
        "A person is named only with consent"
    )
    future = date(2026, 11, 23)
    assert reason(lambda: credited(scene, found, person=person, consented_on=future)).startswith(
        "The day lies in the future"
    )
    one = credited(scene, found, person=person, consented_on=date(2026, 11, 1))
    lesson.share(actor=scene.staff, lesson=found, at=AT)
    lesson.uncredit(actor=scene.staff, credit=one, at=AT)
    one.refresh_from_db()
    assert (one.person, one.consented_on, one.share) == (None, None, 1)
    assert reason(lambda: lesson.uncredit(actor=scene.staff, credit=one, at=AT)).startswith(
        "This lesson is shared"
    )


def test_what_a_credit_refuses(scene: Scene) -> None:
    found, lab, far = told(scene), makers.organisation(), makers.cluster()
    credited(scene, found, organisation=lab)
    assert reason(lambda: credited(scene, found, organisation=lab)) == (
        "It is credited for this cluster already."
    )
    assert reason(lambda: credited(scene, found, cluster=far)) == (
        f"{far} belongs to another programme."
    )
    fictional = makers.organisation(is_demonstration=True)
    assert reason(lambda: credited(scene, found, organisation=fictional)).startswith("Real and")


def test_a_lesson_is_shared_in_full_and_with_credit(scene: Scene) -> None:
    found = told(scene, instead="")
    assert reason(lambda: lesson.share(actor=scene.staff, lesson=found, at=AT)) == (
        "Write first: What to do instead."
    )
    lesson.revise(actor=scene.staff, lesson=found, instead="Strip tests.", at=AT)
    assert reason(lambda: lesson.share(actor=scene.staff, lesson=found, at=AT)) == (
        "Credit at least one organisation first."
    )


def test_a_shared_lesson_stays_as_it_was_read(scene: Scene) -> None:
    found, who = shared(scene), {"actor": scene.staff, "at": AT}
    acts = [
        lambda: lesson.revise(lesson=found, title="Other", **who),
        lambda: lesson.report(lesson=found, file=io.BytesIO(b"x"), name="a.txt", **who),
        lambda: credited(scene, found),
    ]
    for act in acts:
        assert reason(act).startswith("This lesson is shared, so it stays")
    assert reason(lambda: lesson.share(lesson=found, **who)) == "It is public already."


def test_a_lesson_of_another_clusters_project_or_of_the_future_is_refused(scene: Scene) -> None:
    strange = made.project(makers.cluster(scene.cluster.programme))
    assert reason(lambda: told(scene, project=strange)).startswith(
        "The project is led by another cluster"
    )
    assert reason(lambda: told(scene, on=date(2026, 11, 23))).startswith("The day lies")


def test_staff_of_another_cluster_do_nothing_with_a_lesson(scene: Scene) -> None:
    found = told(scene)
    one = credited(scene, found)
    other = makers.cluster(scene.cluster.programme)
    who: dict[str, Any] = {
        "actor": makers.actor_with(Role.CLUSTER_STAFF, other.scopes[0]),
        "at": AT,
    }
    acts = [
        lambda: lesson.tell(cluster=scene.cluster, **TOLD, **who),
        lambda: lesson.revise(lesson=found, **who),
        lambda: lesson.report(lesson=found, file=io.BytesIO(b"x"), name="a.txt", **who),
        lambda: lesson.credit(
            lesson=found, organisation=makers.organisation(), cluster=other, role="led", **who
        ),
        lambda: lesson.uncredit(credit=one, **who),
        lambda: lesson.share(lesson=found, **who),
    ]
    for act in acts:
        with pytest.raises(Forbidden):
            act()


def test_the_report_is_read_by_those_who_may_see_the_lesson(scene: Scene) -> None:
    found = told(scene)
    credited(scene, found)
    lesson.report(
        actor=scene.staff, lesson=found, file=io.BytesIO(b"Data\n"), name="data.csv", at=AT
    )
    assert not readable(makers.public()).exists()
    assert readable(scene.staff).exists()
    lesson.share(actor=scene.staff, lesson=found, at=AT)
    assert readable(makers.public()).get().name == "data.csv"


def test_a_shared_lesson_with_a_report_counts_once_whoever_is_credited(scene: Scene) -> None:
    found = told(scene, report_url="https://example.org/data")
    credited(scene, found)
    credited(scene, found, role="contributed")
    rows = MEASURES["lesson_shared"].rows
    assert rows().count() == 0
    lesson.share(actor=scene.staff, lesson=found, at=AT)
    values = list(rows().values_list("cluster_id", "on", "quantity", "unit", "record", "evidenced"))
    assert sum(row[2] for row in values) == 1
    assert {(row[0], row[1], *row[3:]) for row in values} == {
        (scene.cluster.pk, date(2026, 11, 22), "count", f"lesson/{found.pk}", True)
    }


def test_a_lesson_without_a_report_is_shown_and_does_not_count(scene: Scene) -> None:
    found = told(scene)
    credited(scene, found)
    lesson.share(actor=scene.staff, lesson=found, at=AT)
    row = MEASURES["lesson_shared"].rows().get()
    assert row.evidenced is False


@pytest.mark.parametrize(
    "text", ["membranes fouling", "SENSOR", "nitrat", "Nitrte sensors", '"shared wells"', "iron -gold"]
)  # fmt: skip
def test_a_lesson_is_found_by_its_words_in_any_form(scene: Scene, text: str) -> None:
    found = shared(scene)
    made.lesson(scene.cluster, title="Bamboo rots in the rain", happened="It rotted.", tried="Bamboo",
        why="Rain", learned="Coat it", hypothesis="It lasts", instead="Tar", shared_at=AT)  # fmt: skip
    assert [row.pk for row in lessons.visible(makers.public(), text)] == [found.pk]


def test_words_of_the_title_weigh_more(scene: Scene) -> None:
    in_text = made.lesson(scene.cluster, title="Wells", tried="Some bamboo.", shared_at=AT)
    in_title = made.lesson(scene.cluster, title="Bamboo", tried="Some of it.", shared_at=AT)
    rows = lessons.visible(makers.public(), "bamboo").order_by("-rank")
    assert [row.pk for row in rows] == [in_title.pk, in_text.pk]


@pytest.mark.parametrize("text", ["'", "a & | !", "((", "\\", "%_", "-", '"'])
def test_a_search_takes_whatever_is_typed(scene: Scene, text: str) -> None:
    shared(scene)
    assert lessons.visible(makers.public(), text).count() in (0, 1)


def test_a_search_reads_three_indexes_and_not_the_table(scene: Scene) -> None:
    shared(scene)
    rows = lessons.visible(makers.officer(), "membranes").order_by()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    plan = rows.explain()
    for index in ("lesson_words", "lesson_title_part", "lesson_title_like"):
        assert f"Bitmap Index Scan on {index}" in plan
