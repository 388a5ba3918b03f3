"""A readable report of a result, as a page that stands alone and as a PDF."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from html import escape
from importlib.resources import files as resources
from typing import Any

from . import pictures
from .explain import fragile_scales, profile
from .package import Package
from .result import Result
from .robustness import Uncertainty
from .sensitivity import Sensitivity

MOST_PROFILES = 60
STYLE = (
    "body{font-family:Mukta,system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid #ccc;padding:.25rem .5rem;text-align:left}"
    ".figure{text-align:right}figure{margin:0;overflow-x:auto}svg{max-width:100%;height:auto}"
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
) -> dict[str, bytes]:
    """``report.html`` and ``report.pdf``; the same bytes for the same result and versions."""
    found = parts(package, result, uncertainty, sensitivity)
    lines = [
        f"Version {package.spec.version}"
        + (f", period {package.frame.period}" if package.frame.period else ""),
        f"{len(result.ranking())} of {len(result.units)} units ranked",
        f"Package {package.digest}",
    ]
    title = package.spec.title
    return {
        "report.html": _html(title, lines, found).encode(),
        "report.pdf": _pdf(title, lines, found),
    }


def parts(
    package: Package,
    result: Result,
    uncertainty: Uncertainty | None = None,
    sensitivity: Sensitivity | None = None,
) -> tuple[Part, ...]:
    """The sections of the report, in order."""
    found = [_ranking(package, result, uncertainty)]
    if result.not_ranked:
        found.append(_not_ranked(package, result))
    if result.ranking():
        found += _pictured(package, result, uncertainty)
    if sensitivity is not None:
        found.append(_sensitivity(sensitivity))
    stage = result.stages["normalise"]
    if 2 <= len(stage.columns) <= 100:
        alt = "Heat map of correlations between normalised indicators"
        drawn = pictures.draw(pictures.correlations(stage))
        found.append(Part("Correlations of indicators", picture=drawn, alt=alt))
    return (*found, *_profiles(package, result))


def _ranking(package: Package, result: Result, spread: Uncertainty | None) -> Part:
    names = dict(zip(package.frame.units, package.frame.names, strict=True))
    rows = []
    for unit in result.ranking():
        row = [f"{result.ranks.at(unit, result.root):.0f}", unit, names[unit]]
        row.append(f"{result.scores.at(unit, result.root):.2f}")
        if spread is not None:
            at = spread.units.index(unit)
            row += [f"{v[at, 0]:.4g}–{v[at, 2]:.4g}" for v in _intervals(spread)]
        rows.append(tuple(row))
    head = ["Rank", "Unit", "Name", "Score"]
    text = ""
    if spread is not None:
        head += ["Rank 5–95 %", "Score 5–95 %"]
        how = "all combinations" if spread.exact else f"{spread.draws:,} draws"
        text = f"Intervals from {how} of what the framework lets vary."
    text = " ".join([text, *fragile_scales(package.spec, len(rows))]).strip()
    drawn = pictures.draw(pictures.ranking(package, result, spread)) if rows else ""
    alt = "Scores of ranked units with their intervals; the figures are in the table"
    return Part("Ranking", text, drawn, alt, tuple(head), tuple(rows), (0, 3, 4, 5))


def _intervals(spread: Uncertainty) -> tuple[Any, Any]:
    return spread.rank_interval, spread.score_interval


def _not_ranked(package: Package, result: Result) -> Part:
    names = dict(zip(package.frame.units, package.frame.names, strict=True))
    rows = tuple(
        (unit, names[unit], f"{why['coverage']:.0%}", str(why["reason"]))
        for unit, why in result.not_ranked.items()
    )
    head = ("Unit", "Name", "Coverage", "Reason")
    return Part("Not ranked", "Missing is not zero.", head=head, rows=rows, figures=(2,))


def _pictured(package: Package, result: Result, spread: Uncertainty | None) -> list[Part]:
    found = []
    if spread is not None:
        spec = pictures.acceptability(package, result, spread)
        alt = "Heat map of the share of draws in which each unit takes each rank"
        found.append(Part("How often each rank is taken", picture=pictures.draw(spec), alt=alt))
    spec = pictures.contributions(package, result)
    alt = "Stacked bars: points of each unit's score by part of the index"
    found.append(Part("What the scores are made of", picture=pictures.draw(spec), alt=alt))
    drawn = pictures.draw(pictures.weights(package, result))
    alt = "Tree of the index; heights are effective weights"
    rows = tuple((id_, f"{share:.2%}") for id_, share in result.effective_weights.items())
    head = ("Node or indicator", "Effective weight")
    found.append(Part("Weights", "", drawn, alt, head, rows, (1,)))
    return found


def _sensitivity(found: Sensitivity) -> Part:
    how = "exact" if found.exact else "5–95 % by bootstrap in brackets"
    text = f"Sobol indices of the mean shift of ranks ({how})."
    rows = tuple(
        (factor, *(_index(order[f, 0]) for order in (found.shift.first, found.shift.total)))
        for f, factor in enumerate(found.factors)
    )
    spec = pictures.sensitivity(found)
    drawn = pictures.draw(spec) if spec["data"]["values"] else ""
    head = ("What varies", "First order", "Total")
    return Part("Which assumption matters", text, drawn, "Bars of the indices", head, rows, (1, 2))


def _index(value: Any) -> str:
    middle, low, high = value.tolist()
    if middle != middle:  # noqa: PLR0124 (NaN)
        return "no rank moves"
    return f"{middle:.2f}" if low == high else f"{middle:.2f} ({low:.2f}–{high:.2f})"


def _profiles(package: Package, result: Result) -> list[Part]:
    """Strengths and weaknesses of each ranked unit beside the median of the others."""
    units = result.ranking()
    if len(units) < 2:
        return []
    names = dict(zip(package.frame.units, package.frame.names, strict=True))
    rows, warnings = [], set[str]()
    for unit in units[:MOST_PROFILES]:
        found = profile(result, unit, most=3)
        warnings.update(found.warnings)
        ends = [
            ", ".join(f"{point.indicator} {point.gain:+.2f}" for point in points) or "–"
            for points in (found.strengths, found.weaknesses)
        ]
        rows.append((names[unit], *ends, str(len(found.missing))))
    text = "Points of the score above or below the median of the other ranked units. "
    if len(units) > MOST_PROFILES:
        text += f"The first {MOST_PROFILES} of {len(units)} units. "
    head = ("Unit", "Strengths", "Weaknesses", "Missing")
    text += " ".join(sorted(warnings))
    return [Part("Unit profiles", text.strip(), head=head, rows=tuple(rows), figures=(3,))]


def _html(title: str, lines: list[str], found: tuple[Part, ...]) -> str:
    body = [f"<h1>{escape(title)}</h1>", *(f"<p>{escape(line)}</p>" for line in lines)]
    for part in found:
        body.append(f"<h2>{escape(part.title)}</h2>")
        body += [f"<p>{escape(part.text)}</p>"] if part.text else []
        if part.picture:
            label = escape(part.alt, quote=True)
            body.append(f'<figure role="img" aria-label="{label}">{part.picture}</figure>')
        body += [_table(part)] if part.rows else []
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
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


def _pdf(title: str, lines: list[str], found: tuple[Part, ...]) -> bytes:
    import typst  # noqa: PLC0415 (slow to import)

    source = resources(__package__).joinpath("report.typ").read_bytes()
    data = {"title": title, "lines": lines, "parts": [asdict(part) for part in found]}
    compiler = typst.Compiler(ignore_system_fonts=True, font_paths=[str(pictures.font_folder())])
    made = compiler.compile(source, format="pdf", sys_inputs={"data": json.dumps(data)})
    if not isinstance(made, bytes):
        raise TypeError("a report is one file")
    return made
