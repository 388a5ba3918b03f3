"""Errors of quality control."""

from __future__ import annotations


class QualityError(ValueError):
    """Rules or a series that cannot be used: where, what is wrong, what was expected."""

    def __init__(self, place: str, wrong: str, expected: str) -> None:
        self.place, self.wrong, self.expected = place, wrong, expected
        super().__init__(f"{place}: {wrong}; expected {expected}")
