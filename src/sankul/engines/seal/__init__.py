"""Sealing: a bundle of files and records with one Merkle root, that anyone can verify.

``seal`` files and records, ``verify`` the bundle later, ``prove`` that one record is in it.
Nothing but the standard library.
"""

from .bundle import Bundle, File, Manifest, read_checkpoint, seal
from .merkle import Tree, consistent, included, leaf_hash, node_hash
from .problems import SealError
from .proof import Proof, prove, read_proof
from .verification import Difference, read, verify

__all__ = [
    "Bundle",
    "Difference",
    "File",
    "Manifest",
    "Proof",
    "SealError",
    "Tree",
    "consistent",
    "included",
    "leaf_hash",
    "node_hash",
    "prove",
    "read",
    "read_checkpoint",
    "read_proof",
    "seal",
    "verify",
]
