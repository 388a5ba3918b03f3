"""Work in parts on several threads, for loops that release the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def count() -> int:
    """How many threads compute: one for each processor that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread_over_threads(work: Callable[[int, int], T], size: int, part: int) -> list[T]:
    """What ``work(first, last)`` gives for every part of ``range(size)``, in order."""
    spans = [(start, min(start + part, size)) for start in range(0, size, part)]
    if count() == 1 or len(spans) == 1:
        return [work(*span) for span in spans]
    with ThreadPoolExecutor(count()) as pool:
        return list(pool.map(lambda span: work(*span), spans))
