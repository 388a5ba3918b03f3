"""How an engine's inner loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function compiled, without the interpreter's lock; kept on disk where there is a place."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    made: Function
    try:
        made = njit(cache=True, **options)(function)
    except RuntimeError:  # no folder can be written to: each process compiles anew
        made = njit(**options)(function)
    return made
