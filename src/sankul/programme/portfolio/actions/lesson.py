"""Lessons: told, credited, shared."""

from __future__ import annotations

from datetime import date, datetime
from typing import IO, Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import documents, events
from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.portfolio.models import Lesson, LessonCredit, Project
from sankul.programme.portfolio.models.lessons import TOLD
from sankul.programme.portfolio.rules import RECORD_PORTFOLIO, PartnerRole, default_shares
from sankul.programme.portfolio.rules.life import (
    why_not_name,
    why_not_past,
    why_not_share_lesson,
    why_not_tell,
)
from sankul.programme.registry.models import Cluster, Organisation, Person

from .problem import check_real


class Told(TypedDict, total=False):
    """What a lesson tells; whatever is left out stays empty, or as it was."""

    project: Project | None
    title: str
    sector: str
    on: date
    hypothesis: str
    tried: str
    happened: str
    why: str
    learned: str
    instead: str
    report_url: str


@transaction.atomic
def tell(*, actor: Actor, cluster: Cluster, at: datetime, **given: Unpack[Told]) -> Lesson:
    """Write down a lesson of a cluster; it is not public until it is shared."""
    require(actor, RECORD_PORTFOLIO, *cluster.scopes)
    lesson = Lesson(
        programme=cluster.programme, cluster=cluster, recorded_at=at, recorded_by=actor.user
    )
    _fill(lesson, given, at)
    _record(actor, "lesson.told", lesson, at)
    return lesson


@transaction.atomic
def revise(*, actor: Actor, lesson: Lesson, at: datetime, **given: Unpack[Told]) -> Lesson:
    """Change a lesson that is not shared yet."""
    lesson = _locked(actor, lesson)
    why_not_tell(is_shared=lesson.shared_at is not None).enforce()
    _fill(lesson, given, at)
    _record(actor, "lesson.revised", lesson, at)
    return lesson


@transaction.atomic
def report(*, actor: Actor, lesson: Lesson, file: IO[bytes], name: str, at: datetime) -> Lesson:
    """Keep the report or data behind a lesson that is not shared yet."""
    lesson = _locked(actor, lesson)
    why_not_tell(is_shared=lesson.shared_at is not None).enforce()
    lesson.report = documents.keep(actor=actor, file=file, name=name, at=at)
    lesson.save(update_fields=["report"])
    _record(actor, "lesson.reported", lesson, at, document=lesson.report_id)
    return lesson


@transaction.atomic
def credit(
    *,
    actor: Actor,
    lesson: Lesson,
    organisation: Organisation,
    cluster: Cluster,
    role: str,
    at: datetime,
    person: Person | None = None,
    consented_on: date | None = None,
) -> LessonCredit:
    """Credit an organisation with a lesson, and a person of it who agreed to be named. Shares follow the roles."""
    lesson = _locked(actor, lesson)
    why_not_tell(is_shared=lesson.shared_at is not None).enforce()
    if cluster.programme_id != lesson.programme_id:
        raise Refused(_t("%s belongs to another programme.") % cluster)
    check_real(organisation, lesson.programme)
    today = timezone.localdate(at)
    why_not_name(has_person=person is not None, consented_on=consented_on, today=today).enforce()
    credited = LessonCredit(
        lesson=lesson,
        organisation=organisation,
        cluster=cluster,
        role=role,
        person=person,
        consented_on=consented_on if person else None,
        share=1,
    )
    write(credited, reasons={"lesson_credit_once": _("It is credited for this cluster already.")})
    _share_out(lesson)
    _record(actor, "lesson.credited", lesson, at, organisation=organisation.pk, role=role)
    return LessonCredit.objects.get(pk=credited.pk)


@transaction.atomic
def uncredit(*, actor: Actor, credit: LessonCredit, at: datetime) -> None:
    """Take a credit back: from a lesson that is not shared, or a person's name from any, whose consent can end.

    A shared lesson keeps the organisation's credit and loses the name.
    """
    lesson = _locked(actor, credit.lesson)
    if lesson.shared_at is not None:
        if credit.person_id is None:
            why_not_tell(is_shared=True).enforce()
        credit.person, credit.consented_on = None, None
        write(credit, reasons={"lesson_credit_once": _("It is credited without a name already.")})
        _record(actor, "lesson.name_taken_away", lesson, at)
        return
    credit.delete()
    _share_out(lesson)
    _record(actor, "lesson.uncredited", lesson, at, organisation=credit.organisation_id)


@transaction.atomic
def share(*, actor: Actor, lesson: Lesson, at: datetime) -> Lesson:
    """Make a lesson public, so that nobody need repeat it. Raises Refused while a part or every credit is missing."""
    lesson = _locked(actor, lesson)
    missing = [
        capfirst(str(Lesson._meta.get_field(part).verbose_name))  # type: ignore[union-attr]
        for part in TOLD
        if not getattr(lesson, part)
    ]
    why_not_share_lesson(
        is_shared=lesson.shared_at is not None, missing=missing, credited=lesson.credits.count()
    ).enforce()
    lesson.shared_at = at
    lesson.save(update_fields=["shared_at"])
    _record(actor, "lesson.shared", lesson, at)
    return lesson


def _fill(lesson: Lesson, given: Told, at: datetime) -> None:
    for name, value in given.items():
        setattr(lesson, name, value.strip() if isinstance(value, str) else value)
    if lesson.project is not None and lesson.project.cluster_id != lesson.cluster_id:
        raise Refused(_t("The project is led by another cluster, which tells its lessons."))
    if lesson.on is not None:
        why_not_past(lesson.on, timezone.localdate(at)).enforce()
    write(lesson)


def _share_out(lesson: Lesson) -> None:
    credits_ = list(lesson.credits.order_by("pk"))
    shares = default_shares([PartnerRole(one.role) for one in credits_])
    for one, given in zip(credits_, shares, strict=True):
        one.share = given
    LessonCredit.objects.bulk_update(credits_, ["share"])


def _locked(actor: Actor, lesson: Lesson) -> Lesson:
    require(actor, RECORD_PORTFOLIO, *lesson.scopes)
    rows = Lesson.objects.select_related("programme", "project")
    return rows.select_for_update(of=("self",)).get(pk=lesson.pk)


def _record(actor: Actor, verb: str, lesson: Lesson, at: datetime, **data: Any) -> None:
    events.record(actor=actor, verb=verb, subject=lesson, at=at, scopes=lesson.scopes, data=data)
