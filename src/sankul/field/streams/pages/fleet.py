"""All things in the field that the reader may see: on a map and as a list, with how each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from sankul.core import charts, exports, formats
from sankul.core.charts import PlaceMap
from sankul.core.doors import Listing, Request, asked, filtered, listing
from sankul.core.exports import Dataset, Field, Type
from sankul.core.ui import Column, Empty, Link, Pages, Table, href_with
from sankul.engines.pictures.maps import Box, Spot
from sankul.field.streams.models import Thing
from sankul.field.streams.queries import fleet as queries
from sankul.field.streams.queries import things
from sankul.field.streams.queries.fleet import MOST_THINGS, Fleet
from sankul.field.streams.rules import RECORD_STREAMS
from sankul.field.streams.rules.health import Health, ThingHealth

from .shown import HEALTH_TONES, age, health_state

FILTERS = {"cluster": "cluster", "deployment": "deployment"}
SORTS = {"name": "name", "cluster": "cluster__name"}
PAGE_ROWS = 25
EXPORT = Dataset(
    "field-systems",
    gettext_lazy("Field systems"),
    gettext_lazy("Things in the field, where they are and how, as the page listed them."),
    (
        Field("id", Type.WHOLE, gettext_lazy("number of the thing")),
        Field("name", Type.TEXT, gettext_lazy("name")),
        Field("cluster", Type.TEXT, gettext_lazy("name of the cluster")),
        Field("longitude", Type.NUMBER, gettext_lazy("degrees east (WGS 84)")),
        Field("latitude", Type.NUMBER, gettext_lazy("degrees north (WGS 84)")),
        Field("state", Type.TEXT, gettext_lazy("how it was when the file was made")),
        Field("since", Type.TEXT, gettext_lazy("of a late or silent thing: since when (ISO 8601, UTC)")),
        Field("last_value_at", Type.TEXT, gettext_lazy("time of its newest value (ISO 8601, UTC)")),
        Field("streams", Type.WHOLE, gettext_lazy("how many streams it has")),
        Field("is_demonstration", Type.TRUTH, gettext_lazy("whether it is of the fictional demonstration")),
    ),
    lambda actor: (),
)  # fmt: skip


@require_safe
def fleet(request: Request) -> HttpResponseBase:
    """``?q=``, ``?status=``, ``?cluster=``, ``?deployment=``, ``?box=`` west,south,east,north; ``?as=csv`` and so on exports."""
    box = _box(request)
    found = queries.fleet(
        request.actor, _narrowed(request), request.at, charts.seen_box(box) if box else None
    )
    status = asked(request, "status")
    near = [one for one, how in found.health.items() if not status or how.state == status]
    ids = [one for one in near if box is None or _lies_in(found, one, box)]
    if (form := asked(request, "as")) in exports.FORMATS and not asked(request, "picture"):
        return exports.answer(EXPORT, _lines(found, ids), form)
    drawn = _map(request, found, near, ids)
    if answered := charts.map_answer(request, drawn):
        return answered
    rows = found.things.filter(pk__in=ids)
    page = listing(request, rows, sorts=SORTS, default="name", page_rows=PAGE_ROWS)
    context = {
        "map": drawn,
        "table": _table(request, page, found),
        "pages": Pages(request.GET, page=page.page, last=page.page + page.has_next, total=len(ids)),
        "count": ngettext("%d thing", "%d things", len(ids)) % len(ids),
        "states": _states(found, status),
        "clusters": queries.clusters(request.actor),
        "deployments": queries.deployments(request.actor),
        "chosen": {name: asked(request, name) for name in (*FILTERS, "status", "box", "q")},
        "exports": [Link(one.upper(), href_with(request.GET, page=None, **{"as": one})) for one in exports.FORMATS],
        "empty": _empty(request) if not found.health else "",
        "is_capped": len(found.health) >= MOST_THINGS,
        "may_record": bool(request.actor.scopes(RECORD_STREAMS)),
        "is_demonstration": any(_is_demonstration(row) for row in page.rows),
    }  # fmt: skip
    return render(request, "streams/fleet.html", context)


def _narrowed(request: Request) -> QuerySet[Thing]:
    rows = filtered(request, things.visible(request.actor), FILTERS)
    if words := asked(request, "q")[:100]:
        rows = rows.filter(Q(name__icontains=words) | Q(description__icontains=words))
    return rows


def _box(request: Request) -> Box | None:
    return charts.asked_box(asked(request, "box"))


def _lies_in(found: Fleet, thing: int, box: Box) -> bool:
    at = found.where.get(thing)
    return at is not None and box.holds(at.lon, at.lat)


def _map(request: Request, found: Fleet, near: Sequence[int], ids: Sequence[int]) -> PlaceMap:
    spots = [
        Spot(found.names[one], at.lon, at.lat, found.health[one].state.value, reverse("streams:thing", args=[one]))
        for one in near if (at := found.where.get(one))
    ]  # fmt: skip
    words = {state.value: (tone, state.label) for state, tone in HEALTH_TONES.items()}
    return PlaceMap(
        key="fleet",
        title=_("Where they are"),
        finding=_finding(found, ids),
        spots=spots,
        kinds=charts.kinds(words),
        outlines=[charts.Lines(one.name, one.source, one.licence, one.lines) for one in found.outlines],
        box=_box(request),
        query=request.GET,
        demonstration=found.is_demonstration,
    )  # fmt: skip


def _finding(found: Fleet, ids: Sequence[int]) -> str:
    tally = Counter(found.health[one].state for one in ids)
    told = [
        f"{formats.number(tally[state])} {state.label}".lower() for state in Health if tally[state]
    ]
    if not told:
        return _("Nothing to show.")
    said = ", ".join(told)
    nowhere = sum(one not in found.where for one in ids)
    lost = ngettext("%d has no place.", "%d have no place.", nowhere) % nowhere if nowhere else ""
    return f"{said[:1].upper()}{said[1:]}. {lost}".strip()


def _states(found: Fleet, status: str) -> list[tuple[str, str, bool]]:
    tally = Counter(how.state for how in found.health.values())
    return [(one.value, f"{one.label} ({tally[one]})", one == status) for one in Health]


def _table(request: Request, page: Listing, found: Fleet) -> Table:
    seen = queries.deployments_seen(request.actor, page.rows)
    columns = [
        Column("name", _("Thing"), sort="name"),
        Column("state", _("State")),
        Column("last", _("Last value"), fold=True),
    ]
    if len({row.cluster_id for row in page.rows}) > 1:
        columns.append(Column("cluster", _("Cluster"), sort="cluster", fold=True))
    if seen:
        columns.append(Column("where", _("Deployment"), fold=True))
    rows = [_line(request, row, found.health[row.pk], seen) for row in page.rows]
    empty = _("No thing fits. Take a filter away, or show all of the map.")
    return Table(
        _("Things in the field"), columns, rows, query=request.GET, empty=empty, hide_caption=True
    )


def _line(
    request: Request, row: Thing, how: ThingHealth, seen: Mapping[int, str]
) -> dict[str, Any]:
    last = age(how.last_at, request.at) if how.last_at else _("nothing yet")
    deployment = seen.get(row.deployment_id or 0)
    return {
        "name": Link(row.name, reverse("streams:thing", args=[row.pk])),
        "state": health_state(how.state),
        "last": last,
        "cluster": row.cluster.name if row.cluster else "–",
        "where": Link(deployment, reverse("deployment", args=[row.deployment_id])) if deployment else "–",
    }  # fmt: skip


def _empty(request: Request) -> Empty:
    if request.GET:
        text = _("Nothing fits this search. Take a filter away, or show all of the map.")
        return Empty(_("No thing fits"), text, Link(_("Show all"), request.path))
    text = _(
        "Wells, meters and other devices appear here once they are made through the SensorThings API "
        "and somebody may see them."
    )
    return Empty(_("There is nothing in the field yet"), text, Link(_("Open the API"), "/sta/v1.1"))


def _is_demonstration(row: Thing) -> bool:
    return bool(row.cluster and row.cluster.programme.is_demonstration)


def _lines(found: Fleet, ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Rows of the export."""
    wanted = found.things.filter(pk__in=ids).order_by("name", "pk")
    for row in wanted.iterator(chunk_size=2000):
        how, at = found.health[row.pk], found.where.get(row.pk)
        yield (
            row.pk,
            row.name,
            row.cluster.name if row.cluster else None,
            at.lon if at else None,
            at.lat if at else None,
            how.state.value,
            how.since.isoformat() if how.since else None,
            how.last_at.isoformat() if how.last_at else None,
            found.streams.get(row.pk, 0),
            _is_demonstration(row),
        )
