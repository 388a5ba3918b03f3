"""What is told to subscribers when an entity was made or changed."""

from __future__ import annotations

from collections.abc import Sequence

from .answers import Asked


def publish(made: Sequence[tuple[str, int]], asked: Asked) -> None:
    """Tell subscribers of entities that were made or changed."""
