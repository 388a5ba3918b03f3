"""Parts of the pages on which a stream is looked after: the way there, zoom, tables, the history."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sankul.core import formats
from sankul.core.doors import Request, asked
from sankul.core.rules.roles import require
from sankul.core.ui import (
    Column,
    Crumbs,
    Link,
    Moment,
    Pages,
    State,
    Step,
    Steps,
    Table,
    Tabs,
    Tone,
    href_with,
)
from sankul.engines import quality
from sankul.field.streams.models import Datastream, Proposal, Revision
from sankul.field.streams.queries import reviewing as queries
from sankul.field.streams.rules import RECORD_STREAMS, Flag
from sankul.field.streams.rules.numbers import moment
from sankul.field.streams.rules.reviewing import TESTS, standing, why_not_undo
from sankul.field.streams.rules.rows import Rows
from sankul.field.streams.rules.windows import Window, around
from sankul.field.streams.rules.windows import asked as asked_window

from .shown import crumbs as field_crumbs
from .shown import flag_state, number

PAGE_ROWS = 100
SHOWN_REVISIONS = 10
SHOWS = ("flagged", "waiting", "all")


def stream_of(request: Request, number: int) -> Datastream:
    """The stream that the actor may review, or 404; who may review nothing is refused."""
    require(request.actor, RECORD_STREAMS, *request.actor.scopes(RECORD_STREAMS))
    return get_object_or_404(queries.reviewable(request.actor), pk=number)


def review_href(number: int, window: Window | None = None) -> str:
    """The address of the reviewing page, of a window if one is given."""
    address = reverse("streams:review", args=[number])
    return f"{address}?{urlencode(window.address)}" if window else address


def tabs(stream: Datastream, current: str) -> Tabs:
    """The pages of a stream for who looks after it."""
    pages = (
        ("review", _("Review")),
        ("calibrations", _("Calibrations")),
        ("rules", _("Rules")),
    )
    return Tabs(
        _("Looking after the stream"),
        [
            Link(label, reverse(f"streams:{name}", args=[stream.pk]), current=name == current)
            for name, label in pages
        ],
    )


def crumbs(stream: Datastream) -> Crumbs:
    """The way to a page of a stream."""
    return field_crumbs(
        Link(_("To review"), reverse("streams:queue")), Link(stream.name, review_href(stream.pk))
    )


def is_demonstration(stream: Datastream) -> bool:
    """Whether the stream belongs to the demonstration."""
    cluster = stream.thing.cluster
    return bool(cluster and cluster.programme.is_demonstration)


def zoom(request: Request, window: Window) -> list[Link]:
    steps = (
        (_("Earlier"), window.moved(-0.5)),
        (_("Later"), window.moved(0.5)),
        (_("Zoom in"), window.scaled(0.5)),
        (_("Zoom out"), window.scaled(2)),
    )
    return [Link(label, href_with(request.GET, **one.address, page=None)) for label, one in steps]


def shows(request: Request, shows: str) -> Tabs:
    labels = (_("Flagged"), _("To review"), _("All"))
    return Tabs(
        _("Which observations"),
        [
            Link(
                label,
                href_with(request.GET, show=name, page=None) + "#observations",
                current=name == shows,
            )
            for name, label in zip(SHOWS, labels, strict=True)
        ],
    )


def observations(
    request: Request, stream: Datastream, window: Window, rows: Rows, shows: str
) -> dict[str, Any]:
    """The table of observations, a page of it, each to be ticked."""
    tests = _tests(stream, rows)
    chosen = np.arange(len(rows.ids))
    if shows != "all":
        chosen = np.flatnonzero(np.isin(rows.flags, (Flag.SUSPECT, Flag.FAIL)))
    said = queries.reviewed(stream.pk, window.since, window.until)
    if shows == "waiting":
        chosen = np.array(
            [at for at in chosen.tolist() if int(rows.time_us[at]) not in said], np.int64
        )
    text = asked(request, "page")[:9]
    last = max(1, -(-len(chosen) // PAGE_ROWS))
    page = min(int(text), last) if text.isascii() and text.isdigit() and int(text) else 1
    shown = chosen[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    columns = [
        Column("time", _("Time")),
        Column("value", _("Value"), numeric=True, unit=stream.unit_symbol),
        Column("flag", _("Flag")),
        Column("test", _("Found by"), fold=True),
        Column("said", _("Reviewed"), fold=True),
    ]
    lines = [_line(rows, at, tests, said) for at in shown.tolist()]
    empty = _("Nothing is flagged here. Choose “All” to see every observation of this time.")
    return {
        "table": Table(_("Observations"), columns, lines, empty=empty, hide_caption=True),
        "pages": Pages(request.GET, page=page, last=last, total=len(chosen)),
    }


def _line(rows: Rows, at: int, tests: list[str], said: set[int]) -> dict[str, Any]:
    us, value = int(rows.time_us[at]), float(rows.values[at])
    here = moment(us)
    box = format_html(
        '<label class="choice"><input type="checkbox" name="chosen" value="{}"> {}</label>',
        us,
        Moment(here),
    )
    return {
        "time": box,
        "value": number(value) if np.isfinite(value) else "–",
        "flag": flag_state(int(rows.flags[at])),
        "test": tests[at] if tests else "",
        "said": State(Tone.GOOD, _("yes")) if us in said else "",
    }


def _tests(stream: Datastream, rows: Rows) -> list[str]:
    """Which test of the rules in force finds each value, in words; nothing without rules."""
    found = stream.quality_rules.order_by("-version").values_list("tests", flat=True).first()
    if not found or not len(rows.ids):
        return []
    test = quality.check(quality.Rules.from_mapping(found), rows.time_us, rows.values).test
    return [str(TESTS.get(one, "")) for one in test.tolist()]


def proposals(proposals: list[Proposal], stream: Datastream) -> Table | None:
    if not proposals:
        return None
    columns = [
        Column("stretch", _("Stretch")),
        Column("reason", _("Why")),
        Column("count", _("Observations"), numeric=True, fold=True),
        Column("flag", _("Proposed")),
        Column("look", _("Look"), fold=True),
    ]
    rows = [
        {
            "stretch": format_html(
                '<label class="choice"><input type="checkbox" name="proposal" value="{}"> {}</label>',
                one.pk, _ends(one),
            ),
            "reason": one.get_reason_display(),
            "count": formats.number(one.count),
            "flag": flag_state(one.flag),
            "look": Link(_("zoom here"), review_href(stream.pk, around(one.first, one.last))),
        }
        for one in proposals
    ]  # fmt: skip
    return Table(_("Proposals"), columns, rows, hide_caption=True)


def _ends(one: Proposal) -> SafeString:
    first, last = Moment(one.first), Moment(one.last)
    return format_html("{}", first) if one.count == 1 else format_html("{} – {}", first, last)


def history(stream: Datastream) -> Steps | None:
    revisions = list(stream.revisions.select_related("made_by"))
    stands = standing(revisions)
    steps = [
        Step(
            told(one),
            done=one.pk in stands,
            at=Moment(one.made_at),
            text=format_html("{} {}", one.reason, _undo_link(stream, one, stands)),
        )
        for one in revisions[:SHOWN_REVISIONS]
    ]
    return Steps(_("What was said before"), steps) if steps else None


def _undo_link(stream: Datastream, one: Revision, stands: set[int]) -> Any:
    if not why_not_undo(one, stands):
        return "" if one.pk in stands else State(Tone.UNKNOWN, _("undone"))
    return Link(_("Undo"), reverse("streams:undo", args=[stream.pk, one.pk]))


def told(one: Revision) -> str:
    who = str(one.made_by) if one.made_by else _("by itself")
    n = one.method.get("n")
    counted = _(" · %d observations") % n if n else ""
    return f"{one.get_kind_display()}{counted} · {who}"


def of_revision(one: Revision) -> Window | None:
    try:
        since, until = one.method["since"], one.method["until"]
    except KeyError:
        return None
    found = asked_window(since, until, Window(one.made_at, one.made_at))
    return around(found.since, found.until)
