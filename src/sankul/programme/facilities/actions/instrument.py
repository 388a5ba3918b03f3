"""Instruments: listed, described, confirmed, and one day withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO, Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import documents
from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.facilities.models import (
    Facility,
    Instrument,
    Specification,
    Technique,
    Unit,
)
from sankul.programme.facilities.queries.ahead import ahead
from sankul.programme.facilities.rules import MANAGE_FACILITY, InstrumentStatus
from sankul.programme.facilities.rules.life import (
    why_not_lengths,
    why_not_slug,
    why_not_withdraw,
)
from sankul.programme.registry.rules.identifiers import ror

from . import rows

MOST_UNITS = 50
PHOTOS = frozenset({"image/png", "image/jpeg"})
REASONS = {
    "instrument_slug_once": _("The facility has another instrument of this short name."),
    "instrument_address_once": _("The institution has another instrument of this short name."),
    "specification_name_once": _("A property is told twice."),
}


class Told(TypedDict, total=False):
    """What is told of an instrument; whatever is left out stays as it was."""

    slug: str
    name: str
    summary: str
    make: str
    model: str
    serial_number: str
    pid: str
    sample_kinds: list[str]
    funding_agency: str
    funder_ror: str
    award_number: str
    commissioned_on: date | None
    techniques: Iterable[Technique]
    new_technique: str
    specifications: Sequence[tuple[str, str, str]]
    units: int
    slot_minutes: int
    min_minutes: int
    max_minutes: int
    lead_minutes: int
    horizon_days: int
    setup_minutes: int
    cleanup_minutes: int
    needs_approval: bool
    needs_training: bool
    assistance: str
    quota_minutes_week: int | None
    no_show_minutes: int
    hold_minutes: int
    cancel_free_hours: int


@transaction.atomic
def enter(*, actor: Actor, facility: Facility, at: datetime, **given: Unpack[Told]) -> Instrument:
    """Enter an instrument into the catalogue, with one unit unless ``units`` says how many; the listing is confirmed.

    Raises Refused for a short name that is taken, booking lengths that are not whole slots, a ROR id that is wrong.
    """
    made = Instrument(facility=rows.facility(actor, facility), confirmed_at=at)
    _fill(made, {"units": 1} | dict(given))
    rows.record(actor, "instrument.entered", made, at, made.scopes)
    return made


@transaction.atomic
def revise(
    *, actor: Actor, instrument: Instrument, at: datetime, **given: Unpack[Told]
) -> Instrument:
    """Change what is told of an instrument, which confirms the listing. Raises Refused as ``enter`` does."""
    found = rows.instrument(actor, instrument)
    found.confirmed_at = at
    _fill(found, dict(given))
    rows.record(actor, "instrument.revised", found, at, found.scopes)
    return found


@transaction.atomic
def confirm(*, actor: Actor, instrument: Instrument, at: datetime) -> Instrument:
    """Stand by a listing as it is."""
    found = rows.instrument(actor, instrument)
    confirm_by_use(instrument=found, at=at)
    rows.record(actor, "instrument.confirmed", found, at, found.scopes)
    return found


def confirm_by_use(*, instrument: Instrument, at: datetime) -> None:
    """A use that went well confirms the listing: call it in the transaction that records the use, after its own rights."""
    Instrument.objects.filter(pk=instrument.pk, confirmed_at__lt=at).update(confirmed_at=at)
    instrument.confirmed_at = max(instrument.confirmed_at, at)


@transaction.atomic
def photograph(
    *, actor: Actor, instrument: Instrument, file: IO[bytes], name: str, at: datetime
) -> Instrument:
    """Show a photo (PNG or JPEG) on the page. Raises Refused for other files."""
    found = rows.instrument(actor, instrument)
    photo = documents.keep(actor=actor, file=file, name=name, at=at)
    if photo.media_type not in PHOTOS:
        raise Refused(_t("A photo is a PNG or JPEG file."))
    found.photo = photo
    found.save(update_fields=["photo"])
    rows.record(actor, "instrument.photographed", found, at, found.scopes, sha256=photo.sha256)
    return found


@transaction.atomic
def withdraw(
    *, actor: Actor, instrument: Instrument, at: datetime, reason: str, seen: int | None = None
) -> Instrument:
    """Take an instrument out of the catalogue for good; its page stays.

    Bookings ahead are cancelled by whoever keeps them, who follows the log (``instrument.withdrawn``). So that nobody cancels
    them unawares, ``seen`` says how many the person was shown. Raises Refused where there are more or fewer now.
    """
    require(actor, MANAGE_FACILITY, *instrument.scopes)
    found = rows.locked(instrument)
    count = len(ahead(found, at))
    why_not_withdraw(status=found.status, ahead=count, seen=seen).enforce()
    if not reason.strip():
        raise Refused(_t("Say why it is withdrawn: those who booked it read it."))
    found.status, found.withdrawn_at = InstrumentStatus.WITHDRAWN, at
    found.save(update_fields=["status", "withdrawn_at"])
    told = {"reason": reason.strip(), "bookings": count}
    rows.record(actor, "instrument.withdrawn", found, at, found.scopes, **told)
    return found


def _fill(made: Instrument, given: dict[str, Any]) -> None:
    techniques, units = given.pop("techniques", None), given.pop("units", None)
    specifications, another = given.pop("specifications", None), given.pop("new_technique", "")
    if "sample_kinds" in given:
        given["sample_kinds"] = rows.samples(given["sample_kinds"])
    if given.get("funder_ror"):
        given["funder_ror"] = _ror(given["funder_ror"])
    rows.fill(made, given)
    why_not_slug(made.slug).enforce()
    why_not_lengths(slot=made.slot_minutes, least=made.min_minutes, most=made.max_minutes).enforce()
    write(made, reasons=REASONS)
    if made.organisation_id is None:
        made.organisation = made.facility.organisation
    if techniques is not None:
        made.techniques.set(techniques)
    if another.strip():
        made.techniques.add(_technique(another))
    if specifications is not None:
        _specify(made, specifications)
    if units is not None:
        _count(made, units)


def _technique(name: str) -> Technique:
    """The technique of this name, entered where the catalogue lacks it."""
    told = " ".join(name.split())
    code = slugify(told)[:40].strip("-")
    there = Technique.objects.filter(Q(name__iexact=told) | Q(code=code)).first()
    if there is None:
        there = Technique(code=code, name=told)
        write(there)
    return there


def _ror(text: str) -> str:
    found = ror(text)
    if not found:
        raise Refused(_t("“%s” is no ROR id; an example is 04dese585.") % text)
    return found


def _specify(made: Instrument, told: Sequence[tuple[str, str, str]]) -> None:
    if len({name.strip().casefold() for name, _value, _unit in told}) < len(told):
        raise Refused(str(REASONS["specification_name_once"]))
    made.specifications.all().delete()
    for name, value, unit in told:
        write(
            Specification(
                instrument=made, name=name.strip(), value=value.strip(), unit=unit.strip()
            )
        )


def _count(made: Instrument, units: int) -> None:
    """So many units that can be booked: the first ones stay, more are made, the last ones are put away."""
    if not 1 <= units <= MOST_UNITS:
        raise Refused(_t("An instrument has 1 to %d units.") % MOST_UNITS)
    there = list(made.units.all())
    for number, unit in enumerate(there):
        if unit.is_active != (number < units):
            unit.is_active = number < units
            unit.save(update_fields=["is_active"])
    for number in range(len(there), units):
        write(Unit(instrument=made, label=_t("Unit %d") % (number + 1)))
