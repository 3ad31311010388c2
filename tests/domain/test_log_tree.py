"""The Merkle tree: published vectors, and laws for every size; every proof verifies and every altered one fails."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.log.tree import (
    EMPTY,
    STRIDE,
    Frontier,
    Hash,
    Node,
    completed,
    consistency,
    extends,
    fold,
    includes,
    inclusion,
    leaf_hash,
    needed,
    node_hash,
    root,
)

INPUTS = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
"""The eight leaves of the reference implementation of Certificate Transparency, in hexadecimal."""
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES_0_1 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
LEAVES_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
LEAVES_4_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
LEAVES_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
LEAVES_6_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
INCLUSIONS = [
    (0, 1, ()),
    (0, 8, (LEAF_1, LEAVES_2_3, LEAVES_4_7)),
    (5, 8, (LEAF_4, LEAVES_6_7, ROOTS[3])),
    (2, 3, (LEAVES_0_1,)),
    (1, 5, (ROOTS[0], LEAVES_2_3, LEAF_4)),
]
CONSISTENCIES = [
    (1, 1, ()),
    (1, 8, (LEAF_1, LEAVES_2_3, LEAVES_4_7)),
    (6, 8, (LEAVES_4_5, LEAVES_6_7, ROOTS[3])),
    (2, 5, (LEAVES_2_3, LEAF_4)),
]

Kept = dict[Node, Hash]
sizes = st.integers(min_value=1, max_value=700)


def grown(leaves: Sequence[Hash]) -> tuple[Frontier, Kept]:
    """A tree as it is stored: leaves and every fourth level."""
    frontier, kept = Frontier(), {}
    for index, leaf in enumerate(leaves):
        kept[Node(0, index)] = leaf
        kept |= dict(frontier.append(leaf))
    return frontier, kept


def samples(count: int) -> list[Hash]:
    return [leaf_hash(str(index).encode()) for index in range(count)]


def plain_root(leaves: Sequence[Hash]) -> Hash:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + plain_root(leaves[:split]) + plain_root(leaves[split:])).digest()


def published() -> list[Hash]:
    return [leaf_hash(bytes.fromhex(each)) for each in INPUTS]


def test_the_empty_tree_has_the_published_root() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert EMPTY.hex() == Frontier().root().hex() == fold([]).hex() == empty


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_the_published_ones(size: int) -> None:
    frontier, kept = grown(published()[:size])
    assert frontier.root().hex() == ROOTS[size - 1]
    assert root(0, size, kept.__getitem__).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSIONS)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int, path: tuple[str, ...]) -> None:
    _, kept = grown(published())
    assert tuple(hash.hex() for hash in inclusion(index, size, kept.__getitem__)) == path


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCIES)
def test_consistency_proofs_are_the_published_ones(old: int, new: int, path: tuple[str, ...]) -> None:
    _, kept = grown(published())
    assert tuple(hash.hex() for hash in consistency(old, new, kept.__getitem__)) == path


@given(sizes)
def test_the_growing_tree_has_the_root_of_the_definition(size: int) -> None:
    leaves = samples(size)
    frontier, kept = grown(leaves)
    assert frontier.root() == root(0, size, kept.__getitem__) == plain_root(leaves)


@given(sizes, st.integers(min_value=0, max_value=400))
def test_a_frontier_that_was_loaded_grows_like_the_one_that_was_not(size: int, more: int) -> None:
    leaves = samples(size + more)
    whole, _ = grown(leaves)
    _, kept = grown(leaves[:size])
    loaded = Frontier.load(size, kept.__getitem__)
    made = [node for leaf in leaves[size:] for node, _ in loaded.append(leaf)]
    assert loaded.root() == whole.root()
    assert sorted(made) == sorted(
        Node(level, number) for level, numbers in completed(size, size + more) for number in numbers
    )


@given(sizes, st.data())
def test_every_inclusion_proof_verifies_and_every_altered_one_fails(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    leaves = samples(size)
    frontier, kept = grown(leaves)
    whole, leaf = frontier.root(), leaves[index]
    path = inclusion(index, size, kept.__getitem__)
    assert includes(path, leaf=leaf, index=index, size=size, root=whole)
    for other in altered(path, data):
        assert not includes(other, leaf=leaf, index=index, size=size, root=whole)
    assert not includes(path, leaf=leaf_hash(b"other"), index=index, size=size, root=whole)
    assert not includes(path, leaf=leaf, index=index, size=size, root=leaf_hash(b"other"))
    elsewhere = data.draw(st.integers(min_value=-1, max_value=size).filter(lambda each: each != index))
    assert not includes(path, leaf=leaf, index=elsewhere, size=size, root=whole)


@given(sizes, st.data())
def test_every_consistency_proof_verifies_and_every_altered_one_fails(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(min_value=1, max_value=new))
    leaves = samples(new)
    frontier, kept = grown(leaves)
    before, after = grown(leaves[:old])[0].root(), frontier.root()
    path = consistency(old, new, kept.__getitem__)
    assert extends(path, old=old, new=new, old_root=before, new_root=after)
    for other in altered(path, data):
        assert not extends(other, old=old, new=new, old_root=before, new_root=after)
    foreign = leaf_hash(b"other")
    assert not extends(path, old=old, new=new, old_root=foreign, new_root=after)
    assert not extends(path, old=old, new=new, old_root=before, new_root=foreign)
    assert not extends(path, old=0, new=new, old_root=EMPTY, new_root=after)
    assert not extends(path, old=new + 1, new=new, old_root=after, new_root=after)


def altered(path: list[Hash], data: st.DataObject) -> list[list[Hash]]:
    """One hash changed, one missing, one too many."""
    others = [[*path, leaf_hash(b"more")], [leaf_hash(b"more"), *path]]
    if path:
        place = data.draw(st.integers(min_value=0, max_value=len(path) - 1))
        bit = data.draw(st.integers(min_value=0, max_value=255))
        flipped = bytearray(path[place])
        flipped[bit // 8] ^= 1 << bit % 8
        others += [[*path[:place], bytes(flipped), *path[place + 1 :]], path[:place] + path[place + 1 :]]
    return others


def test_a_proof_in_a_tree_of_a_billion_leaves_reads_few_hashes() -> None:
    """The price of keeping every fourth level only."""
    size = 1_000_000_007
    asked = needed(lambda stored: inclusion(123_456_789, size, stored))
    assert len(asked) < 200
    assert all(node.level % STRIDE == 0 and (node.number + 1) << node.level <= size for node in asked)


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert leaf_hash(left + right) != node_hash(left, right)
