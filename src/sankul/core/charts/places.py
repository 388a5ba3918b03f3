"""Places on a map as part of a page: drawn on the server, each mark a link, nearer and farther by links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sankul.core.charts.chart import demonstration_mark
from sankul.core.charts.theme import palette, recolour
from sankul.core.ui.base import Part
from sankul.core.ui.figures import SHAPES, Tone
from sankul.core.ui.parts import Link
from sankul.core.ui.tables import href_with
from sankul.engines import pictures
from sankul.engines.pictures import maps
from sankul.engines.pictures.maps import Box, Kind, Spot, View

SIZES = {"wide": (720, 460), "narrow": (328, 360)}
CLOSER = 0.5
STEP = 0.4
"""A map is moved by this part of its width."""


@dataclass(frozen=True)
class Lines:
    """An outline to draw under the marks, with where it is from."""

    name: str
    source: str
    licence: str
    lines: Sequence[Sequence[Sequence[float]]]


def kinds(words: Mapping[str, tuple[Tone, str | Promise]]) -> dict[str, Kind]:
    """Kinds of places by state and word, the worst last, marked by the shapes that states have everywhere."""
    return {name: Kind(str(word), tone.value, SHAPES[tone]) for name, (tone, word) in words.items()}


@dataclass(frozen=True)
class PlaceMap(Part):
    """A map of places; near ones are gathered under their number. Pages hand it all spots, and the part of the world asked for.

    ``box`` None shows all spots. ``query`` is the page's ``request.GET``, whose other parameters its links keep: the parameter
    ``box`` is the part that is shown, as west,south,east,north.
    """

    key: str
    title: str
    finding: str
    spots: Sequence[Spot]
    kinds: Mapping[str, Kind]
    outlines: Sequence[Lines] = ()
    box: Box | None = None
    query: QueryDict = field(default_factory=QueryDict)
    demonstration: bool = False

    template_name = "ui/places.html"

    def drawings(self) -> Iterator[tuple[str, SafeString]]:
        """The drawing for a wide and for a narrow page; the style sheet shows one."""
        for name in SIZES:
            yield name, mark_safe(recolour(self.svg(name), "page"))  # noqa: S308

    def svg(self, size: str = "wide") -> str:
        """The drawing as SVG in the colours of the light theme."""
        view = self.view(size)
        inner = maps.place_map(
            self.spots,
            self.kinds,
            view,
            outlines=[one.lines for one in self.outlines],
            zoom=unquote(href_with(self.query, box="{box}", page=None)),
            counted=gettext("%(count)d places"),
        )
        return maps.framed(
            inner, view, key=f"{self.key}-{size}", title=self.title, finding=self.finding
        )

    def view(self, size: str = "wide") -> View:
        """What the drawing of a size shows."""
        return View.of(self.box or self.whole, *SIZES[size])

    @cached_property
    def whole(self) -> Box:
        """The box around all spots; around the outlines, or India's middle, where there are none."""
        lons = [spot.lon for spot in self.spots]
        lats = [spot.lat for spot in self.spots]
        for line in (line for one in self.outlines for line in one.lines if not self.spots):
            lons += [position[0] for position in line]
            lats += [position[1] for position in line]
        if not lons:
            return Box(68, 8, 97, 36)
        return Box(min(lons), min(lats), max(lons), max(lats))

    @property
    def legend(self) -> list[tuple[SafeString, str, int]]:
        """Each kind that there is in the part that is shown: its shape, its word, and how many."""
        seen = [one for one in self.spots if self.box is None or self.box.holds(one.lon, one.lat)]
        tally = {name: sum(spot.kind == name for spot in seen) for name in self.kinds}
        return [
            (_icon(self.kinds[name]), self.kinds[name].word, n) for name, n in tally.items() if n
        ]

    @property
    def links(self) -> list[Link]:
        """Nearer, farther, aside, and all."""
        seen = self.view().box
        moves: dict[str | Promise, Box] = {
            _("Nearer"): seen.grown(CLOSER),
            _("Farther"): seen.grown(1 / CLOSER),
            _("West"): seen.moved(-STEP, 0),
            _("East"): seen.moved(STEP, 0),
            _("North"): seen.moved(0, STEP),
            _("South"): seen.moved(0, -STEP),
        }
        links = [Link(word, self._href(box)) for word, box in moves.items()]
        whole = [Link(_("All"), href_with(self.query, box=None, page=None))] if self.box else []
        return [*whole, *links]

    def _href(self, box: Box) -> str:
        return href_with(self.query, box=told(box), page=None)

    @property
    def sources(self) -> list[str]:
        """Where the outlines are from."""
        return [f"{one.name}: {one.source} ({one.licence})" for one in self.outlines]

    @property
    def downloads(self) -> list[Link]:
        """The drawing to take away."""
        return [
            Link(form.upper(), href_with(self.query, picture=self.key, **{"as": form}))
            for form in ("svg", "png")
        ]


def _icon(kind: Kind) -> SafeString:
    drawn = (
        '<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">'
        f'<path fill="{palette("light")[kind.colour]}" fill-rule="evenodd" d="{kind.path}"/></svg>'
    )
    return mark_safe(recolour(drawn, "page"))  # noqa: S308


def told(box: Box) -> str:
    """A box as the address has it."""
    return ",".join(f"{edge:.5f}" for edge in box)


def asked_box(text: str) -> Box | None:
    """The box that an address asks for, or None where it asks for none that there is."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    inside = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return Box(west, south, east, north).within() if inside else None


def seen_box(box: Box) -> Box:
    """All that the drawings of a box show, beyond its edges too."""
    boxes = [View.of(box, *size).box for size in SIZES.values()]
    return Box(
        min(one.west for one in boxes),
        min(one.south for one in boxes),
        max(one.east for one in boxes),
        max(one.north for one in boxes),
    )


def map_answer(request: HttpRequest, found: PlaceMap) -> HttpResponse | None:
    """The answer to ``?picture=key&as=svg|png``, or None when that is not asked."""
    form = request.GET.get("as")
    if request.GET.get("picture") != found.key or form not in ("svg", "png"):
        return None
    drawn = pictures.backed(_signed(found), palette("light")["paper"])
    content: Any = drawn if form == "svg" else pictures.to_png(drawn)
    kind = "image/svg+xml" if form == "svg" else "image/png"
    name = f"{found.key}{'-demonstration' if found.demonstration else ''}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


def _signed(found: PlaceMap) -> str:
    """The drawing with its sources, and the mark of the demonstration, written at its upper edge."""
    notes = [*([demonstration_mark()] if found.demonstration else []), *found.sources]
    return maps.noted(found.svg(), notes)
