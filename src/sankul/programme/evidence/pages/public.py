"""What everybody may read of a verification: what was planned, the number, the sample, the results."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import charts, formats
from sankul.core.doors import Request
from sankul.core.rules.roles import verdict
from sankul.core.ui import (
    Column,
    Day,
    Entry,
    Link,
    Moment,
    Step,
    Steps,
    Summary,
    Table,
)
from sankul.programme.evidence.actions.verifications import round_id
from sankul.programme.evidence.models import Verification
from sankul.programme.evidence.queries import progress
from sankul.programme.evidence.queries import verifications as queries
from sankul.programme.evidence.rules import (
    DRAWN_STAGES,
    ESTIMATE,
    PLAN,
    SEE,
    STAGES,
    VERIFY,
    VerificationStage,
    recipe,
)
from sankul.programme.outcomes.rules import LOCK_CLAIMS

from . import shown


@require_safe
def verifications(request: Request) -> HttpResponse:
    """Every verification that one may see."""
    rows = list(queries.visible(request.actor)[:100])
    may_verify = bool(request.actor.scopes(VERIFY))
    context = {
        "table": _list(rows),
        "unplanned": list(queries.unplanned(request.actor)[:12]),
        "may_verify": may_verify,
        "may_see_conflicts": may_verify or bool(request.actor.scopes(PLAN)),
        "is_demonstration": any(row.programme.is_demonstration for row in rows),
    }
    return render(request, "evidence/verifications.html", context)


@require_safe
def verification(request: Request, programme: str, period: str) -> HttpResponse:
    """What was planned, by which number the sample was drawn, and what was found, as far as it is public."""
    found = shown.found_or_404(request, programme, period)
    is_open = queries.is_open(request.actor, found)
    lines = queries.results(found) if is_open and found.is_done else []
    chart = _picture(found, lines) if lines else None
    if chart and (answered := charts.answer(request, [chart])):
        return answered
    sees = bool(verdict(request.actor, SEE, *found.scopes))
    context = shown.context(
        found,
        summary=_summary(found),
        steps=_steps(found),
        results=_results(lines) if lines else None,
        picture=charts.Picture(chart) if chart else None,
        alpha=queries.alpha(found) if lines else None,
        is_open=is_open,
        is_drawn=found.stage in DRAWN_STAGES,
        recipe=_recipe(found) if is_open and found.number else "",
        progress=progress.progress(found)
        if sees and found.stage == VerificationStage.VERIFYING
        else None,
        next=_next(request, found),
        may_see_findings=found.stage in DRAWN_STAGES
        and (sees or queries.is_public(found) or bool(request.actor.held)),
    )
    return render(request, "evidence/verification.html", context)


def _list(rows: Sequence[Verification]) -> Table:
    columns = [
        Column("period", _("Period")),
        Column("programme", _("Programme"), fold=True),
        Column("stage", _("Stage")),
        Column("claims", _("Claims"), numeric=True, fold=True),
        Column("sample", _("In the sample"), numeric=True, fold=True),
    ]
    lines = [
        {
            "period": Link(row.period.label, shown.address("verification", row)),
            "programme": row.programme.name,
            "stage": shown.stage(row),
            "claims": formats.number(row.claims) if row.claims else "",
            "sample": formats.number(row.drawn) if row.drawn else "",  # type: ignore[attr-defined]
        }
        for row in rows
    ]
    empty = _("No verification has been announced yet.")
    return Table(_("Verifications"), columns, lines, empty=empty, hide_caption=True)


def _summary(found: Verification) -> Summary:
    design = found.design
    percent = formats.percent
    wish = _("± %(precision)s of the total, %(confidence)s of the time") % {
        "precision": percent(design.precision, 1),
        "confidence": percent(design.confidence),
    }
    entries = [
        Entry(_("Wished precision"), wish),
        Entry(_("At least of each cluster and outcome"), design.least_per_stratum),
        Entry(_("Verified twice, blind"), percent(design.second_share)),
    ]
    if design.certainty_points is not None:
        text = _("claims worth %s points of an index or more") % formats.number(
            design.certainty_points
        )
        entries.append(Entry(_("Verified without exception"), text))
    if found.source:
        entries += [
            Entry(_("The public number"), found.source),
            Entry(_("Claims close"), Day(found.closes_on)),
            Entry(_("The number appears"), Day(found.draws_on)),
        ]
    if found.population_id:
        code = format_html("<code>{}</code>", found.population_id)
        entries += [
            Entry(_("Claims when they closed"), formats.number(found.claims or 0)),
            Entry(_("Claims to verify"), formats.number(sum(found.counts.values()))),
            Entry(_("SHA-256 of the population"), code),
        ]
    if found.number:
        entries.append(Entry(_("The number that came"), found.number))
    return Summary(entries)


def _steps(found: Verification) -> Steps:
    at = {
        VerificationStage.PLANNED: found.planned_at,
        VerificationStage.ANNOUNCED: found.announced_at,
        VerificationStage.CLOSED: found.closed_at,
        VerificationStage.DRAWN: found.drawn_at,
        VerificationStage.VERIFYING: found.begun_at,
        VerificationStage.ESTIMATED: found.estimated_at,
        VerificationStage.LOCKED: found.locked_at,
    }
    now = STAGES.index(VerificationStage(found.stage))
    return Steps(
        _("Steps of the verification"),
        [
            Step(
                stage.label,
                done=number <= now,
                current=number == now,
                at=Moment(at[stage]) if at[stage] else "",
            )
            for number, stage in enumerate(STAGES)
        ],
    )


def _next(request: Request, found: Verification) -> list[Link]:
    """What the reader may do now."""
    may = {
        permission: bool(verdict(request.actor, permission, *found.scopes))
        for permission in (PLAN, ESTIMATE, LOCK_CLAIMS, VERIFY)
    }
    steps = {
        VerificationStage.PLANNED: [(PLAN, "verification-announce", _("Announce the number"))],
        VerificationStage.ANNOUNCED: [
            (PLAN, "verification-close", _("Close the claims")),
            (PLAN, "verification-announce", _("Announce anew")),
        ],
        VerificationStage.CLOSED: [(PLAN, "verification-draw", _("Enter the number and draw"))],
        VerificationStage.DRAWN: [
            (PLAN, "verification-begin", _("Give the sample to the verifiers"))
        ],
        VerificationStage.VERIFYING: [
            (ESTIMATE, "verification-estimate", _("Settle and estimate")),
            (PLAN, "verification-begin", _("Share out what is nobody's")),
        ],
        VerificationStage.ESTIMATED: [(LOCK_CLAIMS, "verification-lock", _("Lock the claims"))],
    }
    links = [
        Link(text, shown.address(name, found))
        for permission, name, text in steps.get(VerificationStage(found.stage), [])
        if may[permission]
    ]
    if found.stage in (VerificationStage.PLANNED, VerificationStage.ANNOUNCED) and may[PLAN]:
        links.append(Link(_("Change the design"), shown.address("verification-plan", found)))
    return links


def _results(lines: Sequence[queries.Line]) -> Table:
    columns = [
        Column("cluster", _("Cluster")),
        Column("claims", _("Claims"), numeric=True, fold=True),
        Column("sampled", _("Looked at"), numeric=True),
        Column("verified", _("Verified"), numeric=True, fold=True),
        Column("partly", _("Partly"), numeric=True, fold=True),
        Column("rejected", _("Rejected"), numeric=True, fold=True),
        Column("share", _("Does not stand"), numeric=True),
    ]
    rows = [
        {
            "cluster": line.cluster.name,
            "claims": line.estimate.claims if line.estimate else "",
            "sampled": line.sampled,
            "verified": line.verified,
            "partly": line.partly,
            "rejected": line.rejected,
            "share": shown.overstatement(line.estimate),
        }
        for line in lines
    ]
    note = _(
        "Shares of all that a cluster's claims can move an index by; the upper bound is Stringer's."
    )
    return Table(_("Results by cluster"), columns, rows, note=note)


def _picture(found: Verification, lines: Sequence[queries.Line]) -> charts.Chart | None:
    scored = [
        charts.Scored(
            line.cluster.name,
            100 * one.verified / one.claimed,
            100 * (one.low or 0) / one.claimed,
            100 * (one.high or 0) / one.claimed,
        )
        for line in lines
        if (one := line.estimate) is not None and one.verified is not None
    ]
    if not scored:
        return None
    least = min(scored, key=lambda one: one.score)
    return charts.score_intervals(
        sorted(scored, key=lambda one: -one.score),
        what=_("Share that stands"),
        key="standing",
        title=_("How much of what was claimed stands, in per cent"),
        finding=_("Least of it stands at %(name)s: %(share)s of what its claims are worth.")
        % {"name": least.name, "share": formats.percent(least.score / 100, 1)},
        source=_("%(programme)s, verification of %(period)s by sampling")
        % {"programme": found.programme, "period": found.period},
        demonstration=found.programme.is_demonstration,
    )


def _recipe(found: Verification) -> str:
    name = found.population.name if found.population else ""
    return recipe(
        file=name, number=found.number, round_id=round_id(found.period), counts=found.counts
    )
