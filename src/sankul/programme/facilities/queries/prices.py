"""Which tariff holds, and what a use costs by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import OuterRef, Subquery

from sankul.core.queries import prepared
from sankul.programme.facilities.models import Instrument, Service, Tariff
from sankul.programme.facilities.queries.hours import zone_of
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.facilities.rules.life import relation
from sankul.programme.facilities.rules.prices import Estimate, Used, estimate, estimate_work
from sankul.programme.registry.models import Membership, Organisation

_TARIFF = f"""
SELECT {prepared.columns(Tariff)} FROM {Tariff._meta.db_table}
WHERE {{of}}_id = %s AND user_class = %s AND relation = %s
    AND (from_on IS NULL OR from_on <= %s) AND (until_on IS NULL OR until_on >= %s)
"""
"""At most one row: a constraint keeps two from holding on one day."""
_MEMBERS = f"""
SELECT organisation_id, cluster_id FROM {Membership._meta.db_table}
WHERE organisation_id = ANY(%(bodies)s) AND CASE WHEN %(on)s::date IS NULL THEN until_on IS NULL
    ELSE (from_on IS NULL OR from_on <= %(on)s) AND (until_on IS NULL OR until_on >= %(on)s) END
"""


@dataclass(frozen=True)
class Quote:
    """The tariff in force, and what it makes of a use."""

    tariff: Tariff
    estimate: Estimate

    @property
    def amount_inr(self) -> Decimal:
        """The sum, without tax."""
        return self.estimate.total_inr


def tariff_in_force(
    what: Instrument | Service, user_class: str, relation: str, on: date
) -> Tariff | None:
    """The tariff of an instrument or a service for a class and a relation on a day, or None: there is no price then."""
    asked = _TARIFF.format(of="instrument" if isinstance(what, Instrument) else "service")
    rows = prepared.rows(asked, what.pk, user_class, relation, on, on)
    return next(iter(prepared.instances(Tariff, rows)), None)


def quote(
    instrument: Instrument,
    *,
    user_class: str,
    relation: str,
    starts_at: datetime,
    ends_at: datetime,
    is_assisted: bool = False,
    consumables: Iterable[Used] = (),
) -> Quote | None:
    """What a use costs by the tariff in force on the facility's day on which it begins, or None where there is no tariff.

    A tariff that changes while the instrument is used changes nothing for that use.
    """
    zone = zone_of(instrument.facility)
    on = starts_at.astimezone(zone).date()
    tariff = tariff_in_force(instrument, user_class, relation, on)
    if tariff is None:
        return None
    return Quote(tariff, estimate(tariff, starts_at, ends_at, zone, is_assisted, consumables))


def quote_work(
    service: Service,
    *,
    user_class: str,
    relation: str,
    on: date,
    quantity: Decimal,
    consumables: Iterable[Used] = (),
) -> Quote | None:
    """What so many units of a service cost by the tariff in force on a day, or None where there is no tariff."""
    tariff = tariff_in_force(service, user_class, relation, on)
    if tariff is None:
        return None
    return Quote(tariff, estimate_work(tariff, quantity, service.unit_name, consumables))


def relation_of(host: Organisation, asker: Organisation, on: date | None = None) -> Relation:
    """How an asker's organisation stands to a host on a day: one query. Without a day, by memberships that have no end."""
    return relations(asker, {host.pk}, on)[host.pk]


def relations(
    asker: Organisation, hosts: Collection[int], on: date | None = None
) -> dict[int, Relation]:
    """The same for many hosts, by their ids: one query."""
    of: dict[int, set[int]] = defaultdict(set)
    for organisation, cluster in prepared.rows(_MEMBERS, bodies=[asker.pk, *hosts], on=on):
        of[organisation].add(cluster)
    return {
        host: relation(
            host=host,
            asker=asker.pk,
            host_clusters=of[host],
            asker_clusters=of[asker.pk],
        )
        for host in hosts
    }


def rates(
    instruments: Collection[Instrument], asker: Organisation | None, on: date
) -> dict[int, Tariff]:
    """The tariff for an asker's organisation, by instrument, on a day; for nobody in particular, academia from outside.

    Two queries at most. An instrument without such a tariff is not in it.
    """
    hosts = {one.facility.organisation_id for one in instruments}
    user_class = UserClass.of(asker.kind) if asker else UserClass.ACADEMIA
    stands = relations(asker, hosts, on) if asker else dict.fromkeys(hosts, Relation.OUTSIDE)
    rows = Tariff.objects.on(on).filter(
        instrument__in=[one.pk for one in instruments], user_class=user_class
    )
    found = {(row.instrument_id, row.relation): row for row in rows}
    return {
        one.pk: found[key]
        for one in instruments
        if (key := (one.pk, stands[one.facility.organisation_id])) in found
    }


def rate_for(
    user_class: str, relation: str | OuterRef, on: date, of: str = "instrument"
) -> Subquery:
    """The rate of an instrument (or ``of`` a service) for a class and relation, as a column of a query."""
    rows = Tariff.objects.on(on).filter(
        **{of: OuterRef("pk")}, user_class=user_class, relation=relation
    )
    return Subquery(rows.values("rate_inr")[:1])
