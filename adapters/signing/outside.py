"""Checkpoints in a file elsewhere: what a restored or rewritten database cannot take back."""

import os
from pathlib import Path

from adapters.signing.ed25519 import verify
from domain.log.checkpoints import Checkpoint, PublicKey

TAIL_BYTES = 16_384


class OutsideCheckpoints:
    """Appended to, never rewritten; best on another machine's disk."""

    def __init__(self, path: Path, key: PublicKey) -> None:
        self._path = path
        self._key = key

    def append(self, note: str) -> None:
        """Durable when it returns. The empty line before it parts it from a note that a crash has cut short."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, f"\n\n{note}".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def newest(self) -> tuple[str, Checkpoint] | None:
        """The last note that our key has signed."""
        try:
            with self._path.open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - TAIL_BYTES))
                text = file.read().decode(errors="replace")
        except FileNotFoundError:
            return None
        last = None
        for each in self._key.read_all(text, verify):
            last = each
        return last
