"""Merkle trees against the reference vectors of certificate transparency."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines.seal import SealError, Tree, consistent, included, leaf_hash, node_hash

# the leaves, roots and proofs that implementations of RFC 6962 are tested with
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"


def test_hashes_of_a_leaf_and_a_node() -> None:
    assert leaf_hash(b"L123456").hex() == (
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    )
    assert node_hash(b"N123", b"N456").hex() == (
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_reference_leaves(size: int) -> None:
    assert Tree.of(LEAVES[:size]).root.hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 8, [A, B, C]),
        (5, 8, [D, E, ROOTS[4]]),
        (2, 3, [ROOTS[2]]),
        (1, 5, [ROOTS[1], B, D]),
    ],
)
def test_inclusion_proofs_of_the_reference_tree(index: int, size: int, path: list[str]) -> None:
    tree = Tree.of(LEAVES[:size])
    assert [step.hex() for step in tree.inclusion(index)] == path
    proof = tuple(map(bytes.fromhex, path))
    assert included(leaf_hash(LEAVES[index]), index, size, proof, tree.root)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[4]]), (2, 5, [B, D])],
)
def test_consistency_proofs_of_the_reference_tree(old: int, new: int, path: list[str]) -> None:
    tree = Tree.of(LEAVES[:new])
    assert [step.hex() for step in tree.consistency(old)] == path
    roots = [bytes.fromhex(ROOTS[size]) for size in (old, new)]
    assert consistent(old, new, *roots, tuple(map(bytes.fromhex, path)))


def root_by_the_definition(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(root_by_the_definition(leaves[:k]), root_by_the_definition(leaves[k:]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=3), min_size=1, max_size=40), st.data())
def test_every_proof_holds_and_no_other_does(leaves: list[bytes], data: st.DataObject) -> None:
    tree, size = Tree.of(leaves), len(leaves)
    assert tree.root == root_by_the_definition(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof, leaf = tree.inclusion(index), leaf_hash(leaves[index])
    assert included(leaf, index, size, proof, tree.root)
    assert not included(leaf_hash(leaves[index] + b"x"), index, size, proof, tree.root)
    assert not included(leaf, index, size, (*proof, leaf), tree.root)
    assert not included(leaf, size, size, proof, tree.root)
    if proof:
        assert not included(leaf, index, size, proof[:-1], tree.root)
        assert not included(leaf, index, size, (leaf, *proof[1:]), tree.root) or proof[0] == leaf
    old = data.draw(st.integers(1, size))
    before, path = Tree.of(leaves[:old]).root, tree.consistency(old)
    assert consistent(old, size, before, tree.root, path)
    assert not consistent(old, size, leaf_hash(b"other"), tree.root, path)
    assert not consistent(old, size, before, leaf_hash(b"other"), path)
    assert not consistent(old, size, before, tree.root, (*path, leaf))
    assert not consistent(0, size, before, tree.root, path)


def test_places_outside_the_tree_are_refused() -> None:
    tree = Tree.of(LEAVES)
    with pytest.raises(SealError, match="no leaf 8 in a tree of 8"):
        tree.inclusion(8)
    with pytest.raises(SealError, match="a tree of 8 does not continue one of 9"):
        tree.consistency(9)
