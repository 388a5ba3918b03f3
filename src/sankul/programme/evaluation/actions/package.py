"""From values to the evaluation package that anyone can recompute, and the records behind it."""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from django.db.models import F, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from sankul.core.exports import Field, Type, copy, parquet_of
from sankul.core.measures import MEASURES, SHAPE
from sankul.core.rules.verdicts import Refused
from sankul.engines import composite
from sankul.programme.evidence.models import Estimate
from sankul.programme.evidence.queries.estimates import bounds
from sankul.programme.indicators.models import Framework
from sankul.programme.indicators.queries.tallies import Values, Wanted, within
from sankul.programme.indicators.rules import Statistic
from sankul.programme.registry.models import Period

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can hold: equal content, equal bytes
BOUNDED = frozenset({Statistic.SUM, Statistic.PER_MONTH, Statistic.COUNT})
RECORD_FIELDS = (
    Field("measure", Type.TEXT, _("what is counted")),
    Field("cluster", Type.TEXT, _("the credited cluster")),
    Field("organisation", Type.TEXT, _("the credited organisation")),
    Field("on", Type.DATE, _("day of the result")),
    Field("quantity", Type.DECIMAL, _("what is credited, its share applied")),
    Field("unit", Type.TEXT, _("unit of the quantity")),
    Field("role", Type.TEXT, _("led, contributed or enabled")),
    Field("record", Type.TEXT, _("the source record")),
    Field("evidenced", Type.TRUTH, _("whether a document stands behind it")),
)


def wanted(framework: Framework) -> list[Wanted]:
    """What the framework's indicators ask of the measures."""
    return [
        Wanted(item.code, item.measure, Statistic(item.statistic), item.denominator)
        for item in framework.indicators.all()
    ]


Columns = dict[str, dict[int, Decimal | None]]
"""Figures by indicator and cluster id."""


def assemble(framework: Framework, found: Values) -> composite.Package:
    """The evaluation package of these values, with their limits after verification where there are any.

    Raises Refused with every problem the engine names.
    """
    slugs = {cluster.pk: cluster.slug for cluster in found.clusters}
    source = tomllib.loads(framework.source)
    low, high = limits(framework, found)
    varies = any(one.get("what") == "data" for one in source.get("vary", ()))
    is_bounded = varies or any(value is not None for row in low.values() for value in row.values())
    try:
        return composite.Package.from_parts(
            source,
            units=[
                {"unit": cluster.slug, "name": cluster.name}
                | {
                    name: _above_zero(column[cluster.pk])
                    for name, column in found.denominators.items()
                }
                for cluster in found.clusters
            ],
            values=_rows(slugs, found.values),
            values_low=_rows(slugs, low) if is_bounded else None,
            values_high=_rows(slugs, high) if is_bounded else None,
        )
    except composite.PackageError as error:
        raise Refused(str(error)) from error


def limits(framework: Framework, found: Values) -> tuple[Columns, Columns]:
    """Lower and upper limits of the values that are sums or numbers of records, from the estimates of their verification.

    They hold the value, which has the findings of the sample in it already. None where nothing was sampled.
    """
    totals, records = bounds(found.period), bounds(found.period, Estimate.Of.RECORDS)
    low: Columns = {}
    high: Columns = {}
    for item in wanted(framework):
        known = {} if item.statistic not in BOUNDED else totals
        known = records if item.statistic == Statistic.COUNT else known
        months = found.period.months if item.statistic == Statistic.PER_MONTH else 1
        ends = {
            cluster: _around(value, known.get(item.measure, {}).get(cluster), months)
            for cluster, value in found.values[item.code].items()
        }
        low[item.code] = {cluster: least for cluster, (least, _most) in ends.items()}
        high[item.code] = {cluster: most for cluster, (_least, most) in ends.items()}
    return low, high


def _around(
    value: Decimal | None, ends: tuple[float, float] | None, months: int
) -> tuple[Decimal | None, Decimal | None]:
    """The limits for each month, widened to hold the value."""
    if value is None or ends is None:
        return None, None
    least, most = (Decimal(repr(end)) / months for end in ends)
    return min(least, value), max(most, value)


def zipped(package: composite.Package) -> IO[bytes]:
    """The package's files as a ZIP whose bytes depend on their content alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in package.texts.items():
            info = zipfile.ZipInfo(f"package/{name}", EPOCH)
            archive.writestr(info, text, zipfile.ZIP_DEFLATED)
    return buffer


def records(period: Period, measures: Iterable[str], folder: Path) -> Path:
    """Every row of the measures in a period, as a file of lines in ``folder`` for ``frozen``; memory stays bounded."""
    text = folder / "records.csv"
    with text.open("wb") as file:
        for code in sorted(measures):
            copy(_lines(period, code), file)
    return text


def frozen(text: Path) -> Path:
    """The Parquet file of those lines, beside them. Asks no database, so that a thread can write it meanwhile."""
    return parquet_of(text, RECORD_FIELDS, text.with_suffix(".parquet"))


def _lines(period: Period, code: str) -> QuerySet[Any, Any]:
    """The rows in the order in which the database finds them: sorting them takes longer than reading them."""
    rows = within(MEASURES[code], period).order_by()
    return rows.values_list(Value(code), F("cluster__slug"), F("organisation__slug"), *SHAPE[2:])


def _rows(slugs: dict[int, str], columns: Columns) -> list[dict[str, Any]]:
    return [
        {"unit": slug} | {code: _plain(column[pk]) for code, column in columns.items()}
        for pk, slug in slugs.items()
    ]


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _above_zero(value: Decimal | None) -> str | None:
    return _plain(value) if value else None
