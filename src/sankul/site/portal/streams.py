"""What the site gives away of the field: things with their places, and the last value of every stream."""

from __future__ import annotations

import math
from typing import Any

from django.db.models import F, FloatField, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, NullIf
from django.utils.translation import gettext_lazy as _

from sankul.core.exports import Dataset, Field, Type
from sankul.core.rules.roles import Actor
from sankul.field.streams.models import Datastream, Location, Thing

FICTIONAL = _("whether the programme is the fictional demonstration")


def _things(actor: Actor) -> QuerySet[Any]:
    """Things that one may see, with the middle of their newest place, as far as that may be seen."""
    places = Location.objects.visible_to(actor).filter(things=OuterRef("pk"), west__isnull=False)
    newest = places.order_by("-pk").annotate(
        lon=(F("west") + F("east")) / 2, lat=(F("south") + F("north")) / 2
    )
    rows = Thing.objects.visible_to(actor).annotate(
        longitude=Subquery(newest.values("lon")[:1]),
        latitude=Subquery(newest.values("lat")[:1]),
        licence=KeyTextTransform("licence", "properties"),
    )
    return rows.order_by("pk")


def _latest(actor: Actor) -> QuerySet[Any]:
    """Streams that one may see and that said something, with what they said last."""
    rows = Datastream.objects.visible_to(actor).filter(latest__time__isnull=False)
    return rows.annotate(
        symbol=KeyTextTransform("symbol", "unit"),
        at=Cast("latest__time", TextField()),
        number=NullIf("latest__value", Value(math.nan, FloatField())),
    ).order_by("pk")


FIELD = (
    Dataset(
        "field-things",
        _("Things in the field"),
        _("Wells, meters and other devices that are public, and where they are."),
        (
            Field("id", Type.WHOLE, _("number of the thing")),
            Field("programme", Type.TEXT, _("short name of the programme"), "cluster__programme__slug"),
            Field("is_demonstration", Type.TRUTH, FICTIONAL, "cluster__programme__is_demonstration"),
            Field("cluster", Type.TEXT, _("short name of the cluster"), "cluster__slug"),
            Field("name", Type.TEXT, _("name")),
            Field("description", Type.TEXT, _("description")),
            Field("deployment", Type.WHOLE, _("number of the deployment that it belongs to"), "deployment_id"),
            Field("longitude", Type.NUMBER, _("degrees east (WGS 84); empty if it has no public place")),
            Field("latitude", Type.NUMBER, _("degrees north (WGS 84)")),
            Field("licence", Type.TEXT, _("licence of its observations; empty: not stated")),
        ),
        _things,
    ),
    Dataset(
        "field-latest",
        _("Latest values of the field"),
        _("The last observation of every public stream. All observations of a thing are on its own page."),
        (
            Field("stream", Type.WHOLE, _("number of the stream"), "pk"),
            Field("programme", Type.TEXT, _("short name of the programme"), "thing__cluster__programme__slug"),
            Field("is_demonstration", Type.TRUTH, FICTIONAL, "thing__cluster__programme__is_demonstration"),
            Field("thing", Type.WHOLE, _("number of the thing"), "thing_id"),
            Field("name", Type.TEXT, _("name of the stream")),
            Field("property", Type.TEXT, _("what is observed"), "observed_property__name"),
            Field("time", Type.TEXT, _("time of the observation, with its offset"), "at"),
            Field("value", Type.NUMBER, _("the result; empty if it is missing or no number"), "number"),
            Field("unit", Type.TEXT, _("symbol of the unit"), "symbol"),
            Field("flag", Type.WHOLE, _("1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing"), "latest__flag"),
            Field("observations", Type.WHOLE, _("how many observations the stream has"), "latest__count"),
        ),
        _latest,
    ),
)  # fmt: skip
