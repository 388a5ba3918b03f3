"""The 360-degree survey of the demonstration's last year: made-up people, made-up answers, a real questionnaire.

It was counted and released; nobody was ever written to. The feedback scores among the claims are of the story and stay.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta

import numpy as np
from django.utils import timezone

from sankul.programme.feedback.actions import counting, releasing
from sankul.programme.feedback.models import Group, Invitation, Question, Section, Survey
from sankul.programme.feedback.queries.surveys import questionnaire
from sankul.programme.feedback.rules import (
    DONT_KNOW,
    CommentState,
    QuestionKind,
    Questionnaire,
    SurveyStatus,
    sealing,
)
from sankul.programme.feedback.rules.sheets import Sheet
from sankul.programme.registry.models import Cluster, Programme

from .cast import YEARS, City, cities

SEED = 360
EASE = ["Very hard", "Hard", "Neither hard nor easy", "Easy", "Very easy"]
EASE_HI = ["बहुत कठिन", "कठिन", "न कठिन, न सरल", "सरल", "बहुत सरल"]
GROUPS = (
    ("scientists", "Scientists", "वैज्ञानिक", 11),
    ("industry", "Industry", "उद्योग", 7),
    ("universities", "Universities", "विश्वविद्यालय", 6),
    ("government", "Government", "सरकार", 3),
    ("others", "Others", "अन्य", 2),
)
"""Short name, name, name in Hindi, and how many answered about each cluster: government and others too few to be shown."""
SCALES = (
    ("facilities", "How easy is it to get time on shared facilities?",
        "साझा सुविधाओं पर समय मिलना कितना सरल है?"),
    ("partners", "How easy is it to find partners from other institutions?",
        "दूसरे संस्थानों से साझेदार ढूँढना कितना सरल है?"),
    ("funds", "How easy is it to get money that was granted, on time?",
        "स्वीकृत धनराशि समय पर मिलना कितना सरल है?"),
    ("people", "How easy is it to engage people for a project?",
        "परियोजना के लिए लोग नियुक्त करना कितना सरल है?"),
    ("answers", "How easy is it to get an answer from the cluster's office?",
        "क्लस्टर कार्यालय से उत्तर पाना कितना सरल है?"),
)  # fmt: skip
VIGNETTE = (
    "A laboratory lends its microscope to others within two weeks, after one form and one call. How easy is that?",
    "एक प्रयोगशाला एक फ़ॉर्म और एक कॉल के बाद दो सप्ताह में अपना सूक्ष्मदर्शी दूसरों को देती है। यह कितना सरल है?",
)
TEXT = (
    "What would make it easier to work with this cluster?",
    "इस क्लस्टर के साथ काम करना किससे सरल होगा?",
)
SAID = (
    "One calendar for all instruments, instead of a mail to each laboratory.",
    "Answers within a week, even if the answer is no.",
    "Money in April and not in February.",
    "Keep the open days: that is where we met our partner.",
)


def survey(programme: Programme) -> Survey:
    """Write the survey of the last period, counted and released."""
    period = programme.periods.get(label=YEARS[-1])
    opened = timezone.make_aware(datetime.combine(period.ends_on - timedelta(days=60), time(9)))
    made = Survey.objects.create(
        programme=programme,
        period=period,
        title_en=f"Ease of doing science and technology, {period.label}",
        title_hi=f"विज्ञान और प्रौद्योगिकी में काम करने की सुगमता, {period.label}",
        intro_en="Five questions about each cluster that you have worked with. It takes ten minutes.",
        intro_hi="जिन क्लस्टरों के साथ आपने काम किया है, प्रत्येक के बारे में पाँच प्रश्न। इसमें दस मिनट लगते हैं।",
        contact="survey@demonstration.example.org",
        closes_on=period.ends_on - timedelta(days=30),
        made_at=opened - timedelta(days=20),
    )
    _ask(made)
    order, chance = random.Random(SEED), np.random.default_rng(SEED)  # noqa: S311  made-up answers
    asked = questionnaire(made)
    sheets = list(_sheets(made, asked, order))
    made.public_key = bytes(range(32))  # no ballot was ever sealed with it
    made.opened_at, made.closed_at = opened, opened + timedelta(days=31)
    made.counted_at = made.key_destroyed_at = opened + timedelta(days=33)
    made.severity = counting.keep(
        survey=made, asked=asked, sheets=sheets, order=order, chance=chance
    )
    made.status = SurveyStatus.COUNTED
    made.save()
    made.comments.update(state=CommentState.KEPT)
    return releasing.fix(actor=None, survey=made, at=opened + timedelta(days=40))


def _ask(made: Survey) -> None:
    for place, (code, title, hindi, _people) in enumerate(GROUPS, 1):
        Group.objects.create(
            survey=made, code=code, title_en=title, title_hi=hindi, position=place, target=40
        )
    about = Section.objects.create(
        survey=made, title_en="Working with the cluster", title_hi="क्लस्टर के साथ काम", position=1
    )
    for place, (code, text, hindi) in enumerate(SCALES, 1):
        _question(about, code, QuestionKind.LIKERT, (text, hindi), place)
    _question(about, "easier", QuestionKind.TEXT, TEXT, len(SCALES) + 1)
    once = Section.objects.create(
        survey=made,
        title_en="A made-up case",
        title_hi="एक काल्पनिक मामला",
        per_cluster=False,
        position=2,
    )
    _question(once, "microscope", QuestionKind.VIGNETTE, VIGNETTE, 1)


def _question(
    section: Section, code: str, kind: QuestionKind, texts: tuple[str, str], place: int
) -> None:
    is_text = kind == QuestionKind.TEXT
    Question.objects.create(
        section=section,
        code=code,
        kind=kind,
        text_en=texts[0],
        text_hi=texts[1],
        labels_en=[] if is_text else EASE,
        labels_hi=[] if is_text else EASE_HI,
        is_scored=kind == QuestionKind.LIKERT,
        position=place,
    )


def _sheets(made: Survey, asked: Questionnaire, order: random.Random) -> Iterator[Sheet]:
    """What everybody answered; each is invited too, at an address that reaches nobody."""
    groups = {group.code: group for group in made.groups.all()}
    clusters = {one.slug: one for one in made.programme.clusters.all()}
    for city in cities():
        for code, title, _hindi, people in GROUPS:
            for number in range(people):
                Invitation.objects.create(
                    survey=made,
                    group=groups[code],
                    name=f"{title} {city.slug.capitalize()} {number + 1}",
                    email=f"{code}.{city.slug}.{number + 1}@example.org",
                    is_answered=True,
                ).clusters.add(clusters[city.slug])
                yield _sheet(asked, groups[code], clusters[city.slug], city, order)


def _sheet(
    asked: Questionnaire, group: Group, cluster: Cluster, city: City, order: random.Random
) -> Sheet:
    mildness, score = order.gauss(0, 0.4), float(city.score[-1])
    values, texts = {}, {}
    for item in asked.questions:
        match item.kind:
            case QuestionKind.LIKERT if order.random() < 0.06:
                values[item.id, cluster.pk] = DONT_KNOW
            case QuestionKind.LIKERT:
                values[item.id, cluster.pk] = _rated(score + mildness + order.gauss(0, 0.7))
            case QuestionKind.VIGNETTE:
                values[item.id, 0] = _rated(4 + mildness + order.gauss(0, 0.5))
            case QuestionKind.TEXT if order.random() < 0.08:
                texts[item.id, cluster.pk] = order.choice(SAID)
    receipt = sealing.digest(f"{order.random()}")[:25].upper()
    return Sheet(group.pk, frozenset({cluster.pk}), values, texts, receipt)


def _rated(value: float) -> int:
    return min(max(round(value), 1), 5)
