"""Sealed ballots: what is written can be read only with a key that the site does not have.

HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, bound to the survey by ``info``. The text
is compressed and filled up to one length, so that its size tells nothing. The private key exists in the file that the third
party keeps, locked by its passphrase (scrypt, RFC 7914), and in memory while ballots are counted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.utils.translation import gettext as _

from sankul.core.rules import canonical
from sankul.core.rules.verdicts import Refused

SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
BALLOT_BYTES = 16 * 1024
"""Length of every ballot before it is sealed."""
SEALED_BYTES = BALLOT_BYTES + 32 + 16  # with the encapsulated key and the tag
KEY_BYTES = 32
KEY_FILE = "sankul survey key, version 1"
KEY_FILE_MAX_BYTES = 4096
SCRYPT = {"n": 2**16, "r": 8, "p": 1}
"""64 MiB and about a quarter of a second."""
TOKEN_BYTES = 32


def new_token() -> tuple[str, str]:
    """A random token of 256 bits for a link, and the digest under which alone it is known here."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, digest(token)


def new_receipt() -> str:
    """A random receipt of 125 bits, in five groups of letters and digits that are not mistaken for one another."""
    letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    return "-".join("".join(secrets.choice(letters) for _i in range(5)) for _j in range(5))


def receipt_digest(receipt: str) -> str:
    """What is published of a receipt; case, spaces and hyphens do not matter."""
    return digest("".join(letter for letter in receipt.upper() if letter.isalnum()))


def digest(text: str) -> str:
    """Hexadecimal SHA-256."""
    return canonical.sha256(text)


def sealed(content: dict[str, Any], public_key: bytes, survey_id: int) -> bytes:
    """Seal a ballot: always ``SEALED_BYTES`` long. Raises Refused when it is too long."""
    packed = zlib.compress(canonical.text(content).encode(), 9)
    if len(packed) + 4 > BALLOT_BYTES:
        raise Refused(_("Your texts are too long together. Shorten them."))
    filled = len(packed).to_bytes(4, "big") + packed.ljust(BALLOT_BYTES - 4, b"\0")
    return SUITE.encrypt(filled, X25519PublicKey.from_public_bytes(public_key), _info(survey_id))


def unsealed(box: bytes, private_key: bytes, survey_id: int) -> dict[str, Any]:
    """What is in a ballot. Raises Refused for a wrong key and for a ballot that was changed or is of another survey."""
    key = X25519PrivateKey.from_private_bytes(private_key)
    try:
        filled = SUITE.decrypt(box, key, _info(survey_id))
    except InvalidTag:
        raise Refused(_("A ballot does not open: it was changed, or is of another key.")) from None
    length = int.from_bytes(filled[:4], "big")
    content: dict[str, Any] = json.loads(zlib.decompress(filled[4 : 4 + length]))
    return content


def new_key(survey: str, passphrase: str) -> tuple[bytes, str]:
    """A new key: its public part, and the file with the private part, locked by the passphrase."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    box = ChaCha20Poly1305(_stretched(passphrase, salt)).encrypt(
        nonce, private.private_bytes_raw(), public
    )
    told = {
        "kind": KEY_FILE,
        "survey": survey,
        "public_key": public.hex(),
        "scrypt": SCRYPT,
        "salt": _base64(salt),
        "nonce": _base64(nonce),
        "private_key": _base64(box),
    }
    return public, json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def unlocked(file: bytes, passphrase: str, public_key: bytes) -> bytes:
    """The private key in a key file. Raises Refused when it is no key file, of another key, or the passphrase is wrong."""
    told = _read(file)
    if told["public_key"] != public_key.hex():
        raise Refused(_("This key file belongs to another key than that of the survey."))
    try:
        stretched = _stretched(passphrase, base64.b64decode(told["salt"]))
        opened = ChaCha20Poly1305(stretched).decrypt(
            base64.b64decode(told["nonce"]), base64.b64decode(told["private_key"]), public_key
        )
    except (InvalidTag, ValueError, TypeError, binascii.Error):
        raise Refused(_("The passphrase does not open this key file.")) from None
    if X25519PrivateKey.from_private_bytes(opened).public_key().public_bytes_raw() != public_key:
        raise Refused(_("This key file belongs to another key than that of the survey."))
    return opened


def fingerprint(public_key: bytes) -> str:
    """The beginning of the SHA-256 of a public key, in groups, to compare by eye."""
    text = hashlib.sha256(public_key).hexdigest()[:24]
    return " ".join(text[place : place + 4] for place in range(0, 24, 4))


def _read(file: bytes) -> dict[str, Any]:
    try:
        told = json.loads(file)
    except (ValueError, RecursionError):
        told = None
    wanted = {"public_key", "salt", "nonce", "private_key"}
    if not isinstance(told, dict) or told.get("kind") != KEY_FILE or not wanted <= told.keys():
        raise Refused(_("This is no key file of a survey."))
    return told


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, **SCRYPT).derive(passphrase.encode())


def _info(survey_id: int) -> bytes:
    return b"sankul feedback ballot %d" % survey_id


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
