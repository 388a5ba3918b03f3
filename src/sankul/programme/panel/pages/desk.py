"""The panels, and the desk from which one is convened and conducted; its members find their sheets there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.rules.roles import Permission, require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import (
    Column,
    Confirm,
    Day,
    Empty,
    Form,
    Link,
    Moment,
    Notice,
    State,
    Step,
    Steps,
    Table,
    Task,
    Tasks,
    Tone,
)
from sankul.programme.panel import forms
from sankul.programme.panel.actions import panels as actions
from sankul.programme.panel.actions import releasing
from sankul.programme.panel.models import Member, Panel
from sankul.programme.panel.queries import panels as queries
from sankul.programme.panel.queries.scores import may_discuss
from sankul.programme.panel.queries.ties import of_actor
from sankul.programme.panel.rules import (
    CONDUCT,
    CONVENE,
    CRITERIA,
    WATCH,
    Criterion,
    PanelStatus,
    why_not_change,
    why_not_open,
)

from . import shown

asks = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: Request) -> HttpResponse:
    """The panels that one may see."""
    found = list(queries.visible(request.actor))
    columns = [
        Column("panel", _("Panel")),
        Column("period", _("Period")),
        Column("state", _("State")),
    ]
    rows = [
        {
            "panel": Link(str(one.programme), reverse("panel", args=[one.pk])),
            "period": one.period,
            "state": State(shown.TONES[PanelStatus(one.status)], one.get_status_display()),
        }
        for one in found
    ]
    empty = Empty(
        _("No panel to see yet"),
        _("A panel stands here when its scores are released and its period is open to the public."),
    )
    context = {
        "table": Table(_("Expert panels"), columns, rows, hide_caption=True) if rows else empty,
        "programmes": list(queries.programmes_to_convene_for(request.actor)),
        "is_demonstration": bool(found) and all(it.programme.is_demonstration for it in found),
    }
    return render(request, "panel/index.html", context)


@asks
def make(request: Request, programme: str) -> HttpResponse:
    """A new panel."""
    found = get_object_or_404(queries.programmes_to_convene_for(request.actor), slug=programme)
    sent = request.POST if request.method == "POST" else None
    form = forms.MakeForm(sent, periods=queries.periods_without(found))
    if form.is_valid():
        try:
            panel = actions.make(actor=request.actor, at=request.at, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("panel", panel.pk)
    return shown.form_page(
        request,
        None,
        form,
        title=_("A new expert panel"),
        verb=_("Make the panel"),
        is_demonstration=found.is_demonstration,
    )


@require_safe
def desk(request: Request, number: int) -> HttpResponse:
    """Where a panel is, what stands in its way, how far its members are, and one's own sheets."""
    panel = shown.seen(request, number)
    actor = request.actor
    watches = bool(verdict(actor, WATCH, *panel.scopes))
    member = queries.membership(actor, panel)
    if not watches and member is None:
        return redirect("panel-results", panel.pk)
    rubrics = list(panel.rubrics.all())
    context = {
        "panel": panel,
        "convenes": bool(verdict(actor, CONVENE, *panel.scopes)),
        "conducts": bool(verdict(actor, CONDUCT, *panel.scopes)),
        "discusses": may_discuss(actor, panel),
        "member": member,
        "notice": _notice(panel, {one.criterion for one in rubrics}),
        "steps": _steps(panel),
        "sheets": _sheets(request, panel, member) if member else None,
        "progress": _progress(request, panel) if watches else None,
        "recusals": _recusals(panel) if watches else None,
        "rubrics": _rubrics(panel, {one.criterion: one.levels for one in rubrics}),
        "visits": queries.visits(actor, panel),
        "clusters": queries.clusters(panel) if member else (),
        "crumbs": shown.crumbs(),
        "is_demonstration": panel.programme.is_demonstration,
    }
    return render(request, "panel/desk.html", context)


@asks
def rubric(request: Request, number: int, criterion: str) -> HttpResponse:
    """What each level of a criterion means."""
    panel = shown.seen(request, number)
    require(request.actor, CONVENE, *panel.scopes)
    if criterion not in CRITERIA:
        raise Http404
    why_not_change(panel.status).enforce()
    before = panel.rubrics.filter(criterion=criterion).first()
    sent = request.POST if request.method == "POST" else None
    form = forms.RubricForm(sent, panel=panel, rubric=before)
    if form.is_valid():
        try:
            actions.describe(
                actor=request.actor,
                panel=panel,
                criterion=criterion,
                levels=form.texts,
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("panel", panel.pk)
    one = CRITERIA[criterion]
    title, lede = str(one.title), str(one.asks)
    return shown.form_page(request, panel, form, title=title, lede=lede, verb=_("Keep the levels"))


@asks
def members(request: Request, number: int) -> HttpResponse:
    """The members of a panel that is being prepared: appoint one, or take one off (``dismiss``)."""
    panel = shown.seen(request, number)
    require(request.actor, CONVENE, *panel.scopes)
    why_not_change(panel.status).enforce()
    day = timezone.localdate(request.at)
    if request.method == "POST" and "dismiss" in request.POST:
        _dismiss(request, panel, request.POST["dismiss"])
        return redirect("panel-members", panel.pk)
    sent = request.POST if request.method == "POST" else None
    form = forms.MemberForm(sent, candidates=queries.candidates(panel, day))
    if form.is_valid():
        actions.appoint(
            actor=request.actor, panel=panel, user=form.cleaned_data["user"], at=request.at
        )
        return redirect("panel-members", panel.pk)
    context = {
        "panel": panel,
        "members": panel.members.select_related("user").order_by("user__name", "pk"),
        "form": Form(form),
        "crumbs": shown.crumbs(panel),
        "is_demonstration": panel.programme.is_demonstration,
    }
    return render(request, "panel/members.html", context, status=422 if form.errors else 200)


class Move(NamedTuple):
    """A step from phase to phase: who may take it, what is done, and how it is asked for."""

    permission: Permission
    act: Callable[..., Any]
    question: Any
    consequence: Any
    verb: Any


MOVES: dict[str, Move] = {
    "discuss": Move(
        CONDUCT,
        actions.discuss,
        gettext_lazy("Open the discussion?"),
        gettext_lazy("Members and office then see all scores, with letters for names."),
        gettext_lazy("Open the discussion"),
    ),
    "close": Move(
        CONDUCT,
        actions.close,
        gettext_lazy("Close the discussion?"),
        gettext_lazy("No score changes any more."),
        gettext_lazy("Close the discussion"),
    ),
    "release": Move(
        CONDUCT,
        releasing.release,
        gettext_lazy("Release the scores?"),
        gettext_lazy(
            "They become fixed, indicators rest on them, and the clusters see their own; the public, when the period is open."
        ),
        gettext_lazy("Release"),
    ),
}


@asks
def move(request: Request, number: int, step: str) -> HttpResponse:
    """Take the panel on, after asking."""
    panel = shown.seen(request, number)
    if step not in MOVES:
        raise Http404
    found = MOVES[step]
    require(request.actor, found.permission, *panel.scopes)
    if request.method == "POST":
        found.act(actor=request.actor, panel=panel, at=request.at)
        return redirect("panel", panel.pk)
    back = reverse("panel", args=[panel.pk])
    context = {
        "confirm": Confirm(found.question, found.consequence, found.verb, back, danger=False),
        "crumbs": shown.crumbs(panel),
        "is_demonstration": panel.programme.is_demonstration,
    }
    return render(request, "panel/confirm.html", context)


@asks
def open_(request: Request, number: int) -> HttpResponse:
    """Begin the scoring by a decision of the apex committee."""
    panel = shown.seen(request, number)
    require(request.actor, CONVENE, *panel.scopes)
    sent = request.POST if request.method == "POST" else None
    form = forms.OpenForm(sent, decisions=queries.decisions(panel))
    if form.is_valid():
        try:
            actions.open_(
                actor=request.actor,
                panel=panel,
                decision=form.cleaned_data["decision"],
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("The scoring has begun."))
            return redirect("panel", panel.pk)
    lede = _("Members and rubrics are frozen from then on, and each member gets a letter by lot.")
    return shown.form_page(
        request, panel, form, title=_("Begin the scoring"), lede=lede, verb=_("Begin the scoring")
    )


def _dismiss(request: Request, panel: Panel, given: str) -> None:
    number = int(given) if given.isdecimal() and len(given) < 19 else 0
    member = get_object_or_404(Member.objects.select_related("panel"), panel=panel, pk=number)
    actions.dismiss(actor=request.actor, member=member, at=request.at)


def _notice(panel: Panel, described: set[str]) -> Notice:
    match panel.status:
        case PanelStatus.DRAFT:
            missing = [one.title for one in CRITERIA.values() if one.code not in described]
            answer = why_not_open(
                status=panel.status, missing=missing, members=panel.members.count()
            )
            if not answer:
                title = _("What stands in the way of the scoring")
                return Notice(Tone.ATTENTION, answer.reason, title=title)
            text = _("The programme office begins the scoring by a decision of the apex committee.")
            return Notice(Tone.GOOD, text, title=_("Ready for the scoring"))
        case PanelStatus.SCORING:
            text = _(
                "Each member scores alone. Nobody, the programme office included, sees another's scores before the discussion."
            )
            return Notice(Tone.ATTENTION, text, title=_("Independent scoring"))
        case PanelStatus.DISCUSSION:
            text = _("Members see all scores and may change their own, with a reason.")
            return Notice(Tone.ATTENTION, text, title=_("Discussion"))
        case PanelStatus.CLOSED:
            return Notice(
                Tone.ATTENTION, _("The evaluator releases the scores."), title=_("Closed")
            )
    return Notice(Tone.GOOD, _("The scores are fixed."), title=_("Released"))


def _steps(panel: Panel) -> Steps:
    told = (
        (_("Made"), panel.made_at),
        (_("Scoring began"), panel.opened_at),
        (_("Discussion began"), panel.discussed_at),
        (_("Closed"), panel.closed_at),
        (_("Released"), panel.released_at),
    )
    return Steps(
        _("The life of the panel"),
        [Step(label, done=at is not None, at=Moment(at) if at else "") for label, at in told],
    )


def _sheets(request: Request, panel: Panel, member: Member) -> Tasks:
    """One's own sheets, each with its state."""
    tied, given = of_actor(request.actor, panel), queries.own_counts(member)
    tasks = []
    for cluster in queries.clusters(panel):
        found = given.get(cluster.pk, 0)
        if cluster.pk in tied:
            state, hint = State(Tone.UNKNOWN, _("left to others")), tied[cluster.pk]
        elif found == len(CRITERIA):
            state, hint = State(Tone.GOOD, _("complete")), ""
        else:
            state, hint = State(Tone.ATTENTION, _("%d of %d") % (found, len(CRITERIA))), ""
        href = reverse("panel-sheet", args=[panel.pk, cluster.slug])
        tasks.append(Task(cluster.name, state, href, hint))
    return Tasks(_("My sheets"), tasks)


def _progress(request: Request, panel: Panel) -> Table:
    columns = [
        Column("member", _("Member")),
        Column("given", _("Scores given"), numeric=True),
        Column("wanted", _("of"), numeric=True),
        Column("tied", _("Clusters left to others"), numeric=True, fold=True),
        Column("sent", _("Sent")),
    ]
    rows = [
        {
            "member": one.member.user,
            "given": formats.number(one.given),
            "wanted": formats.number(one.wanted),
            "tied": formats.number(one.tied),
            "sent": Day(one.member.sent_at) if one.member.sent_at else "–",
        }
        for one in queries.progress(panel, timezone.localdate(panel.discussed_at or request.at))
    ]
    return Table(_("How far the members are"), columns, rows, empty=_("There is no member yet."))


def _recusals(panel: Panel) -> Table | None:
    columns = [
        Column("member", _("Member")),
        Column("cluster", _("Cluster")),
        Column("reason", _("Reason"), fold=True),
    ]
    rows = [
        {"member": one.member.user, "cluster": one.cluster, "reason": one.reason}
        for one in queries.recusals(panel)
    ]
    return Table(_("Declared conflicts of interest"), columns, rows) if rows else None


class Described(NamedTuple):
    """A criterion with its levels, lowest first; empty where they are not described yet."""

    criterion: Criterion
    levels: list[tuple[int, str]]


def _rubrics(panel: Panel, texts: dict[str, list[str]]) -> list[Described]:
    return [
        Described(one, list(enumerate(texts.get(one.code, ()), panel.least)))
        for one in CRITERIA.values()
    ]
