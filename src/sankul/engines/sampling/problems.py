"""Errors of sampling."""

from __future__ import annotations


class SamplingError(ValueError):
    """A population, plan, sample or finding that cannot be used: where, what is wrong, what was expected."""

    def __init__(self, place: str, wrong: str, expected: str) -> None:
        self.place, self.wrong, self.expected = place, wrong, expected
        super().__init__(f"{place}: {wrong}; expected {expected}")


def refuse_share(place: str, value: float) -> None:
    """Raise SamplingError unless the value lies strictly between 0 and 1."""
    if not 0 < value < 1:
        raise SamplingError(place, f"{value}", "a number above 0 and below 1, such as 0.95")
