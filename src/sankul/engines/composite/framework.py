"""Reading ``framework.toml``: every key checked, every problem named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from .methods import REQUIRED, MethodTable, Parameter, is_number
from .problems import Problems, did_you_mean
from .spec import Indicator, Method, Node, Spec, Step, Vary
from .steps import STEPS
from .vary import VARIATIONS

FILE: Final = "framework.toml"
KINDS: Final = ("objective", "subjective", "survey")
OVERRIDES: Final = ("impute", "treat", "normalise")

_TEXT: Final = Parameter("text")
_WEIGHT: Final = Parameter("number", 1.0, 0)
_WORDS: Final = Parameter("text", "")
_POINTS: Final = Parameter("numbers", ())
_OPEN: Final = frozenset({"goalposts", "categories", "aggregate", *OVERRIDES})

_SECTIONS: Final = ("framework", "node", "indicator", "step", "vary")
_FRAMEWORK: Final = {
    "id": _TEXT,
    "title": _TEXT,
    "version": _TEXT,
    "threshold": Parameter("number", None),
} | dict.fromkeys(("description", "programme", "statement"), _WORDS)
_NODE: Final = {
    "id": _TEXT,
    "title": _WORDS,
    "parent": _WORDS,
    "weight": _WEIGHT,
    "threshold": Parameter("number", 0.0, 0, 1),
    "description": _WORDS,
    "budget": _POINTS,
    "importance": Parameter("number", None, 0),
}
_INDICATOR: Final = {
    "id": _TEXT,
    "parent": _TEXT,
    "weight": _WEIGHT,
    "direction": Parameter("whole", 1),
    "target": Parameter("number", None),
    "budget": _POINTS,
    "importance": Parameter("number", None, 0),
} | dict.fromkeys(
    (
        "title",
        "unit",
        "denominator",
        "reference",
        "definition",
        "kind",
        "source",
        "measure",
        "statistic",
    ),
    _WORDS,
)


def parse(framework: Mapping[str, Any], problems: Problems) -> Spec | None:
    """The specification, or None after its problems were added."""
    before = len(problems.found)
    for section in framework:
        if section not in _SECTIONS:
            problems.add(
                f"{FILE}: [{section}]", "unknown section", did_you_mean(section, _SECTIONS)
            )
    head = _checked(framework.get("framework", {}), _FRAMEWORK, f"{FILE}: [framework]", problems)
    nodes = [_node(*row, problems) for row in _tables(framework, "node", problems)]
    indicators = [_indicator(*row, problems) for row in _tables(framework, "indicator", problems)]
    steps = [_step(*row, problems) for row in _tables(framework, "step", problems)]
    vary = [_vary(*row, problems) for row in _tables(framework, "vary", problems, needed=False)]
    levels = _levels(framework, problems)
    if len(problems.found) > before:
        return None
    return Spec(
        nodes=_by_level(nodes, indicators, levels),
        indicators=tuple(indicators),
        steps=tuple(step for step in steps if step),
        vary=tuple(item for item in vary if item),
        **head,
    )


def _levels(framework: Mapping[str, Any], problems: Problems) -> list[Method]:
    """The methods of the aggregate step by level, from the nodes above the indicators upward."""
    found: list[Method] = []
    for number, row in enumerate(framework.get("step", []), start=1):
        if not isinstance(row, Mapping) or row.get("do") != "aggregate" or "levels" not in row:
            continue
        place = f"{FILE}: step {number} (aggregate) levels"
        given = row["levels"]
        if not isinstance(given, list) or not given:
            problems.add(place, f"{given!r} is not accepted", "a list of methods, lowest first")
            continue
        table = STEPS["aggregate"].methods
        chosen = [method(item, table, f"{place}[{k}]", problems) for k, item in enumerate(given)]
        found += [item for item in chosen if item]
    return found


def _by_level(
    nodes: Sequence[Node], indicators: Sequence[Indicator], levels: Sequence[Method]
) -> tuple[Node, ...]:
    """The nodes, each with its level's method unless it has one of its own.

    A node's level is one more than its highest child's; an indicator's is 0. Levels above the
    list take the step's method.
    """
    if not levels:
        return tuple(nodes)
    parents = {node.id: node.parent for node in nodes}
    height = dict.fromkeys(parents, 1)
    for start in [indicator.parent for indicator in indicators] + list(parents):
        at, above, seen = start, 1, set[str]()
        while at in height and at not in seen:  # a cycle is reported elsewhere
            seen.add(at)
            height[at] = max(height[at], above)
            at, above = parents[at] or "", above + 1
    return tuple(
        replace(node, aggregate=levels[height[node.id] - 1])
        if node.aggregate is None and height[node.id] <= len(levels)
        else node
        for node in nodes
    )


def _tables(
    framework: Mapping[str, Any], section: str, problems: Problems, *, needed: bool = True
) -> list[tuple[Mapping[str, Any], str]]:
    """The tables of a section, each with its place."""
    rows = framework.get(section, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        problems.add(f"{FILE}: {section}", "not a list of tables", f"[[{section}]]")
        return []
    if needed and not rows:
        problems.add(f"{FILE}", f"no [[{section}]]", "at least one")
    return [
        (row, f"{FILE}: {section} {number} ({row.get('id', row.get('do', row.get('what', '')))})")
        for number, row in enumerate(rows, start=1)
    ]


def _checked(
    row: object,
    schema: Mapping[str, Parameter],
    place: str,
    problems: Problems,
    also: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The values of a table by the schema, defaults filled in; problems are added."""
    if not isinstance(row, Mapping):
        problems.add(place, "not a table", "keys with values")
        return {}
    for key in row:
        if key not in schema and key not in also:
            problems.add(f"{place} {key}", "unknown key", did_you_mean(key, {*schema, *also}))
    values: dict[str, Any] = {}
    for key, parameter in schema.items():
        value = row.get(key, parameter.default)
        if value is REQUIRED:
            problems.add(f"{place} {key}", "missing", parameter.expected)
        elif key in row and not _suits(parameter, value):
            problems.add(f"{place} {key}", f"{value!r} is not accepted", parameter.expected)
        values[key] = _settled(parameter, value)
    return values


def _suits(parameter: Parameter, value: object) -> bool:
    return parameter.accepts(value) or (parameter.default == "" and value == "")


def _settled(parameter: Parameter, value: object) -> object:
    if parameter.kind == "number" and is_number(value):
        return float(value)
    if parameter.kind == "whole" and is_number(value):
        return int(value)
    if parameter.kind == "numbers" and isinstance(value, list) and parameter.accepts(value):
        return tuple(map(float, value))
    return tuple(value) if isinstance(value, list) else value


def method(
    given: object, table: MethodTable, place: str, problems: Problems, default: str | None = None
) -> Method | None:
    """A method from its name, or from a table of its name and parameters."""
    row: Mapping[str, Any] = {"method": given} if isinstance(given, str) else given  # type: ignore[assignment]
    if not isinstance(row, Mapping):
        problems.add(place, f"{given!r} is not accepted", "a method's name or a table")
        return None
    name = row.get("method", default)
    if name is None:
        problems.add(f"{place} method", "missing", "one of " + ", ".join(table))
        return None
    if not isinstance(name, str) or name not in table:
        problems.add(f"{place} method", f"unknown method {name!r}", did_you_mean(str(name), table))
        return None
    rest = {key: value for key, value in row.items() if key != "method"}
    return Method(name, _checked(rest, table[name].parameters, place, problems))


def _node(row: Mapping[str, Any], place: str, problems: Problems) -> Node:
    values = _checked(row, _NODE, place, problems, frozenset({"aggregate", "comparisons"}))
    aggregate = None
    if "aggregate" in row:
        table = STEPS["aggregate"].methods
        aggregate = method(row["aggregate"], table, f"{place} aggregate", problems)
    values["parent"] = values.get("parent") or None
    return Node(aggregate=aggregate, comparisons=_comparisons(row, place, problems), **values)


def _comparisons(
    row: Mapping[str, Any], place: str, problems: Problems
) -> tuple[tuple[str, str, float], ...]:
    given = row.get("comparisons", [])
    rows: Sequence[Any] = given if isinstance(given, list) else [None]
    if not all(
        isinstance(item, Sequence)
        and len(item) == 3
        and isinstance(item[0], str)
        and isinstance(item[1], str)
        and is_number(item[2])
        and item[2] > 0
        for item in rows
    ):
        expected = 'triples ["child", "other child", times as important, above zero]'
        problems.add(f"{place} comparisons", f"{given!r} is not accepted", expected)
        return ()
    return tuple((one, other, float(times)) for one, other, times in rows)


def _indicator(row: Mapping[str, Any], place: str, problems: Problems) -> Indicator:
    values = _checked(row, _INDICATOR, place, problems, _OPEN - {"aggregate"})
    if values.get("direction") not in (1, -1):
        problems.add(
            f"{place} direction", f"{values.get('direction')!r} is not accepted", "1 or -1"
        )
    if values.get("kind") and values["kind"] not in KINDS:
        expected = did_you_mean(str(values["kind"]), KINDS)
        problems.add(f"{place} kind", f"unknown kind {values['kind']!r}", expected)
    overrides = {
        do: chosen
        for do in OVERRIDES
        if do in row and (chosen := method(row[do], STEPS[do].methods, f"{place} {do}", problems))
    }
    return Indicator(
        overrides=overrides,
        goalposts=_goalposts(row, place, problems),
        categories=_categories(row, place, problems),
        **values | {key: values.get(key) or None for key in ("denominator", "reference")},
    )


def _goalposts(
    row: Mapping[str, Any], place: str, problems: Problems
) -> tuple[float, float] | None:
    given = row.get("goalposts")
    if given is None:
        return None
    expected = "two finite numbers [low, high] with low < high (direction says which is best)"
    if not (isinstance(given, Sequence) and len(given) == 2 and all(map(is_number, given))):
        problems.add(f"{place} goalposts", f"{given!r} is not accepted", expected)
        return None
    low, high = float(given[0]), float(given[1])
    if low >= high:
        wrong = "reversed" if low > high else "equal"
        problems.add(f"{place} goalposts", f"{wrong}: [{low:g}, {high:g}]", expected)
        return None
    return low, high


def _categories(
    row: Mapping[str, Any], place: str, problems: Problems
) -> tuple[tuple[float, float], ...]:
    given = row.get("categories", [])
    pairs: Sequence[Any] = [None]
    if isinstance(given, Sequence) and not isinstance(given, str):
        pairs = given
    if not all(
        isinstance(pair, Sequence) and len(pair) == 2 and all(map(is_number, pair))
        for pair in pairs
    ) or any(later[0] <= earlier[0] for earlier, later in pairwise(pairs)):
        expected = "pairs [lower bound, score] of numbers, bounds ascending"
        problems.add(f"{place} categories", f"{given!r} is not accepted", expected)
        return ()
    return tuple((float(bound), float(score)) for bound, score in pairs)


def _step(row: Mapping[str, Any], place: str, problems: Problems) -> Step | None:
    do = row.get("do")
    if not isinstance(do, str) or do not in STEPS:
        problems.add(f"{place} do", f"unknown step {do!r}", did_you_mean(str(do), STEPS))
        return None
    apart = ("do", "levels") if do == "aggregate" else ("do",)
    rest = {key: value for key, value in row.items() if key not in apart}
    chosen = method(rest, STEPS[do].methods, place, problems, STEPS[do].default)
    if chosen and do == "screen" and chosen.parameters.get("count") not in ("present", "observed"):
        wrong = f"{chosen.parameters.get('count')!r} is not accepted"
        problems.add(f"{place} count", wrong, '"present" or "observed"')
    return Step(do, chosen) if chosen else None


def _vary(row: Mapping[str, Any], place: str, problems: Problems) -> Vary | None:
    what = row.get("what")
    if not isinstance(what, str) or what not in VARIATIONS:
        problems.add(
            f"{place} what", f"unknown variation {what!r}", did_you_mean(str(what), VARIATIONS)
        )
        return None
    rest = {key: value for key, value in row.items() if key != "what"}
    options = rest.pop("options", None) if what == "choice" else None
    values = _checked(rest, VARIATIONS[what], place, problems)
    if what == "choice":
        values["options"] = _options(values.get("step"), options, place, problems)
    return Vary(what, values)


def _options(do: object, options: object, place: str, problems: Problems) -> tuple[Method, ...]:
    if not isinstance(do, str) or do not in STEPS:
        problems.add(f"{place} step", f"unknown step {do!r}", did_you_mean(str(do), STEPS))
        return ()
    if not isinstance(options, list) or not options:
        problems.add(f"{place} options", "missing or empty", "a list of methods")
        return ()
    kind = STEPS[do]
    chosen = [
        method(option, kind.methods, f"{place} options[{k}]", problems, kind.default)
        for k, option in enumerate(options)
    ]
    return tuple(option for option in chosen if option)
