"""The Merkle tree of RFC 6962: roots, proofs that a leaf is in it, proofs that one tree grew from another.

The hash of a complete subtree of 2^level leaves never changes; every fourth level of them is stored (``STRIDE``), so
that a root or a proof reads at most 30 hashes per four levels of height (under 200 of a billion leaves) and rehashes
nothing else. What is needed is found by running the computation itself against a recorder: ``needed(work)``, then
``work(stored)``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

Hash = bytes
STRIDE = 4
WIDTH = 1 << STRIDE
EMPTY = sha256(b"").digest()


class Node(NamedTuple):
    """The complete subtree over the leaves ``[number << level, (number + 1) << level)``; a leaf has level 0."""

    level: int
    number: int


Stored = Callable[[Node], Hash]
"""Gives the hash of a stored node: a level divisible by ``STRIDE``, inside the tree."""


def leaf_hash(leaf: bytes) -> Hash:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    return sha256(b"\x01" + left + right).digest()


def _split(count: int) -> int:
    """The largest power of two below ``count``, where RFC 6962 divides a tree of more than one leaf."""
    return 1 << ((count - 1).bit_length() - 1)


def fold(hashes: Sequence[Hash]) -> Hash:
    """The root over ``hashes``: leaves, or equal complete subtrees of which the last may be a smaller rest."""
    if not hashes:
        return EMPTY
    if len(hashes) == 1:
        return hashes[0]
    middle = _split(len(hashes))
    return node_hash(fold(hashes[:middle]), fold(hashes[middle:]))


@dataclass(slots=True)
class Frontier:
    """The right edge of a growing tree: all that appending needs. ``edge[k]`` holds what is complete at level
    ``k * STRIDE`` and not yet part of something complete ``STRIDE`` levels above.
    """

    size: int = 0
    edge: list[list[Hash]] = field(default_factory=list)

    @classmethod
    def load(cls, size: int, stored: Stored) -> "Frontier":
        """The edge of a stored tree of ``size`` leaves."""
        edge, level, count = [], 0, size
        while count:
            edge.append([stored(Node(level, number)) for number in range(count - count % WIDTH, count)])
            level, count = level + STRIDE, count // WIDTH
        return cls(size=size, edge=edge)

    def append(self, leaf: Hash) -> list[tuple[Node, Hash]]:
        """Add a leaf's hash; returns the nodes above it that became complete and are to be stored, lowest first."""
        made: list[tuple[Node, Hash]] = []
        level, hash, count = 0, leaf, self.size + 1
        self.size = count
        while True:
            if level == len(self.edge):
                self.edge.append([])
            waiting = self.edge[level]
            waiting.append(hash)
            if len(waiting) < WIDTH:
                return made
            hash, level, count = fold(waiting), level + 1, count // WIDTH
            waiting.clear()
            made.append((Node(level * STRIDE, count - 1), hash))

    def root(self) -> Hash:
        rest: list[Hash] = []
        for waiting in self.edge:
            if waiting or rest:
                rest = [fold([*waiting, *rest])]
        return fold(rest)


def needed(work: Callable[[Stored], Any]) -> frozenset[Node]:
    """The stored nodes that ``work`` would ask for."""
    asked: set[Node] = set()

    def note(node: Node) -> Hash:
        asked.add(node)
        return EMPTY

    work(note)
    return frozenset(asked)


def completed(begin: int, end: int) -> list[tuple[int, range]]:
    """The stored nodes above the leaves that growing from ``begin`` to ``end`` leaves completes, by level."""
    found, level = [], STRIDE
    while end >> level:
        found.append((level, range(begin >> level, end >> level)))
        level += STRIDE
    return found


def root(begin: int, end: int, stored: Stored) -> Hash:
    """The root over the leaves ``[begin, end)``, a range that RFC 6962's division of a tree meets."""
    count = end - begin
    if count == 0:
        return EMPTY
    level = count.bit_length() - 1
    if count == 1 << level and level % STRIDE == 0:
        return stored(Node(level, begin >> level))
    middle = begin + _split(count)
    return node_hash(root(begin, middle, stored), root(middle, end, stored))


def inclusion(index: int, size: int, stored: Stored) -> list[Hash]:
    """The audit path of leaf ``index`` in the tree of ``size`` leaves, lowest sibling first."""
    begin, end, path = 0, size, []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(root(middle, end, stored))
            end = middle
        else:
            path.append(root(begin, middle, stored))
            begin = middle
    return path[::-1]


def consistency(old: int, new: int, stored: Stored) -> list[Hash]:
    """The proof that the tree of ``old`` leaves is the beginning of that of ``new``; ``0 < old <= new``."""
    begin, end, proof = 0, new, []
    whole = True
    """Whether the old tree's part in view begins at 0, so that its verifier knows the root himself."""
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            proof.append(root(middle, end, stored))
            end = middle
        else:
            proof.append(root(begin, middle, stored))
            begin, whole = middle, False
    if not whole:
        proof.append(root(begin, end, stored))
    return proof[::-1]


def includes(proof: Iterable[Hash], *, leaf: Hash, index: int, size: int, root: Hash) -> bool:
    """Whether ``proof`` leads from the leaf's hash at ``index`` to ``root`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, hash = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            hash = node_hash(sibling, hash)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            hash = node_hash(hash, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and hash == root


def extends(proof: Sequence[Hash], *, old: int, new: int, old_root: Hash, new_root: Hash) -> bool:
    """Whether ``proof`` shows that the new tree begins with the old one (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root
