"""Evaluation packages: a framework and its data, read, checked, digested and saved."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from . import canonical, cells
from .cells import Sheet
from .checks import check_framework, groups_used, uses_panel
from .frame import Floats, Frame, frozen
from .framework import FILE
from .framework import parse as parsed
from .problems import PackageError, Problems
from .spec import Spec

Rows = Iterable[Mapping[str, Any]]
_OPTIONAL = {"values_low.csv": "low", "values_high.csv": "high", "coverage.csv": "coverage"}


@dataclass(frozen=True, eq=False)
class Package:
    """A framework, its data, and the digest of both.

    ``digest`` is the SHA-256 of ``texts``, the files in canonical form (see ``canonical``): equal
    content has an equal digest, whatever the order of rows, line ends or spelling of numbers.
    """

    spec: Spec
    frame: Frame
    digest: str
    texts: Mapping[str, str]

    @classmethod
    def from_parts(
        cls,
        framework: Mapping[str, Any],
        units: Rows,
        values: Rows,
        *,
        values_low: Rows | None = None,
        values_high: Rows | None = None,
        coverage: Rows | None = None,
        period: str | None = None,
    ) -> Package:
        """A package of data in memory.

        ``framework`` has the structure of framework.toml: ``{"framework": {…}, "node": [{…}, …],
        "indicator": […], "step": […]}``. ``units`` and the others are rows as in the CSV files:
        mappings from column to text, number or None (missing), each with its "unit".
        Raises PackageError with every problem found.
        """
        given = {
            "values_low.csv": values_low,
            "values_high.csv": values_high,
            "coverage.csv": coverage,
        }
        sheets = {"units.csv": cells.from_rows("units", units)}
        sheets["values.csv"] = cells.from_rows("values", values)
        sheets |= {
            name: cells.from_rows(name.removesuffix(".csv"), rows)
            for name, rows in given.items()
            if rows is not None
        }
        return _assembled(framework, sheets, Problems(), period=period)


def read(path: str | Path, *, period: str | None = None) -> Package:
    """Read the package in a folder.

    A values.csv with a column "period" may hold several periods; ``period`` then says which one
    to evaluate. Raises PackageError with every problem found, each with file and line or key.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise PackageError.one(str(folder), "not a folder", "a folder with framework.toml in it")
    problems = Problems()
    framework = _toml(folder, problems)
    sheets = {
        name: cells.from_csv(name, text, problems)
        for name in canonical.FILES
        if name != FILE and (text := _text(folder, name, problems)) is not None
    }
    return _assembled(framework, sheets, problems, period=period)


def sheet_of(path: str | Path, name: str) -> Sheet:
    """The rows of one file of a package folder, unchecked but for their form."""
    problems = Problems()
    text = _text(Path(path), name, problems)
    sheet = cells.from_csv(name, text or "", problems)
    problems.stop()
    return sheet


def parse(source: str) -> Spec:
    """The specification in the text of a framework.toml, with no data beside it.

    Raises PackageError with every problem found.
    """
    problems = Problems()
    try:
        spec = parsed(tomllib.loads(source), problems)
    except tomllib.TOMLDecodeError as error:
        raise PackageError.one(FILE, str(error), "well-formed TOML") from error
    if spec is not None:
        check_framework(spec, problems)
    problems.stop()
    if spec is None:
        raise PackageError.one(FILE, "not understood", "a framework")
    return spec


def save(package: Package, folder: str | Path) -> None:
    """Write the package's files in canonical form into a folder, made if it is not there."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for name, text in package.texts.items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")


def _text(folder: Path, name: str, problems: Problems) -> str | None:
    path = folder / name
    if not path.is_file():
        if name not in _OPTIONAL:
            problems.add(name, "missing", "this file in the package")
        return None
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(f"{name}:{line}", "not UTF-8 text", "UTF-8 (with or without a BOM)")
        return None


def _toml(folder: Path, problems: Problems) -> Mapping[str, Any] | None:
    text = _text(folder, FILE, problems)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.add(FILE, str(error), "well-formed TOML")
        return None


def _assembled(
    framework: Mapping[str, Any] | None,
    sheets: Mapping[str, Sheet],
    problems: Problems,
    *,
    period: str | None,
) -> Package:
    spec = None if framework is None else parsed(framework, problems)
    if spec is not None:
        check_framework(spec, problems)
    if spec is None or framework is None or "units.csv" not in sheets or "values.csv" not in sheets:
        problems.stop()
        raise PackageError.one("package", "incomplete", "framework, units and values")
    whole = sheets["values.csv"]
    sheets = {
        name: sheet if name == "units.csv" else _one_period(sheet, period, problems)
        for name, sheet in sheets.items()
    }
    frame = _frame(spec, sheets, problems)
    if "period" in whole.columns and uses_panel(spec):
        frame = replace(frame, panel=_panel(whole, frame, problems))
    problems.stop()
    texts = {FILE: canonical.framework(framework)} | _frame_texts(frame)
    return Package(spec, frame, canonical.digest(texts), texts)


def _one_period(sheet: Sheet, period: str | None, problems: Problems) -> Sheet:
    if "period" not in sheet.columns:
        return sheet
    periods = sorted({cells.text(row.cells.get("period")) for row in sheet.rows})
    if period is None and len(periods) > 1:
        found = ", ".join(periods)
        problems.add(
            f"{sheet.name} period", f"several periods: {found}", "one (choose it by period)"
        )
    if period is not None and period not in periods:
        expected = "one of " + ", ".join(periods)
        problems.add(f"{sheet.name} period", f'no rows of period "{period}"', expected)
    wanted = period if period is not None else periods[0] if periods else ""
    rows = [row for row in sheet.rows if cells.text(row.cells.get("period")) == wanted]
    return Sheet(sheet.name, sheet.columns, rows)


def _panel(sheet: Sheet, frame: Frame, problems: Problems) -> dict[str, Floats]:
    """The values of every period; a unit without a row in another period has no value there."""
    panel: dict[str, Floats] = {}
    for period in sorted({cells.text(row.cells.get("period")) for row in sheet.rows}):
        rows = _one_period(sheet, period, problems)
        there = {cells.text(row.cells.get("unit")) for row in rows.rows}
        absent = [
            cells.Row(sheet.name, {"unit": u, "period": period})
            for u in frame.units
            if u not in there
        ]
        full = Sheet(sheet.name, sheet.columns, rows.rows + absent)
        panel[period] = frozen(cells.matrix(full, frame.units, frame.indicators, problems))
    return panel


def _frame(spec: Spec, sheets: Mapping[str, Sheet], problems: Problems) -> Frame:
    sheet = sheets["units.csv"]
    rows = cells.keyed(sheet, problems)
    units = tuple(sorted(unit for unit in rows if unit))
    if not units:
        problems.add(sheet.name, "no units", "one unit or more")
    indicators = tuple(indicator.id for indicator in spec.indicators)
    values = cells.matrix(sheets["values.csv"], units, indicators, problems)
    bounds = {
        key: frozen(cells.matrix(sheets[name], units, indicators, problems))
        for name, key in _OPTIONAL.items()
        if name in sheets
    }
    if "low" not in bounds and any(vary.what == "data" for vary in spec.vary):
        wrong = "the data vary, but there is no values_low.csv and values_high.csv"
        problems.add(f"{FILE}: vary (data)", wrong, "both files, with the bounds of values")
    _check_bounds(units, indicators, values, bounds, problems)
    columns = [c for c in sheet.columns if c and c not in ("unit", "name")]
    denominators = _denominators(spec, sheet, rows, units, problems)
    groups = {
        column: tuple(cells.text(rows[unit].cells.get(column)) for unit in units)
        for column in columns
        if column not in denominators
    }
    _check_groups(spec, rows, groups, units, problems)
    period_row = next(iter(sheets["values.csv"].rows), None)
    return Frame(
        units=units,
        names=tuple(cells.text(rows[unit].cells.get("name")) or unit for unit in units),
        indicators=indicators,
        values=frozen(values),
        groups=groups,
        denominators=denominators,
        period=cells.text(period_row.cells.get("period")) if period_row else "",
        low=bounds.get("low"),
        high=bounds.get("high"),
        coverage=bounds.get("coverage"),
    )


def _denominators(
    spec: Spec,
    sheet: Sheet,
    rows: Mapping[str, cells.Row],
    units: tuple[str, ...],
    problems: Problems,
) -> dict[str, Floats]:
    users = {i.denominator: i.id for i in reversed(spec.indicators) if i.denominator}
    columns: dict[str, Floats] = {}
    for name, user in sorted(users.items()):
        if name not in sheet.columns:
            problems.add(
                f"{sheet.name} {name}",
                f'missing column, the denominator of "{user}"',
                f'a column "{name}" of numbers',
            )
            continue
        column = np.full(len(units), np.nan)
        for k, unit in enumerate(units):
            place = f"{rows[unit].place} {name}"
            column[k] = cells.number(rows[unit].cells.get(name), place, problems)
            if column[k] <= 0:
                problems.add(place, f"{column[k]:g} cannot be divided by", "a number above zero")
        columns[name] = frozen(column)
    return columns


def _check_groups(
    spec: Spec,
    rows: Mapping[str, cells.Row],
    groups: Mapping[str, tuple[str, ...]],
    units: tuple[str, ...],
    problems: Problems,
) -> None:
    for name in groups_used(spec):
        if name not in groups:
            expected = "one of " + ", ".join(sorted(groups)) if groups else f'a column "{name}"'
            problems.add(f"units.csv {name}", "missing column of groups", expected)
            continue
        for unit, group in zip(units, groups[name], strict=True):
            if not group:
                problems.add(f"{rows[unit].place} {name}", "empty", "the unit's group")


def _check_bounds(
    units: tuple[str, ...],
    indicators: tuple[str, ...],
    values: Floats,
    bounds: Mapping[str, Floats],
    problems: Problems,
) -> None:
    if ("low" in bounds) != ("high" in bounds):
        problems.add("values_low.csv, values_high.csv", "only one of them is there", "both or none")
    checks: list[tuple[str, Any, str]] = []
    with np.errstate(invalid="ignore"):
        if "low" in bounds:
            checks.append(("values_low.csv", bounds["low"] > values, "at most the value"))
        if "high" in bounds:
            checks.append(("values_high.csv", bounds["high"] < values, "at least the value"))
        if "coverage" in bounds:
            share = bounds["coverage"]
            checks.append(("coverage.csv", (share < 0) | (share > 1), "a share from 0 to 1"))
    for name, wrong, expected in checks:
        for k, j in np.argwhere(wrong):
            found = f"{bounds[_OPTIONAL[name]][k, j]:g} does not fit"
            problems.add(f"{name} {units[k]} {indicators[j]}", found, expected)


def _frame_texts(frame: Frame) -> dict[str, str]:
    texts = {"units.csv": _units_text(frame)}
    sheets = {"values.csv": frame.values} | {
        name: getattr(frame, key)
        for name, key in _OPTIONAL.items()
        if getattr(frame, key) is not None
    }
    for name, matrix in sheets.items():
        header = ["unit", *(["period"] if frame.period else []), *frame.indicators]
        periods = {frame.period: matrix}
        if name == "values.csv" and frame.panel:
            periods = dict(frame.panel)
        rows = (
            [unit, *([period] if period else []), *map(canonical.number, row)]
            for period, values in periods.items()
            for unit, row in zip(frame.units, values.tolist(), strict=True)
        )
        texts[name] = canonical.table(header, rows)
    return texts


def _units_text(frame: Frame) -> str:
    columns: dict[str, list[str]] = {name: list(group) for name, group in frame.groups.items()}
    for name, sizes in frame.denominators.items():
        columns[name] = [canonical.number(size) for size in sizes.tolist()]
    order = sorted(columns)
    rows = (
        [unit, frame.names[k], *(columns[name][k] for name in order)]
        for k, unit in enumerate(frame.units)
    )
    return canonical.table(["unit", "name", *order], rows)
