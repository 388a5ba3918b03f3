"""Recording sources' samples: taken, handed on, analysed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.field.water.models import Custody, Plan, Result, Sample, Source
from sankul.field.water.rules import PARAMETERS, RECORD_WATER, Custodian, SampleKind
from sankul.programme.registry.models import Organisation


class Found(NamedTuple):
    """A value in the parameter's unit; below detection it is the limit of detection."""

    value: Decimal
    is_below_detection: bool = False


@transaction.atomic
def take(
    *,
    actor: Actor,
    source: Source,
    code: str,
    kind: SampleKind,
    taken_at: datetime,
    taken_by: str,
    at: datetime,
    laboratory: Organisation | None = None,
    results: Mapping[str, Found] | None = None,
) -> Sample:
    """Record a sample, and its results where they are there already, as those of a field kit.

    Custody begins with who took it. Raises Refused for a moment in the future, a number on the bottle that the source has had, a
    laboratory sample without its laboratory, and results that cannot be.
    """
    require(actor, RECORD_WATER, *source.scopes)
    if taken_at > at:
        raise Refused(_t("It is taken in the future."))
    if kind == SampleKind.LABORATORY and laboratory is None:
        raise Refused(_t("Name the laboratory."))
    made = Sample(
        source=source, code=code.strip(), kind=kind, taken_at=taken_at, taken_by=taken_by.strip(),
        laboratory=laboratory, recorded_at=at, recorded_by=actor.user,
    )  # fmt: skip
    write(made, reasons={"water_sample_code_once": _("This source has a sample of that number.")})
    Custody.objects.create(sample=made, step=Custodian.TAKEN, at=taken_at, holder=made.taken_by)
    _record(actor, "water.sample_taken", made, at)
    if results:
        report(actor=actor, sample=made, results=results, at=at)
    return made


@transaction.atomic
def hand_on(
    *,
    actor: Actor,
    sample: Sample,
    step: Custodian,
    holder: str,
    happened_at: datetime,
    at: datetime,
    temperature_c: Decimal | None = None,
    note: str = "",
) -> Custody:
    """Record who has the sample now. Raises Refused before the step before it, in the future, and after a rejection."""
    require(actor, RECORD_WATER, *sample.scopes)
    Sample.objects.select_for_update().get(pk=sample.pk)
    last = sample.custody.last()
    if happened_at > at or (last and happened_at < last.at):
        raise Refused(_t("Steps follow each other, and none is in the future."))
    if last and last.step == Custodian.REJECTED:
        raise Refused(_t("The laboratory has rejected this sample: take another."))
    made = Custody(
        sample=sample, step=step, at=happened_at, holder=holder.strip(), temperature_c=temperature_c, note=note.strip(),
    )  # fmt: skip
    write(made)
    _record(actor, "water.sample_handed_on", sample, at, step=step)
    return made


@transaction.atomic
def report(
    *, actor: Actor, sample: Sample, results: Mapping[str, Found], at: datetime
) -> list[Result]:
    """Record what was found in a sample; a parameter that has a result already is corrected, and its history kept.

    Raises Refused for no result, an unknown parameter, a value that cannot be, and for a sample that was rejected.
    """
    require(actor, RECORD_WATER, *sample.scopes)
    if sample.custody.filter(step=Custodian.REJECTED).exists():
        raise Refused(_t("The laboratory has rejected this sample: take another."))
    if not results:
        raise Refused(_t("Give at least one result."))
    for parameter, found in results.items():
        _check(parameter, found)
    made = [
        Result.objects.update_or_create(
            sample=sample, parameter=parameter, defaults=found._asdict()
        )[0]
        for parameter, found in results.items()
    ]
    _record(actor, "water.sample_reported", sample, at, parameters=sorted(results))
    return made


def _check(parameter: str, found: Found) -> None:
    known = PARAMETERS.get(parameter)
    if known is None:
        raise Refused(_t("There is no parameter %s.") % parameter)
    if not known.least <= found.value <= known.most:
        told = {
            "name": known.name, "value": found.value, "least": known.least, "most": known.most, "unit": known.unit,
        }  # fmt: skip
        raise Refused(_t("%(name)s: %(value)s lies outside %(least)s to %(most)s %(unit)s.") % told)


@transaction.atomic
def plan(*, actor: Actor, source: Source, every_days: int, starts_on: date, at: datetime) -> Plan:
    """Sample a source every so many days from a day on; a plan before it ends. Raises Refused for less than a day."""
    require(actor, RECORD_WATER, *source.scopes)
    if every_days < 1:
        raise Refused(_t("At least one day lies between samples."))
    Plan.objects.filter(source=source, ends_on=None).update(ends_on=starts_on)
    made = Plan(source=source, every_days=every_days, starts_on=starts_on)
    write(made)
    events.record(
        actor=actor, verb="water.planned", subject=made, at=at, scopes=source.scopes, data={"every_days": every_days},
    )  # fmt: skip
    return made


def _record(actor: Actor, verb: str, sample: Sample, at: datetime, **data: object) -> None:
    given = {"source": sample.source_id, "code": sample.code, **data}
    events.record(actor=actor, verb=verb, subject=sample, at=at, scopes=sample.scopes, data=given)
