"""Papers that thank a facility for its instruments."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.facilities.models import Acknowledged, Instrument
from sankul.programme.facilities.rules.life import doi as read_doi
from sankul.programme.portfolio.rules.life import why_not_past

from . import rows

REASONS = {"acknowledged_once": _("This paper is on record for this instrument already.")}


@transaction.atomic
def acknowledge(
    *,
    actor: Actor,
    instrument: Instrument,
    doi: str,
    title: str,
    at: datetime,
    published_on: date | None = None,
) -> Acknowledged:
    """Name a paper that used an instrument. Raises Refused for what is no DOI, and for a paper named before."""
    rows.asking(actor)
    found = read_doi(doi)
    if not found:
        raise Refused(_t("“%s” is no DOI; an example is 10.1000/182.") % doi.strip())
    if published_on is not None:
        why_not_past(published_on, at.date()).enforce()
    made = Acknowledged(
        instrument=instrument,
        doi=found,
        title=title.strip(),
        published_on=published_on,
        reported_by=actor.user,
        reported_at=at,
    )
    write(made, reasons=REASONS)
    rows.record(actor, "instrument.acknowledged", made, at, instrument.scopes, doi=found)
    return made
