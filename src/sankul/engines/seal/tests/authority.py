"""A made-up time-stamping authority, run by the openssl program."""

from __future__ import annotations

import subprocess
from pathlib import Path

CONFIG = """
[req]
distinguished_name = name
[name]
[tsa]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
[for_stamps]
extendedKeyUsage = critical,timeStamping
"""


def run(folder: Path, *command: str) -> None:
    """One command of openssl. Raises CalledProcessError where it fails, FileNotFoundError where it is not there."""
    subprocess.run(["openssl", *command], cwd=folder, capture_output=True, check=True, timeout=60)


def stamped(request: bytes, folder: Path, key: str = "rsa:2048") -> bytes:
    """What the authority answers; it signs with an RSA key or, for "ec", one on the curve P-256."""
    (folder / "tsa.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01")
    (folder / "request.tsq").write_bytes(request)
    curve = ("-pkeyopt", "ec_paramgen_curve:P-256") if key == "ec" else ()
    run(folder, "req", "-x509", "-newkey", key, *curve, "-nodes", "-days", "30", "-subj", "/CN=Made-up authority",
        "-config", "tsa.cnf", "-extensions", "for_stamps", "-keyout", "key.pem", "-out", "cert.pem")  # fmt: skip
    run(folder, "ts", "-reply", "-queryfile", "request.tsq", "-config", "tsa.cnf", "-section", "tsa", "-signer", "cert.pem",
        "-inkey", "key.pem", "-out", "answer.tsr")  # fmt: skip
    return (folder / "answer.tsr").read_bytes()
