"""An instrument as PIDINST 1.0 tells it (RDA, 2022, https://doi.org/10.15497/RDA00070), in the JSON of its schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .life import DOI

HANDLE = re.compile(r"[0-9]+(\.[0-9]+)*/\S+")
UNKNOWN = ":unav"
"""DataCite's word for a value that is not known (Metadata Schema 4.4, appendix 3)."""


@dataclass(frozen=True)
class Told:
    """What is known of an instrument; ``papers`` are DOIs of papers in which it was used."""

    landing_page: str
    name: str
    owner: str
    owner_ror: str = ""
    owner_contact: str = ""
    pid: str = ""
    make: str = ""
    model: str = ""
    summary: str = ""
    serial_number: str = ""
    techniques: Sequence[str] = field(default=())
    commissioned_on: date | None = None
    withdrawn_on: date | None = None
    papers: Sequence[str] = field(default=())


def record(told: Told) -> dict[str, Any]:
    """The record, with every property of the schema that is known; without a persistent identifier its page identifies it."""
    found: dict[str, Any] = {
        "identifier": identifier(told),
        "schemaVersion": "1.0",
        "landingPage": told.landing_page,
        "name": told.name,
        "owners": [_owner(told)],
        "manufacturers": [{"manufacturerName": told.make or UNKNOWN}],
    }
    if told.model:
        found["model"] = {"modelName": told.model}
    if told.summary:
        found["description"] = told.summary
    lists = {
        "instrumentTypes": [{"instrumentTypeName": name} for name in told.techniques],
        "dates": _dates(told),
        "relatedIdentifiers": [_paper(doi) for doi in told.papers],
        "alternateIdentifiers": _serial(told.serial_number),
    }
    return found | {name: rows for name, rows in lists.items() if rows}


def identifier(told: Told) -> dict[str, str]:
    """What identifies it, and of which type: DOI, Handle or URL."""
    pid = re.sub(r"^https?://(dx\.)?(doi\.org|hdl\.handle\.net)/", "", told.pid)
    if DOI.fullmatch(pid):
        return {"identifier": pid, "identifierType": "DOI"}
    if HANDLE.fullmatch(pid):
        return {"identifier": pid, "identifierType": "Handle"}
    return {"identifier": told.pid or told.landing_page, "identifierType": "URL"}


def _owner(told: Told) -> dict[str, Any]:
    owner: dict[str, Any] = {"ownerName": told.owner}
    if told.owner_contact:
        owner["ownerContact"] = told.owner_contact
    if told.owner_ror:
        owner["ownerIdentifier"] = {
            "ownerIdentifier": f"https://ror.org/{told.owner_ror}",
            "ownerIdentifierType": "ROR",
        }
    return owner


def _dates(told: Told) -> list[dict[str, str]]:
    dates = (("Commissioned", told.commissioned_on), ("DeCommissioned", told.withdrawn_on))
    return [{"date": on.isoformat(), "dateType": kind} for kind, on in dates if on]


def _paper(doi: str) -> dict[str, str]:
    return {
        "relatedIdentifier": doi,
        "relatedIdentifierType": "DOI",
        "relationType": "WasUsedIn",
    }


def _serial(number: str) -> list[dict[str, str]]:
    if not number:
        return []
    return [{"alternateIdentifier": number, "alternateIdentifierType": "SerialNumber"}]
