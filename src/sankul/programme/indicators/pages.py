"""Frameworks as pages: the tree, the definitions, and the file itself."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.formats import day, inr, number
from sankul.core.measures import MEASURES
from sankul.core.ui import Column, Entry, Summary, Table
from sankul.engines import composite
from sankul.programme.indicators.models import Framework, Indicator
from sankul.programme.indicators.queries import frameworks
from sankul.programme.indicators.rules import Statistic
from sankul.programme.registry.models import Programme

WORDS = {
    "denominate": _lazy("Divide by the denominator, where an indicator has one"),
    "screen": _lazy("Leave out clusters whose evidence covers too few indicators"),
    "impute": _lazy("Fill gaps"),
    "treat": _lazy("Tame outliers"),
    "normalise": _lazy("Bring every indicator to a common scale"),
    "weights": _lazy("Weigh"),
    "aggregate": _lazy("Combine indicators into outcomes, and outcomes into the index"),
}


@require_safe
def framework(request: Request, programme: str, code: str, version: str) -> HttpResponseBase:
    """One version of a framework; ``?as=toml`` is the file."""
    owner = get_object_or_404(Programme, slug=programme)
    try:
        found = frameworks.find(request.actor, owner, code, version)
    except Framework.DoesNotExist:
        raise Http404(_("There is no such framework.")) from None
    if request.GET.get("as") == "toml":
        response = HttpResponse(found.source, content_type="application/toml; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{code}-{version}.toml"'
        return response
    context = {
        "framework": found,
        "is_demonstration": owner.is_demonstration,
        "summary": _summary(found),
        "outcomes": [(node, _table(node.title, items)) for node, items in _leaves(found)],
        "steps": [(WORDS.get(step.do, step.do), _parameters(step)) for step in _steps(found)],
    }
    return render(request, "indicators/framework.html", context)


def _steps(found: Framework) -> tuple[composite.Step, ...]:
    return composite.parse(found.source).steps


def _parameters(step: composite.Step) -> str:
    said = (
        f"{key} {value}"
        for key, value in step.method.parameters.items()
        if value not in ((), 0.0, "")
    )
    return " · ".join((step.method.name, *said))


def _summary(found: Framework) -> Summary:
    return Summary(
        [
            Entry(_("Version"), found.version),
            Entry(_("State"), found.get_status_display()),
            Entry(_("Approved"), day(found.approved_at) if found.approved_at else "–"),
            Entry(_("Decision"), found.decision or "–"),
            Entry(_("Coverage floor"), number(found.coverage_floor, 2)),
            Entry(_("SHA-256 of the file"), found.sha256),
        ]
    )


def _leaves(found: Framework) -> list[tuple[Any, list[Indicator]]]:
    by_node: dict[int, list[Indicator]] = {}
    for item in found.indicators.all():
        by_node.setdefault(item.node_id, []).append(item)
    return [(node, by_node[node.pk]) for node in found.nodes.all() if node.pk in by_node]


def _table(title: str, items: list[Indicator]) -> Table:
    columns = [
        Column("title", _("Indicator")),
        Column("definition", _("Definition"), fold=True),
        Column("measured", _("Measured as"), fold=True),
        Column("low", _("Lower goalpost"), numeric=True),
        Column("high", _("Upper goalpost"), numeric=True),
        Column("weight", _("Weight"), numeric=True),
    ]
    return Table(title, columns, [_row(item) for item in items], hide_caption=True)


def _row(item: Indicator) -> dict[str, Any]:
    measure = MEASURES.get(item.measure)
    measured = f"{Statistic(item.statistic).label}: {measure.title if measure else item.measure}"
    if item.denominator:
        measured += f" ÷ {MEASURES[item.denominator].title}"
    return {
        "title": item.title,
        "definition": item.definition,
        "measured": measured,
        "low": _amount(item, item.goalpost_low),
        "high": _amount(item, item.goalpost_high),
        "weight": number(item.weight, 2),
    }


def _amount(item: Indicator, value: Any) -> str:
    if value is None:
        return "–"
    return inr(value) if item.unit == "INR" else number(value)
