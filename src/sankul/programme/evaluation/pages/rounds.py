"""Rounds: where each stands, what blocks it, who must act, and what comes next."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core.doors import Request
from sankul.core.formats import day
from sankul.core.rules.roles import Role, require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.core.templatetags.ui import url_or_none
from sankul.core.ui import (
    Column,
    Confirm,
    Crumbs,
    Empty,
    Form,
    Link,
    Notice,
    State,
    Step,
    Steps,
    Table,
    Task,
    Tasks,
    Tone,
)
from sankul.programme.evaluation import forms
from sankul.programme.evaluation.actions import rounds as actions
from sankul.programme.evaluation.models import Round, Run
from sankul.programme.evaluation.queries import rounds as queries
from sankul.programme.evaluation.rules import (
    CONDUCT,
    HEARD,
    PHASES,
    REPLY,
    STEPS,
    Obstacle,
    Phase,
    following,
    obstacles,
)
from sankul.programme.evidence.queries import verifications
from sankul.programme.evidence.rules import PLAN
from sankul.programme.registry.models import Programme

from .ranking import address

asks = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def rounds(request: Request) -> HttpResponse:
    """The rounds that one may see."""
    found = list(queries.visible(request.actor))
    columns = [
        Column("round", _("Round")),
        Column("period", _("Period")),
        Column("phase", _("Phase")),
    ]
    rows = [
        {
            "round": Link(str(one.programme), _href("round", one)),
            "period": one.period,
            "phase": State(tone(one), one.get_phase_display()),
        }
        for one in found
    ]
    empty = Empty(
        _("No round to see yet"),
        _("A round stands here when its evaluation is published; before, for those who take part."),
    )
    programmes = Programme.objects.order_by("name")
    context = {
        "table": Table(_("Rounds"), columns, rows, hide_caption=True) if rows else empty,
        "programmes": [it for it in programmes if verdict(request.actor, CONDUCT, *it.scopes)],
        "is_demonstration": bool(found) and all(it.programme.is_demonstration for it in found),
    }
    return render(request, "evaluation/rounds.html", context)


@asks
def open_(request: Request, programme: str) -> HttpResponse:
    """Open a round."""
    found = get_object_or_404(Programme, slug=programme)
    require(request.actor, CONDUCT, *found.scopes)
    sent = request.POST if request.method == "POST" else None
    form = forms.OpenForm(sent, periods=queries.periods_without(found))
    if form.is_valid():
        try:
            made = actions.open_(
                actor=request.actor,
                period=form.cleaned_data["period"],
                due=form.due,
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("round", found.slug, made.period.label)
    return form_page(
        request, None, form, title=_("Open a round"), verb=_("Open the round"), back=reverse("rounds"),
        lede=_("Each phase has a last day. They can be moved later, with a reason that everybody may read."),
        is_demonstration=found.is_demonstration,
    )  # fmt: skip


@require_safe
def round_(request: Request, programme: str, period: str) -> HttpResponse:
    """Where a round stands, what blocks it, who must act, what was missed, and what comes next."""
    found = seen(request, programme, period)
    known = queries.known(found, request.at)
    stands_in_way = obstacles(known)
    step = STEPS.get(Phase(found.phase))
    after = following(found.phase)
    context = {
        "round": found,
        "step": step,
        "after": after,
        "notice": _notice(found, stands_in_way),
        "tasks": Tasks(_("What stands in the way"), _tasks(request, found, stands_in_way)),
        "may_move": step is not None
        and bool(verdict(request.actor, step.permission, *found.scopes)),
        "may_conduct": bool(verdict(request.actor, CONDUCT, *found.scopes)),
        "is_free": not stands_in_way,
        "late": _late(request, found),
        "steps": _steps(found),
        "parts": _own_parts(request, found),
        "window": queries.window(found, request.at),
        "reads": found.run_id is not None
        and Run.objects.visible_to(request.actor).filter(pk=found.run_id).exists(),
        "ranking": address("ranking", found.run) if found.run else "",
        "crumbs": crumbs(),
        "is_demonstration": found.programme.is_demonstration,
    }
    return render(request, "evaluation/round.html", context)


@asks
def move(request: Request, programme: str, period: str) -> HttpResponse:
    """Take a round to its next phase, after asking."""
    found = seen(request, programme, period)
    step = STEPS.get(Phase(found.phase))
    if step is None:
        raise Http404
    require(request.actor, step.permission, *found.scopes)
    if request.method == "POST":
        now = actions.move_on(actor=request.actor, of=found, at=request.at)
        told = _("The round is now in “%s”.") % now.get_phase_display()
        messages.success(request, told)
        return redirect("round", programme, period)
    after = following(found.phase)
    confirm = Confirm(
        _("End the phase “%s”?") % found.get_phase_display(),
        _("A round never goes back. After it comes “%s”.") % (after.label if after else ""),
        _("Go on"),
        _href("round", found),
        danger=False,
    )
    context = {"confirm": confirm, "round": found, "crumbs": crumbs(found),
               "is_demonstration": found.programme.is_demonstration}  # fmt: skip
    return render(request, "evaluation/confirm.html", context)


@asks
def deadlines(request: Request, programme: str, period: str) -> HttpResponse:
    """Move the last day of a phase."""
    found = seen(request, programme, period)
    require(request.actor, CONDUCT, *found.scopes)
    sent = request.POST if request.method == "POST" else None
    form = forms.RescheduleForm(sent, initial={"phase": found.phase})
    if form.is_valid():
        try:
            actions.reschedule(actor=request.actor, of=found, at=request.at, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("round", programme, period)
    return form_page(
        request, found, form, title=_("Move a deadline"), verb=_("Move the deadline"),
        lede=_("A window in which clusters may reply or appeal can be made longer, not shorter."),
    )  # fmt: skip


def seen(request: Request, programme: str, period: str) -> Round:
    """The round that the address names, if the actor may see it, else 404."""
    try:
        return queries.find(request.actor, programme, period)
    except Round.DoesNotExist:
        raise Http404(_("There is no round of this period that you may see.")) from None


def crumbs(found: Round | None = None, *more: Link) -> Crumbs:
    """The way to a page below a round."""
    links = [Link(_("Rounds"), reverse("rounds"))]
    if found is not None:
        links.append(Link(str(found), _href("round", found)))
    return Crumbs([*links, *more])


def tone(found: Round) -> Tone:
    """The state of a round at a glance."""
    return {Phase.CLOSED: Tone.GOOD, Phase.APPEALS: Tone.GOOD}.get(
        Phase(found.phase), Tone.ATTENTION
    )


def form_page(
    request: Request,
    found: Round | None,
    form: django_forms.BaseForm,
    *,
    title: str,
    verb: str,
    lede: Any = "",
    back: str = "",
    **more: Any,
) -> HttpResponse:
    """A page that is one form."""
    context = {
        "title": title,
        "lede": lede,
        "form": Form(form),
        "verb": verb,
        "is_upload": form.is_multipart(),
        "back": back or (_href("round", found) if found else reverse("rounds")),
        "crumbs": crumbs(found),
        "is_demonstration": bool(found and found.programme.is_demonstration),
    }
    status = 422 if form.errors else 200
    return render(request, "evaluation/form.html", context | more, status=status)


def _href(name: str, found: Round, *rest: str) -> str:
    return reverse(name, args=[found.programme.slug, found.period.label, *rest])


def _notice(found: Round, stands_in_way: list[Obstacle]) -> Notice:
    if found.phase == Phase.CLOSED:
        return Notice(Tone.GOOD, _("Nothing is open any more."), title=_("Closed"))
    step = STEPS[Phase(found.phase)]
    if stands_in_way:
        return Notice(Tone.ATTENTION, step.task, title=found.get_phase_display())
    text = _("Everything is done. %s can move the round on.") % whose(step.permission.roles)
    return Notice(Tone.GOOD, text, title=found.get_phase_display())


def whose(roles: frozenset[Role]) -> str:
    """The roles in words."""
    return ", ".join(str(role.label) for role in Role if role in roles)


def _tasks(request: Request, found: Round, stands_in_way: list[Obstacle]) -> list[Task]:
    return [
        Task(
            one.text,
            State(Tone.ATTENTION, _("waits for: %s") % Role(one.owner).label),
            place_href(request, found, one.place),
        )
        for one in stands_in_way
    ]


def place_href(request: Request, found: Round, place: str) -> str:
    """Where something about a round is mended; nothing where the reader has no way in."""
    programme, period = found.programme.slug, found.period.label
    if place in ("round-deadlines", "round-decisions", "objections"):
        return _href(place, found)
    if place == "funding-rules":
        return reverse("funding-rules", args=[programme])
    if place == "verification":
        return _verification_href(request, found)
    if place == "desk":
        return reverse("desk", args=[programme])
    if place == "panel":
        return reverse("panels")
    if place == "survey":
        return reverse("surveys")
    if place == "seal":
        return url_or_none("seal", programme, period)
    return ""


def _verification_href(request: Request, found: Round) -> str:
    """The verification of the period for whoever may see it; before there is one, its plan for whoever makes it."""
    programme, period = found.programme.slug, found.period.label
    if verifications.visible(request.actor).filter(period=found.period_id).exists():
        return reverse("verification", args=[programme, period])
    if verdict(request.actor, PLAN, *found.scopes):
        return reverse("verification-plan", args=[programme, period])
    return ""


def _late(request: Request, found: Round) -> list[str]:
    return [
        ngettext("%(phase)s: %(days)d day late (%(owner)s)", "%(phase)s: %(days)d days late (%(owner)s)", one.days)
        % {"phase": one.phase.label, "days": one.days, "owner": one.owner.label}
        for one in queries.late(found, request.at)
    ]  # fmt: skip


def _steps(found: Round) -> Steps:
    rows = {one.phase: one for one in found.deadlines.all()}
    now = PHASES.index(Phase(found.phase))
    told = []
    for place, phase in enumerate(PHASES):
        row = rows.get(phase)
        left = row.left_at if row else None
        told.append(
            Step(
                phase.label,
                done=place < now,
                current=place == now,
                at=day(left) if left else (_("until %s") % day(row.due_on) if row else ""),
                text=STEPS[phase].task if place == now and phase in STEPS else "",
            )
        )
    return Steps(_("The phases of the round"), told)


def _own_parts(request: Request, found: Round) -> list[dict[str, Any]]:
    """For a cluster's CEO: the own part of the preliminary evaluation, and the ways to contest it."""
    parts = []
    for cluster in found.programme.clusters.order_by("name"):
        if not verdict(request.actor, REPLY, cluster.scopes[0]):
            continue
        run = found.preliminary if found.phase in HEARD else None
        published = found.run if found.run and found.run.published_at else None
        shown = published or run
        parts.append(
            {
                "cluster": cluster,
                "href": address("standing", shown, cluster.slug) if shown else "",
                "contest": _href("objection-new", found, cluster.slug),
                "window": queries.window(found, request.at),
                "until": queries.window_ends_on(found),
                "today": timezone.localdate(request.at),
            }
        )
    return parts
