"""Building a survey: settings, groups, sections and questions, until it is opened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.models import Group, Question, Section, Survey
from sankul.programme.feedback.rules import BUILD, SCORE_KINDS, QuestionKind, why_not_change
from sankul.programme.registry.models import Period

SETTINGS = frozenset({"title_en", "title_hi", "intro_en", "intro_hi", "has_hindi", "threshold", "two_groups",
    "purge_after_days", "closes_on", "contact"})  # fmt: skip
OF_GROUP = frozenset({"code", "title_en", "title_hi", "weight", "target", "quota", "position"})
OF_SECTION = frozenset({"title_en", "title_hi", "per_cluster", "position"})
OF_QUESTION = frozenset({"code", "kind", "text_en", "text_hi", "labels_en", "labels_hi", "groups", "is_scored",
    "position"})  # fmt: skip


@transaction.atomic
def make(
    *,
    actor: Actor | None,
    period: Period,
    closes_on: date,
    contact: str,
    at: datetime,
    **settings: Any,
) -> Survey:
    """A new survey of a period, as a draft; ``settings`` as in ``change``. ``actor`` None is the operator.

    Raises Refused when the period has its survey.
    """
    if actor is not None:
        require(actor, BUILD, *period.programme.scopes)
    survey = Survey(
        programme=period.programme,
        period=period,
        closes_on=closes_on,
        contact=contact,
        made_at=at,
        made_by=actor.user if actor else None,
    )
    survey.title_en = _("Ease of doing science and technology, %s") % period.label
    _set(survey, SETTINGS, settings)
    taken = _("%s has its survey already.") % period.label
    with refusing({"feedback_survey_period_id_key": taken}):
        survey.save(force_insert=True)
    record(actor, "survey.made", survey, at, period=period.pk)
    return survey


@transaction.atomic
def change(*, actor: Actor | None, survey: Survey, at: datetime, **settings: Any) -> Survey:
    """Change settings of a draft (``SETTINGS``). Raises Refused once it is opened."""
    survey = held(actor, survey)
    _set(survey, SETTINGS, settings)
    survey.save(update_fields=sorted(settings) or None)
    record(actor, "survey.changed", survey, at, settings=sorted(settings))
    return survey


@transaction.atomic
def put_group(
    *, actor: Actor | None, survey: Survey, group: Group | None = None, at: datetime, **fields: Any
) -> Group:
    """Add a stakeholder group, or change one. Raises Refused when its short name is taken, and once the survey is opened."""
    survey = held(actor, survey)
    group = group or Group(survey=survey, position=_next(survey.groups))
    _set(group, OF_GROUP, fields)
    with refusing({"group_code_once_a_survey": _("There is a group of this short name already.")}):
        group.save()
    record(actor, "survey.group_put", survey, at, group=group.code)
    return group


@transaction.atomic
def put_section(
    *,
    actor: Actor | None,
    survey: Survey,
    section: Section | None = None,
    at: datetime,
    **fields: Any,
) -> Section:
    """Add a section, or change one. Raises Refused once the survey is opened."""
    survey = held(actor, survey)
    section = section or Section(survey=survey, position=_next(survey.sections))
    _set(section, OF_SECTION, fields)
    section.save()
    record(actor, "survey.section_put", survey, at, section=section.pk)
    return section


@transaction.atomic
def put_question(
    *,
    actor: Actor | None,
    section: Section,
    question: Question | None = None,
    at: datetime,
    **fields: Any,
) -> Question:
    """Add a question, or change one.

    Raises Refused once the survey is opened, for a short name taken in the survey, for a group that is none of the survey, and
    for a vignette about a cluster: it is about a made-up case.
    """
    survey = held(actor, section.survey)
    question = question or Question(section=section, position=_next(section.questions))
    _set(question, OF_QUESTION, fields)
    _check_question(survey, section, question)
    question.save()
    record(actor, "survey.question_put", survey, at, question=question.code)
    return question


@transaction.atomic
def drop(*, actor: Actor | None, part: Group | Section | Question, at: datetime) -> None:
    """Take a group, a section with its questions, or a question out of a draft.

    Raises Refused for a group with people invited, and once the survey is opened.
    """
    survey = held(actor, part.section.survey if isinstance(part, Question) else part.survey)
    if isinstance(part, Group) and part.invitations.exists():
        raise Refused(_("People are invited for this group. Take them out first."))
    kind, number = part._meta.model_name, part.pk
    part.delete()
    record(actor, f"survey.{kind}_dropped", survey, at, number=number)


@transaction.atomic
def copy(*, actor: Actor | None, survey: Survey, source: Survey, at: datetime) -> Survey:
    """Fill an empty draft with the groups and questions of an earlier survey of the programme.

    Raises Refused when the draft has questions already or the other is of another programme.
    """
    survey = held(actor, survey)
    if source.programme_id != survey.programme_id:
        raise Refused(_("That is a survey of another programme."))
    if survey.sections.exists() or survey.groups.exists():
        raise Refused(_("This survey has groups or questions already. Take them out first."))
    Group.objects.bulk_create(_copied(source.groups.all(), survey=survey))
    for section in source.sections.all():
        questions = list(section.questions.all())
        (made,) = _copied([section], survey=survey)
        made.save(force_insert=True)
        Question.objects.bulk_create(_copied(questions, section=made))
    for name in ("intro_en", "intro_hi", "has_hindi", "threshold", "two_groups"):
        setattr(survey, name, getattr(source, name))
    survey.save()
    record(actor, "survey.copied", survey, at, source=source.pk)
    return survey


def held(actor: Actor | None, survey: Survey) -> Survey:
    """The draft as it is now, held until the commit, once the actor may change it."""
    if actor is not None:
        require(actor, BUILD, *survey.scopes)
    rows = Survey.objects.select_related("programme", "period")
    survey = rows.select_for_update(of=("self",)).get(pk=survey.pk)
    why_not_change(survey.status).enforce()
    return survey


def record(actor: Actor | None, verb: str, survey: Survey, at: datetime, **data: Any) -> None:
    """One event about a survey. Nothing that an answer brings about is ever recorded here."""
    events.record(actor=actor, verb=verb, subject=survey, at=at, scopes=survey.scopes, data=data)


def _check_question(survey: Survey, section: Section, question: Question) -> None:
    known = set(survey.groups.values_list("code", flat=True))
    if strange := sorted(set(question.groups) - known):
        raise Refused(_("There is no group “%s” in this survey.") % ", ".join(strange))
    same = Question.objects.filter(section__survey=survey, code=question.code)
    if same.exclude(pk=question.pk).exists():
        raise Refused(_("There is a question of this short name already."))
    if question.kind == QuestionKind.VIGNETTE and section.per_cluster:
        raise Refused(_("A vignette is asked once. Put it into a section that is asked once."))
    if question.kind not in SCORE_KINDS or not section.per_cluster:
        question.is_scored = False


def _set(row: Any, allowed: frozenset[str], fields: dict[str, Any]) -> None:
    if strange := sorted(set(fields) - allowed):
        raise TypeError(f"unknown: {', '.join(strange)}")
    for name, value in fields.items():
        setattr(row, name, value)


def _next(rows: Any) -> int:
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 1 if last is None else last + 1


def _copied(rows: Iterable[Any], **owner: Any) -> list[Any]:
    made = []
    for row in rows:
        fields = {
            it.attname: getattr(row, it.attname)
            for it in row._meta.concrete_fields
            if not it.primary_key and it.name not in owner
        }
        made.append(type(row)(**fields, **owner))
    return made
