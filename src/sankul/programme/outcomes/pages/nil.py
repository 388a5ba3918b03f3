"""Nil returns: for each kind, whether there are claims, a declaration of nothing, or nothing known at all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.core.ui import Column, Crumbs, Link, State, Table, Tone
from sankul.programme.outcomes.actions import nil as actions
from sankul.programme.outcomes.queries import nil as queries
from sankul.programme.outcomes.queries.claims import clusters_to_record
from sankul.programme.outcomes.queries.nil import Return
from sankul.programme.outcomes.rules import DECLARE_NIL
from sankul.programme.registry.models import Cluster, Period


@require_http_methods(["GET", "HEAD", "POST"])
def nil_returns(request: Request) -> HttpResponse:
    """Every kind of one's cluster (``?cluster=``) in a period (``?period=``); a POST of ``kind`` declares that it is nothing."""
    clusters = list(clusters_to_record(request.actor, DECLARE_NIL))
    if not clusters:
        require(request.actor, DECLARE_NIL)
    asked = request.GET.get("cluster", "")
    cluster = next((one for one in clusters if one.slug == asked), clusters[0])
    periods = list(queries.periods(cluster))
    period = _chosen(request, periods)
    if period is not None and request.method == "POST":
        _require_known(request, cluster, period)
        kind = request.POST.get("kind", "")
        nil = actions.declare(
            actor=request.actor, cluster=cluster, period=period, kind=kind, at=request.at
        )
        messages.success(request, _("Declared: none in %(period)s.") % {"period": nil.period})
        return redirect(_href(cluster, period))
    context = {
        "clusters": clusters,
        "cluster": cluster,
        "periods": periods,
        "period": period,
        "table": _table(request, cluster, period) if period else None,
        "crumbs": Crumbs([Link(_("Claims"), reverse("claims"))]),
        "is_demonstration": cluster.programme.is_demonstration,
    }
    return render(request, "outcomes/nil.html", context)


@require_POST
def nil_retract(request: Request, number: int) -> HttpResponse:
    """Take a declaration back."""
    found = get_object_or_404(queries.visible(request.actor), pk=number)
    actions.retract(actor=request.actor, nil_return=found, at=request.at)
    messages.success(request, _("The declaration is retracted."))
    return redirect(_href(found.cluster, found.period))


def _require_known(request: Request, cluster: Cluster, period: Period) -> None:
    """Nothing is declared for one cluster or period where another was asked for."""
    wanted = {"cluster": cluster.slug, "period": period.label}
    if any(request.GET.get(name, known) != known for name, known in wanted.items()):
        raise Http404(_("There is no such cluster of yours, or no such period."))


def _href(cluster: Cluster, period: Period) -> str:
    return f"{reverse('nil-returns')}?cluster={cluster.slug}&period={period.label}"


def _chosen(request: Request, periods: list[Period]) -> Period | None:
    """The period asked for, or the last that is over."""
    asked = request.GET.get("period", "")
    today = timezone.localdate(request.at)
    over = [one for one in periods if one.ends_on < today]
    chosen = [one for one in periods if one.label == asked]
    return next(iter(chosen or over or periods), None)


def _table(request: Request, cluster: Cluster, period: Period) -> Table:
    columns = [
        Column("kind", _("Kind of result")),
        Column("claims", _("Claims"), numeric=True),
        Column("evidenced", _("With a document"), numeric=True),
        Column("state", _("What is known")),
        Column("act", _("Change")),
    ]
    is_over = period.ends_on < timezone.localdate(request.at)
    rows = [
        _line(request, cluster, row, is_over=is_over) for row in queries.returns(cluster, period)
    ]
    caption = _("%(cluster)s in %(period)s") % {"cluster": cluster, "period": period}
    return Table(caption, columns, rows)


def _line(request: Request, cluster: Cluster, row: Return, *, is_over: bool) -> dict[str, Any]:
    claims = f"{reverse('claims')}?cluster={cluster.slug}&kind={row.kind.code}"
    return {
        "kind": row.kind.title,
        "claims": Link(formats.number(row.submitted), claims) if row.submitted else "–",
        "evidenced": formats.number(row.evidenced) if row.submitted else "–",
        "state": _state(row),
        "act": _act(request, row, is_over=is_over),
    }


def _state(row: Return) -> State:
    if row.nil is not None:
        day = formats.day(row.nil.declared_at)
        return State(Tone.GOOD, _("Zero: declared on %s") % day)
    if row.is_missing:
        return State(Tone.PROBLEM, _("Missing: nobody knows"))
    if row.evidenced:
        return State(Tone.GOOD, _("Claimed and documented"))
    return State(Tone.ATTENTION, _("Claimed without a document"))


def _act(request: Request, row: Return, *, is_over: bool) -> SafeString | str:
    if row.nil is not None:
        href = reverse("nil-retract", args=[row.nil.pk])
        return _button(request, href, "", _("Retract"), row)
    if row.is_missing and is_over:
        return _button(request, "", row.kind.code, _("Declare none"), row)
    return ""


def _button(request: Request, href: str, kind: str, label: str, row: Return) -> SafeString:
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button class="button button--quiet button--small" name="kind" value="{}">{}'
        '<span class="visually-hidden">: {}</span></button></form>',
        href, get_token(request), kind, label, row.kind.title,
    )  # fmt: skip
