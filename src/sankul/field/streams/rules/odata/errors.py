"""What is wrong with a request, and where."""

from __future__ import annotations


class Unreadable(Exception):  # noqa: N818  it says what it is about, as Refused does
    """Something that was sent does not have the form that is expected.

    ``place`` names the option, the key or the row; ``expected`` says in words what belongs there.
    """

    def __init__(self, place: str, expected: str) -> None:
        self.place, self.expected = place, expected
        super().__init__(f"{place}: {expected}")
