"""What the columns of downloaded observations mean, and what a file of them is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sankul.core.exports import Field, Type


class Edition(TextChoices):
    """Which version of each observation a download holds."""

    CURRENT = "current", _("Current: with corrections")
    RECEIVED = "received", _("As received")


FIELDS: Final = (
    Field("stream_id", Type.WHOLE, _("number of the stream")),
    Field("stream", Type.TEXT, _("name of the stream")),
    Field("property", Type.TEXT, _("what is observed")),
    Field("unit", Type.TEXT, _("symbol of the unit of the value")),
    Field("time", Type.TEXT, _("time of the observation, or where its interval begins; UTC, ISO 8601")),
    Field("value", Type.NUMBER, _("the result; empty if it is missing or no number")),
    Field("result", Type.TEXT, _("the result where it is no number (JSON)")),
    Field("flag", Type.WHOLE, _("1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing (IOC Manuals and Guides 54, vol. 3)")),
    Field("is_corrected", Type.TRUTH, _("whether the observation has a version other than as received")),
    Field("is_demonstration", Type.TRUTH, _("whether the thing is of the fictional demonstration")),
)  # fmt: skip
NAMES: Final = [field.name for field in FIELDS]
TYPES: Final = {
    Type.WHOLE: "integer",
    Type.NUMBER: "number",
    Type.TEXT: "string",
    Type.TRUTH: "boolean",
}
"""Types of the dictionary as the Tabular Data vocabulary has them."""


def file_name(what: str, since: datetime, until: datetime, edition: Edition, form: str) -> str:
    """The name of a file, the same for the same question: well-3_20260101T000000Z_20260201T000000Z_current.csv."""
    bounds = "_".join(f"{at:%Y%m%dT%H%M%SZ}" for at in (since, until))
    return f"{what}_{bounds}_{edition.value}.{form}"


class About(NamedTuple):
    """What a file says of itself beside its rows."""

    title: str
    licence: str
    source: str
    since: datetime
    until: datetime
    edition: Edition
    streams: Sequence[Mapping[str, Any]]
    is_demonstration: bool


def csvw(about: About, url: str) -> dict[str, Any]:
    """The metadata of a CSV file as "CSV on the Web" has it (W3C Recommendation of 17 December 2015, tabular-metadata)."""
    columns = [
        {
            "name": field.name,
            "titles": field.name,
            "datatype": "dateTime" if field.name == "time" else TYPES[field.type],
            "dc:description": str(field.meaning),
        }
        for field in FIELDS
    ]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": url,
        "dc:title": about.title,
        "dc:license": about.licence,
        "dc:source": about.source,
        "dc:temporal": f"{about.since:%Y-%m-%dT%H:%M:%SZ}/{about.until:%Y-%m-%dT%H:%M:%SZ}",
        "sankul:edition": about.edition.value,
        "sankul:timeZone": "UTC",
        "sankul:streams": list(about.streams),
        "sankul:isDemonstration": about.is_demonstration,
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": {"columns": columns, "primaryKey": ["stream_id", "time"]},
    }
