"""JSON Patch (RFC 6902): operations on a JSON document, by JSON Pointer (RFC 6901)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from .errors import Unreadable

MOST_OPERATIONS = 1_000
MOST_COPIED = 100_000
"""Values that all operations together may copy: each copy can hold the ones before it."""
_MISSING = object()


def apply_patch(document: Any, operations: Any) -> Any:
    """The document after all operations. Raises Unreadable with the number of the one that cannot be done; then none is."""
    if not isinstance(operations, list) or len(operations) > MOST_OPERATIONS:
        raise Unreadable("body", f"a list of at most {MOST_OPERATIONS} operations")
    document, copied = copy.deepcopy(document), 0
    for position, operation in enumerate(operations):
        place = f"[{position}]"
        name = operation.get("op") if isinstance(operation, dict) else None
        if not isinstance(name, str) or name not in _OPERATIONS:
            raise Unreadable(f"{place}.op", f"one of {', '.join(_OPERATIONS)}")
        if name == "copy":
            copied += _size(_found(document, _pointer(operation, "from", place), place))
        if copied > MOST_COPIED:
            raise Unreadable(place, f"at most {MOST_COPIED} values copied")
        document = _OPERATIONS[name](document, operation, place)
    return document


def _size(value: Any) -> int:
    """How many values a value is, itself and all inside it."""
    inside = value.values() if isinstance(value, dict) else value
    return 1 + (sum(map(_size, inside)) if isinstance(value, dict | list) else 0)


def _pointer(operation: dict[str, Any], name: str, place: str) -> list[str]:
    text = operation.get(name)
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise Unreadable(f"{place}.{name}", "a JSON Pointer, as in /properties/depth")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _value(operation: dict[str, Any], place: str) -> Any:
    if "value" not in operation:
        raise Unreadable(f"{place}.value", "a value")
    return copy.deepcopy(operation["value"])


def _found(document: Any, steps: list[str], place: str) -> Any:
    for step in steps:
        document = _item(document, step)
        if document is _MISSING:
            raise Unreadable(place, f"a place that exists; there is no “{step[:40]}”")
    return document


def _item(holder: Any, step: str) -> Any:
    if isinstance(holder, dict):
        return holder.get(step, _MISSING)
    if isinstance(holder, list) and step.isdecimal() and int(step[:9]) < len(holder):
        return holder[int(step[:9])]
    return _MISSING


def _add(document: Any, steps: list[str], value: Any, place: str) -> Any:
    if not steps:
        return value
    holder, last = _found(document, steps[:-1], place), steps[-1]
    if isinstance(holder, dict):
        holder[last] = value
    elif isinstance(holder, list) and last == "-":
        holder.append(value)
    elif isinstance(holder, list) and last.isdecimal() and int(last[:9]) <= len(holder):
        holder.insert(int(last[:9]), value)
    else:
        raise Unreadable(place, "a place in an object or a list")
    return document


def _remove(document: Any, steps: list[str], place: str) -> Any:
    if not steps:
        raise Unreadable(place, "a place below the whole document")
    _found(document, steps, place)
    holder = _found(document, steps[:-1], place)
    if isinstance(holder, dict):
        del holder[steps[-1]]
    else:
        del holder[int(steps[-1][:9])]
    return document


def _op_add(document: Any, operation: dict[str, Any], place: str) -> Any:
    return _add(document, _pointer(operation, "path", place), _value(operation, place), place)


def _op_remove(document: Any, operation: dict[str, Any], place: str) -> Any:
    return _remove(document, _pointer(operation, "path", place), place)


def _op_replace(document: Any, operation: dict[str, Any], place: str) -> Any:
    steps = _pointer(operation, "path", place)
    if not steps:
        return _value(operation, place)
    return _add(_remove(document, steps, place), steps, _value(operation, place), place)


def _op_move(document: Any, operation: dict[str, Any], place: str) -> Any:
    since, to = _pointer(operation, "from", place), _pointer(operation, "path", place)
    if to[: len(since)] == since and len(to) > len(since):
        raise Unreadable(place, "a place outside of what is moved")
    value = _found(document, since, place)
    return _add(_remove(document, since, place), to, value, place)


def _op_copy(document: Any, operation: dict[str, Any], place: str) -> Any:
    value = copy.deepcopy(_found(document, _pointer(operation, "from", place), place))
    return _add(document, _pointer(operation, "path", place), value, place)


def _op_test(document: Any, operation: dict[str, Any], place: str) -> Any:
    found = _found(document, _pointer(operation, "path", place), place)
    if found != _value(operation, place):
        raise Unreadable(place, "another value here: the test does not hold")
    return document


_OPERATIONS: dict[str, Callable[[Any, dict[str, Any], str], Any]] = {
    "add": _op_add,
    "remove": _op_remove,
    "replace": _op_replace,
    "move": _op_move,
    "copy": _op_copy,
    "test": _op_test,
}
