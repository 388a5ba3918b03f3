"""Makers of the area's records: a small survey in any state, and answers to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sankul.core.rules.roles import Actor, Role
from sankul.programme.feedback.actions import answering, running
from sankul.programme.feedback.models import (
    Cell,
    Group,
    Invitation,
    Question,
    Section,
    Survey,
    Ticket,
)
from sankul.programme.feedback.rules import Answers, CellState, QuestionKind, SurveyStatus, sealing
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers

AT = makers.AT
PASSPHRASE = "nine green parrots asleep"
LABELS = ["Very hard", "Hard", "Neither", "Easy", "Very easy"]
LABELS_HI = ["बहुत कठिन", "कठिन", "न कठिन न सरल", "सरल", "बहुत सरल"]
_numbers = count(1)


def evaluator(survey: Survey) -> Actor:
    """The third party of the survey's programme."""
    return makers.actor_with(Role.EVALUATOR, *survey.programme.scopes)


def officer(survey: Survey) -> Actor:
    """An officer of the survey's programme."""
    return makers.actor_with(Role.PROGRAMME_OFFICER, *survey.programme.scopes)


def empty(**fields: Any) -> Survey:
    """A draft without groups and questions, of a period of its own, open to answers until ten days after ``AT``."""
    period = fields.pop("period", None) or makers.period()
    defaults = {
        "programme": period.programme,
        "title_en": "Ease of doing science",
        "title_hi": "विज्ञान करने में सुगमता",
        "contact": "survey@example.org",
        "closes_on": AT.date() + timedelta(days=10),
        "made_at": AT,
    }
    return Survey.objects.create(period=period, **defaults | fields)


def draft(*, clusters: int = 2, **fields: Any) -> Survey:
    """A complete draft: scientists and industry, two scored questions and a text about each cluster, one text asked once."""
    survey = empty(**fields)
    for _cluster in range(clusters):
        makers.cluster(survey.programme)
    group(survey, "scientists", title_hi="वैज्ञानिक")
    group(survey, "industry", title_hi="उद्योग")
    about = section(survey, "Working with the cluster", title_hi="क्लस्टर के साथ काम")
    question(about, "access", text_hi="सुविधाएँ मिलना कितना सरल है?")
    question(about, "partners", text_hi="साझेदार मिलना कितना सरल है?")
    text(about, "better", text_hi="क्या बेहतर हो सकता है?")
    once = section(survey, "And besides", title_hi="और", per_cluster=False)
    text(once, "besides", text_hi="और कुछ?")
    return survey


def group(survey: Survey, code: str, **fields: Any) -> Group:
    """A group of weight 1 at the end of the list."""
    defaults = {"title_en": code.capitalize(), "position": survey.groups.count() + 1}
    return Group.objects.create(survey=survey, code=code, **defaults | fields)


def section(survey: Survey, title: str, **fields: Any) -> Section:
    """A section asked for each cluster."""
    defaults = {"title_en": title, "position": survey.sections.count() + 1}
    return Section.objects.create(survey=survey, **defaults | fields)


def question(section: Section, code: str, **fields: Any) -> Question:
    """A scored question on the scale."""
    defaults = {
        "kind": QuestionKind.LIKERT,
        "text_en": f"How easy is {code}?",
        "labels_en": LABELS,
        "labels_hi": LABELS_HI,
        "position": section.questions.count() + 1,
    }
    return Question.objects.create(section=section, code=code, **defaults | fields)


def text(section: Section, code: str, **fields: Any) -> Question:
    """An open question."""
    defaults = {"kind": QuestionKind.TEXT, "text_en": f"Say more about {code}.", "is_scored": False}
    return question(section, code, **defaults | {"labels_en": [], "labels_hi": []} | fields)


def choice(section: Section, code: str, **fields: Any) -> Question:
    """A question with three choices."""
    defaults = {"kind": QuestionKind.CHOICE, "is_scored": False}
    told = {
        "labels_en": ["By mail", "In person", "Not at all"],
        "labels_hi": ["पत्र", "मिलकर", "नहीं"],
    }
    return question(section, code, **defaults | told | fields)


def invitation(
    survey: Survey, group: str = "scientists", clusters: Sequence[Cluster] = (), **fields: Any
) -> Invitation:
    """A person who rates all clusters of the programme unless told otherwise."""
    number = next(_numbers)
    defaults = {"name": f"Dr Person {number}", "email": f"person{number}@example.org"}
    made = Invitation.objects.create(
        survey=survey, group=survey.groups.get(code=group), **defaults | fields
    )
    made.clusters.set(clusters or survey.programme.clusters.all())
    return made


def ticket(invitation: Invitation) -> str:
    """A link of a person: its token."""
    token, digest = sealing.new_token()
    Ticket.objects.create(digest=digest, invitation=invitation)
    return token


def opened(survey: Survey | None = None, **fields: Any) -> tuple[Survey, bytes]:
    """An open survey with its key file, whose passphrase is ``PASSPHRASE``."""
    survey = survey or draft(**fields)
    file = running.make_key(actor=None, survey=survey, passphrase=PASSPHRASE, at=AT)
    survey.refresh_from_db()
    survey.status, survey.opened_at = SurveyStatus.OPEN, AT
    survey.save()
    return survey, file.encode()


def answered(
    survey: Survey,
    group: str = "scientists",
    value: int | Mapping[str, int] = 4,
    *,
    clusters: Sequence[Cluster] = (),
    said: Mapping[str, str] | None = None,
    at: datetime = AT,
) -> tuple[Invitation, str]:
    """A person invited and having answered: ``value`` to every scored question or by its short name; the receipt."""
    person = invitation(survey, group, clusters)
    rated = list(person.clusters.order_by("name", "pk"))
    answers = Answers()
    for item in Question.objects.filter(section__survey=survey).select_related("section"):
        abouts = [one.pk for one in rated] if item.section.per_cluster else [0]
        for about in abouts:
            if item.kind == QuestionKind.TEXT:
                if words := (said or {}).get(item.code):
                    answers.texts[item.pk, about] = words
            elif isinstance(value, int):
                answers.values[item.pk, about] = value
            elif item.code in value:
                answers.values[item.pk, about] = value[item.code]
    receipt = answering.answer(
        token=ticket(person), answers=answers, cluster_ids=[one.pk for one in rated], at=at
    )
    return person, receipt


def closed(survey: Survey) -> Survey:
    """The survey closed."""
    return running.close(actor=None, survey=survey, at=AT)


def released(clusters: Sequence[Cluster], **fields: Any) -> Survey:
    """A survey released long ago, with a score of each cluster by everybody together."""
    survey = empty(**fields)
    for cluster in clusters:
        Cell.objects.create(
            survey=survey, cluster=cluster, is_pooled=True, state=CellState.SHOWN, raters=9, mean=3
        )
    survey.status, survey.public_key = SurveyStatus.RELEASED, b"x" * 32
    survey.opened_at = survey.counted_at = survey.released_at = AT
    survey.release = makers.document()
    survey.save()
    return survey


def registry_cluster(survey: Survey) -> Cluster:
    """One more cluster of the survey's programme."""
    return makers.cluster(survey.programme)


def last_day() -> date:
    """The last day to answer of a survey made here."""
    return AT.date() + timedelta(days=10)
