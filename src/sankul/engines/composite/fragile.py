"""Words of warning where so few units decide a step that one of them moves all the others."""

from __future__ import annotations

from typing import Final

from . import statistical
from .coherence import FEW_FOR_SHAPE, few
from .spec import Spec

FEW_FOR_RELATIVE_SCALES: Final = 20
RELATIVE: Final = (
    *("min_max", "z_score", "rank", "borda", "percentile_rank"),
    *("fraction_of_max", "distance_to_max", "distance_to_reference", "distance_to_target"),
)
TREATING: Final = ("winsorise", "log", "boxcox", "winsorise_then_log")


def fragile(spec: Spec, n: int) -> tuple[str, ...]:
    """Warnings about every step of a framework that so few units make fragile."""
    return (
        *_fragile(spec, n, "treat", TREATING, "treating skewed indicators", FEW_FOR_SHAPE),
        *fragile_scales(spec, n),
        *_fragile_weights(spec, n),
    )


def fragile_scales(spec: Spec, n: int) -> tuple[str, ...]:
    """A warning where so few units set the scale of an indicator.

    Between goalposts, which no unit sets, leaving one out never reorders the others.
    """
    what = "scales read off the units"
    return _fragile(spec, n, "normalise", RELATIVE, what, FEW_FOR_RELATIVE_SCALES)


def _fragile(
    spec: Spec, n: int, do: str, methods: tuple[str, ...], what: str, least: int
) -> tuple[str, ...]:
    step = spec.step(do)
    if step is None:
        return ()
    used = {spec.method_of(indicator, step).name for indicator in spec.indicators}
    names = ", ".join(sorted(used & set(methods)))
    return few(n, least, f"{what} ({names})") if names else ()


def _fragile_weights(spec: Spec, n: int) -> tuple[str, ...]:
    step = spec.step("weights")
    if step is None or step.method.name not in statistical.METHODS:
        return ()
    widest = max(len(children) for children in spec.children.values())
    least = statistical.FEWEST_UNITS * widest
    return few(n, least, f"weights read off the data ({step.method.name})")
