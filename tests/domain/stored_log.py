"""A log in memory, as it would be stored: events, leaves with salts, nodes, signed roots."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from adapters.signing.ed25519 import Signer
from domain.log.checkpoints import Checkpoint, SealedTree
from domain.log.examining import Examination, Fault, StoredLeaf, Tree
from domain.log.exporting import checkpoint_line, key_line, leaf_line
from domain.log.leaves import LoggedEvent, disclosures, leaf
from domain.log.tree import Frontier, Hash, Node, leaf_hash

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
SIGNER = Signer.of("oimaq.example/log", bytes(32))
TYPES = (("tender", "tender.published"), ("contract", "contract.signed"), ("person", "person.registered"))


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - repeatable, and guards nothing


@dataclass
class StoredLog:
    """``leaves`` None where the row was deleted; signed at ``sizes``."""

    leaves: list[StoredLeaf | None]
    nodes: dict[Node, Hash]
    roots: dict[int, frozenset[Hash]] = field(default_factory=dict)

    def examined(self) -> Fault | None:
        examination = Examination(tree=Tree.PUBLIC, roots=self.roots)
        return examination.leaves([each for each in self.leaves if each], self.nodes) or examination.ended()

    def salted(self, index: int) -> tuple[LoggedEvent, bytes]:
        stored = self.leaves[index]
        assert stored is not None
        assert stored.event is not None
        return stored.event, stored.salt

    def exported(self) -> list[str]:
        notes = [SIGNER.note(checkpoint(size, *roots)) for size, roots in sorted(self.roots.items())]
        lines = [key_line(SIGNER.key), *(checkpoint_line(note) for note in notes)]
        for index in range(len(self.leaves)):
            event, salt = self.salted(index)
            data = leaf(event, salt)
            lines.append(leaf_line(index, data, leaf_hash(data), disclosures(event, salt)))
        return lines


def checkpoint(size: int, root: Hash) -> Checkpoint:
    return Checkpoint(
        origin=SIGNER.key.name, size=size, root=root, sealed=SealedTree(blind=size.to_bytes(32)).commitment
    )


def event_at(index: int, random: Random) -> LoggedEvent:
    subject, type = random.choice(TYPES)
    return LoggedEvent(
        id=UUID(int=random.getrandbits(128)),
        xid=1000 + index // 2,
        seq=index,
        type=type,
        subject=subject,
        subject_id=UUID(int=random.getrandbits(128)),
        sealed=False,
        person_id=random.choice((None, UUID(int=random.getrandbits(128)))),
        organization_id=UUID(int=random.getrandbits(128)),
        at=AT + timedelta(seconds=index),
        data={"number": f"K-{index}", "pieces": random.randrange(1000)},
    )


def log_of(count: int, sizes: tuple[int, ...], random: Random) -> StoredLog:
    """``count`` events, signed at ``sizes``."""
    return stored([(event_at(index, random), random.randbytes(32)) for index in range(count)], sizes)


def stored(salted: list[tuple[LoggedEvent, bytes]], sizes: tuple[int, ...]) -> StoredLog:
    frontier = Frontier()
    nodes: dict[Node, Hash] = {}
    roots: dict[int, frozenset[Hash]] = {}
    leaves: list[StoredLeaf | None] = []
    for index, (event, salt) in enumerate(salted):
        hash = leaf_hash(leaf(event, salt))
        leaves.append(StoredLeaf(index=index, event_id=event.id, hash=hash, salt=salt, event=event))
        nodes |= dict(frontier.append(hash))
        if index + 1 in sizes:
            roots[index + 1] = frozenset({frontier.root()})
    return StoredLog(leaves, nodes, roots)


def copied(log: StoredLog) -> StoredLog:
    return StoredLog(list(log.leaves), dict(log.nodes), dict(log.roots))
