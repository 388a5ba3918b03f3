"""Whether a framework whose keys are well-formed makes sense as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from .methods import Entry
from .problems import Problems, did_you_mean
from .spec import Method, Node, Spec, Vary
from .steps import STEPS
from .vary import SPREADS, TOGETHER

FILE: Final = "framework.toml"


def check_framework(spec: Spec, problems: Problems) -> None:
    """Add the problems of the tree, the steps, what methods need, and what varies."""
    before = len(problems.found)
    _check_tree(spec, problems)
    if len(problems.found) == before:
        _check_children(spec, problems)
    _check_steps(spec, problems)
    _check_needs(spec, problems)
    _check_vary(spec, problems)


def options(spec: Spec, do: str) -> tuple[Method, ...]:
    """The methods that a variation may put in place of a step's own."""
    return tuple(
        option
        for vary in spec.vary
        if vary.what == "choice" and vary.parameters["step"] == do
        for option in vary.parameters["options"]
    )


def groups_used(spec: Spec) -> list[str]:
    """The columns of units.csv by which values are imputed."""
    step = spec.step("impute")
    own = [indicator.overrides.get("impute") for indicator in spec.indicators]
    methods = [step.method if step else None, *options(spec, "impute"), *own]
    found = {
        method.parameters["group"] for method in methods if method and "group" in method.parameters
    }
    return sorted(found)


def uses_panel(spec: Spec) -> bool:
    """Whether values are imputed from other periods, so that these belong to the package."""
    step = spec.step("impute")
    own = [indicator.overrides.get("impute") for indicator in spec.indicators]
    methods = [step.method if step else None, *options(spec, "impute"), *own]
    return any(method.name in ("last", "linear") for method in methods if method)


def _check_tree(spec: Spec, problems: Problems) -> None:
    nodes = {node.id: node for node in spec.nodes}
    seen: set[str] = set()
    for element in spec.elements:
        place = f'{FILE}: "{element.id}"'
        if element.id in seen:
            problems.add(place, "declared twice", "an id used once among nodes and indicators")
        seen.add(element.id)
        if element.id in ("unit", "period", "name") or element.id != element.id.strip():
            problems.add(
                place,
                "this id is not allowed",
                "a name without outer spaces, not unit, period or name",
            )
        if element.parent is not None and element.parent not in nodes:
            expected = did_you_mean(element.parent, nodes)
            problems.add(f"{place} parent", f'no node is called "{element.parent}"', expected)
    roots = [node.id for node in spec.nodes if node.parent is None]
    if len(roots) != 1:
        found = ", ".join(roots) or "none"
        problems.add(FILE, f"{len(roots)} nodes without a parent: {found}", "exactly one root")
    _check_cycles(nodes, problems)


def _check_cycles(nodes: Mapping[str, Node], problems: Problems) -> None:
    settled: set[str] = set()
    for start in nodes:
        path: list[str] = []
        at: str | None = start
        while at in nodes and at not in settled and at not in path:
            path.append(str(at))
            at = nodes[str(at)].parent
        if at in path:
            ring = [*path[path.index(str(at)) :], str(at)]
            problems.add(
                f"{FILE}: node", "a cycle: " + " → ".join(ring), "parents that lead to the root"
            )
        settled.update(path)


def _check_children(spec: Spec, problems: Problems) -> None:
    for node in spec.nodes:
        children = spec.children[node.id]
        place = f'{FILE}: node "{node.id}"'
        if not children:
            problems.add(place, "has no children", "a node or an indicator whose parent it is")
        elif not any(spec.weights[child] > 0 for child in children):
            problems.add(place, "all weights of its children are zero", "one weight above zero")


def _check_steps(spec: Spec, problems: Problems) -> None:
    names = [step.do for step in spec.steps]
    for do in sorted({name for name in names if names.count(name) > 1}):
        problems.add(f"{FILE}: step", f"{do} stands more than once", "each step once")
    for earlier, later in pairwise(names):
        if STEPS[earlier].place > STEPS[later].place:
            order = ", ".join(sorted(STEPS, key=lambda do: STEPS[do].place))
            problems.add(f"{FILE}: step", f"{later} stands after {earlier}", f"the order {order}")
    for do in ("normalise", "aggregate"):
        if do not in names:
            problems.add(f"{FILE}: step", f"no step does {do}", f'[[step]] do = "{do}"')
    if "denominate" not in names and any(i.denominator for i in spec.indicators):
        divided = next(i.id for i in spec.indicators if i.denominator)
        problems.add(
            f'{FILE}: indicator "{divided}" denominator',
            "no step applies it",
            '[[step]] do = "denominate"',
        )


def _check_needs(spec: Spec, problems: Problems) -> None:
    step = spec.step("normalise")
    if step is None:
        return
    for indicator in spec.indicators:
        own = spec.method_of(indicator, step)
        chosen = [own] if step.do in indicator.overrides else [own, *options(spec, "normalise")]
        for name in sorted({item.name for item in chosen}):
            entry: Entry = STEPS["normalise"].methods[name]
            for need in entry.needs:
                if getattr(indicator, need) in (None, ()):
                    problems.add(
                        f'{FILE}: indicator "{indicator.id}" {need}',
                        f"missing, and {name} cannot do without",
                        f"{need}, or another normalise method",
                    )


def _check_vary(spec: Spec, problems: Problems) -> None:
    known = {node.id for node in spec.nodes}
    indicators = {indicator.id for indicator in spec.indicators}
    for number, vary in enumerate(spec.vary, start=1):
        place = f"{FILE}: vary {number} ({vary.what})"
        for node in vary.parameters.get("nodes", ()):
            if node not in known:
                problems.add(f"{place} nodes", f'no node "{node}"', did_you_mean(node, known))
        for name in vary.parameters.get("indicators", ()):
            if name not in indicators:
                expected = did_you_mean(name, indicators)
                problems.add(f"{place} indicators", f'no indicator "{name}"', expected)
        how = vary.parameters.get("how")
        if how is not None and how not in SPREADS:
            problems.add(f"{place} how", f"{how!r} is not accepted", did_you_mean(how, SPREADS))
        by = vary.parameters.get("by")
        if by is not None and by not in TOGETHER:
            problems.add(f"{place} by", f"{by!r} is not accepted", did_you_mean(by, TOGETHER))
        _check_varied_step(spec, vary, place, problems)


def _check_varied_step(spec: Spec, vary: Vary, place: str, problems: Problems) -> None:
    do = vary.parameters.get("step")
    if do is None:
        return
    step = spec.step(do)
    if step is None:
        expected = did_you_mean(do, [step.do for step in spec.steps])
        problems.add(f"{place} step", f"the framework has no step {do!r}", expected)
    elif vary.what == "parameter":
        table = STEPS[do].methods[step.method.name].parameters
        name = vary.parameters["parameter"]
        if name not in table or table[name].kind not in ("number", "whole"):
            numeric = [key for key, p in table.items() if p.kind in ("number", "whole")]
            problems.add(
                f"{place} parameter", f"{name!r} does not vary", did_you_mean(name, numeric)
            )
            return
        if vary.parameters["low"] >= vary.parameters["high"]:
            problems.add(f"{place} low", "low is not below high", "low < high")
        for end in ("low", "high"):
            if not table[name].accepts(vary.parameters[end]):
                wrong = f"{vary.parameters[end]!r} is not accepted for {name}"
                problems.add(f"{place} {end}", wrong, table[name].expected)
