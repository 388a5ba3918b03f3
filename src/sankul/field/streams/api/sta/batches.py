"""Batches of requests in one (OGC 18-088, clause 11; JSON format of OData 4.01, clause 19)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db import transaction

from sankul.field.streams.rules.odata import Unreadable

from .answers import Answer, Asked, problem
from .dispatch import answer

MOST = 1_000
_MADE = re.compile(r"/(?P<name>[A-Za-z]+)\((?P<id>\d+)\)$")
_REFERENCE = re.compile(r"\$(?P<id>[\w.-]+)")
Request = dict[str, Any]
Told = dict[str, Any]
Made = dict[str, tuple[str, int]]
"""What requests made, by their ids: the set and the number."""


class _Undone(Exception):  # noqa: N818
    """A request of a group was refused, so all of it is undone."""

    def __init__(self, told: list[dict[str, Any]]) -> None:
        super().__init__()
        self.told = told


def batch(asked: Asked, *, goes_on: bool) -> Answer:
    """The answers to the requests of a batch in JSON, in their order. Raises Unreadable for a batch of another form."""
    return Answer(200, {"responses": run(_requests(asked.body), asked, goes_on=goes_on)})


def run(requests: Sequence[Request], asked: Asked, *, goes_on: bool) -> list[Told]:
    """What requests are answered.

    Those of one ``atomicityGroup`` happen all or not at all. After a refusal the rest is left out, unless it ``goes_on``. A later
    request names what an earlier one made by $ and its id.
    """
    made: Made = {}
    told: list[Told] = []
    for group in _groups(requests):
        is_group = bool(group[0].get("atomicityGroup"))
        answers = _together(group, asked, made) if is_group else [_one(group[0], asked, made)]
        told += answers
        if not goes_on and any(one["status"] >= 400 for one in answers):
            break
    return told


def _requests(body: Any) -> list[Request]:
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or len(requests) > MOST:
        raise Unreadable("requests", f"a list of at most {MOST} requests")
    seen: set[str] = set()
    for position, request in enumerate(requests):
        place = f"requests[{position}]"
        if not isinstance(request, dict):
            raise Unreadable(place, "an object with id, method and url")
        for key in ("id", "method", "url"):
            if not isinstance(request.get(key), str):
                raise Unreadable(f"{place}.{key}", "a text")
        if not isinstance(request.get("atomicityGroup"), str | None):
            raise Unreadable(f"{place}.atomicityGroup", "a text")
        if request["id"] in seen:
            raise Unreadable(f"{place}.id", "an id that no other request has")
        seen.add(request["id"])
    return requests


def _groups(requests: Sequence[Request]) -> Iterator[list[Request]]:
    """The requests one by one, those of one atomicity group together where the first of them stands."""
    done: set[str] = set()
    for request in requests:
        group = request.get("atomicityGroup")
        if not group:
            yield [request]
        elif group not in done:
            done.add(group)
            yield [one for one in requests if one.get("atomicityGroup") == group]


def _together(group: Sequence[dict[str, Any]], asked: Asked, made: Made) -> list[dict[str, Any]]:
    own = dict(made)
    try:
        with transaction.atomic():
            told = []
            for request in group:
                told.append(_one(request, asked, own))
                if told[-1]["status"] >= 400:
                    raise _Undone(told)
    except _Undone as undone:
        failed = undone.told[-1]
        return [failed if one["id"] == failed["id"] else _depends(one) for one in group]
    made |= own
    return told


def _depends(request: dict[str, Any]) -> dict[str, Any]:
    refused = problem(424, "Undone", "Another request of its atomicityGroup was refused.")
    return {"id": request["id"], "status": 424, "body": refused.body}


def _one(request: dict[str, Any], asked: Asked, made: Made) -> dict[str, Any]:
    answered = _answered(request, asked, made)
    told: dict[str, Any] = {"id": request["id"], "status": answered.status}
    if location := answered.headers.get("Location"):
        told["location"] = location
        if found := _MADE.search(location):
            made[request["id"]] = (found["name"], int(found["id"]))
    if answered.body is not None:
        told["body"] = answered.body
    return told


def _answered(request: dict[str, Any], asked: Asked, made: Made) -> Answer:
    try:
        address = urlsplit(_addressed(request["url"], asked.root, made))
        body = _referred(request.get("body"), made)
    except (Unreadable, ValueError) as error:
        return problem(400, "Not readable", str(error))
    path = unquote(address.path).strip("/")
    if path.startswith("$batch"):
        return problem(400, "Not readable", "A batch holds no other batch.")
    headers = request.get("headers")
    kinds = [
        str(value).lower()
        for name, value in (headers.items() if isinstance(headers, dict) else ())
        if name.lower() == "content-type"
    ]
    return answer(
        replace(
            asked,
            method=request["method"].upper(),
            path=path,
            query=address.query,
            body=body,
            is_patch=any("json-patch" in kind for kind in kinds) or isinstance(body, list),
        )
    )


def _addressed(url: str, root: str, made: Made) -> str:
    """The address below the service, with what an earlier request made in the place of its reference."""
    for start in (root, urlsplit(root).path):
        url = url.removeprefix(start)
    url = re.sub(r"^/?v1\.1(?=/)", "", url).lstrip("/")
    found = _REFERENCE.match(url)
    if found and found["id"] in made:
        name, number = made[found["id"]]
        return f"{name}({number}){url[found.end() :]}"
    return url


def _referred(value: Any, made: Made) -> Any:
    """A body with the numbers of what earlier requests made in the place of references to them."""
    if isinstance(value, list):
        return [_referred(one, made) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _number(one, made) if key == "@iot.id" else _referred(one, made)
        for key, one in value.items()
    }


def _number(value: Any, made: Made) -> Any:
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    if value[1:] not in made:
        raise Unreadable("@iot.id", f"an earlier request that made something; {value} did not")
    return made[value[1:]][1]
