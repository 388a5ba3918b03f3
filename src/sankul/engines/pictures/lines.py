"""Long names in pictures break into lines."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any


def folded(value: Any, width: int) -> Any:
    """A specification whose ``name`` fields break into lines of at most ``width`` characters.

    The same text breaks the same way wherever it stands, so data, domain and sorting still agree.
    """
    return _broken(value, {name: fill(name, width) for name in _names(value)})


def names(value: Any) -> int:
    """How many different names a specification has."""
    return len(_names(value))


def most_lines(value: Any) -> int:
    """The number of lines of the tallest name in a specification."""
    return max((name.count("\n") + 1 for name in _names(value)), default=1)


def _names(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        own = {value["name"]} if isinstance(value.get("name"), str) else set()
        return own.union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()


def _broken(value: Any, breaks: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return breaks.get(value, value)
    if isinstance(value, Mapping):
        return {key: _broken(each, breaks) for key, each in value.items()}
    return [_broken(each, breaks) for each in value] if isinstance(value, list) else value
