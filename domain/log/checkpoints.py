"""Checkpoints: the root of the public tree, signed, in the form of https://c2sp.org/tlog-checkpoint.

    oimaq.example/log            origin
    1234                         leaves
    q7fL…=                       root, base64
    sealed Wm3x…=                commitment to the sealed tree, see below

    — oimaq.example/log 5rTa…    Ed25519 signature (https://c2sp.org/signed-note)

Sealed events have a tree of their own. A size or a root of it would tell that there are bids, so a checkpoint shows
only ``SHA-256(blind, size, root)``: random to everybody until the blind is disclosed, and binding for us at once.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Final

from domain.log.tree import EMPTY, Hash

Verify = Callable[[bytes, bytes, bytes], bool]
"""(public key, message, signature) -> whether Ed25519 accepts it."""
BLIND_BYTES: Final = 32
_ED25519: Final = b"\x01"
_DASH: Final = "— "
_SEALED: Final = "sealed "
_KEY_ID: Final = 4
_DIGITS_MAX: Final = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTree:
    """What a checkpoint commits to without showing it."""

    blind: bytes
    size: int = 0
    root: Hash = EMPTY

    @property
    def commitment(self) -> bytes:
        return sha256(self.blind + self.size.to_bytes(8) + self.root).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    origin: str
    size: int
    root: Hash
    sealed: bytes
    """``SealedTree.commitment``."""

    @property
    def body(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n{_SEALED}{_base64(self.sealed)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """Who signs the log: ``name`` is the origin, ``raw`` the 32 bytes of an Ed25519 key."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:_KEY_ID]

    @property
    def verifier(self) -> str:
        """The key in one line, as verifiers of signed notes take it."""
        return f"{self.name}+{self.id.hex()}+{_base64(_ED25519 + self.raw)}"

    @classmethod
    def parse(cls, verifier: str) -> "PublicKey":
        """Raises ``ValueError`` for what is not the line of an Ed25519 key."""
        name, id, encoded = verifier.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        key = cls(name=name, raw=raw[1:])
        if raw[:1] != _ED25519 or len(raw) != len(_ED25519) + 32 or key.id.hex() != id:
            raise ValueError("not an Ed25519 verifier key")
        return key

    def note(self, checkpoint: Checkpoint, signature: bytes) -> str:
        """The checkpoint with its signature line."""
        return f"{checkpoint.body}\n{_DASH}{self.name} {_base64(self.id + signature)}\n"

    def read(self, note: str, verify: Verify) -> Checkpoint | None:
        """The checkpoint of a note that this key has signed; None for anything else, other people's notes included."""
        text, found, signatures = note.partition("\n\n")
        body = text + "\n"
        checkpoint = _parsed(body)
        if not found or checkpoint is None or checkpoint.origin != self.name:
            return None
        for line in signatures.splitlines():
            signature = _signature(line, self)
            if signature is not None and verify(self.raw, body.encode(), signature):
                return checkpoint
        return None

    def read_all(self, text: str, verify: Verify) -> Iterator[tuple[str, Checkpoint]]:
        """The notes of a file, with an empty line before each. What is cut short or foreign is passed over."""
        parts = [part.strip("\n") for part in text.split("\n\n")]
        for body, signatures in pairwise(parts):
            note = f"{body}\n\n{signatures}\n"
            checkpoint = self.read(note, verify)
            if checkpoint is not None:
                yield note, checkpoint


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _parsed(body: str) -> Checkpoint | None:
    """Exactly what ``Checkpoint.body`` writes: a second spelling of the same checkpoint is refused."""
    lines = body.split("\n")
    if len(lines) != len(("origin", "size", "root", "sealed", "")) or not lines[3].startswith(_SEALED):
        return None
    root, sealed = _decoded(lines[2]), _decoded(lines[3].removeprefix(_SEALED))
    number = lines[1].isascii() and lines[1].isdigit() and len(lines[1]) <= _DIGITS_MAX
    if root is None or sealed is None or not number:
        return None
    checkpoint = Checkpoint(origin=lines[0], size=int(lines[1]), root=root, sealed=sealed)
    return checkpoint if checkpoint.body == body and len(root) == len(EMPTY) else None


def _signature(line: str, key: PublicKey) -> bytes | None:
    prefix = f"{_DASH}{key.name} "
    raw = _decoded(line.removeprefix(prefix)) if line.startswith(prefix) else None
    return raw[_KEY_ID:] if raw is not None and raw[:_KEY_ID] == key.id else None
