"""Where a round stands, and what stands in its way: asked of every area that has a part in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache

from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from sankul.core.rules.roles import Actor
from sankul.engines import composite
from sankul.programme.evaluation.models import FundingRule, Objection, Round, Run
from sankul.programme.evaluation.rules import (
    WINDOWS,
    Known,
    Late,
    ObjectionKind,
    Phase,
    Ruling,
    RunStatus,
    missed,
)
from sankul.programme.evidence.models import Verification
from sankul.programme.evidence.rules import DRAWN_STAGES
from sankul.programme.feedback.models import Survey
from sankul.programme.feedback.rules import SurveyStatus
from sankul.programme.indicators.models import Framework
from sankul.programme.indicators.queries import frameworks
from sankul.programme.indicators.rules import FrameworkStatus
from sankul.programme.panel.models import Panel
from sankul.programme.panel.rules import CRITERIA, PanelStatus
from sankul.programme.registry.models import Period, Programme

from . import funding

PANEL_MEASURES = frozenset(f"panel_{code}" for code in CRITERIA)
SURVEY_MEASURE = "feedback_score"
NEXT_WINDOW = {
    Phase.FEEDBACK: Phase.REPLY,
    Phase.REPLY: Phase.REPLY,
    Phase.PUBLICATION: Phase.APPEALS,
    Phase.APPEALS: Phase.APPEALS,
}
"""The window whose last day decides whether a phase may be left."""
RELATED = ("programme", "period", "framework", "rule", "run", "preliminary")


def visible(actor: Actor) -> QuerySet[Round]:
    """Rounds that the actor may see, the latest period first."""
    rows = Round.objects.visible_to(actor).select_related("programme", "period")
    return rows.order_by("-programme__is_demonstration", "programme__name", "-period__starts_on")


def find(actor: Actor, programme: str, period: str) -> Round:
    """The round of a period. Raises Round.DoesNotExist if there is none to see."""
    rows = Round.objects.visible_to(actor).select_related(*RELATED)
    return rows.get(programme__slug=programme, period__label=period)


def periods_without(programme: Programme) -> QuerySet[Period]:
    """Periods of a programme for which a round may be opened, the latest first."""
    rows = programme.periods.filter(round=None).exclude(runs__status=RunStatus.PUBLISHED)
    return rows.order_by("-starts_on")


def bound(period: Period) -> Framework | None:
    """The framework that the round of a period is bound to, if it has a round that is."""
    found = Round.objects.filter(period=period).select_related("framework").first()
    return found.framework if found else None


def framework_for(found: Round) -> Framework | None:
    """The framework that is bound, or would be: the one that the programme approved last."""
    chosen = found.framework or frameworks.in_force(found.programme)
    return chosen if chosen and chosen.status == FrameworkStatus.APPROVED else None


def rule_for(found: Round) -> FundingRule | None:
    """The funding rule that is bound, or would be: the one that was approved last."""
    return found.rule or found.programme.funding_rules.order_by("-approved_at", "-pk").first()


def calendar(found: Round) -> dict[str, date]:
    """The last day of each phase."""
    return dict(found.deadlines.values_list("phase", "due_on"))


def window_ends_on(found: Round) -> date | None:
    """The last day of the window that is open or that opens next; None where neither is so."""
    window = NEXT_WINDOW.get(Phase(found.phase))
    return calendar(found).get(window) if window else None


def late(found: Round, at: datetime) -> Sequence[Late]:
    """Deadlines that were missed."""
    rows = list(found.deadlines.all())
    left = {one.phase: timezone.localdate(one.left_at) for one in rows if one.left_at}
    return missed(
        found.phase, {one.phase: one.due_on for one in rows}, left, timezone.localdate(at)
    )


def known(found: Round, at: datetime) -> Known:
    """All that is known of a round, as its law asks for it; whatever the number of clusters some ten queries."""
    framework = framework_for(found)
    verification = Verification.objects.filter(period=found.period_id).first()
    measures = set(framework.indicators.values_list("measure", flat=True)) if framework else set()
    panel = Panel.objects.filter(period=found.period_id, status=PanelStatus.RELEASED)
    survey = Survey.objects.filter(period=found.period_id, status=SurveyStatus.RELEASED)
    objections = Objection.objects.filter(round=found)
    return Known(
        phase=found.phase,
        today=timezone.localdate(at),
        window_ends_on=window_ends_on(found),
        has_framework=framework is not None,
        has_threshold=framework is not None and threshold(framework.source) is not None,
        has_rule=rule_for(found) is not None,
        is_closed=bool(verification and verification.is_closed),
        is_drawn=bool(verification and verification.stage in DRAWN_STAGES),
        is_estimated=bool(verification and verification.is_done),
        wants_panel=bool(measures & PANEL_MEASURES),
        has_panel=panel.exists(),
        wants_survey=SURVEY_MEASURE in measures,
        has_survey=survey.exists(),
        has_preliminary=preliminary(found, verification) is not None,
        open_objections=objections.filter(ruling=Ruling.OPEN).count(),
        undone_rulings=objections.filter(ruling=Ruling.UPHELD, carried_out_at=None).count(),
        has_final=final(found) is not None,
        is_sealed=found.run_id is not None and found.seals.filter(run=found.run_id).exists(),
        undecided=funding.undecided(found) if found.phase == Phase.DECISION else (),
        changed=funding.changed(found) if found.phase == Phase.APPEALS else (),
        uncorrected=uncorrected(found).count(),
    )


@cache
def threshold(source: str) -> float | None:
    """The threshold that a framework's file declares."""
    return composite.parse(source).threshold


def computed(found: Round) -> QuerySet[Run]:
    """Runs of the round's period by its framework that are not published, the latest first."""
    rows = Run.objects.filter(period=found.period_id, status=RunStatus.COMPUTED)
    return rows.filter(framework=found.framework_id).order_by("-computed_at", "-pk")


def preliminary(found: Round, verification: Verification | None) -> Run | None:
    """The latest run that was computed since the claims were verified."""
    if verification is None or verification.estimated_at is None:
        return None
    return computed(found).filter(computed_at__gte=verification.estimated_at).first()


def final(found: Round) -> Run | None:
    """The run that takes every ruling into account: the latest, where it was computed since the last was carried out."""
    done = found.objections.filter(kind=ObjectionKind.REPLY, carried_out_at__isnull=False)
    last = done.aggregate(last=Max("carried_out_at"))["last"]
    rows = computed(found).filter(computed_at__gte=last) if last else computed(found)
    return rows.first()


def uncorrected(found: Round) -> QuerySet[Objection]:
    """Successful appeals that no published run takes into account yet."""
    return found.objections.filter(kind=ObjectionKind.APPEAL, ruling=Ruling.UPHELD, run=None)


def corrected(found: Round) -> Run | None:
    """The run that would replace the published one: the latest computed since the last successful appeal was carried out."""
    last = uncorrected(found).aggregate(last=Max("carried_out_at"))["last"]
    if last is None:
        return None
    return computed(found).filter(computed_at__gte=last).first()


def objections(actor: Actor, found: Round) -> QuerySet[Objection]:
    """What was contested in a round, as far as the actor may see it: the open ones first."""
    rows = Objection.objects.visible_to(actor).filter(round=found)
    is_open = Q(ruling=Ruling.OPEN)
    rows = rows.select_related("cluster", "claim", "round").annotate(is_open=is_open)
    return rows.order_by(F("is_open").desc(), "-filed_at", "-pk")


def window(found: Round, at: datetime) -> ObjectionKind | None:
    """What a cluster may do now: reply, appeal, or nothing."""
    kind = WINDOWS.get(Phase(found.phase))
    ends_on = window_ends_on(found)
    if kind is None or (ends_on is not None and timezone.localdate(at) > ends_on):
        return None
    return kind
