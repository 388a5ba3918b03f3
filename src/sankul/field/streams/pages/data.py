"""Observations to take away: the page that asks for the period, and the files."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from typing import IO, Any

from django.http import (
    FileResponse,
    Http404,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Entry, Link, Notice, Summary, Tone
from sankul.field.streams.models import Datastream, Thing
from sankul.field.streams.queries import export, things
from sankul.field.streams.queries.export import Asked
from sankul.field.streams.rules import dictionary
from sankul.field.streams.rules.dictionary import Edition
from sankul.field.streams.rules.ranges import own_days

from .shown import crumbs

MEDIA = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
USUAL = timedelta(days=31)


@require_safe
def thing_data(request: Request, number: int) -> HttpResponse:
    """What of a thing can be taken away, for days that the address names."""
    found, streams = _thing(request, number)
    return _page(request, found, streams, "thing")


@require_safe
def stream_data(request: Request, number: int) -> HttpResponse:
    """What of a stream can be taken away, for days that the address names."""
    stream = _stream(request, number)
    return _page(request, stream.thing, [stream], "stream")


@require_safe
def thing_file(request: Request, number: int, form: str) -> HttpResponseBase:
    """Observations of all streams of a thing, as CSV or Parquet, or as JSON what tells them."""
    found, streams = _thing(request, number)
    return _file(request, found, streams, form)


@require_safe
def stream_file(request: Request, number: int, form: str) -> HttpResponseBase:
    """Observations of a stream, as CSV or Parquet, or as JSON what tells them."""
    stream = _stream(request, number)
    return _file(request, stream.thing, [stream], form)


def _thing(request: Request, number: int) -> tuple[Thing, list[Datastream]]:
    found = get_object_or_404(things.visible(request.actor), pk=number)
    return found, things.streams_of(found)


def _stream(request: Request, number: int) -> Datastream:
    return get_object_or_404(things.stream_rows(request.actor), pk=number)


def _asked(request: Request, found: Thing, streams: list[Datastream]) -> Asked:
    """What the address asks for; the last month where it names no days. Raises Refused for days that are none."""
    word = asked(request, "version")
    edition = Edition(word) if word in Edition.values else Edition.CURRENT
    since, until = _days(request)
    return Asked(found, streams, since, until, edition)


def _days(request: Request) -> tuple[datetime, datetime]:
    first, last = asked(request, "from"), asked(request, "to")
    today = timezone.localdate(request.at)
    if not first and not last:
        first, last = (today - USUAL).isoformat(), today.isoformat()
    try:
        return own_days(first, last)
    except ValueError as error:
        raise Refused(str(error)) from None


def _page(request: Request, found: Thing, streams: list[Datastream], what: str) -> HttpResponse:
    wrong, wanted = "", None
    try:
        wanted = _asked(request, found, streams)
        wrong = export.why_not(wanted)
    except Refused as error:
        wrong = error.reason
    one = streams[0] if what == "stream" else None
    name, href = (one.name, reverse("streams:stream", args=[one.pk])) if one else (
        found.name, reverse("streams:thing", args=[found.pk])
    )  # fmt: skip
    context = {
        "heading": _("Observations of %s") % name,
        "crumbs": crumbs(Link(name, href)),
        "wrong": Notice(Tone.ATTENTION, wrong) if wrong else "",
        "summary": _summary(wanted) if wanted else "",
        "files": _files(wanted, what) if wanted and not wrong else [],
        "first": timezone.localdate(wanted.since) if wanted else None,
        "last": timezone.localdate(wanted.until - timedelta(seconds=1)) if wanted else None,
        "editions": Edition.choices,
        "edition": wanted.edition if wanted else Edition.CURRENT,
        "fields": dictionary.FIELDS,
        "is_demonstration": bool(found.cluster and found.cluster.programme.is_demonstration),
    }
    return render(request, "streams/data.html", context, status=422 if wanted is None else 200)


def _summary(wanted: Asked) -> Summary:
    entries = [
        Entry(_("Streams"), len(wanted.streams)),
        Entry(_("Observations, about"), formats.number(export.rows_about(wanted))),
        Entry(_("Version"), wanted.edition.label),
        Entry(_("Times"), _("UTC in the file; the days above are days in India")),
        Entry(_("Licence"), export.licence(wanted.thing)),
    ]
    return Summary(entries)


def _files(wanted: Asked, what: str) -> list[Link]:
    number = wanted.thing.pk if what == "thing" else wanted.streams[0].pk
    last = timezone.localdate(wanted.until - timedelta(seconds=1))
    first = timezone.localdate(wanted.since)
    query = urlencode({"from": str(first), "to": str(last), "version": wanted.edition.value})
    words = {"csv": "CSV", "parquet": "Parquet", "json": _("What the columns mean (JSON)")}
    return [
        Link(word, f"{reverse(f'streams:{what}-file', args=[number, form])}?{query}")
        for form, word in words.items()
    ]


def _file(request: Request, found: Thing, streams: list[Datastream], form: str) -> HttpResponseBase:
    if form not in (*MEDIA, "json"):
        raise Http404
    wanted = _asked(request, found, streams)
    if form == "json":
        return JsonResponse(dictionary.csvw(export.about(wanted), wanted.name("csv")))
    if wrong := export.why_not(wanted):
        raise Refused(wrong)
    tag = export.etag(wanted, form)
    unchanged = get_conditional_response(request, etag=quote_etag(tag)) if tag else None
    response = unchanged if unchanged is not None else _made(wanted, form)
    if tag:
        response["ETag"] = quote_etag(tag)
    response["Cache-Control"] = "private, no-cache"
    told = request.build_absolute_uri(request.path.replace(f".{form}", ".json"))
    query = request.GET.urlencode()
    response["Link"] = f'<{told}?{query}>; rel="describedby"; type="application/csvm+json"'
    return response


def _made(wanted: Asked, form: str) -> HttpResponseBase:
    name = wanted.name(form)
    if form == "csv":
        response: Any = StreamingHttpResponse(export.csv_lines(wanted), content_type=MEDIA[form])
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response  # type: ignore[no-any-return]
    file: IO[bytes] = tempfile.TemporaryFile(prefix="sankul-")  # noqa: SIM115 (the response closes it)
    export.write_parquet(wanted, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA[form])
