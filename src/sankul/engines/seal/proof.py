"""A proof that one record is in a sealed bundle, which can be checked without the bundle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .bundle import RECORDS, Bundle, checkpoint_text, read_checkpoint, record_leaf
from .merkle import included, leaf_hash
from .problems import SealError


@dataclass(frozen=True, slots=True)
class Proof:
    """The record's ``line``, its place ``index`` among the leaves, and the way to the root."""

    checkpoint: str
    line: str
    index: int
    size: int
    root: bytes
    path: tuple[bytes, ...]

    @property
    def text(self) -> str:
        """The proof as JSON, to hand out."""
        content = {
            "checkpoint": self.checkpoint,
            "line": self.line,
            "index": self.index,
            "path": [step.hex() for step in self.path],
        }
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"

    @property
    def holds(self) -> bool:
        """Whether the record is under the root that the proof names."""
        leaf = leaf_hash(record_leaf(self.line.encode()))
        return included(leaf, self.index, self.size, self.path, self.root)


def prove(bundle: Bundle, record: str) -> Proof:
    """The proof for one record. Raises SealError for an id that is not in the bundle."""
    names = [name for name, _ in bundle.manifest.records]
    if record not in names:
        raise SealError(f'the bundle has no record "{record}"')
    at = names.index(record)
    index = 1 + len(bundle.manifest.files) + at
    tree = bundle.manifest.tree
    line = bundle.contents[RECORDS].split(b"\n")[at].decode()
    return Proof(bundle.checkpoint, line, index, tree.size, tree.root, tree.inclusion(index))


def read_proof(text: str) -> Proof:
    """A proof as handed out. Raises SealError for any other text."""
    try:
        content: Any = json.loads(text)
        origin, size, root = read_checkpoint(content["checkpoint"])
        path = tuple(bytes.fromhex(step) for step in content["path"])
        proof = Proof(
            checkpoint_text(origin, size, root), content["line"], content["index"], size, root, path
        )
        if not isinstance(proof.index, int) or not isinstance(proof.line, str):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise SealError("not a proof: checkpoint, line, index and path") from None
    return proof
