"""A readable report of a result, as a page that stands alone and as a PDF.

Every word of it passes through ``gettext``, which is given by who knows the reader's language;
without it the report speaks English. Names and warnings of the calculation stay as they are.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from html import escape
from importlib.resources import files as resources
from typing import Any, Final

from sankul.engines.pictures import Picture, Words, svg
from sankul.engines.pictures.look import FONT, FONT_FOLDER

from . import pictures
from .coherence import correlations
from .explain import fragile_scales, profile
from .package import Package
from .result import Result
from .robustness import Uncertainty
from .sensitivity import Sensitivity

MOST_PROFILES: Final = 60
MOST_PICTURED: Final = 12
"""Units whose profile is drawn besides being told."""
MOST_CORRELATED: Final = 60
STYLE = (
    f"body{{font-family:{FONT},system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;"
    "color:#171b21;background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid #d5d9df;padding:.25rem .5rem;text-align:left}"
    ".figure{text-align:right;font-variant-numeric:tabular-nums}"
    "figure{margin:0;overflow-x:auto}svg{max-width:100%;height:auto}"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A section: words, a picture with its description, and a table; ``figures`` are right-aligned."""

    title: str
    text: str = ""
    picture: str = ""
    alt: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    figures: tuple[int, ...] = ()


def files(
    package: Package,
    result: Result,
    uncertainty: Uncertainty | None = None,
    sensitivity: Sensitivity | None = None,
    *,
    gettext: Words = str,
    language: str = "en",
) -> dict[str, bytes]:
    """``report.html`` and ``report.pdf``; the same bytes for the same result and versions.

    ``gettext`` says the report's words in ``language`` (a tag as in HTML).
    """
    report = Report(package, result, uncertainty, sensitivity, gettext)
    found = report.parts()
    return {
        "report.html": _html(package.spec.title, report.lines(), found, language).encode(),
        "report.pdf": _pdf(package.spec.title, report.lines(), found, language),
    }


@dataclass(frozen=True)
class Report:
    """What a report tells of a result, in the words of ``gettext``."""

    package: Package
    result: Result
    spread: Uncertainty | None
    sensitivity: Sensitivity | None
    gettext: Words = str

    def lines(self) -> list[str]:
        """What stands below the title."""
        gettext, period = self.gettext, self.package.frame.period
        version = gettext("Version %(version)s") % {"version": self.package.spec.version}
        if period:
            version += gettext(", period %(period)s") % {"period": period}
        counts = {"ranked": len(self.result.ranking()), "all": len(self.result.units)}
        return [
            version,
            gettext("%(ranked)s of %(all)s units ranked") % counts,
            gettext("Package %(digest)s") % {"digest": self.package.digest},
        ]

    def parts(self) -> tuple[Part, ...]:
        """The sections, in order."""
        found = [self._ranking()]
        if self.result.not_ranked:
            found.append(self._not_ranked())
        if self.result.ranking():
            if self.spread is not None:
                found.append(self._acceptability(self.spread))
            found += [self._contributions(), self._weights()]
        if self.sensitivity is not None:
            found.append(self._sensitivity(self.sensitivity))
        if 2 <= len(self.result.stages["normalise"].columns) <= MOST_CORRELATED:
            found.append(self._correlations())
        return (*found, *self._profiles())

    def _drawn(self, title: str, alt: str, picture: Picture, **more: Any) -> Part:
        return Part(title, picture=svg(picture, title, alt), alt=alt, **more)

    def _ranking(self) -> Part:
        gettext, title = self.gettext, self.gettext("Ranking")
        head = [gettext("Rank"), gettext("Unit"), gettext("Name"), gettext("Score")]
        text = ""
        if self.spread is not None:
            head += [gettext("Rank 5–95 %"), gettext("Score 5–95 %")]
            text = self._how_many(self.spread)
        rows = [self._place(unit) for unit in self.result.ranking()]
        text = " ".join([text, *fragile_scales(self.package.spec, len(rows))]).strip()
        shown: dict[str, Any] = {
            "text": text,
            "head": tuple(head),
            "rows": tuple(rows),
            "figures": (0, 3, 4, 5),
        }
        if not rows:
            return Part(title, **shown)
        alt = gettext("Scores of ranked units with their intervals; the figures are in the table")
        picture = pictures.ranking(self.package, self.result, self.spread, gettext)
        return self._drawn(title, alt, picture, **shown)

    def _how_many(self, spread: Uncertainty) -> str:
        if spread.exact:
            return self.gettext("Intervals from all combinations of what the framework lets vary.")
        text = self.gettext("Intervals from %(draws)s draws of what the framework lets vary.")
        return text % {"draws": f"{spread.draws:,}"}

    def _place(self, unit: str) -> tuple[str, ...]:
        result, root = self.result, self.result.root
        names = dict(zip(self.package.frame.units, self.package.frame.names, strict=True))
        row = [f"{result.ranks.at(unit, root):.0f}", unit, names[unit]]
        row.append(f"{result.scores.at(unit, root):.2f}")
        if self.spread is not None:
            at = self.spread.units.index(unit)
            both = (self.spread.rank_interval, self.spread.score_interval)
            row += [f"{ends[at, 0]:.4g}–{ends[at, 2]:.4g}" for ends in both]
        return tuple(row)

    def _not_ranked(self) -> Part:
        gettext = self.gettext
        names = dict(zip(self.package.frame.units, self.package.frame.names, strict=True))
        rows = tuple(
            (unit, names[unit], f"{why['coverage']:.0%}", str(why["reason"]))
            for unit, why in self.result.not_ranked.items()
        )
        head = (gettext("Unit"), gettext("Name"), gettext("Coverage"), gettext("Reason"))
        text = gettext("Missing is not zero.")
        return Part(gettext("Not ranked"), text, head=head, rows=rows, figures=(2,))

    def _acceptability(self, spread: Uncertainty) -> Part:
        title = self.gettext("How often each rank is taken")
        alt = self.gettext("Heat map of the share of draws in which each unit takes each rank")
        picture = pictures.acceptability(self.package, self.result, spread, self.gettext)
        return self._drawn(title, alt, picture)

    def _contributions(self) -> Part:
        title = self.gettext("What the scores are made of")
        alt = self.gettext("Stacked bars: points of each unit's score by part of the index")
        return self._drawn(
            title, alt, pictures.contributions(self.package, self.result, self.gettext)
        )

    def _weights(self) -> Part:
        gettext = self.gettext
        alt = gettext("Tree of the index with the share of each group and indicator")
        weights = self.result.effective_weights
        picture = pictures.weights(self.package, self.result, gettext)
        return self._drawn(
            gettext("Weights"), alt, picture,
            head=(gettext("Node or indicator"), gettext("Effective weight")),
            rows=tuple((id_, f"{share:.2%}") for id_, share in weights.items()), figures=(1,),
        )  # fmt: skip

    def _sensitivity(self, found: Sensitivity) -> Part:
        gettext = self.gettext
        text = gettext("Sobol indices of the mean shift of ranks (exact).")
        if not found.exact:
            text = gettext(
                "Sobol indices of the mean shift of ranks (5–95 % by bootstrap in brackets)."
            )
        both = (found.shift.first, found.shift.total)
        rows = tuple(
            (factor, *(self._index(pictures.estimate(order, f)) for order in both))
            for f, factor in enumerate(found.factors)
        )
        head = (gettext("What varies"), gettext("First order"), gettext("Total"))
        title, alt = gettext("Which assumption matters"), gettext("Bars of the indices")
        picture = pictures.sensitivity(found, gettext)
        return self._drawn(title, alt, picture, text=text, head=head, rows=rows, figures=(1, 2))

    def _index(self, index: tuple[float, float, float] | None) -> str:
        if index is None:
            return self.gettext("no rank moves")
        middle, low, high = index
        return f"{middle:.2f}" if low == high else f"{middle:.2f} ({low:.2f}–{high:.2f})"

    def _correlations(self) -> Part:
        gettext = self.gettext
        found = correlations(self.result.stages["normalise"])
        rows = tuple((one, other, f"{r:.2f}") for one, other, r in found.redundant)
        text = gettext(
            "Pairs of 0.92 and more, either way, say the same twice; the table lists them."
        )
        alt = gettext("Triangle of correlations between normalised indicators")
        head = (gettext("Indicator"), gettext("Other indicator"), "r")
        picture = pictures.correlations(self.package, found, gettext)
        return self._drawn(
            gettext("Correlations of indicators"), alt, picture,
            text=" ".join([text, *found.warnings]), head=head, rows=rows, figures=(2,),
        )  # fmt: skip

    def _profiles(self) -> list[Part]:
        """Strengths and weaknesses of each ranked unit beside the median of the others."""
        units, gettext = self.result.ranking(), self.gettext
        if len(units) < 2:
            return []
        rows, warnings = [], set[str]()
        for unit in units[:MOST_PROFILES]:
            row, warned = self._profile(unit)
            rows.append(row)
            warnings.update(warned)
        text = gettext("Points of the score above or below the median of the other ranked units.")
        counts = {"first": MOST_PROFILES, "all": len(units)}
        more = [gettext("The first %(first)s of %(all)s units.") % counts]
        text = " ".join([text, *(more if len(units) > MOST_PROFILES else []), *sorted(warnings)])
        head = (gettext("Unit"), gettext("Strengths"), gettext("Weaknesses"), gettext("Missing"))
        title = gettext("Unit profiles")
        told = Part(title, text, head=head, rows=tuple(rows), figures=(3,))
        return [told, *map(self._pictured, units[:MOST_PICTURED])]

    def _profile(self, unit: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found = profile(self.result, unit, most=3)
        ends = (
            ", ".join(f"{point.indicator} {point.gain:+.2f}" for point in points) or "–"
            for points in (found.strengths, found.weaknesses)
        )
        (name,) = pictures.names(self.package, [unit])
        return (name, *ends, str(len(found.missing))), found.warnings

    def _pictured(self, unit: str) -> Part:
        (name,) = pictures.names(self.package, [unit])
        title = self.gettext("Profile of %(name)s") % {"name": name}
        alt = self.gettext("Each indicator beside the median and the range of the other units")
        return self._drawn(
            title, alt, pictures.profile(self.package, self.result, unit, self.gettext)
        )


def _html(title: str, lines: list[str], found: tuple[Part, ...], language: str) -> str:
    body = [f"<h1>{escape(title)}</h1>", *(f"<p>{escape(line)}</p>" for line in lines)]
    for part in found:
        body.append(f"<h2>{escape(part.title)}</h2>")
        body += [f"<p>{escape(part.text)}</p>"] if part.text else []
        body += [f"<figure>{part.picture}</figure>"] if part.picture else []
        body += [_table(part)] if part.rows else []
    return (
        f'<!doctype html>\n<html lang="{escape(language, quote=True)}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head>\n<body>\n"
        + _renumbered("\n".join(body))
        + "\n</body></html>\n"
    )


def _renumbered(page: str) -> str:
    """The page with the pictures' ids numbered from 0: the renderer counts on from its last use."""
    seen: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return found[1] + seen.setdefault(found[2], f"part{len(seen)}")

    return re.sub(r"(id=\"|url\(#)((?:clip|gradient_)[0-9]+)", number, page)


def _table(part: Part) -> str:
    def cell(k: int, text: str, tag: str) -> str:
        kind = ' class="figure"' if k in part.figures else ""
        scope = ' scope="col"' if tag == "th" else ""
        return f"<{tag}{kind}{scope}>{escape(text)}</{tag}>"

    head = "".join(cell(k, text, "th") for k, text in enumerate(part.head))
    rows = (
        "<tr>" + "".join(cell(k, text, "td") for k, text in enumerate(row)) + "</tr>"
        for row in part.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _pdf(title: str, lines: list[str], found: tuple[Part, ...], language: str) -> bytes:
    import typst  # noqa: PLC0415 (slow to import)

    source = resources(__package__).joinpath("report.typ").read_bytes()
    parts = [asdict(part) for part in found]
    data = {"title": title, "lines": lines, "parts": parts, "language": language.partition("-")[0]}
    compiler = typst.Compiler(ignore_system_fonts=True, font_paths=[str(FONT_FOLDER)])
    made = compiler.compile(source, format="pdf", sys_inputs={"data": json.dumps(data)})
    if not isinstance(made, bytes):
        raise TypeError("a report is one file")
    return made
