"""The figures of a benchmark: gathered as rows, printed as a table, written as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

MIB = 2**20


def arguments(description: str, *, given: list[str] | None = None) -> argparse.ArgumentParser:
    """The parser every benchmark has: ``--quick``, ``--json FILE``, ``--data FOLDER``."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, under two minutes")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--data", type=Path, help="make the database in this folder and keep it for the next run"
    )
    parser.add_argument("--task", help=argparse.SUPPRESS)
    return parser


@dataclass
class Table:
    """Rows under one title; the columns are those of the first row."""

    title: str
    note: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, **row: Any) -> None:
        """One more row."""
        self.rows.append(row)

    def show(self) -> None:
        """Print it, right-aligned numbers under their heads."""
        print(f"\n{self.title}")
        if self.rows:
            heads = list(dict.fromkeys(name for row in self.rows for name in row))
            lines = [heads, *([_shown(row.get(head)) for head in heads] for row in self.rows)]
            widths = [max(len(line[k]) for line in lines) for k in range(len(heads))]
            for line in lines:
                cells = zip(line, widths, strict=True)
                first, *others = (text.ljust(width) if k == 0 else text.rjust(width)
                                  for k, (text, width) in enumerate(cells))  # fmt: skip
                print("  ".join([first, *others]).rstrip())
        if self.note:
            print(self.note)
        sys.stdout.flush()


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:,.3f}" if abs(cell) < 10 else f"{cell:,.1f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def finish(tables: list[Table], target: Path | None) -> int:
    """Print the tables, and write them with the machine's description where asked."""
    for table in tables:
        table.show()
    if target is not None:
        content = {
            "machine": machine(),
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "tables": [vars(table) for table in tables],
        }
        target.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    names = [
        line.partition(":")[2].strip()
        for line in (cpuinfo.read_text("utf-8").splitlines() if cpuinfo.is_file() else [])
        if line.startswith("model name")
    ]
    return names[0] if names else platform.processor() or platform.machine()


def percentile(sorted_values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    return sorted_values[max(0, -(-int(share * 1000) * len(sorted_values) // 1000) - 1)]


@dataclass
class Stopwatch:
    """Wall and processor seconds by name, summed over calls; ``processor`` tells the processor time so far."""

    processor: Callable[[], float] = time.process_time
    seconds: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Time the body under a name."""
        wall, cpu = time.perf_counter(), self.processor()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - wall
            self.cpu[name] = self.cpu.get(name, 0.0) + self.processor() - cpu

    def watch(self, place: Any, function: str, name: str) -> None:
        """From now on time every call of ``place.function``."""
        body = getattr(place, function)

        def timed(*arguments: Any, **named: Any) -> Any:
            with self.running(name):
                return body(*arguments, **named)

        setattr(place, function, timed)


def own_peak_mib() -> float:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MIB


class Memory:
    """The most memory that some processes held together while the body ran, sampled.

    ``found`` names the processes anew at each sample. Counted is what is theirs alone: pages shared with
    others (PostgreSQL's buffers, libraries) are left out.
    """

    def __init__(self, found: Callable[[], list[psutil.Process]], every_s: float = 0.05) -> None:
        self.peak_mib = 0.0
        self._found, self._every_s = found, every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(self._every_s):
            held = sum(_own_bytes(process) for process in self._found())
            self.peak_mib = max(self.peak_mib, held / MIB)


def _own_bytes(process: psutil.Process) -> int:
    try:
        usage = process.memory_info()
    except psutil.Error:
        return 0
    return int(usage.rss - getattr(usage, "shared", 0))


def apart(module: str, task: str, *given: Any) -> dict[str, Any]:
    """The answer of a task of a benchmark, run in a process of its own so that its memory is its own."""
    return _answer([sys.executable, "-m", module, "--task", json.dumps([task, *given])])


def script(python: str, file: Path, *given: str) -> dict[str, Any]:
    """The answer of a stand-alone script under some Python."""
    return _answer([python, "-W", "ignore", str(file), *given])


def _answer(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed (exit code {done.returncode})")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
