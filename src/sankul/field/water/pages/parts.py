"""What the pages share: standings in words, values with their units, the form that changes something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sankul.core import formats
from sankul.core.doors import Request, accepted
from sankul.core.ui import Column, Crumbs, Day, Link, Moment, State, Table, Tone
from sankul.field.water.queries.sensors import Reading
from sankul.field.water.rules import PARAMETERS, Bound, Index, Standing, Uncomputable

asks = require_http_methods(["GET", "HEAD", "POST"])
TONES = {
    Standing.ACCEPTABLE: Tone.GOOD,
    Standing.PERMISSIBLE: Tone.ATTENTION,
    Standing.UNSAFE: Tone.PROBLEM,
    Standing.UNJUDGED: Tone.UNKNOWN,
}


def crumbs(*more: Link) -> Crumbs:
    """The way back to the page of all sources, and what lies between."""
    return Crumbs([Link(_("Is the water safe?"), reverse("water-places")), *more])


def standing(found: Standing) -> State:
    """What a value is by its limit."""
    words = {
        Standing.ACCEPTABLE: _("acceptable"),
        Standing.PERMISSIBLE: _("permissible if there is no other source"),
        Standing.UNSAFE: _("above the limit"),
        Standing.UNJUDGED: _("no limit to judge by"),
    }
    return State(TONES[found], words[found])


def since(began_at: datetime, at: datetime) -> Day | Moment:
    """Since when, to the minute if that is less than two days ago."""
    is_recent = at - began_at < timedelta(days=2)
    return Moment(began_at) if is_recent else Day(timezone.localtime(began_at))


def named(parameter: str) -> str:
    """The name of a parameter."""
    return str(PARAMETERS[parameter].name)


def measured(parameter: str, value: Decimal, *, is_below_detection: bool = False) -> str:
    """A value with its unit; below detection as <0.5 mg/L."""
    sign = "<" if is_below_detection else ""
    return f"{sign}{exact(value)} {PARAMETERS[parameter].unit}".strip()


def exact(value: Decimal) -> str:
    """A number with all its decimals and no more."""
    places = value.normalize().as_tuple().exponent
    return formats.number(value, max(0, -int(places)))


def limit(bound: Bound | None) -> str:
    """The limit that a value was judged by, in words."""
    if bound is None:
        return ""
    farthest = bound.acceptable if bound.permissible is None else bound.permissible
    shown = measured(bound.parameter, farthest)
    if bound.is_least:
        return _("at least %s") % shown
    if bound.low is not None:
        return _("%(low)s to %(high)s") % {
            "low": exact(bound.low),
            "high": shown,
        }
    return _("none at all") if not farthest else _("at most %s") % shown


def now(found: list[Reading]) -> Table:
    """What the sensors said last, by the limits."""
    columns = [
        Column("what", _("Parameter")),
        Column("value", _("Value"), numeric=True),
        Column("at", _("When"), fold=True),
        Column("flag", _("Quality"), fold=True),
        Column("standing", _("By the limit")),
    ]
    rows = [
        {
            "what": named(one.parameter),
            "value": measured(one.parameter, one.value),
            "at": Moment(one.at),
            "flag": one.flag.label,
            "standing": standing(one.finding.standing),
        }
        for one in found
    ]
    return Table(
        _("Sensors now"),
        columns,
        rows,
        note=_("Values that failed their quality tests, or are older than a day, are not judged."),
    )


def index(found: Index | Uncomputable) -> str:
    """The index with its class, or what is missing for it."""
    if isinstance(found, Index):
        return f"{formats.number(Decimal(str(found.value)), 1)} · {found.grade}"
    if found.beyond:
        told = ", ".join(named(name) for name in found.beyond)
        return _("not computable: beyond the formula: %s") % told
    return _("not computable: %s missing") % ", ".join(named(name) for name in found.missing)


def change(
    request: Request,
    form: forms.Form,
    act: Callable[[Any], str],
    *,
    heading: str,
    back: str,
    lede: str = "",
    is_demonstration: bool = False,
) -> HttpResponse:
    """Show a form; when it comes back valid, act, tell what the action says, and go back. A refusal stands above the form."""
    if answer := accepted(request, form, lambda: (act(form), back)):
        return answer
    context = {
        "form": form,
        "heading": heading,
        "back": back,
        "lede": lede,
        "is_demonstration": is_demonstration,
    }
    return render(request, "water/change.html", context, status=422 if form.errors else 200)
