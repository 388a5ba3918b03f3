"""The rules by which a stream is flagged: versions, a new one, a draft from its past, history flagged again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sankul.core import formats
from sankul.core.actions import work
from sankul.core.doors import Request, accepted, asked
from sankul.core.ui import Column, Entry, Link, Moment, State, Summary, Table, Tone
from sankul.field.streams import tasks
from sankul.field.streams.actions import ruling as actions
from sankul.field.streams.forms import RulesForm
from sankul.field.streams.models import Datastream, QualityRule
from sankul.field.streams.queries.suggesting import draft
from sankul.field.streams.rules import VersionKind
from sankul.field.streams.rules.reviewing import standing

from . import review_parts as parts


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: Request, number: int) -> HttpResponse:
    """The rules in force, in a form that makes the next version; ``?draft=1`` fills it with what the past suggests."""
    stream = parts.stream_of(request, number)
    versions = list(stream.quality_rules.select_related("made_by").order_by("-version"))
    is_draft = asked(request, "draft") == "1"
    form = RulesForm(request.POST or None, initial={"text": _text(stream, versions, is_draft)})

    def act() -> tuple[str, str]:
        made = actions.change(
            actor=request.actor,
            stream=stream,
            tests=form.cleaned_data["text"],
            reason=form.cleaned_data["reason"],
            at=request.at,
        )
        told = _(
            "Version %d is in force for what comes in. History is flagged again when you ask for it."
        )
        return told % made.version, reverse("streams:rules", args=[number])

    if done := accepted(request, form, act):
        return done
    context = {
        "stream": stream,
        "form": form,
        "is_draft": is_draft,
        "has_draft": bool(form.initial["text"]),
        "versions": _versions(versions),
        "has_rules": bool(versions),
        "again": _again(stream),
        "tabs": parts.tabs(stream, "rules"),
        "crumbs": parts.crumbs(stream),
        "is_demonstration": parts.is_demonstration(stream),
    }
    status = 422 if form.errors else 200
    return render(request, "streams/rules.html", context, status=status)


@require_POST
def again(request: Request, number: int) -> HttpResponse:
    """Flag the whole history again under the rules in force, in the background."""
    stream = parts.stream_of(request, number)
    if (user := request.actor.user) is None:
        return redirect("streams:rules", number)
    with transaction.atomic():
        title = _("Flagging %s again") % stream.name
        begun = work.ask(user=user, title=title, at=request.at, total=100)
        tasks.flag_again.defer(work_id=begun.pk, stream_id=stream.pk)
    return redirect("work", begun.pk)


def _text(stream: Datastream, versions: list[QualityRule], is_draft: bool) -> str:
    in_force = versions[0].tests if versions else None
    tests = draft(stream) if is_draft else in_force
    return _written(tests) if tests else ""


def _written(tests: Mapping[str, Any]) -> str:
    """Rules as JSON, each test on a line."""
    lines = (f" {json.dumps(name)}: {json.dumps(test)}" for name, test in sorted(tests.items()))
    return "{\n" + ",\n".join(lines) + "\n}"


def _versions(versions: list[QualityRule]) -> Table:
    columns = [
        Column("version", _("Version")),
        Column("made", _("Since"), fold=True),
        Column("by", _("By"), fold=True),
        Column("reason", _("Why")),
        Column("tests", _("Tests"), fold=True),
    ]
    rows = [
        {
            "version": one.version,
            "made": Moment(one.made_at),
            "by": str(one.made_by or "–"),
            "reason": one.reason or "–",
            "tests": ", ".join(name for name in one.tests if name not in ("scheme", "interval_s")),
        }
        for one in versions
    ]
    empty = _("This stream has no rules: what comes in is not evaluated.")
    return Table(_("Versions"), columns, rows, empty=empty, hide_caption=True)


def _again(stream: Datastream) -> Summary | None:
    """What flagging again did the last time."""
    found = stream.revisions.filter(kind=VersionKind.RULES).first()
    if found is None:
        return None
    told: dict[str, Any] = found.method
    stands = found.pk in standing(stream.revisions.all())
    undo = Link(_("Undo"), reverse("streams:undo", args=[stream.pk, found.pk]))
    state = State(Tone.GOOD, _("stands")) if stands else State(Tone.UNKNOWN, _("undone"))
    return Summary(
        [
            Entry(_("Last time"), Moment(found.made_at)),
            Entry(_("State"), state, undo if stands else None),
            Entry(_("Under"), found.reason),
            Entry(_("Flags that became worse"), formats.number(told.get("worse", 0))),
            Entry(_("Flags that became better"), formats.number(told.get("better", 0))),
            Entry(
                _("Evaluated for the first time, or no longer"),
                formats.number(told.get("other", 0)),
            ),
        ]
    )
