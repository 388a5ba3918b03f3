"""Answers of an authority, made by the usual program, are read; whatever is changed in them is refused."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime

import pytest

from sankul.engines.seal import SealError, timestamp
from sankul.engines.seal.stamps import check

from .authority import stamped

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
CHECKPOINT = "sankul/demonstration/2025-26/3\n2\nqqo=\n"


@pytest.fixture(scope="module", params=["rsa:2048", "ec"])
def answer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What an authority that was made up answers to the request for the checkpoint."""
    folder = tmp_path_factory.mktemp("authority")
    return stamped(timestamp.request(CHECKPOINT), folder, request.param)


def test_an_answer_says_when_and_by_whom(answer: bytes) -> None:
    found = check(answer, CHECKPOINT)
    assert found.authority == "CN=Made-up authority"
    assert abs((datetime.now(UTC) - found.at).total_seconds()) < 600


def test_a_stamp_of_another_checkpoint_is_refused(answer: bytes) -> None:
    with pytest.raises(SealError, match="something else"):
        check(answer, CHECKPOINT.replace("2025", "2024"))


def test_any_changed_byte_of_what_is_signed_is_refused(answer: bytes) -> None:
    digest = answer.index(hashlib.sha256(CHECKPOINT.encode()).digest())
    moment = answer.index(b"\x18\x0f", digest) + 2
    signature = len(answer) - 60
    for at in [
        *range(digest, digest + 32),
        *range(moment, moment + 15),
        *range(signature, len(answer)),
    ]:
        changed = answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]
        with pytest.raises(SealError):
            check(changed, CHECKPOINT)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"0\x03\x02\x01\x00", b"0\x80" * 50])
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(SealError):
        check(data, CHECKPOINT)
