"""From a request to a query or an action, and from refusals to answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import DataError, OperationalError, connection, transaction
from django.utils.translation import gettext as _t
from orjson import Fragment
from psycopg.errors import QueryCanceled

from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.field.streams.actions.allowance import Revoked, TooFast
from sankul.field.streams.actions.sta.arrays import observe_arrays, read_arrays
from sankul.field.streams.actions.sta.changing import change
from sankul.field.streams.actions.sta.making import asked_public, make
from sankul.field.streams.actions.sta.observing import Kept
from sankul.field.streams.actions.sta.removing import remove, remove_observations
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.queries.sta.archived import at_hand
from sankul.field.streams.queries.sta.arrays import in_arrays
from sankul.field.streams.queries.sta.reading import Reader
from sankul.field.streams.rules.odata import (
    Options,
    Resource,
    Unreadable,
    parse_options,
    parse_query,
    parse_resource,
)
from sankul.field.streams.rules.odata.bodies import (
    Given,
    read_changes,
    read_entity,
    read_replacement,
)
from sankul.field.streams.rules.odata.entities import SETS
from sankul.field.streams.rules.odata.features import collection_of
from sankul.field.streams.rules.odata.patches import apply_patch
from sankul.field.streams.rules.odata.resources import Unknown, steps_into

from .answers import GEO_JSON, TEXT, Answer, Asked, dump, problem

SECONDS = 10
"""How long one query may take before it is given up: what needs longer scans too much."""
READS = ("GET", "HEAD")
SINCE = "@sankul.observationsSince"
"""From which day on an answer tells observations, where it leaves closed days out."""
SPECIFICATION = "http://www.opengis.net/spec/iot_sensing/1.1/req"
CONFORMANCE = (
    f"{SPECIFICATION}/datamodel",
    f"{SPECIFICATION}/resource-path/resource-path-to-entities",
    f"{SPECIFICATION}/request-data",
    f"{SPECIFICATION}/create-update-delete/create-entity",
    f"{SPECIFICATION}/create-update-delete/link-to-existing-entities",
    f"{SPECIFICATION}/create-update-delete/deep-insert",
    f"{SPECIFICATION}/create-update-delete/deep-insert-status-code",
    f"{SPECIFICATION}/create-update-delete/update-entity",
    f"{SPECIFICATION}/create-update-delete/update-entity-put",
    f"{SPECIFICATION}/create-update-delete/update-entity-jsonpatch",
    f"{SPECIFICATION}/create-update-delete/delete-entity",
    f"{SPECIFICATION}/create-update-delete/historical-location-auto-creation",
    f"{SPECIFICATION}/batch-request/batch-request",
    f"{SPECIFICATION}/data-array/data-array",
)
"""The requirements that are met, by their names in OGC 18-088."""
CREATION = f"{SPECIFICATION}/create-observations-via-mqtt/observations-creation"
UPDATES = f"{SPECIFICATION}/receive-updates-via-mqtt/receive-updates"


def answer(asked: Asked) -> Answer:
    """The answer to a request, refusals among them."""
    try:
        return _answered(asked)
    except Kept as kept:
        told = _refused(kept.refusal)
        return replace(told, body=told.body | {"kept": True})
    except (Unreadable, Unknown, Refused, DataError, OperationalError) as error:
        return _refused(error)
    except RecursionError:
        return too_deep()


def too_deep() -> Answer:
    """400 for what is nested so deeply that it cannot be worked out."""
    return problem(400, "Not readable", _t("Too much is put inside one another: nest it less."))


def _refused(error: Exception) -> Answer:
    """A refusal as an answer. What is none is raised again."""
    match error:
        case Unreadable():
            told = {"place": error.place, "expected": error.expected}
            return problem(400, "Not readable", str(error), **told)
        case Unknown():
            detail = _t("There is no such thing here, or none that you may see.")
            return problem(404, "Not found", detail)
        case TooFast():
            told = {"Retry-After": str(error.wait_s)}
            return replace(problem(429, "Too many at once", error.reason), headers=told)
        case Revoked():
            return problem(401, "Not signed in", error.reason)
        case Forbidden():
            return problem(403, "Forbidden", error.reason)
        case Refused():
            return problem(409, "Refused", error.reason)
        case DataError():
            detail = _t(
                "What was sent cannot be stored or worked out: NUL in a text, or a number out of range."
            )
            return problem(400, "Not readable", detail)
        case OperationalError() if isinstance(error.__cause__, QueryCanceled):
            detail = _t(
                "This asks for too much: it was given up after %s seconds. Narrow it with $filter, or ask for fewer rows."
            )
            return problem(400, "Too much", detail % SECONDS)
    raise error


def _answered(asked: Asked) -> Answer:
    if asked.method in READS:
        with _in_time():
            return _read(asked)
    if asked.path == "CreateObservations":
        return _create_observations(asked) if asked.method == "POST" else not_allowed("POST")
    resource = parse_resource(asked.path) if asked.path else None
    if resource is None:
        return not_allowed("GET")
    write = _WRITES.get(asked.method)
    if write is None:
        return not_allowed("GET, POST, PATCH, PUT, DELETE")
    return write(asked, resource)


@contextmanager
def _in_time() -> Iterator[None]:
    """One transaction, in which a query that takes too long is given up."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{SECONDS}s"])
        yield


def _read(asked: Asked) -> Answer:
    if not asked.path:
        return Answer(200, _root(asked.root))
    resource = parse_resource(asked.path)
    options = parse_options(parse_query(asked.query), resource.last.entity)
    with at_hand(resource, options, asked.actor) as hand:
        answered = _told(Reader(asked.actor, asked.root, hand.needed), resource, options)
    if hand.since is not None and isinstance(answered.body, dict):
        answered.body[SINCE] = hand.since.isoformat()
    return answered


def _told(reader: Reader, resource: Resource, options: Options) -> Answer:
    if resource.ending == "$ref":
        return Answer(200, reader.links(resource, options))
    if resource.into:
        return property_told(reader, resource)
    if options.result_format == "GeoJSON":
        return Answer(200, _features(reader, resource, options), GEO_JSON)
    if not resource.last.is_collection:
        return Answer(200, reader.entity(resource, options))
    return Answer(200, _collection(reader, resource, options))


def _collection(reader: Reader, resource: Resource, options: Options) -> dict[str, Any]:
    if options.result_format == "dataArray" and resource.last.entity.name == "Observation":
        return in_arrays(reader, resource, options)
    if options.result_format not in ("", "default"):
        raise Unreadable("$resultFormat", "GeoJSON, or of Observations dataArray")
    return reader.collection(resource, options)


def _features(reader: Reader, resource: Resource, options: Options) -> dict[str, Any]:
    if not resource.last.is_collection:
        return collection_of(resource.last.entity, [reader.entity(resource, options)], {})
    page = reader.collection(resource, options)
    return collection_of(resource.last.entity, page.pop("value"), page)


def property_told(reader: Reader, resource: Resource) -> Answer:
    """A property by its path: its name and value, or with ``$value`` the value alone; 204 where it is null."""
    name, *into = steps_into(resource.into)
    name = {"id": "@iot.id"}.get(str(name), str(name))
    found: Any = reader.entity(resource, Options(select=(name,))).get(name)
    for step in into:
        if found is None:
            break
        found = _item(found, step)
    if found is None:
        return Answer(204)
    if resource.ending != "$value":
        told = {"id": "@iot.id"}.get(resource.into[-1], resource.into[-1])
        return Answer(200, {told: found})
    return Answer(200, found if isinstance(found, str) else dump(found).decode(), TEXT)


def _item(holder: Any, step: str | int) -> Any:
    if isinstance(holder, dict) and isinstance(step, str) and step in holder:
        return holder[step]
    if isinstance(holder, list) and isinstance(step, int) and step < len(holder):
        return holder[step]
    raise Unknown(str(step))


def _root(root: str) -> dict[str, Any]:
    by_messages = {CREATION: settings.MQTT_ENDPOINT, UPDATES: settings.MQTT_NEWS_ENDPOINT}
    there = {name: {"endpoints": [one]} for name, one in by_messages.items() if one}
    told = {"conformance": [*CONFORMANCE, *there]} | there
    value = [{"name": name, "url": f"{root}/{name}"} for name in SETS]
    return {"value": value, "serverSettings": told}


def _sender(asked: Asked) -> Sender:
    if asked.sender is None:
        raise Forbidden(_t("Show a token: only those who may are let to write."))
    return asked.sender


def _post(asked: Asked, resource: Resource) -> Answer:
    if not resource.last.is_collection or resource.ending or resource.into:
        return not_allowed("GET, PATCH, PUT, DELETE")
    sender, entity = _sender(asked), resource.last.entity
    led = _led(asked, resource)
    given = read_entity(entity, asked.body, led_by=frozenset(led))
    try:
        made = make(
            given=given,
            led=led,
            sender=sender,
            actor=asked.actor,
            at=asked.at,
            is_public=asked_public(asked.body),
        )
    except (Unreadable, Kept):
        if _leads_to_stream(resource) and sender.device is None:
            _led_through(asked, resource)  # what the address leads through may not be there
        raise
    address = f"{asked.root}/{entity.plural}({made[0][1]})"
    return Answer(201, headers={"Location": address})


def _led(asked: Asked, resource: Resource) -> dict[str, int]:
    """What the address links a new entity to, by the link that leads back."""
    if len(resource.steps) == 1:
        return {}
    *before, last = resource.steps
    link = before[-1].entity.link_named[last.name]
    if _leads_to_stream(resource):
        return {link.back: int(before[0].id or 0)}
    return {link.back: _led_through(asked, resource)}


def _leads_to_stream(resource: Resource) -> bool:
    """Whether it is Datastreams(…)/Observations: into which streams who may send, ``ingest`` decides, without asking twice."""
    names = [step.name for step in resource.steps]
    return names == ["Datastreams", "Observations"] and resource.steps[0].id is not None


def _led_through(asked: Asked, resource: Resource) -> int:
    """The entity before the last step. Raises Unknown where the actor may not see it."""
    return Reader(asked.actor, asked.root).key(Resource(resource.steps[:-1]))


def _patch(asked: Asked, resource: Resource) -> Answer:
    entity = resource.last.entity
    if asked.is_patch:
        return _change(asked, resource, lambda reader: _patched(asked, reader, resource))
    return _change(asked, resource, lambda _: read_changes(entity, asked.body))


def _put(asked: Asked, resource: Resource) -> Answer:
    entity = resource.last.entity
    return _change(asked, resource, lambda _: read_replacement(entity, asked.body))


def _change(asked: Asked, resource: Resource, read: Callable[[Reader], Given]) -> Answer:
    if resource.last.is_collection or resource.ending or resource.into:
        return not_allowed("GET, POST")
    sender = _sender(asked)
    with at_hand(resource, Options(), asked.actor):
        reader = Reader(asked.actor, asked.root)
        key, given = reader.key(resource), read(reader)
    change(
        given=given,
        key=key,
        sender=sender,
        actor=asked.actor,
        at=asked.at,
        is_public=asked_public(asked.body),
    )
    return Answer(200)


def _patched(asked: Asked, reader: Reader, resource: Resource) -> Given:
    """What the operations of a JSON Patch change of an entity."""
    entity = resource.last.entity
    names = tuple(one.name for one in entity.properties)
    was = reader.entity(resource, Options(select=names))
    document = apply_patch(was, asked.body)
    if not isinstance(document, dict):
        raise Unreadable("body", "operations that leave an object")
    changed = {name: document.get(name) for name in names if document.get(name) != was.get(name)}
    return read_changes(entity, changed)


def _delete(asked: Asked, resource: Resource) -> Answer:
    if resource.ending or resource.into:
        return not_allowed("GET")
    _sender(asked)
    reader, entity = Reader(asked.actor, asked.root), resource.last.entity
    if not resource.last.is_collection:
        with at_hand(resource, Options(), asked.actor):
            key = reader.key(resource)
        remove(name=entity.name, key=key, actor=asked.actor, at=asked.at)
        return Answer(200)
    options = parse_options(parse_query(asked.query), entity)
    if entity.name != "Observation" or options.filter is None:
        raise Unreadable("$filter", "a filter: only observations that it finds are deleted at once")
    with _in_time():
        found = reader.narrowed(resource, options)
        remove_observations(rows=found, actor=asked.actor, at=asked.at)
    return Answer(200)


def _create_observations(asked: Asked) -> Answer:
    """A data array: for each row the address of its observation, or "error" and why."""
    parts = read_arrays(asked.body)
    made = observe_arrays(parts=parts, sender=_sender(asked), at=asked.at)
    if any(isinstance(one, str) for one in made):
        told = [
            f"error: {one}" if isinstance(one, str) else f"{asked.root}/Observations({one})"
            for one in made
        ]
        return Answer(201, told)
    return Answer(201, Fragment(_addresses(made, asked.root)) if made else [])


def _addresses(numbers: list[Any], root: str) -> bytes:
    """The addresses of observations as a JSON list, made of that of their numbers."""
    begin = dump(f"{root}/Observations(")[:-1]
    return b"[" + begin + dump(numbers)[1:-1].replace(b",", b')",' + begin) + b')"]'


def not_allowed(methods: str) -> Answer:
    """405, with the methods that are allowed."""
    refused = problem(405, "Method not allowed", _t("Allowed here: %s.") % methods)
    return Answer(405, refused.body, refused.kind, {"Allow": methods})


_WRITES: dict[str, Callable[[Asked, Resource], Answer]] = {
    "POST": _post,
    "PATCH": _patch,
    "PUT": _put,
    "DELETE": _delete,
}
