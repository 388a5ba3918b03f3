"""Errors of an evaluation package, gathered so that one reading names them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where it stands, what is wrong with it, what was expected."""

    place: str
    wrong: str
    expected: str

    def __str__(self) -> str:
        return f"{self.place}: {self.wrong}; expected {self.expected}"


class PackageError(ValueError):
    """The package cannot be read or evaluated. ``problems`` lists every reason found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def one(cls, place: str, wrong: str, expected: str) -> PackageError:
        """An error with a single problem."""
        return cls([Problem(place, wrong, expected)])


@dataclass(slots=True)
class Problems:
    """Collects problems while a package is read; ``stop`` raises them together."""

    found: list[Problem] = field(default_factory=list)

    def add(self, place: str, wrong: str, expected: str) -> None:
        self.found.append(Problem(place, wrong, expected))

    def stop(self) -> None:
        """Raise PackageError if anything was found."""
        if self.found:
            raise PackageError(self.found)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """What was expected instead of ``word``: the nearest known word, or all of them."""
    words = sorted(known)
    near = get_close_matches(word, words, n=1)
    if near:
        return f'"{near[0]}" (did you mean that?)'
    return "one of " + ", ".join(words) if words else "nothing here"
