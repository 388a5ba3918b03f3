"""Answers of a time-stamping authority (RFC 3161), read and checked: what was stamped, when, and by whose certificate.

Checked are the stamped digest, the signature and its certificate's purpose and time. Whether the certificate's issuer is to be
trusted is for the reader to know: ``openssl ts -verify … -CAfile`` checks that. This module alone here needs ``cryptography``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from .problems import SealError

SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
TST_INFO: Final = bytes.fromhex("060b2a864886f70d0109100104")
MESSAGE_DIGEST: Final = bytes.fromhex("06092a864886f70d010904")
SHA: Final[dict[bytes, hashes.HashAlgorithm]] = {
    bytes.fromhex("0609608648016503040201"): hashes.SHA256(),
    bytes.fromhex("0609608648016503040202"): hashes.SHA384(),
    bytes.fromhex("0609608648016503040203"): hashes.SHA512(),
}
SEQUENCE, SET, INTEGER, OCTETS, FIRST = 0x30, 0x31, 0x02, 0x04, 0xA0


@dataclass(frozen=True, slots=True)
class Stamp:
    """When the authority saw the digest, and the subject of the certificate that it signed with."""

    at: datetime
    authority: str


class _Node(NamedTuple):
    """A DER value: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    raw: bytes

    def parts(self) -> list[_Node]:
        """The values inside."""
        return list(_nodes(self.content))


def check(answer: bytes, checkpoint: str) -> Stamp:
    """The stamp in an authority's answer (TimeStampResp, or its token alone) to the request for a checkpoint.

    Raises SealError where it is none, stamps something else, or its signature does not hold.
    """
    try:
        signed = _signed_data(answer)
        info = _content(signed)
        stamped, at = _told(info)
        if stamped != hashlib.sha256(checkpoint.encode()).digest():
            raise SealError("the time stamp is of something else than this checkpoint")
        certificate = _signature_holds(signed, info)
    except (IndexError, ValueError) as error:
        if isinstance(error, SealError):
            raise
        raise SealError(f"not the answer of a time-stamping authority: {error}") from None
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise SealError("the authority's certificate was not valid at the time of the stamp")
    return Stamp(at, certificate.subject.rfc4514_string())


def _nodes(data: bytes) -> Iterator[_Node]:
    at = 0
    while at < len(data):
        tag, size, start = data[at], data[at + 1], at + 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(data[at + 2 : start])
        if start + size > len(data):
            raise SealError("the time stamp is cut short")
        yield _Node(tag, data[start : start + size], data[at : start + size])
        at = start + size


def _signed_data(answer: bytes) -> list[_Node]:
    """The parts of SignedData, in an answer or a bare token."""
    (outer,) = _nodes(answer)
    parts = outer.parts()
    if parts[0].tag == SEQUENCE:
        if parts[0].parts()[0].content not in (b"\x00", b"\x01"):
            raise SealError("the authority refused to stamp")
        parts = parts[1].parts()
    if parts[0].raw != SIGNED_DATA:
        raise SealError("not the answer of a time-stamping authority: it holds no signed data")
    return parts[1].parts()[0].parts()


def _content(signed: list[_Node]) -> bytes:
    """The bytes of TSTInfo."""
    kind, wrapped = signed[2].parts()
    if kind.raw != TST_INFO:
        raise SealError("what is signed is no time stamp")
    return wrapped.parts()[0].content


def _told(info: bytes) -> tuple[bytes, datetime]:
    """The digest that is stamped, and when."""
    (outer,) = _nodes(info)
    _version, _policy, imprint, _serial, moment, *_rest = outer.parts()
    algorithm, digest = imprint.parts()
    if not isinstance(SHA.get(algorithm.parts()[0].raw), hashes.SHA256):
        raise SealError("the time stamp is of another digest than SHA-256")
    told = moment.content.decode("ascii")
    form = "%Y%m%d%H%M%S.%fZ" if "." in told else "%Y%m%d%H%M%SZ"
    return digest.content, datetime.strptime(told, form).replace(tzinfo=UTC)


def _signature_holds(signed: list[_Node], info: bytes) -> x509.Certificate:
    """The certificate that signed, once its signature over the content holds."""
    (signer,) = signed[-1].parts()
    _version, who, algorithm, attributes, _how, signature, *_rest = signer.parts()
    digest = SHA.get(algorithm.parts()[0].raw)
    if digest is None or attributes.tag != FIRST:
        raise SealError("the time stamp is signed by a method that is not known here")
    hashed = hashes.Hash(digest)
    hashed.update(info)
    if _attribute(attributes, MESSAGE_DIGEST) != hashed.finalize():
        raise SealError("the time stamp was changed after it was signed")
    certificate = _certificate(signed, who)
    content = bytes([SET]) + attributes.raw[1:]
    _verify(certificate, signature.content, content, digest)
    return certificate


def _attribute(attributes: _Node, kind: bytes) -> bytes:
    for one in attributes.parts():
        name, values = one.parts()
        if name.raw == kind:
            return values.parts()[0].content
    raise SealError("the time stamp's signature names no digest")


def _certificate(signed: list[_Node], who: _Node) -> x509.Certificate:
    """The certificate of the signer, which must be for time stamps."""
    issuer, serial = who.parts()
    for node in (one for held in signed if held.tag == FIRST for one in held.parts()):
        found = x509.load_der_x509_certificate(node.raw)
        named = found.issuer.public_bytes() == issuer.raw
        if named and found.serial_number == int.from_bytes(serial.content, signed=True):
            uses = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            if ExtendedKeyUsageOID.TIME_STAMPING not in uses:
                raise SealError("the certificate is not for time stamps")
            return found
    raise SealError("the answer holds no certificate of its signer; ask for one with the request")


def _verify(
    certificate: x509.Certificate, signature: bytes, content: bytes, digest: hashes.HashAlgorithm
) -> None:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(digest))
        else:
            raise SealError("the time stamp is signed by a method that is not known here")
    except InvalidSignature:
        raise SealError("the signature of the time stamp does not hold") from None
