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
from sankul.programme.indicators.models import Framework
from sankul.programme.indicators.queries.tallies import Values, Wanted, within
from sankul.programme.indicators.rules import Statistic
from sankul.programme.registry.models import Period

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can hold: equal content, equal bytes
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


def assemble(framework: Framework, found: Values) -> composite.Package:
    """The evaluation package of these values. Raises Refused with every problem the engine names."""
    slugs = {cluster.pk: cluster.slug for cluster in found.clusters}
    try:
        return composite.Package.from_parts(
            tomllib.loads(framework.source),
            units=[
                {"unit": cluster.slug, "name": cluster.name}
                | {
                    name: _above_zero(column[cluster.pk])
                    for name, column in found.denominators.items()
                }
                for cluster in found.clusters
            ],
            values=_rows(slugs, found.values),
        )
    except composite.PackageError as error:
        raise Refused(str(error)) from error


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


def _rows(
    slugs: dict[int, str], columns: dict[str, dict[int, Decimal | None]]
) -> list[dict[str, Any]]:
    return [
        {"unit": slug} | {code: _plain(column[pk]) for code, column in columns.items()}
        for pk, slug in slugs.items()
    ]


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _above_zero(value: Decimal | None) -> str | None:
    return _plain(value) if value else None
