"""Making entities, with those that stand inside them: all of a request or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, Scope
from sankul.field.streams.models import Datastream, HistoricalLocation, Thing
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.queries.sta.sources import SOURCES
from sankul.field.streams.rules.odata import ENTITIES, Unreadable
from sankul.field.streams.rules.odata.bodies import Given
from sankul.field.streams.rules.odata.entities import Link

from .holding import (
    PUBLIC,
    Holder,
    holder_for,
    require_thing,
    scopes_of,
    to_change,
    to_link,
)
from .observing import observe
from .places import bounds_of, follow, locate

GEOMETRIES = {
    "Location": ("location", "encodingType"),
    "FeatureOfInterest": ("feature", "encodingType"),
}
Led = Mapping[str, int]
"""What the address says that an entity is linked to: numbers by link."""


@dataclass
class Making:
    """One request that makes entities: who sends, when, and what was made so far, by type and number."""

    sender: Sender
    actor: Actor
    at: datetime
    is_public: bool | None = None
    made: list[tuple[str, int]] = field(default_factory=list)
    thing: int | None = None
    stream: int | None = None
    """The thing in whose scope all is made, or a stream of it, once it is known."""

    def entity(self, given: Given, led: Led) -> int:
        """Make an entity with all inside it, and tell its number."""
        ones = dict(led)
        for name, key in led.items():
            self._under(given.entity.link_named[name].target, key)
        for link in given.entity.links:
            if not link.is_many and link.name in given.links:
                ones[link.name] = self._target(link, given.links[link.name][0], {})
        key = self._row(given, ones)
        self.made.append((given.entity.name, key))
        self._under(given.entity.name, key)
        for link in given.entity.links:
            if link.is_many and given.links.get(link.name):
                self._inside(given, key, link)
        return key

    def _target(self, link: Link, target: int | Given, led: Led) -> int:
        if isinstance(target, Given):
            return self.entity(target, led)
        if link.target != "Datastream":  # into which observations may go, ``ingest`` decides
            to_link(link.target, target, self.actor, f"{link.name}.@iot.id")
        self._under(link.target, target)
        return target

    def _under(self, name: str, key: int) -> None:
        if name == "Thing":
            self.thing = key
        elif name == "Datastream":
            self.stream = key

    def _inside(self, given: Given, key: int, link: Link) -> None:
        back = ENTITIES[link.target].link_named[link.back]
        led = {} if back.is_many and not back.is_required else {link.back: key}
        keys = [self._target(link, target, led) for target in given.links[link.name]]
        existing = [
            number
            for number, target in zip(keys, given.links[link.name], strict=True)
            if not isinstance(target, Given)
        ]
        attach(given.entity.name, key, link, keys if back.is_many else existing, self)

    def _row(self, given: Given, ones: Led) -> int:
        name = given.entity.name
        if name == "Observation":
            return self._observation(given, ones)
        if name == "HistoricalLocation":
            return self._history(given, ones)
        source = SOURCES[name]
        fields = {source.columns[one][0]: value for one, value in given.values.items()}
        if fields.get("properties", {}) is None:
            del fields["properties"]
        if name in GEOMETRIES:
            fields |= _bounds(given)
        fields |= self._stream(ones) if name == "Datastream" else self._holder().fields
        manager: Any = source.model._default_manager
        made = manager.create(**fields)
        return int(made.pk)

    def _holder(self) -> Holder:
        things = Thing.objects.select_related("cluster")
        if self.thing is None and self.stream is not None:
            thing = things.filter(datastreams=self.stream).first()
        else:
            thing = things.get(pk=self.thing) if self.thing else None
        return holder_for(self.actor, is_public=self.is_public, under=thing)

    def _stream(self, ones: Led) -> dict[str, Any]:
        thing = Thing.objects.select_related("cluster").get(pk=ones["Thing"])
        require_thing(thing, self.actor)
        return {
            "thing": thing,
            "sensor_id": ones["Sensor"],
            "observed_property_id": ones["ObservedProperty"],
        }

    def _history(self, given: Given, ones: Led) -> int:
        thing = to_change("Thing", ones["Thing"], self.actor)
        history = HistoricalLocation.objects.create(thing=thing, time=given.values["time"])
        if "Locations" in ones:
            history.locations.add(ones["Locations"])
        return history.pk

    def _observation(self, given: Given, ones: Led) -> int:
        return observe(
            given=given,
            stream_id=ones["Datastream"],
            feature_id=ones.get("FeatureOfInterest"),
            sender=self.sender,
            at=self.at + timedelta(microseconds=len(self.made)),
        )


def make(
    *,
    given: Given,
    led: Led,
    sender: Sender,
    actor: Actor,
    at: datetime,
    is_public: bool | None = None,
) -> list[tuple[str, int]]:
    """Make an entity with all inside it; what was made, by type and number, the entity itself first.

    A single observation goes straight to ``ingest``, which keeps what it refuses. Raises Unreadable with the place, Forbidden
    without the right, Refused where a rule says no; then nothing is made.
    """
    making = Making(sender, actor, at, is_public)
    if given.entity.name == "Observation" and not any(
        isinstance(one, Given) for targets in given.links.values() for one in targets
    ):
        return [("Observation", making.entity(given, led))]
    with transaction.atomic():
        key = making.entity(given, led)
        attach_led(given, key, led, making)
        events.record(
            actor=actor,
            verb=f"{given.entity.name.lower()}.made",
            subject=f"{given.entity.name.lower()}/{key}",
            at=at,
            scopes=_scopes(making, given, key),
            data={"made": [f"{name}({number})" for name, number in making.made]},
        )
    root = (given.entity.name, key)
    return [root, *(one for one in making.made if one != root)]


def _scopes(making: Making, given: Given, key: int) -> tuple[Scope, ...]:
    name = given.entity.name
    if name == "Observation":
        stream = Datastream.objects.select_related("thing__cluster").get(pk=making.stream or 0)
        return stream.thing.scopes
    return scopes_of(name, SOURCES[name].model._default_manager.get(pk=key))


def attach_led(given: Given, key: int, led: Led, making: Making) -> None:
    """Link an entity to what the address says, where both have many of the other."""
    for name, other in led.items():
        link = given.entity.link_named[name]
        if link.is_many:
            attach(given.entity.name, key, link, [other], making)


def attach(name: str, key: int, link: Link, others: list[int], making: Making) -> None:
    """Link an entity to others that exist by a link to many."""
    actor, at = making.actor, making.at
    if (name, link.name) == ("Thing", "Locations"):
        thing = to_change("Thing", key, actor)
        places = [to_link("Location", one, actor, link.name) for one in others]
        locate(thing=thing, locations=places, at=at)
    elif (name, link.name) == ("Location", "Things"):
        place = to_link("Location", key, actor, link.name)
        for one in others:
            locate(thing=to_change("Thing", one, actor), locations=[place], at=at)
    elif (name, link.name) == ("HistoricalLocation", "Locations"):
        history = to_change("HistoricalLocation", key, actor)
        history.locations.set(to_link("Location", one, actor, link.name) for one in others)
        follow(history)
    elif (name, link.name) == ("Location", "HistoricalLocations"):
        for one in others:
            history = to_change("HistoricalLocation", one, actor)
            history.locations.add(to_link("Location", key, actor, link.name))
            follow(history)
    elif link.target in ("Datastream", "HistoricalLocation"):
        _take_over(name, key, link, others, actor)
    elif others:
        raise Unreadable(link.name, "observations to be made: those that exist stay where they are")


def _take_over(name: str, key: int, link: Link, others: list[int], actor: Actor) -> None:
    """Make this entity the one that others are linked to."""
    to_link(name, key, actor, link.name)
    column = SOURCES[link.target].links[link.back]
    for one in others:
        row = to_change(link.target, one, actor)
        setattr(row, f"{column}_id", key)
        if isinstance(row, Datastream):
            require_thing(Thing.objects.select_related("cluster").get(pk=row.thing_id), actor)
        row.save(update_fields=[f"{column}_id"])


def _bounds(given: Given) -> dict[str, float | None]:
    geometry, encoding = GEOMETRIES[given.entity.name]
    place = f"{given.place}.{geometry}" if given.place else geometry
    return bounds_of(given.values[geometry], given.values[encoding], place)


def asked_public(body: Any) -> bool | None:
    """Whether a body asks for an entity that everybody may see; None if it says nothing. Raises Unreadable."""
    value = body.get(PUBLIC) if isinstance(body, dict) else None
    if value is not None and not isinstance(value, bool):
        raise Unreadable(PUBLIC, "true or false")
    return value
