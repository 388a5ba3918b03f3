"""Requests for time stamps are those that the usual program makes and understands."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from sankul.engines.seal import timestamp

CHECKPOINT = "sankul/demonstration/2025-26/3\n2\nqqo=\n"


def test_a_request_holds_the_digest_of_the_checkpoint_in_der() -> None:
    made = timestamp.request(CHECKPOINT)
    digest = hashlib.sha256(CHECKPOINT.encode()).digest()
    assert made == bytes.fromhex(
        "303902010130313 00d0609608648016503040201 0500 0420".replace(" ", "")
    ) + (digest + bytes.fromhex("0101ff"))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_makes_the_very_same_request(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.txt").write_text(CHECKPOINT)
    command = [
        "openssl",
        "ts",
        "-query",
        "-data",
        "checkpoint.txt",
        "-sha256",
        "-cert",
        "-no_nonce",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, timeout=60)
    assert timestamp.request(CHECKPOINT) == done.stdout
