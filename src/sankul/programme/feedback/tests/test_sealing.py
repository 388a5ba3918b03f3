"""Sealed ballots open with the right key alone, and their size tells nothing."""

import pytest

from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.rules import sealing

PASSPHRASE = "nine green parrots asleep"
CONTENT = {"group": 1, "values": [[1, 2, 5]], "texts": [[3, 0, "बहुत अच्छा"]]}


@pytest.fixture(scope="module")
def key() -> tuple[bytes, bytes, bytes]:
    public, file = sealing.new_key("Survey", PASSPHRASE)
    return public, file.encode(), sealing.unlocked(file.encode(), PASSPHRASE, public)


def test_what_is_sealed_opens_with_the_key(key: tuple[bytes, bytes, bytes]) -> None:
    public, _file, private = key
    assert sealing.unsealed(sealing.sealed(CONTENT, public, 7), private, 7) == CONTENT


def test_every_ballot_has_one_length(key: tuple[bytes, bytes, bytes]) -> None:
    short = sealing.sealed({}, key[0], 7)
    long = sealing.sealed(CONTENT | {"texts": [[3, 0, "क" * 1000]]}, key[0], 7)
    assert len(short) == len(long) == sealing.SEALED_BYTES == 16432


def test_the_same_answer_sealed_twice_looks_different(key: tuple[bytes, bytes, bytes]) -> None:
    assert sealing.sealed(CONTENT, key[0], 7) != sealing.sealed(CONTENT, key[0], 7)


def test_a_changed_ballot_does_not_open(key: tuple[bytes, bytes, bytes]) -> None:
    box = bytearray(sealing.sealed(CONTENT, key[0], 7))
    box[500] ^= 1
    with pytest.raises(Refused, match="does not open"):
        sealing.unsealed(bytes(box), key[2], 7)


def test_a_ballot_of_another_survey_does_not_open(key: tuple[bytes, bytes, bytes]) -> None:
    with pytest.raises(Refused, match="does not open"):
        sealing.unsealed(sealing.sealed(CONTENT, key[0], 8), key[2], 7)


def test_texts_that_do_not_fit_are_refused(key: tuple[bytes, bytes, bytes]) -> None:
    import secrets  # noqa: PLC0415

    with pytest.raises(Refused, match="too long together"):
        sealing.sealed({"texts": secrets.token_hex(20_000)}, key[0], 7)


def test_a_key_file_opens_with_its_passphrase_alone(key: tuple[bytes, bytes, bytes]) -> None:
    with pytest.raises(Refused, match="passphrase does not open"):
        sealing.unlocked(key[1], "nine green parrots awake", key[0])


def test_a_key_file_of_another_survey_is_refused(key: tuple[bytes, bytes, bytes]) -> None:
    other, _file = sealing.new_key("Other", PASSPHRASE)
    with pytest.raises(Refused, match="another key"):
        sealing.unlocked(key[1], PASSPHRASE, other)


@pytest.mark.parametrize("file", [b"", b"{}", b"\xff", b"[" * 5000, b'{"kind": 1}'])
def test_what_is_no_key_file_is_refused(key: tuple[bytes, bytes, bytes], file: bytes) -> None:
    with pytest.raises(Refused, match="no key file"):
        sealing.unlocked(file, PASSPHRASE, key[0])


def test_the_private_key_is_not_readable_in_its_file(key: tuple[bytes, bytes, bytes]) -> None:
    import base64  # noqa: PLC0415

    assert base64.b64encode(key[2]) not in key[1]
    assert key[2].hex().encode() not in key[1]


def test_a_receipt_is_found_however_it_is_written() -> None:
    receipt = sealing.new_receipt()
    assert len(receipt) == 29
    assert sealing.receipt_digest(receipt) == sealing.receipt_digest(
        receipt.lower().replace("-", " ")
    )


def test_a_token_has_256_bits_and_is_known_by_its_digest() -> None:
    token, digest = sealing.new_token()
    assert len(token) == 43
    assert len(digest) == 64
    assert token not in digest
