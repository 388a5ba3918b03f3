"""Reading surveys and what they ask."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet

from sankul.core.models import Event
from sankul.core.queries import events as log
from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.feedback.models import Group, Question, Section, Survey
from sankul.programme.feedback.rules import BUILD, QuestionKind, Questionnaire, SurveyStatus, Words
from sankul.programme.feedback.rules import questionnaire as rules
from sankul.programme.registry.models import Period, Programme


def visible(actor: Actor) -> QuerySet[Survey]:
    """Surveys that the actor may see, newest first, with programme and period at hand."""
    rows = Survey.objects.visible_to(actor).select_related("programme", "period")
    return rows.order_by("programme__is_demonstration", "programme__name", "-period__starts_on")


def questionnaire(survey: Survey) -> Questionnaire:
    """All that a survey asks: three queries."""
    groups = list(survey.groups.all())
    ids = {group.code: group.pk for group in groups}
    asked: dict[int, list[rules.Question]] = {}
    for row in Question.objects.filter(section__survey=survey).order_by("position", "pk"):
        asked.setdefault(row.section_id, []).append(_question(row, ids))
    return Questionnaire(
        survey_id=survey.pk,
        title=Words(survey.title_en, survey.title_hi),
        intro=Words(survey.intro_en, survey.intro_hi),
        has_hindi=survey.has_hindi,
        groups=tuple(_group(row) for row in groups),
        sections=tuple(
            rules.Section(
                row.pk,
                Words(row.title_en, row.title_hi),
                row.per_cluster,
                tuple(asked.get(row.pk, ())),
            )
            for row in survey.sections.all()
        ),
    )


def _group(row: Group) -> rules.Group:
    return rules.Group(row.pk, Words(row.title_en, row.title_hi), row.weight)


def _question(row: Question, groups: dict[str, int]) -> rules.Question:
    hindi = [*row.labels_hi, *[""] * len(row.labels_en)]
    return rules.Question(
        id=row.pk,
        code=row.code,
        kind=QuestionKind(row.kind),
        text=Words(row.text_en, row.text_hi),
        labels=tuple(Words(en, hi) for en, hi in zip(row.labels_en, hindi, strict=False)),
        groups=frozenset(groups[code] for code in row.groups if code in groups),
        is_scored=row.is_scored,
    )


def sections(survey: Survey) -> QuerySet[Section]:
    """Sections in order, with their questions at hand."""
    return survey.sections.prefetch_related("questions")


def programmes_to_build_for(actor: Actor) -> QuerySet[Programme]:
    """Programmes whose surveys the actor may build."""
    own = narrowed(actor, BUILD, programme="pk")
    return Programme.objects.filter(own).order_by("is_demonstration", "name")


def periods_without(programme: Programme) -> QuerySet[Period]:
    """Periods of a programme that have no survey yet, newest first."""
    return programme.periods.filter(survey=None).order_by("-starts_on")


def latest_before(period: Period) -> Survey | None:
    """The survey of the programme that was held last before a period."""
    rows = Survey.objects.filter(programme=period.programme_id)
    return rows.filter(period__starts_on__lt=period.starts_on).first()


def history(actor: Actor, survey: Survey) -> QuerySet[Event]:
    """What was done to a survey, newest first, as far as the actor may see what was done."""
    return log.visible(actor).filter(subject=f"survey/{survey.pk}")


def comments_waiting(survey: Survey) -> int:
    """How many texts wait for the moderator."""
    return survey.comments.filter(state="waiting").count()


def counted_by_question(survey: Survey) -> dict[int, int]:
    """How many texts there are to each question."""
    rows = survey.comments.values("question").annotate(found=Count("pk")).order_by()
    return {row["question"]: row["found"] for row in rows}


def over(today: date) -> QuerySet[Survey]:
    """Open surveys whose last day has passed."""
    return Survey.objects.filter(status=SurveyStatus.OPEN, closes_on__lt=today)


def to_purge(at: datetime) -> list[Survey]:
    """Counted surveys whose personal data has been kept as long as was said."""
    rows = Survey.objects.filter(counted_at__isnull=False, purged_at=None)
    return [
        row
        for row in rows
        if row.counted_at and at - row.counted_at >= timedelta(days=row.purge_after_days)
    ]
