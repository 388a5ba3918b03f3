"""Time-stamp requests (RFC 3161): what to send to an authority so that it certifies when a checkpoint was there.

    openssl ts -verify -queryfile request.tsq -in token.tsr -CAfile authority.pem

checks the answer. The requests are without a nonce, so that equal checkpoints give equal requests.
"""

from __future__ import annotations

import hashlib
from typing import Final

SHA256: Final = bytes.fromhex("0609608648016503040201")
"""The object identifier 2.16.840.1.101.3.4.2.1, in DER."""


def request(checkpoint: str) -> bytes:
    """The request for a checkpoint's text, in DER: version 1, SHA-256 of its UTF-8 bytes, certificate asked for.

    TimeStampReq ::= SEQUENCE { version, messageImprint { hashAlgorithm, hashedMessage }, certReq TRUE }
    """
    algorithm = _der(0x30, SHA256 + b"\x05\x00")
    imprint = _der(0x30, algorithm + _der(0x04, hashlib.sha256(checkpoint.encode()).digest()))
    return _der(0x30, _der(0x02, b"\x01") + imprint + _der(0x01, b"\xff"))


def _der(tag: int, content: bytes) -> bytes:
    """One value; the contents here are shorter than 128 bytes."""
    return bytes([tag, len(content)]) + content
