"""Where the reference results stand, beside the checkout."""

import csv
import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[5]


def oracle(name: str) -> Path:
    """The folder of an oracle; without it the test is skipped, on CI it fails."""
    folder = CHECKOUT.parent / "shared" / "oracles" / name
    if not folder.is_dir():
        missing = f"the reference results ../shared/oracles/{name} are not beside the checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return folder


def reference(name: str, file: str) -> dict[str, dict[str, str]]:
    """A reference table, by its first column."""
    with (oracle(name) / "reference" / file).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    key = next(iter(rows[0]))
    return {row[key]: row for row in rows}
