"""What the pages of the area share."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sankul.core.doors import Request
from sankul.core.ui import Crumbs, Form, Link, Tone
from sankul.programme.panel.models import Panel
from sankul.programme.panel.queries import panels as queries
from sankul.programme.panel.rules import PanelStatus
from sankul.programme.registry.models import Cluster

TONES = {
    PanelStatus.DRAFT: Tone.UNKNOWN,
    PanelStatus.SCORING: Tone.ATTENTION,
    PanelStatus.DISCUSSION: Tone.ATTENTION,
    PanelStatus.CLOSED: Tone.ATTENTION,
    PanelStatus.RELEASED: Tone.GOOD,
}


def seen(request: Request, number: int) -> Panel:
    """A panel that the actor may see, else 404."""
    panel: Panel = get_object_or_404(queries.visible(request.actor), pk=number)
    return panel


def of_panel(panel: Panel, slug: str) -> Cluster:
    """A cluster that the panel scores, else 404."""
    return get_object_or_404(queries.clusters(panel), slug=slug)


def crumbs(panel: Panel | None = None, *more: Link) -> Crumbs:
    """The way to a page below a panel."""
    links = [Link(_("Expert panels"), reverse("panels"))]
    if panel is not None:
        links.append(Link(str(panel), reverse("panel", args=[panel.pk])))
    return Crumbs([*links, *more])


def form_page(
    request: Request,
    panel: Panel | None,
    form: django_forms.Form,
    *,
    title: str,
    verb: str,
    lede: str = "",
    back: str = "",
    **more: Any,
) -> HttpResponse:
    """A page that is one form."""
    context = {
        "title": title,
        "lede": lede,
        "form": Form(form),
        "verb": verb,
        "back": back or (reverse("panel", args=[panel.pk]) if panel else reverse("panels")),
        "crumbs": crumbs(panel),
        "is_demonstration": bool(panel and panel.programme.is_demonstration),
    }
    return render(request, "panel/form.html", context | more, status=422 if form.errors else 200)
