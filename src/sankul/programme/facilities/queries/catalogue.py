"""The catalogue: instruments and services over all institutions, found by words, technique, place, samples and price."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FloatField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Greatest

from sankul.core.models import Document
from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.programme.facilities.models import (
    Facility,
    Instrument,
    Opening,
    Service,
    Specification,
    Tariff,
    Technique,
)
from sankul.programme.facilities.queries.prices import rate_for
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.facilities.rules.listing import Completeness, completeness
from sankul.programme.portfolio.models.search import LANGUAGE, words_of
from sankul.programme.registry.models import Membership, Organisation

WORDS = ("name", "summary", "make", "model")
"""The texts of an instrument that are searched, as they are indexed."""
EXPORTED = {
    "organisation": "organisation__slug",
    "is_demonstration": "organisation__is_demonstration",
    "facility": "facility__slug",
    "slug": "slug",
    "name": "name",
    "make": "make",
    "model": "model",
    "place": "facility__place",
    "status": "status",
    "commissioned_on": "commissioned_on",
    "confirmed_at": "confirmed_at",
    "pid": "pid",
}


@dataclass(frozen=True)
class Asker:
    """For whom prices are told: an organisation, or a class of users from outside."""

    organisation: Organisation | None = None
    user_class: str = UserClass.ACADEMIA


def catalogue(
    actor: Actor, text: str = "", *, asker: Asker | None = None, on: date | None = None
) -> QuerySet[Instrument]:
    """Instruments on offer that the actor may see, found by ``text``, with facility and institution at hand.

    ``rank`` tells how near a row is to the text; ``price_inr`` is the rate of an hour for the asker, and
    ``technique_names`` what it can do, when a day is given.
    """
    rows = found(Instrument.objects.visible_to(actor).offered(), text)
    rows = rows.select_related("facility__organisation")
    if on is None:
        return rows
    names = Technique.objects.filter(instruments=OuterRef("pk")).order_by("name").values("name")
    told = _priced(rows, asker or Asker(), on).annotate(technique_names=ArraySubquery(names))
    return cast("QuerySet[Instrument]", told)


BARE = (
    "facility", "facility__timezone", "status", "withdrawn_at", "slot_minutes", "min_minutes", "max_minutes",
    "lead_minutes", "horizon_days", "setup_minutes", "cleanup_minutes", "quota_minutes_week",
)  # fmt: skip


def bare(rows: QuerySet[Instrument]) -> QuerySet[Instrument]:
    """The rows of a catalogue with no more than the search for free slots reads."""
    return rows.select_related(None).select_related("facility").only(*BARE)


def found(rows: QuerySet[Instrument], text: str) -> QuerySet[Instrument]:
    """The instruments in which ``text`` is found: in their words, or in the name of a technique, facility, institution or city.

    ``text`` is read as people write searches (PostgreSQL's ``websearch_to_tsquery``, English); misspelt names are found by
    likeness of trigrams.
    """
    if not text:
        zero: Any = rows.annotate(rank=Value(0.0, output_field=FloatField()))
        return cast("QuerySet[Instrument]", zero)
    words = words_of(*WORDS)
    query = SearchQuery(text, config=LANGUAGE, search_type="websearch")
    by_technique = Exists(
        Technique.objects.filter(
            Q(name__icontains=text) | Q(name__trigram_word_similar=text), instruments=OuterRef("pk")
        )
    )
    held = Q(words=query) | Q(name__icontains=text) | Q(name__trigram_word_similar=text)
    held |= by_technique | Q(facility__name__icontains=text) | Q(facility__place__icontains=text)
    held |= Q(organisation__name__icontains=text)
    rank: Any = Greatest(SearchRank(words, query), Value(0.0))
    narrowed: Any = rows
    return cast(
        "QuerySet[Instrument]", narrowed.alias(words=words).filter(held).annotate(rank=rank)
    )


def _priced(
    rows: Any, asker: Asker, on: date, *, of: str = "instrument", host: str = "organisation"
) -> Any:
    """With ``price_inr``, the rate for the asker; the relation is told by the institution of each row (``host``)."""
    one = asker.organisation
    if one is None:
        return rows.annotate(price_inr=rate_for(asker.user_class, Relation.OUTSIDE, on, of))
    ours = Membership.objects.on(on).filter(organisation=one).values("cluster")
    together = Membership.objects.on(on).filter(organisation=OuterRef(host), cluster__in=ours)
    stands = Case(
        When(**{host: one}, then=Value(Relation.OWN)),
        When(Exists(together), then=Value(Relation.CLUSTER)),
        default=Value(Relation.OUTSIDE),
    )
    rate = rate_for(UserClass.of(one.kind), OuterRef("stands"), on, of)
    return rows.alias(stands=stands).annotate(price_inr=rate)


def detailed(actor: Actor) -> QuerySet[Instrument]:
    """Instruments with all that their pages show, withdrawn ones among them: a fixed number of queries."""
    rows = Instrument.objects.visible_to(actor)
    return rows.select_related("facility__organisation", "photo").prefetch_related(
        "techniques",
        "specifications",
        "units",
        "openings",
        Prefetch("facility__openings", Opening.objects.filter(instrument__isnull=True)),
    )


def facilities(actor: Actor) -> QuerySet[Facility]:
    """Facilities that the actor may see, with their institutions and the number of instruments on offer."""
    rows = Facility.objects.visible_to(actor).select_related("organisation")
    offered = Count("instruments", filter=~Q(instruments__status="withdrawn"))
    return cast("QuerySet[Facility]", rows.annotate(offered=offered))


def services(
    actor: Actor, text: str = "", *, asker: Asker | None = None, on: date | None = None
) -> QuerySet[Service]:
    """Services that the actor may see and in which ``text`` is found, with facility and institution at hand.

    ``price_inr`` is the rate of a unit for the asker, when a day is given.
    """
    rows = Service.objects.visible_to(actor).select_related("facility__organisation")
    if text:
        words = words_of("name", "summary")
        query = SearchQuery(text, config=LANGUAGE, search_type="websearch")
        by_technique = Exists(
            Technique.objects.filter(name__icontains=text, services=OuterRef("pk"))
        )
        held = Q(words=query) | Q(name__icontains=text) | Q(name__trigram_word_similar=text)
        held |= by_technique | Q(facility__organisation__name__icontains=text)
        rows = rows.alias(words=words).filter(held | Q(facility__place__icontains=text))
    if on is None:
        return rows
    priced = _priced(rows, asker or Asker(), on, of="service", host="facility__organisation")
    return cast("QuerySet[Service]", priced)


def instruments_of(facility: Facility) -> list[Instrument]:
    """All instruments of a facility with their techniques: those on offer first."""
    rows = facility.instruments.select_related("facility__organisation")
    return list(
        rows.prefetch_related("techniques").order_by(
            F("withdrawn_at").asc(nulls_first=True), "name"
        )
    )


def services_of(facility: Facility) -> QuerySet[Service]:
    """The services that a facility offers."""
    return facility.services.filter(is_active=True).select_related("facility__organisation")


def techniques() -> QuerySet[Technique]:
    """Techniques of which there is an instrument on offer."""
    offered = Instrument.objects.offered().filter(techniques=OuterRef("pk"))
    return Technique.objects.filter(Exists(offered))


class Offers(NamedTuple):
    """What a search can be narrowed by: techniques by code and name, cities, kinds of samples."""

    techniques: list[tuple[str, str]]
    places: list[str]
    samples: list[str]


def offers(actor: Actor) -> Offers:
    """Techniques, cities and kinds of samples of which there is an instrument on offer: one query."""
    rows = Instrument.objects.visible_to(actor).offered().order_by()
    columns = ("facility__place", "sample_kinds", "techniques__code", "techniques__name")
    found = list(rows.values_list(*columns).distinct())
    return Offers(
        sorted({(code, name) for *_others, code, name in found if code}, key=lambda one: one[1]),
        sorted({place for place, *_others in found if place}),
        sorted({kind for _place, kinds, *_others in found for kind in kinds}),
    )


def told(instruments: Collection[Instrument]) -> dict[int, Completeness]:
    """How complete each listing is, by id: one query."""
    rows = Instrument.objects.filter(pk__in=[one.pk for one in instruments]).annotate(**_told())
    names = list(_told())
    return {
        row["pk"]: completeness([name.removeprefix("has_") for name in names if row[name]])
        for row in rows.values("pk", *names)
    }


def shares(rows: QuerySet[Instrument]) -> dict[int, Decimal]:
    """The completeness of each listing of a query, 0 to 1, by id: one query."""
    return {pk: one.share for pk, one in told(list(rows.only("pk"))).items()}


def _told() -> dict[str, Any]:
    texts = ("summary", "make", "model", "pid")
    hours = Opening.objects.filter(
        Q(instrument=OuterRef("pk")) | Q(instrument__isnull=True, facility=OuterRef("facility"))
    )
    outside = Tariff.objects.filter(instrument=OuterRef("pk"), relation=Relation.OUTSIDE)
    pk = OuterRef("pk")
    return {
        **{f"has_{name}": _is(~Q(**{name: ""})) for name in texts},
        "has_contact": _is(~Q(facility__contact_email="")),
        "has_sample_kinds": _is(~Q(sample_kinds=[])),
        "has_commissioned_on": _is(Q(commissioned_on__isnull=False)),
        "has_photo": _is(Q(photo__isnull=False)),
        "has_techniques": Exists(Instrument.techniques.through.objects.filter(instrument=pk)),
        "has_specifications": Exists(Specification.objects.filter(instrument=pk)),
        "has_hours": Exists(hours),
        "has_tariff": Exists(outside),
    }


def _is(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))


def _documents(actor: Actor) -> Q:
    photos = Instrument.objects.visible_to(actor).filter(photo__isnull=False)
    return Q(pk__in=Document.objects.filter(pk__in=photos.values("photo")).values("pk"))


documents.declare("facilities", _documents)
