r"""The log as a file of JSON lines that an auditor checks without us, and the check.

{"key": "oimaq.example/log+5e9a…"}                     who signed it; compare it with the published key
{"checkpoint": "oimaq.example/log\n2\n…"}              every checkpoint, oldest first
{"index": 0, "leaf": "eyJhdC…", "hash": "9f2c…",       every leaf of the public tree, in order; what was never
 "disclosed": {"data": {"salt": "77…", "value": …}}}    sealed with its salts and values
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.log.checkpoints import Checkpoint, PublicKey, Verify
from domain.log.examining import Damage, Examination, Fault, Tree
from domain.log.leaves import Disclosure, canonical, discloses
from domain.log.tree import Hash, leaf_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    key: PublicKey
    leaves: int
    checkpoints: int
    outside: int
    """Checkpoints from elsewhere that were compared."""
    fault: Fault | None


class NotAnExport(ValueError):  # noqa: N818 - what the file is, for whoever typed its name
    """A file that does not begin as an export does."""


def key_line(key: PublicKey) -> str:
    return _line({"key": key.verifier})


def checkpoint_line(note: str) -> str:
    return _line({"checkpoint": note})


def leaf_line(index: int, leaf: bytes, hash: Hash, disclosed: Mapping[str, Disclosure]) -> str:
    shown = {name: {"salt": each.salt.hex(), "value": each.value} for name, each in disclosed.items()}
    encoded = base64.b64encode(leaf).decode()
    return _line({"index": index, "leaf": encoded, "hash": hash.hex(), "disclosed": shown})


def examine_export(
    lines: Iterable[str], verify: Verify, *, outside: str = "", trusted: PublicKey | None = None
) -> Examined:
    """Rebuild the tree, check every signature, root and disclosure; ``outside``: the notes of a file kept elsewhere.

    ``trusted`` is the key as published; None takes the file's own word for it. Raises ``NotAnExport``.
    """
    reading = iter(lines)
    key = _key(next(reading, ""))
    if trusted not in {None, key}:
        raise NotAnExport(f"it names another key, {key.verifier}")
    elsewhere = [checkpoint for _, checkpoint in key.read_all(outside, verify)]
    signed: list[Checkpoint] = []
    examination = Examination(tree=Tree.PUBLIC)
    fault: Fault | None = None
    began = False
    for line in reading:
        document = _document(line)
        if not began and "checkpoint" in document:
            checkpoint = key.read(str(document["checkpoint"]), verify)
            size = signed[-1].size if signed else 0
            if checkpoint is None or checkpoint.size < size:
                fault = Fault(damage=Damage.CHECKPOINT_NOT_SIGNED, tree=Tree.PUBLIC, index=size)
                break
            signed.append(checkpoint)
            continue
        if not began:
            began, examination.roots = True, roots_of([*signed, *elsewhere])
        fault = _leaf(examination, document)
        if fault is not None:
            break
    examination.roots = roots_of([*signed, *elsewhere])
    return Examined(
        key=key,
        leaves=examination.frontier.size,
        checkpoints=len(signed),
        outside=len(elsewhere),
        fault=fault or examination.ended() or _unsigned(examination),
    )


def _unsigned(examination: Examination) -> Fault | None:
    """An export ends with a signed leaf: otherwise its last checkpoints were taken out."""
    if examination.holds < examination.frontier.size:
        return Fault(damage=Damage.LEAF_NOT_SIGNED, tree=Tree.PUBLIC, index=examination.holds)
    return None


def roots_of(checkpoints: Iterable[Checkpoint]) -> dict[int, frozenset[Hash]]:
    """The signed roots by size; a size with two roots cannot be met by any tree."""
    found: dict[int, set[Hash]] = {}
    for checkpoint in checkpoints:
        found.setdefault(checkpoint.size, set()).add(checkpoint.root)
    return {size: frozenset(roots) for size, roots in found.items()}


def _leaf(examination: Examination, document: Mapping[str, Any]) -> Fault | None:
    index = examination.frontier.size
    try:
        leaf = base64.b64decode(document["leaf"], validate=True)
        hash, place, disclosed = bytes.fromhex(document["hash"]), document["index"], document["disclosed"]
        shown = {
            name: Disclosure(salt=bytes.fromhex(each["salt"]), value=each["value"]) for name, each in disclosed.items()
        }
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        return Fault(damage=Damage.LEAF_MISSING, tree=Tree.PUBLIC, index=index)
    if place != index:
        return Fault(damage=Damage.LEAF_MISSING, tree=Tree.PUBLIC, index=index)
    id = _id(leaf)
    if leaf_hash(leaf) != hash:
        return Fault(damage=Damage.EVENT_CHANGED, tree=Tree.PUBLIC, index=index, event_id=id)
    if not all(discloses(leaf, name, each) for name, each in shown.items()):
        return Fault(damage=Damage.DISCLOSURE_DIFFERS, tree=Tree.PUBLIC, index=index, event_id=id)
    return examination.hash(index, id, hash, None)


def _id(leaf: bytes) -> UUID | None:
    try:
        return UUID(json.loads(leaf)["id"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _key(line: str) -> PublicKey:
    try:
        return PublicKey.parse(_document(line)["key"])
    except (KeyError, ValueError, AttributeError) as error:
        raise NotAnExport("it does not begin with a key") from error


def _document(line: str) -> Mapping[str, Any]:
    try:
        document = json.loads(line)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _line(document: Mapping[str, Any]) -> str:
    return canonical(document).decode() + "\n"
