"""Run every benchmark, one after the other.

    python -m benchmarks [--quick] [--json FILE] [NAME …]

Each is a script of its own (``python -m benchmarks.NAME --help``). ``--json`` writes one file with the figures of all.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .figures import machine

NAMES = (
    "alerts",
    "composite",
    "evaluation",
    "facilities",
    "pages",
    "plausibility",
    "quality",
    "reports",
    "rounds",
    "sampling",
    "start",
    "streams",
    "survey",
)


def run(name: str, *, quick: bool, target: Path) -> Any:
    """Run one benchmark and return its figures. Raises SystemExit where it fails."""
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(target)]
    done = subprocess.run([*command, *(["--quick"] if quick else [])], check=False)
    if done.returncode:
        raise SystemExit(f"The benchmark {name} failed (exit code {done.returncode}).")
    return json.loads(target.read_text("utf-8"))


def main() -> int:
    """Run them, and say on what."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES)
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, a few minutes in all")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    asked = parser.parse_args()
    about = machine()
    print(", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in about.items()))
    found: dict[str, Any] = {"machine": about}
    with tempfile.TemporaryDirectory(prefix="sankul-bench-") as folder:
        for name in asked.names or NAMES:
            print(f"\n== {name} ==", flush=True)
            found[name] = run(name, quick=asked.quick, target=Path(folder) / f"{name}.json")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
