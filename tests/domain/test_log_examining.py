"""A thousand forgeries, each at a random place, each found at its place; and the same in exports."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from adapters.signing.ed25519 import Signer, verify
from domain.log.examining import Damage, Fault, StoredLeaf, Tree
from domain.log.exporting import Examined, NotAnExport, checkpoint_line, examine_export
from domain.log.leaves import LoggedEvent
from domain.log.tree import Node
from tests.domain.stored_log import SIGNER, StoredLog, checkpoint, copied, dice, log_of, stored

COUNT = 83
SIZES = (1, 7, 16, 17, 40, 64, 83)
SOUND = log_of(COUNT, SIZES, dice(1))
TAMPERS = 1000

Forgery = Callable[[StoredLog, int, Random], tuple[Damage, int]]
"""Alters the log at an index; returns what must be found, and where."""


def at(log: StoredLog, index: int) -> tuple[StoredLeaf, LoggedEvent]:
    stored = log.leaves[index]
    assert stored is not None
    assert stored.event is not None
    return stored, stored.event


def changed(log: StoredLog, index: int, **columns: Any) -> tuple[Damage, int]:
    stored, event = at(log, index)
    log.leaves[index] = replace(stored, event=replace(event, **columns))
    return Damage.EVENT_CHANGED, index


def a_value(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    _, event = at(log, index)
    return changed(log, index, data={**event.data, "pieces": event.data["pieces"] + random.randrange(1, 100)})


def a_field_more(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    return changed(log, index, data={**at(log, index)[1].data, f"f{random.randrange(9)}": None})


def the_type(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    return changed(log, index, type=f"tender.{random.choice(('awarded', 'failed', 'cancelled'))}")


def the_time(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    moved = timedelta(microseconds=random.choice((-1, 1, 86_400_000_000)))
    return changed(log, index, at=at(log, index)[1].at + moved)


def whom_it_concerns(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    return changed(log, index, subject_id=UUID(int=random.getrandbits(128)))


def who_did_it(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    name = random.choice(("organization_id", "person_id"))
    return changed(log, index, **{name: UUID(int=random.getrandbits(128))})


def its_seal(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    return changed(log, index, sealed=True)


def its_place(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    return changed(log, index, seq=at(log, index)[1].seq + random.randrange(1, 9))


def two_swapped(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    other = random.choice([each for each in range(COUNT) if each != index])
    (one, first), (two, second) = at(log, index), at(log, other)
    log.leaves[index] = replace(one, event=replace(second, id=first.id))
    log.leaves[other] = replace(two, event=replace(first, id=second.id))
    return Damage.EVENT_CHANGED, min(index, other)


def an_event_deleted(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    log.leaves[index] = replace(at(log, index)[0], event=None)
    return Damage.EVENT_MISSING, index


def a_leaf_deleted(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    log.leaves[index] = None
    return Damage.LEAF_MISSING, index


def a_leaf_pushed_in(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    """With everything after it renumbered and made anew, as a forger with all rights would; the roots stay."""
    salted = [log.salted(each) for each in range(COUNT)]
    event, _ = salted[index]
    salted.insert(index, (replace(event, id=UUID(int=random.getrandbits(128))), random.randbytes(32)))
    return remade(log, salted, index)


def a_leaf_made_anew(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    """Event, salt, leaf and every node above made anew; the roots stay."""
    salted = [log.salted(each) for each in range(COUNT)]
    event, _ = salted[index]
    salted[index] = (replace(event, type="tender.failed"), random.randbytes(32))
    return remade(log, salted, index)


def remade(log: StoredLog, salted: list[tuple[LoggedEvent, bytes]], index: int) -> tuple[Damage, int]:
    forged = stored(salted, ())
    log.leaves, log.nodes = forged.leaves, forged.nodes
    return Damage.ROOT_DIFFERS, max((size for size in SIZES if size <= index), default=0)


def a_salt(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    log.leaves[index] = replace(at(log, index)[0], salt=random.randbytes(32))
    return Damage.EVENT_CHANGED, index


def a_leafs_hash(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    log.leaves[index] = replace(at(log, index)[0], hash=random.randbytes(32))
    return Damage.EVENT_CHANGED, index


def a_node(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    node = random.choice(sorted(log.nodes))
    if random.randrange(2):
        log.nodes[node] = random.randbytes(32)
    else:
        del log.nodes[node]
    return Damage.NODE_CHANGED, ((node.number + 1) << node.level) - 1


def a_root(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    size = random.choice(SIZES)
    log.roots[size] = frozenset({random.randbytes(32)})
    return Damage.ROOT_DIFFERS, max((each for each in SIZES if each < size), default=0)


def the_end_cut_off(log: StoredLog, index: int, random: Random) -> tuple[Damage, int]:
    del log.leaves[index:]
    return Damage.LEAF_MISSING, index


FORGERIES: tuple[Forgery, ...] = (
    a_value, a_field_more, the_type, the_time, whom_it_concerns, who_did_it, its_seal, its_place, two_swapped,
    an_event_deleted, a_leaf_deleted, a_leaf_pushed_in, a_leaf_made_anew, a_salt, a_leafs_hash, a_node, a_root,
    the_end_cut_off,
)  # fmt: skip


def test_a_sound_log_has_no_fault() -> None:
    assert SOUND.examined() is None


def test_a_thousand_forgeries_are_found_each_at_its_place() -> None:
    random = dice(20261126)
    missed = []
    for number in range(TAMPERS):
        forge = FORGERIES[number % len(FORGERIES)]
        log, index = copied(SOUND), random.randrange(COUNT)
        expected = forge(log, index, random)
        fault = log.examined()
        if fault is None or (fault.damage, fault.index) != expected:
            missed.append((number, forge.__name__, index, expected, fault))
    assert missed == []


def test_a_fault_names_the_event() -> None:
    log = copied(SOUND)
    the_type(log, 30, dice(1))
    stored, _ = at(log, 30)
    fault = Fault(damage=Damage.EVENT_CHANGED, tree=Tree.PUBLIC, index=30, event_id=stored.event_id)
    assert log.examined() == fault
    assert str(fault) == f"event_changed at index 30 of the public tree, event {stored.event_id}"


def test_of_several_forgeries_the_first_is_named() -> None:
    log = copied(SOUND)
    for index in (70, 12, 33):
        a_salt(log, index, dice(index))
    fault = log.examined()
    assert fault is not None
    assert fault.index == 12


def test_a_node_nobody_needed_yet_is_no_fault() -> None:
    log = copied(SOUND)
    log.nodes[Node(8, 0)] = bytes(32)
    assert log.examined() is None


def examined(lines: list[str], **more: Any) -> Examined:
    return examine_export(lines, verify, **more)


def test_an_export_is_verified_without_a_database() -> None:
    outside = f"\n\n{SIGNER.note(checkpoint(40, *SOUND.roots[40]))}"
    found = examined(SOUND.exported(), outside=outside, trusted=SIGNER.key)
    assert (found.fault, found.leaves, found.checkpoints, found.outside) == (None, COUNT, len(SIZES), 1)
    assert found.key == SIGNER.key


def test_each_line_of_an_export_that_is_altered_is_found_at_its_place() -> None:
    """A digit or a letter of the leaf, its hash, its index, its disclosures; a line left out, doubled, broken."""
    lines, random, first = SOUND.exported(), dice(7), 1 + len(SIZES)
    for number in range(200):
        place = random.randrange(first, len(lines))
        forged = list(lines)
        match number % 5:
            case 0:
                document = json.loads(lines[place])
                name = random.choice(("leaf", "hash"))
                sign = random.randrange(len(document[name]) - 4)
                other = "b" if document[name][sign] != "b" else "c"
                document[name] = document[name][:sign] + other + document[name][sign + 1 :]
                forged[place] = json.dumps(document)
            case 1:
                document = json.loads(lines[place])
                document["disclosed"]["organization_id"]["value"] = str(UUID(int=1))
                forged[place] = json.dumps(document)
            case 2:
                del forged[place]
            case 3:
                forged.insert(place, lines[place])
            case _:
                forged[place] = lines[place][: random.randrange(len(lines[place]) - 2)]
        fault = examined(forged).fault
        assert fault is not None
        assert fault.index == place - first + (number % 5 == 3), (number, fault)


def test_an_exports_checkpoints_must_be_signed_and_of_one_history() -> None:
    lines = SOUND.exported()
    forged = [*lines]
    forged[2] = checkpoint_line(Signer.fresh(SIGNER.key.name).note(checkpoint(7, *SOUND.roots[7])))
    fault = examined(forged).fault
    assert fault is not None
    assert fault.damage is Damage.CHECKPOINT_NOT_SIGNED
    other = log_of(COUNT, SIZES, dice(2))
    forged = [*lines]
    forged[4] = checkpoint_line(SIGNER.note(checkpoint(17, *other.roots[17])))
    fault = examined(forged).fault
    assert fault is not None
    assert (fault.damage, fault.index) == (Damage.ROOT_DIFFERS, 16)


def test_a_checkpoint_from_elsewhere_tells_of_another_or_a_longer_history() -> None:
    other = log_of(COUNT, SIZES, dice(2))
    fault = examined(SOUND.exported(), outside=SIGNER.note(checkpoint(64, *other.roots[64]))).fault
    assert fault == Fault(damage=Damage.ROOT_DIFFERS, tree=Tree.PUBLIC, index=40)
    fault = examined(SOUND.exported(), outside=SIGNER.note(checkpoint(84, bytes(32)))).fault
    assert fault == Fault(damage=Damage.LEAF_MISSING, tree=Tree.PUBLIC, index=COUNT)


def test_an_export_whose_last_checkpoints_were_taken_out_is_not_believed() -> None:
    lines = SOUND.exported()
    for left in range(len(SIZES)):
        fault = examined(lines[: 1 + left] + lines[1 + len(SIZES) :]).fault
        assert fault is not None
        assert (fault.damage, fault.index) == (Damage.LEAF_NOT_SIGNED, SIZES[left - 1] if left else 0)


@pytest.mark.parametrize("lines", [[], [""], ["{}"], ["[]"], ["nonsense"], ['{"key": "x"}'], ['{"key": 1}']])
def test_what_is_no_export_is_refused(lines: list[str]) -> None:
    with pytest.raises(NotAnExport):
        examined(lines)


def test_an_export_under_another_key_than_the_published_one_is_refused() -> None:
    with pytest.raises(NotAnExport, match="another key"):
        examined(SOUND.exported(), trusted=Signer.fresh(SIGNER.key.name).key)
