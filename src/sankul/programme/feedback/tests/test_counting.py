"""Counting opens every ballot once, and leaves behind no more than what may be shown."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.feedback.actions import counting, purging, running
from sankul.programme.feedback.models import (
    Ballot,
    Cell,
    Comment,
    Invitation,
    Receipt,
    Survey,
    Turnout,
)
from sankul.programme.feedback.rules import CellState, sealing

from . import makers

pytestmark = pytest.mark.django_db
AT = makers.AT


def count(survey: Survey, file: bytes, **more: object) -> int:
    """Close and count."""
    given = {"actor": makers.evaluator(survey), "passphrase": makers.PASSPHRASE, "at": AT}
    return counting.count(survey=survey, key_file=file, **given | more)  # type: ignore[arg-type]


def closed(*groups: tuple[str, int, object], **fields: object) -> tuple[Survey, bytes]:
    """A closed survey in which so many of each group gave these answers."""
    survey, file = makers.opened(**fields)
    for group, people, value in groups:
        for _number in range(people):
            makers.answered(survey, group, value)  # type: ignore[arg-type]
    return makers.closed(survey), file


def cell(survey: Survey, group: str | None = None, question: str | None = None) -> Cell:
    """A figure about the first cluster."""
    first = survey.programme.clusters.order_by("pk")[0]
    rows = survey.cells.filter(cluster=first)
    if group == "everybody":
        rows = rows.filter(is_pooled=True)
    elif group:
        rows = rows.filter(group__code=group)
    else:
        rows = rows.filter(group=None, is_pooled=False)
    return (rows.filter(question__code=question) if question else rows.filter(question=None)).get()


def test_means_are_those_of_the_answers() -> None:
    survey, file = closed(
        ("scientists", 3, {"access": 5, "partners": 2}),
        ("scientists", 3, {"access": 4, "partners": 3}),
        ("industry", 5, {"access": 2, "partners": 2}),
    )
    assert count(survey, file) == 11
    assert cell(survey, "scientists", "access").mean == Decimal("4.5")
    assert cell(survey, "scientists", "partners").mean == Decimal("2.5")
    assert cell(survey, "scientists").mean == Decimal("3.5")
    assert cell(survey, "industry").mean == Decimal(2)
    assert cell(survey).mean == Decimal("2.75")
    assert (cell(survey).raters, cell(survey, "scientists").raters) == (11, 6)


def test_groups_are_weighted_as_the_survey_says() -> None:
    survey, file = makers.opened(_weighted())
    for group, value in (("scientists", 4), ("industry", 2)):
        for _number in range(5):
            makers.answered(survey, group, value)
    makers.closed(survey)
    count(survey, file)
    assert cell(survey).mean == Decimal("3.5")


def _weighted() -> Survey:
    survey = makers.draft()
    survey.groups.filter(code="scientists").update(weight=3)
    return survey


def test_a_small_group_leaves_no_figure_at_all() -> None:
    survey, file = closed(("scientists", 6, 4), ("industry", 4, 1))
    count(survey, file)
    small = cell(survey, "industry")
    assert small.state == CellState.SMALL
    assert (small.mean, small.raters, small.dont_know) == (None, None, None)
    assert cell(survey).mean == cell(survey, "scientists").mean == Decimal(4)


def test_what_everybody_says_is_withheld_where_a_group_is_shown() -> None:
    survey, file = closed(("scientists", 6, 4), ("industry", 4, 1))
    count(survey, file)
    assert cell(survey, "everybody").state == CellState.COMPLEMENTARY


def test_a_mean_never_tells_that_all_answered_alike() -> None:
    survey, file = closed(("scientists", 6, 5), ("industry", 6, 1))
    count(survey, file)
    assert cell(survey, "scientists").mean == cell(survey, "scientists").high == Decimal("4.8")
    assert cell(survey, "industry").mean == cell(survey, "industry").low == Decimal("1.2")
    assert cell(survey).mean == Decimal(3)


def test_small_groups_have_a_voice_together() -> None:
    survey = makers.draft()
    makers.group(survey, "others", title_hi="अन्य")
    survey, file = makers.opened(survey)
    for group, people in (("scientists", 3), ("industry", 3), ("others", 3)):
        for _number in range(people):
            makers.answered(survey, group, {"scientists": 5, "industry": 3, "others": 1}[group])
    makers.closed(survey)
    count(survey, file)
    everybody = cell(survey, "everybody")
    assert (everybody.mean, everybody.raters) == (Decimal(3), 9)
    assert cell(survey).state == CellState.SMALL
    assert (everybody.dont_know, everybody.no_answer) == (None, None)


def test_means_are_shrunk_towards_those_of_the_other_clusters_with_an_interval() -> None:
    survey, file = makers.opened(clusters=5)
    clusters = list(survey.programme.clusters.order_by("pk"))
    for number, cluster in enumerate(clusters):
        for value in (1, 2, 3, 3, 4, 5):
            shifted = min(max(value + (number == 0), 1), 5)
            makers.answered(survey, value=shifted, clusters=[cluster])
    makers.closed(survey)
    count(survey, file)
    first = cell(survey, "scientists")
    assert first.mean == Decimal("3.8333")
    assert first.shrunken
    assert 3 < first.shrunken < first.mean
    assert first.low
    assert first.high
    assert 2 < first.low < first.shrunken < first.high < 5


def test_severity_is_adjusted_where_raters_are_connected() -> None:
    survey, file = makers.opened()
    both = list(survey.programme.clusters.order_by("pk"))
    for value, clusters in ((2, both[:1]), (4, both[1:]), (3, both)):
        for _number in range(6):
            makers.answered(survey, value=value, clusters=clusters)
    makers.closed(survey)
    count(survey, file)
    survey.refresh_from_db()
    assert survey.severity["is_linked"]
    assert cell(survey, "scientists").mean == Decimal("2.5")
    assert [level[0] for level in survey.severity["levels"].values()] == [3.0, 3.0]


def test_severity_is_not_adjusted_where_nobody_rated_in_common_and_it_says_why() -> None:
    survey, file = makers.opened()
    for cluster in survey.programme.clusters.all():
        for _number in range(6):
            makers.answered(survey, clusters=[cluster])
    makers.closed(survey)
    count(survey, file)
    survey.refresh_from_db()
    slugs = sorted(survey.programme.clusters.values_list("slug", flat=True))
    assert not survey.severity["is_linked"]
    assert survey.severity["parts"] == [[slug] for slug in slugs]
    assert "nobody rated clusters of several of these parts" in survey.severity["said"]


def test_a_made_up_case_that_all_rated_connects_them() -> None:
    survey = makers.draft()
    once = survey.sections.get(per_cluster=False)
    makers.question(once, "case", kind="vignette", is_scored=False, text_hi="?")
    survey, file = makers.opened(survey)
    for value, cluster in zip((2, 4), survey.programme.clusters.order_by("pk"), strict=True):
        for _number in range(6):
            makers.answered(survey, value=value, clusters=[cluster])
    makers.closed(survey)
    count(survey, file)
    survey.refresh_from_db()
    assert survey.severity["is_linked"]
    assert [level[0] for level in survey.severity["levels"].values()] == [3.0, 3.0]


def test_dont_know_and_no_answer_are_told_apart() -> None:
    survey, file = closed(
        ("scientists", 5, {"access": 4}),
        ("scientists", 3, {"access": 0, "partners": 2}),
        ("scientists", 2, {"partners": 2}),
    )
    count(survey, file)
    access = cell(survey, "scientists", "access")
    assert (access.dont_know, access.no_answer) == (Decimal("0.3"), Decimal("0.2"))
    assert access.raters == 5


def test_a_question_that_few_could_answer_is_left_out_of_the_score() -> None:
    survey, file = closed(
        ("scientists", 4, {"access": 1, "partners": 4}), ("scientists", 2, {"partners": 4})
    )
    count(survey, file)
    assert cell(survey, "scientists", "access").state == CellState.SMALL
    assert cell(survey, "scientists").mean == Decimal(4)


def test_nobody_of_a_group_is_not_few() -> None:
    survey, file = closed(("scientists", 5, 4))
    count(survey, file)
    assert cell(survey, "industry").state == CellState.NONE


def test_the_threshold_is_that_of_the_survey() -> None:
    survey, file = closed(("scientists", 6, 4), threshold=7)
    count(survey, file)
    assert not survey.cells.filter(state=CellState.SHOWN).exists()


def test_shares_of_choices_are_told() -> None:
    survey = makers.draft()
    makers.choice(survey.sections.first(), "how", text_hi="कैसे?")
    survey, file = makers.opened(survey)
    for choice in (1, 1, 1, 2, 3):
        makers.answered(survey, value={"how": choice})
    makers.closed(survey)
    count(survey, file)
    assert cell(survey, "scientists", "how").shares == [0.6, 0.2, 0.2]


def test_the_ballots_are_destroyed_and_those_of_other_surveys_stay() -> None:
    survey, file = closed(("scientists", 5, 4))
    other, _file = makers.opened()
    makers.answered(other)
    count(survey, file)
    assert list(Ballot.objects.values_list("survey_id", flat=True)) == [other.pk]


def test_every_receipt_is_in_the_list() -> None:
    survey, file = makers.opened()
    receipts = [makers.answered(survey)[1] for _number in range(6)]
    makers.closed(survey)
    count(survey, file)
    held = set(Receipt.objects.values_list("digest", flat=True))
    assert held == {sealing.receipt_digest(receipt) for receipt in receipts}
    assert list(Receipt.objects.order_by("pk").values_list("digest", flat=True)) == sorted(held)


def test_how_many_answered_stays_when_names_go() -> None:
    survey, file = closed(("scientists", 6, 4))
    makers.invitation(survey, "industry")
    count(survey, file)
    assert purging.purge(survey=survey, at=AT) == 7
    assert not Invitation.objects.exists()
    assert [str(row) for row in Turnout.objects.all()] == [
        "Scientists: 6 of 6",
        "Industry: 0 of 1",
    ]


def test_texts_are_kept_without_their_writers() -> None:
    survey, file = makers.opened(clusters=1)
    for number in range(5):
        makers.answered(survey, said={"better": f"Text {number}"})
    for _number in range(5):
        makers.answered(survey, "industry")
    makers.closed(survey)
    count(survey, file)
    assert {row.text for row in Comment.objects.all()} == {f"Text {n}" for n in range(5)}
    assert {row.group.code for row in Comment.objects.select_related("group") if row.group} == {
        "scientists"
    }


def test_a_text_tells_no_group_where_another_group_is_small() -> None:
    survey, file = makers.opened(clusters=1)
    for _number in range(6):
        makers.answered(survey, said={"better": "From many"})
    makers.answered(survey, "industry", said={"better": "From one"})
    makers.closed(survey)
    count(survey, file)
    assert set(Comment.objects.values_list("group", flat=True)) == {None}
    assert Comment.objects.count() == 7


def test_a_text_that_few_can_have_written_is_not_kept() -> None:
    survey = makers.draft(clusters=1)
    makers.text(survey.sections.first(), "for-industry", groups=["industry"], text_hi="?")
    survey, file = makers.opened(survey)
    for _number in range(6):
        makers.answered(survey)
    makers.answered(survey, "industry", said={"for-industry": "We are the only firm"})
    makers.closed(survey)
    count(survey, file)
    assert not Comment.objects.exists()


def test_ballots_are_opened_after_closing_and_once() -> None:
    survey, file = makers.opened()
    makers.answered(survey)
    with pytest.raises(Refused, match="after the survey is closed"):
        count(survey, file)
    makers.closed(survey)
    count(survey, file)
    with pytest.raises(Refused, match="counted already"):
        count(survey, file)


def test_a_wrong_key_counts_nothing() -> None:
    survey, _file = closed(("scientists", 5, 4))
    _public, other = sealing.new_key("Other", makers.PASSPHRASE)
    with pytest.raises(Refused, match="another key"):
        count(survey, other.encode())
    assert Ballot.objects.count() == 5
    assert not Cell.objects.exists()


def test_a_ballot_smuggled_in_stops_the_count() -> None:
    survey, file = makers.opened()
    makers.answered(survey)
    public = bytes(survey.public_key or b"")
    smuggled = {
        "group": survey.groups.get(code="industry").pk,
        "clusters": [],
        "values": [],
        "texts": [],
        "receipt": "x",
    }
    Ballot.objects.create(survey=survey, box=sealing.sealed(smuggled, public, survey.pk))
    makers.closed(survey)
    with pytest.raises(Refused, match="2 ballots are there, but 1 people have answered"):
        count(survey, file)


@pytest.mark.parametrize(
    "wrong",
    [{"group": 0}, {"values": [[1, 1, 6]]}, {"clusters": "x"}, {"values": [[0, 0, 1]]}],
)
def test_a_ballot_that_does_not_fit_the_questions_stops_the_count(wrong: dict[str, object]) -> None:
    survey, file = makers.opened()
    person = makers.invitation(survey)
    Invitation.objects.filter(pk=person.pk).update(is_answered=True)
    content = {"group": person.group_id, "clusters": [], "values": [], "texts": [], "receipt": "x"}
    public = bytes(survey.public_key or b"")
    box = sealing.sealed(content | wrong, public, survey.pk)
    Ballot.objects.create(survey=survey, box=box)
    makers.closed(survey)
    with pytest.raises(Refused, match="A ballot"):
        count(survey, file)
    assert Ballot.objects.count() == 1


def test_the_office_counts_nothing() -> None:
    survey, file = closed(("scientists", 5, 4))
    with pytest.raises(Forbidden, match="Evaluator"):
        count(survey, file, actor=makers.officer(survey))


def test_a_hidden_figure_cannot_be_written() -> None:
    survey, file = closed(("scientists", 2, 4))
    count(survey, file)
    with pytest.raises(IntegrityError, match="cell_empty_unless_shown"), transaction.atomic():
        survey.cells.update(mean=3)


def test_the_destruction_of_the_key_is_noted_once() -> None:
    survey, file = closed(("scientists", 5, 4))
    count(survey, file)
    actor = makers.evaluator(survey)
    noted = running.note_key_destroyed(actor=actor, survey=survey, at=AT)
    assert noted.key_destroyed_at == AT
    with pytest.raises(Refused, match="noted already"):
        running.note_key_destroyed(actor=actor, survey=survey, at=AT)


def test_after_counting_no_table_of_the_area_holds_a_single_answer() -> None:
    survey, file = makers.opened()
    for value in (1, 2, 3, 4, 5, 5):
        makers.answered(survey, value=value)
    makers.closed(survey)
    count(survey, file)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'feedback_%'"
        )
        tables = sorted(name for (name,) in cursor.fetchall())
    assert tables == sorted(
        {
            model._meta.db_table
            for model in survey._meta.apps.get_app_config("feedback").get_models(
                include_auto_created=True
            )
        }
    )
    assert not Ballot.objects.exists()
    assert {row.raters for row in Cell.objects.filter(state="shown")} == {6}
    assert not Cell.objects.filter(state="small", raters__isnull=False).exists()
