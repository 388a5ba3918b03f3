"""Merkle trees as in certificate transparency: RFC 9162, section 2.1 (as RFC 6962), with SHA-256.

A leaf is hashed after the byte 0x00, a node after 0x01, so that neither passes for the other. Trees
split at the largest power of two below their size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .problems import SealError

EMPTY: Final = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 ‖ content)."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree over leaf hashes; ``levels[0]`` are the leaves, the last level is the root.

    A hash without a sibling moves up unchanged, which gives the tree of the standard.
    """

    levels: tuple[tuple[bytes, ...], ...]

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> Tree:
        """The tree of these leaves' contents, in this order."""
        return cls.of_hashes(leaf_hash(leaf) for leaf in leaves)

    @classmethod
    def of_hashes(cls, hashes: Iterable[bytes]) -> Tree:
        """The tree of leaves of which only the hashes are known."""
        level = tuple(hashes)
        levels = [level]
        while len(level) > 1:
            pairs = (level[k : k + 2] for k in range(0, len(level), 2))
            level = tuple(node_hash(*pair) if len(pair) == 2 else pair[0] for pair in pairs)
            levels.append(level)
        return cls(tuple(levels))

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self.levels[0])

    @property
    def root(self) -> bytes:
        """The hash that stands for all leaves; of no leaves SHA-256 of nothing."""
        return self.levels[-1][0] if self.size else EMPTY

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """The hashes that lead from a leaf to the root (RFC 9162, 2.1.3.1)."""
        if not 0 <= index < self.size:
            raise SealError(f"there is no leaf {index} in a tree of {self.size}")
        path = []
        for level in self.levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            index >>= 1
        return tuple(path)

    def consistency(self, size: int) -> tuple[bytes, ...]:
        """Proof that the tree of the first ``size`` leaves was only added to (RFC 9162, 2.1.4.1)."""
        if not 0 < size <= self.size:
            raise SealError(f"a tree of {self.size} does not continue one of {size}")
        return tuple(self._subproof(size, 0, self.size, complete=True))

    def _subproof(self, size: int, start: int, end: int, *, complete: bool) -> list[bytes]:
        if size == end - start:
            return [] if complete else [self._hash(start, end)]
        split = _split(end - start)
        if size <= split:
            left = self._subproof(size, start, start + split, complete=complete)
            return [*left, self._hash(start + split, end)]
        right = self._subproof(size - split, start + split, end, complete=False)
        return [*right, self._hash(start, start + split)]

    def _hash(self, start: int, end: int) -> bytes:
        """The root of a part that begins where a full subtree does."""
        width = end - start
        height = (width - 1).bit_length()
        if width == 1 << height or end == self.size:
            return self.levels[height][start >> height]
        split = _split(width)
        return node_hash(self._hash(start, start + split), self._hash(start + split, end))


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows the leaf (its hash) at this place of a tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def consistent(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that one tree begins with another (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root
