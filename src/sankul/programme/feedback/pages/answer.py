"""Where the invited answer: by their link, without an account, without JavaScript, without a cookie.

What is typed goes back and forth with the page until it is sent; nothing is kept here before that. The token stands in the
query of the link and in the form, never in the path, because paths are logged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sankul.core.doors import Request
from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.actions import answering
from sankul.programme.feedback.models import Group, Invitation
from sankul.programme.feedback.queries.invitations import clusters_of, found_by
from sankul.programme.feedback.queries.surveys import questionnaire
from sankul.programme.feedback.rules import (
    DONT_KNOW,
    ONCE,
    SCALE,
    SCORE_KINDS,
    Answers,
    Question,
    QuestionKind,
    Questionnaire,
    Section,
    field_name,
    read,
    sealing,
)
from sankul.programme.registry.models import Cluster

FAILURES_A_MINUTE = 30
LANGUAGES = {"en": "English", "hi": "हिन्दी"}


@dataclass(frozen=True)
class Option:
    """One answer to choose."""

    value: int
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """A question as it stands on the page."""

    name: str
    text: str
    kind: str
    options: tuple[Option, ...]
    written: str
    fault: str

    @property
    def said(self) -> str:
        """The answer in words."""
        return self.written or next((one.label for one in self.options if one.is_chosen), "")

    @property
    def sent(self) -> str:
        """The answer as a form sends it."""
        return self.written or next((str(one.value) for one in self.options if one.is_chosen), "")


@dataclass(frozen=True)
class About:
    """Questions about one cluster, or about none (then the name is empty)."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Part:
    """A section as it stands on the page."""

    title: str
    abouts: tuple[About, ...]

    @property
    def fields(self) -> Iterable[Field]:
        """All its questions."""
        return (field for about in self.abouts for field in about.fields)


@dataclass(frozen=True)
class Sheet:
    """Everything that one person is asked, with what was answered so far."""

    asked: Questionnaire
    sections: tuple[Section, ...]
    clusters: Sequence[Cluster]
    answers: Answers
    language: str

    def parts(self) -> list[Part]:
        """The sections."""
        return [self._part(one) for one in self.sections]

    def _part(self, section: Section) -> Part:
        abouts = (
            [(one.pk, one.name) for one in self.clusters] if section.per_cluster else [(ONCE, "")]
        )
        return Part(
            section.title.in_language(self.language),
            tuple(
                About(name, tuple(self._field(item, about) for item in section.questions))
                for about, name in abouts
            ),
        )

    def _field(self, item: Question, about: int) -> Field:
        name = field_name(item, about)
        chosen = self.answers.values.get((item.id, about))
        return Field(
            name=name,
            text=item.text.in_language(self.language),
            kind=item.kind,
            options=tuple(self._options(item, chosen)),
            written=self.answers.texts.get((item.id, about), ""),
            fault=self.answers.faults.get(name, ""),
        )

    def _options(self, item: Question, chosen: int | None) -> Iterable[Option]:
        if item.kind == QuestionKind.TEXT:
            return
        for value, label in enumerate(item.labels, 1):
            words = label.in_language(self.language)
            told = f"{value} · {words}" if item.kind in SCORE_KINDS else words
            yield Option(value, told, chosen == value)
        yield Option(DONT_KNOW, _("Don't know"), chosen == DONT_KNOW)


@csrf_exempt  # who has the token may answer; it stands in no cookie that another site could use
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: Request) -> HttpResponse:
    """The questions of a link (``?t=``), a look back over the answers, and sending them."""
    sent = request.POST if request.method == "POST" else request.GET
    language = _language(sent, request)
    with translation.override(language):
        response = _answered(request, sent, language)
    response["Referrer-Policy"] = "no-referrer"
    response["Content-Language"] = language
    return response


def _answered(request: Request, sent: Mapping[str, str], language: str) -> HttpResponse:
    token = sent.get("t", "")[:200]
    invitation = found_by(sealing.digest(token))
    if invitation is None or not _is_open(invitation, request):
        return _no_link(request, language)
    asked = questionnaire(invitation.survey)
    sheet = _sheet(asked, invitation.group_id, clusters_of(invitation), sent, language)
    to = sent.get("to", "") if request.method == "POST" else ""
    is_wrong = to in ("review", "send") and _wrong(sheet)
    if to not in ("review", "send"):
        sheet.answers.faults.clear()
    context = _context(sheet, invitation) | {"token": token}
    if to == "send" and not is_wrong:
        return _sent(request, token, sheet, context)
    name = "review" if to == "review" and not is_wrong else "answer"
    return render(request, f"feedback/{name}.html", context, status=422 if is_wrong else 200)


def _sent(request: Request, token: str, sheet: Sheet, context: dict[str, Any]) -> HttpResponse:
    try:
        receipt = answering.answer(
            token=token,
            answers=sheet.answers,
            cluster_ids=[one.pk for one in sheet.clusters],
            at=request.at,
        )
    except answering.LinkRefused:
        return _no_link(request, sheet.language)
    except Refused as refusal:
        context["fault"] = refusal.reason
        return render(request, "feedback/answer.html", context, status=409)
    return render(request, "feedback/thanks.html", context | {"receipt": receipt})


def sheet_of_group(
    asked: Questionnaire, group: Group, clusters: Sequence[Cluster], language: str
) -> Sheet:
    """What a person of a group would see, nothing answered."""
    return _sheet(asked, group.pk, clusters, {}, language)


def _sheet(
    asked: Questionnaire,
    group_id: int,
    clusters: Sequence[Cluster],
    sent: Mapping[str, str],
    language: str,
) -> Sheet:
    sections = asked.asked_of(group_id)
    answers = read(sections, [one.pk for one in clusters], sent)
    return Sheet(asked, sections, clusters, answers, language)


def _context(sheet: Sheet, invitation: Invitation) -> dict[str, Any]:
    survey = invitation.survey
    return {
        "survey": survey,
        "title": sheet.asked.title.in_language(sheet.language),
        "intro": sheet.asked.intro.in_language(sheet.language),
        "parts": sheet.parts(),
        "language": sheet.language,
        "languages": _others(sheet) if sheet.asked.has_hindi else [],
        "scale": SCALE,
        "fault": sheet.answers.faults.get("", ""),
        "faults": [field for part in sheet.parts() for field in part.fields if field.fault],
        "is_demonstration": survey.programme.is_demonstration,
    }


def _others(sheet: Sheet) -> list[tuple[str, str]]:
    return [(code, name) for code, name in LANGUAGES.items() if code != sheet.language]


def _wrong(sheet: Sheet) -> bool:
    """Whether the answers cannot be sent as they are; nothing at all is told as a fault."""
    if sheet.answers.is_empty and not sheet.answers.faults:
        sheet.answers.faults[""] = _("Answer one question at least. “Don't know” is an answer.")
    return bool(sheet.answers.faults)


def _is_open(invitation: Invitation, request: Request) -> bool:
    return not invitation.is_answered and answering.takes_answers(invitation.survey, request.at)


def _language(sent: Mapping[str, str], request: Request) -> str:
    asked = sent.get("lang", "")
    return asked if asked in LANGUAGES else translation.get_language_from_request(request)[:2]


def _no_link(request: Request, language: str) -> HttpResponse:
    """The same page for every link that takes no answer; whoever tries many is told to wait."""
    context = {
        "language": language,
        "title": _("This link takes no answer"),
        "reason": answering.no_link().reason,
    }
    if not _too_many(request):
        return render(request, "feedback/no_link.html", context, status=410)
    response = render(request, "feedback/no_link.html", context, status=429)
    response["Retry-After"] = "60"
    return response


def _too_many(request: Request) -> bool:
    """Whether this address failed too often in the last minute. Only failures are counted, under a hash, for a minute."""
    address = hashlib.sha256(request.META.get("REMOTE_ADDR", "").encode()).hexdigest()
    key = f"feedback-failed-{address[:32]}"
    cache.add(key, 0, timeout=60)
    try:
        return cache.incr(key) > FAILURES_A_MINUTE
    except ValueError:  # it expired in between
        return False
