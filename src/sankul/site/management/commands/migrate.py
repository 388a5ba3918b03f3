"""Migrate, in seconds instead of minutes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.state import ProjectState

Key = tuple[str, str]


class Command(migrate.Command):
    """As Django's own; see docs/adr/0019-migrations-in-seconds.md."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate with models drawn one at a time."""
        with drawn_alone():
            super().handle(*args, **options)


@contextmanager
def drawn_alone() -> Iterator[None]:
    """Inside, an operation has Django draw anew the model that it changes, not every model that leads to it.

    Models here all lead to each other, so that each of some thousand operations would draw hundreds. What an operation writes
    needs of other models only the names of their tables and keys, which no operation changes.
    """
    before = ProjectState._find_reload_model  # type: ignore[attr-defined]

    def alone(self: ProjectState, app_label: str, model_name: str, delay: bool = False) -> set[Key]:
        return {(app_label, model_name)}

    ProjectState._find_reload_model = alone  # type: ignore[attr-defined]
    try:
        yield
    finally:
        ProjectState._find_reload_model = before  # type: ignore[attr-defined]
