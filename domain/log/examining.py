"""Examining: whether what is stored is what was signed, and which event is the first that is not.

Pure, and in portions: the sequencer examines what it is about to sign, ``oimaq verify`` everything from the first
leaf on. A leaf is made anew from the stored event, so that one changed column shows at its own index. Where a forger
has made leaves and nodes anew as well, only a signed root tells, and the fault is named from the last root that holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from domain.log.leaves import LoggedEvent, leaf
from domain.log.tree import Frontier, Hash, Node, leaf_hash


class Tree(StrEnum):
    PUBLIC = "public"
    SEALED = "sealed"


class Damage(StrEnum):
    EVENT_MISSING = "event_missing"
    EVENT_CHANGED = "event_changed"
    EVENT_NEVER_LOGGED = "event_never_logged"
    LEAF_MISSING = "leaf_missing"
    LEAF_NOT_SIGNED = "leaf_not_signed"
    """From ``index`` on no checkpoint vouches for what is there."""
    NODE_CHANGED = "node_changed"
    ROOT_DIFFERS = "root_differs"
    """From ``index`` on something differs from what was signed."""
    DISCLOSURE_DIFFERS = "disclosure_differs"
    CHECKPOINT_NOT_SIGNED = "checkpoint_not_signed"
    CHECKPOINT_CHANGED = "checkpoint_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The first thing that is wrong; ``event_id`` None where what was there is gone."""

    damage: Damage
    tree: Tree
    index: int
    event_id: UUID | None = None

    def __str__(self) -> str:
        who = f", event {self.event_id}" if self.event_id else ""
        return f"{self.damage} at index {self.index} of the {self.tree} tree{who}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLeaf:
    """A leaf as stored, beside its event as stored: None where no event has the id."""

    index: int
    event_id: UUID
    hash: Hash
    salt: bytes
    event: LoggedEvent | None


@dataclass(slots=True, kw_only=True)
class Examination:
    """One tree, leaf after leaf. ``roots``: what was signed, by size; every root of a size must be the tree's."""

    tree: Tree
    roots: Mapping[int, frozenset[Hash]] = field(default_factory=dict)
    frontier: Frontier = field(default_factory=Frontier)
    holds: int = 0
    """The largest size whose signed root was met."""

    def leaves(self, stored: Iterable[StoredLeaf], nodes: Mapping[Node, Hash]) -> Fault | None:
        """The next leaves, with the stored nodes that they complete; the first fault in them."""
        for each in stored:
            fault = self._leaf(each, nodes)
            if fault is not None:
                return fault
        return None

    def ended(self) -> Fault | None:
        """After the last leaf: was more signed than there is?"""
        size = self.frontier.size
        if any(signed > size for signed in self.roots):
            return Fault(damage=Damage.LEAF_MISSING, tree=self.tree, index=size)
        return None

    def hash(self, index: int, event_id: UUID | None, hash: Hash, nodes: Mapping[Node, Hash] | None) -> Fault | None:
        """The next leaf by its hash; ``nodes`` None: no nodes are kept to compare with."""
        completed = self.frontier.append(hash)
        if nodes is not None and any(nodes.get(node) != made for node, made in completed):
            return Fault(damage=Damage.NODE_CHANGED, tree=self.tree, index=index, event_id=event_id)
        signed = self.roots.get(self.frontier.size)
        if signed is None:
            return None
        if signed != {self.frontier.root()}:
            first = event_id if self.holds == index else None
            return Fault(damage=Damage.ROOT_DIFFERS, tree=self.tree, index=self.holds, event_id=first)
        self.holds = self.frontier.size
        return None

    def _leaf(self, stored: StoredLeaf, nodes: Mapping[Node, Hash]) -> Fault | None:
        index = self.frontier.size
        if stored.index != index:
            return Fault(damage=Damage.LEAF_MISSING, tree=self.tree, index=index)
        if stored.event is None:
            return Fault(damage=Damage.EVENT_MISSING, tree=self.tree, index=index, event_id=stored.event_id)
        if leaf_hash(leaf(stored.event, stored.salt)) != stored.hash:
            return Fault(damage=Damage.EVENT_CHANGED, tree=self.tree, index=index, event_id=stored.event_id)
        return self.hash(index, stored.event_id, stored.hash, nodes)
