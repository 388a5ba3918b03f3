"""A questionnaire is built by the office, opened complete, and frozen from then on."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.feedback.actions import building, running
from sankul.programme.feedback.models import Question, Survey
from sankul.programme.feedback.queries.surveys import questionnaire
from sankul.programme.feedback.rules import QuestionKind, problems
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = pytest.mark.django_db
AT = makers.AT


def _make(survey_of: Any = None, **more: Any) -> Survey:
    period = survey_of or registry.period()
    actor = registry.actor_with(Role.PROGRAMME_OFFICER, *period.programme.scopes)
    given = {"actor": actor, "period": period, "closes_on": date(2026, 12, 31), "at": AT}
    return building.make(contact="a@example.org", **given | more)


def test_an_officer_makes_a_survey_of_a_period() -> None:
    survey = _make()
    assert survey.status == "draft"
    assert survey.threshold == 5
    assert Event.objects.get(subject=f"survey/{survey.pk}").verb == "survey.made"


def test_a_period_has_one_survey() -> None:
    survey = _make()
    with pytest.raises(Refused, match="has its survey already"):
        _make(survey.period)


def test_the_evaluator_does_not_build() -> None:
    survey = makers.draft()
    with pytest.raises(Forbidden, match="Programme officer"):
        building.change(actor=makers.evaluator(survey), survey=survey, at=AT, threshold=7)


def test_a_complete_draft_has_no_problems() -> None:
    assert problems(questionnaire(makers.draft())) == []


def test_every_gap_is_named() -> None:
    survey = makers.empty()
    makers.group(survey, "others")
    about = makers.section(survey, "About")
    makers.question(about, "q1", labels_en=["Bad", "Good"])
    makers.choice(about, "q2", labels_en=["One"])
    makers.section(survey, "Nothing here", title_hi="कुछ नहीं")
    assert problems(questionnaire(survey)) == [
        "The section “Nothing here” has no question.",
        "Question q1: each of the five points of the scale needs its label.",
        "Question q2: give two choices or more.",
        "The group “Others” has no Hindi text.",
        "The section “About” has no Hindi text.",
        "Question q1 has no Hindi text.",
        "Question q2 has no Hindi text.",
    ]


def test_hindi_is_wanted_only_where_it_is_declared() -> None:
    survey = makers.draft(has_hindi=False, title_hi="")
    assert problems(questionnaire(survey)) == []


def test_a_group_that_is_asked_nothing_that_counts_is_named() -> None:
    survey = makers.draft(has_hindi=False)
    Question.objects.filter(code__in=("access", "partners")).update(groups=["scientists"])
    assert problems(questionnaire(survey)) == [
        "“Industry” is asked no question that counts towards a score."
    ]


def test_groups_without_any_weight_are_named() -> None:
    survey = makers.draft(has_hindi=False)
    survey.groups.update(weight=0)
    assert problems(questionnaire(survey)) == ["No stakeholder group has a weight above 0."]


def test_the_short_name_of_a_group_is_taken_once() -> None:
    survey = makers.draft()
    with pytest.raises(Refused, match="group of this short name"):
        building.put_group(
            actor=makers.officer(survey), survey=survey, at=AT, code="industry", title_en="Again"
        )


def test_the_short_name_of_a_question_is_taken_once_in_a_survey() -> None:
    survey = makers.draft()
    with pytest.raises(Refused, match="question of this short name"):
        building.put_question(
            actor=makers.officer(survey),
            section=survey.sections.last(),
            at=AT,
            code="access",
            kind=QuestionKind.TEXT,
            text_en="Again?",
        )


def test_a_question_to_a_group_that_there_is_not_is_refused() -> None:
    survey = makers.draft()
    with pytest.raises(Refused, match="no group “martians”"):
        building.put_question(
            actor=makers.officer(survey),
            section=survey.sections.first(),
            at=AT,
            code="new",
            kind=QuestionKind.TEXT,
            text_en="?",
            groups=["martians"],
        )


def test_a_vignette_about_a_cluster_is_refused() -> None:
    survey = makers.draft()
    with pytest.raises(Refused, match="vignette is asked once"):
        building.put_question(
            actor=makers.officer(survey),
            section=survey.sections.first(),
            at=AT,
            code="case",
            kind=QuestionKind.VIGNETTE,
            text_en="A laboratory lends its microscope within a week.",
        )


def test_what_cannot_be_scored_is_not_scored() -> None:
    survey = makers.draft()
    made = building.put_question(
        actor=makers.officer(survey),
        section=survey.sections.last(),
        at=AT,
        code="once",
        kind=QuestionKind.LIKERT,
        text_en="?",
        is_scored=True,
    )
    assert not made.is_scored


def test_the_questions_of_the_year_before_are_copied() -> None:
    before = makers.draft(threshold=7)
    period = registry.period(before.programme, 2026)
    survey = _make(period)
    building.copy(actor=makers.officer(survey), survey=survey, source=before, at=AT)
    assert [group.code for group in survey.groups.all()] == ["scientists", "industry"]
    assert [item.code for item in questionnaire(survey).questions] == [
        "access",
        "partners",
        "better",
        "besides",
    ]
    survey.refresh_from_db()
    assert survey.threshold == 7


def test_nothing_is_copied_over_questions_or_from_elsewhere() -> None:
    survey, other = makers.draft(), makers.draft()
    with pytest.raises(Refused, match="another programme"):
        building.copy(actor=makers.officer(survey), survey=survey, source=other, at=AT)
    earlier = makers.draft(period=registry.period(survey.programme, 2023))
    with pytest.raises(Refused, match="has groups or questions"):
        building.copy(actor=makers.officer(survey), survey=survey, source=earlier, at=AT)


def test_a_section_goes_with_its_questions() -> None:
    survey = makers.draft()
    building.drop(actor=makers.officer(survey), part=survey.sections.first(), at=AT)
    assert [item.code for item in questionnaire(survey).questions] == ["besides"]


def test_a_group_with_people_stays() -> None:
    survey = makers.draft()
    makers.invitation(survey)
    with pytest.raises(Refused, match="People are invited"):
        building.drop(actor=makers.officer(survey), part=survey.groups.first(), at=AT)


CHANGES: list[Callable[[Survey], Any]] = [
    lambda s: building.change(actor=makers.officer(s), survey=s, at=AT, threshold=3),
    lambda s: building.put_group(actor=makers.officer(s), survey=s, at=AT, code="x", title_en="X"),
    lambda s: building.put_section(actor=makers.officer(s), survey=s, at=AT, title_en="X"),
    lambda s: building.drop(actor=makers.officer(s), part=s.groups.first(), at=AT),
    lambda s: running.make_key(
        actor=makers.evaluator(s), survey=s, passphrase=makers.PASSPHRASE, at=AT
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_an_open_survey_is_changed_no_more(change: Callable[[Survey], Any]) -> None:
    survey, _file = makers.opened()
    with pytest.raises(Refused, match="nothing can be changed"):
        change(survey)


WRITES: list[Callable[[Survey], Any]] = [
    lambda s: Survey.objects.filter(pk=s.pk).update(threshold=3),
    lambda s: Survey.objects.filter(pk=s.pk).update(public_key=b"x" * 32),
    lambda s: s.delete(),
    lambda s: s.groups.update(weight=9),
    lambda s: s.sections.first().questions.update(text_en="Another"),
    lambda s: s.sections.all().delete(),
    lambda s: makers.group(s, "late"),
]


@pytest.mark.parametrize("write", WRITES)
def test_the_database_too_keeps_an_open_survey_as_it_is(write: Callable[[Survey], Any]) -> None:
    survey, _file = makers.opened()
    with pytest.raises(Exception, match=r"Cannot|frozen"), transaction.atomic():
        write(survey)


def test_a_survey_never_goes_back() -> None:
    survey, _file = makers.opened()
    with pytest.raises(IntegrityError, match="cannot be draft again"), transaction.atomic():
        Survey.objects.filter(pk=survey.pk).update(status="draft")


def test_a_threshold_that_protects_nobody_is_refused() -> None:
    with pytest.raises(IntegrityError, match="threshold"), transaction.atomic():
        makers.draft(threshold=2)
