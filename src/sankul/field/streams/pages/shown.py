"""What pages of the field share: states of things and values in words, their age, the range, pictures of streams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from sankul.core import formats
from sankul.core.charts import About, Chart, told
from sankul.core.doors import Request, asked
from sankul.core.ui import Crumbs, Link, State, Tabs, Tone, href_with
from sankul.engines import pictures
from sankul.field.streams.models import Datastream, QualityRule
from sankul.field.streams.queries.plots import Plot, broken
from sankul.field.streams.queries.things import Where, every
from sankul.field.streams.rules import Flag
from sankul.field.streams.rules.health import Health
from sankul.field.streams.rules.numbers import micros
from sankul.field.streams.rules.ranges import Range, Span, asked_range
from sankul.field.streams.rules.rows import Rows

FLAG_TONES = {
    Flag.GOOD: Tone.GOOD,
    Flag.NOT_EVALUATED: Tone.UNKNOWN,
    Flag.SUSPECT: Tone.ATTENTION,
    Flag.FAIL: Tone.PROBLEM,
    Flag.MISSING: Tone.UNKNOWN,
}
HEALTH_TONES = {
    Health.NOTHING: Tone.UNKNOWN,
    Health.REPORTING: Tone.GOOD,
    Health.BATTERY: Tone.ATTENTION,
    Health.SUSPECT: Tone.ATTENTION,
    Health.LATE: Tone.ATTENTION,
    Health.SILENT: Tone.PROBLEM,
}
"""The worst last, as marks on a map are weighed."""
MARKS = {int(Flag.SUSPECT): "suspect", int(Flag.FAIL): "fail"}
MISSING = (Flag.MISSING,)
SHORT = timedelta(minutes=1)


def crumbs(*more: Link) -> Crumbs:
    """The way back to all that stands in the field, and what lies between."""
    return Crumbs([Link(_("Field systems"), reverse("streams:fleet")), *more])


def flag_state(flag: int | None) -> State:
    """A flag in a word."""
    found = Flag(flag if flag is not None else Flag.NOT_EVALUATED)
    return State(FLAG_TONES[found], found.label)


def health_state(health: Health) -> State:
    """The state of a thing in a word."""
    return State(HEALTH_TONES[health], health.label)


def age(at: datetime, now: datetime) -> str:
    """How long ago something was, in its largest unit."""
    if now - at < SHORT:
        return _("now") if at <= now + SHORT else _("in the future")
    return _("%s ago") % timesince(at, now, depth=1)


def measured(value: float | None, unit: str, result: Any = None) -> str:
    """A value with its unit, what else it is, or that it is missing."""
    if value is None or not np.isfinite(value):
        return _("missing") if result is None else str(result)[:80]
    return f"{number(value)} {unit}".strip()


def number(value: float) -> str:
    """A value with four significant figures at least."""
    size = abs(value)
    places = 4 if size < 1 else 3 if size < 10 else 2 if size < 100 else 1
    shown = formats.number(value, places)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def position(where: Where) -> str:
    """Degrees in words: 18.52000° N, 73.85000° E."""
    north = f"{abs(where.lat):.5f}° {'N' if where.lat >= 0 else 'S'}"
    return f"{north}, {abs(where.lon):.5f}° {'E' if where.lon >= 0 else 'W'}"


def range_of(request: Request, first: datetime | None, last: datetime | None) -> Range:
    """The range that the address asks for."""
    days = (asked(request, "from"), asked(request, "to"))
    return asked_range(asked(request, "range"), days, at=request.at, first=first, last=last)


def range_tabs(request: Request, found: Range) -> Tabs:
    """The ranges as links."""
    links = [
        Link(span.label, href_with(request.GET, range=span.value, page=None, before=None, to=None, **{"from": None}),
             span == found.span)
        for span in Span if span != Span.OWN
    ]  # fmt: skip
    return Tabs(_("Range"), links)


def range_words(found: Range) -> str:
    """A range in words."""
    return _("%(since)s to %(until)s") % {
        "since": formats.moment(found.since),
        "until": formats.moment(found.until),
    }


def levels(rule: QualityRule | None) -> list[pictures.Level]:
    """The limits of a gross range test, as level lines."""
    tests = rule.tests.get("gross_range") if rule else None
    if not isinstance(tests, dict):
        return []
    words = (("suspect", _("expected"), False), ("fail", _("can be measured"), True))
    return [
        pictures.Level(float(limit), f"{word}: {end} {number(float(limit))}", is_hard)
        for name, word, is_hard in words
        for end, limit in zip((_("least"), _("most")), tests.get(name) or (), strict=False)
        if limit is not None
    ]


def chart_of(
    stream: Datastream,
    plot: Plot | None,
    found: Range,
    rule: QualityRule | None,
    *,
    title: str = "",
) -> Chart | None:
    """The picture of a stream in a range; None where it has nothing to draw."""
    picture = _drawn(stream, plot, found, rule) if plot else None
    if plot is None or picture is None:
        return None
    about: About = {
        "key": f"stream-{stream.pk}",
        "title": title or stream.name,
        "finding": _finding(stream, plot, found),
        "demonstration": _is_demonstration(stream),
    }
    return told(picture, about)


def _is_demonstration(stream: Datastream) -> bool:
    cluster = stream.thing.cluster
    return bool(cluster and cluster.programme.is_demonstration)


def _drawn(
    stream: Datastream, plot: Plot, found: Range, rule: QualityRule | None
) -> pictures.Picture | None:
    about: dict[str, Any] = {
        "unit": stream.unit_symbol,
        "begin": _local_ms(micros(found.since)),
        "end": _local_ms(micros(found.until)),
        "levels": levels(rule),
        "clock": timezone.localtime(found.until).tzname() or "",
        "months": formats.months(),
        "gettext": _,
    }
    if plot.steps is not None:
        made = _steps(plot)
        return pictures.steps(made, **about) if made else None
    rows = plot.rows
    if rows is None or not np.isfinite(rows.values).any():
        return None
    return pictures.readings(_said(rows, every(stream)), **about)


def _said(rows: Rows, due: timedelta | None) -> list[pictures.Said]:
    """Values with breaks where the stream was silent."""
    gaps = set(broken(rows.time_us, due).tolist()) if due or len(rows.ids) < 500 else set()
    made = []
    columns = zip(rows.time_us.tolist(), rows.values.tolist(), rows.flags.tolist(), strict=True)
    for n, (us, value, flag) in enumerate(columns):
        shown = value if np.isfinite(value) else None
        word = Flag(flag).label
        made.append(pictures.Said(_local_ms(us), _stamp(us), shown, MARKS.get(flag, ""), str(word)))
        if n in gaps:
            made.append(pictures.Said(_local_ms(us) + 1, "", None))
    return made


def _steps(plot: Plot) -> list[pictures.Step]:
    found, step = plot.steps, plot.step
    if found is None or step is None:
        return []
    length = step // timedelta(microseconds=1)
    made = []
    columns = zip(*(part.tolist() for part in (found.start_us, found.low, found.mean, found.high)), strict=True)  # fmt: skip
    for us, low, mean, high in columns:
        made.append(pictures.Step(_local_ms(us), _stamp(us), low, mean, high))
    return list(_with_breaks(made, length // 1000))


def _with_breaks(made: Sequence[pictures.Step], step_ms: int) -> Sequence[pictures.Step]:
    """Steps, and an empty one wherever some are missing, so that no line is drawn over silence."""
    whole = list(made[:1])
    for before, after in pairwise(made):
        if after.at - before.at > step_ms:
            whole.append(pictures.Step(before.at + step_ms, "", None, None, None))
        whole.append(after)
    return whole


def _local_ms(us: int) -> int:
    """Milliseconds as a clock on the wall here counts them: pictures know no time zones."""
    at = datetime.fromtimestamp(us / 1e6, UTC)
    return us // 1000 + (timezone.localtime(at).utcoffset() or timedelta(0)) // timedelta(
        milliseconds=1
    )


def _stamp(us: int) -> str:
    at = timezone.localtime(datetime.fromtimestamp(us // 1_000_000, UTC))
    return at.isoformat(sep=" ", timespec="seconds")


def _finding(stream: Datastream, plot: Plot, found: Range) -> str:
    said = [_("%(low)s to %(high)s") % _extent(plot, stream.unit_symbol)] if _has(plot) else []
    if plot.rows is not None and len(plot.rows.ids) < plot.count:
        said.append(
            _("%(shown)s of about %(count)s values drawn, every extreme among them")
            % {"shown": formats.number(len(plot.rows.ids)), "count": formats.number(plot.count)}
        )
    if plot.step is not None:
        said.append(_("each step of %s from its least to its greatest value") % _length(plot.step))
    if plot.flagged:
        said.append(
            _("%s values on these days are suspect or failed") % formats.number(plot.flagged)
        )
    return ". ".join(one[:1].upper() + one[1:] for one in said) + "." if said else ""


def _has(plot: Plot) -> bool:
    return plot.steps is not None or bool(plot.rows is not None and _counted(plot.rows).size)


def _counted(rows: Rows) -> Any:
    values = rows.values[~np.isin(rows.flags, (Flag.FAIL, Flag.MISSING))]
    return values[np.isfinite(values)]


def _extent(plot: Plot, unit: str) -> dict[str, str]:
    if plot.steps is not None:
        low, high = float(plot.steps.low.min()), float(plot.steps.high.max())
    else:
        values = _counted(plot.rows)  # type: ignore[arg-type]
        low, high = float(values.min()), float(values.max())
    return {"low": number(low), "high": measured(high, unit)}


def _length(step: timedelta) -> str:
    hours = step / timedelta(hours=1)
    if hours >= 24:
        return _("%s days") % formats.number(hours / 24) if hours > 24 else _("a day")
    if hours >= 1:
        return _("%s hours") % formats.number(hours) if hours > 1 else _("an hour")
    return _("%s minutes") % formats.number(hours * 60)
