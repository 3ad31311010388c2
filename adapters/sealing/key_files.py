"""A secret in a file: one line with its kind and 64 hexadecimal digits, for its owner's eyes only.

Refused are a file that others may read or write, that belongs to somebody else, that is no plain file, or that holds a
key of another kind. What counts is the file that was opened, so a link to it is as good as the file. A new key appears
under its name complete or not at all, and never in the place of another.
"""

import os
import re
import secrets
import stat
from pathlib import Path

from domain.sealing.refusals import KeyRefused

SECRET_BYTES = 32
_OWNER_ONLY = 0o600
_BYTES_MAX = 256


def read_key(path: Path, kind: str) -> bytes | None:
    """The secret; None where there is no file. Refuses (``key-refused``) what is described above."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyRefused(f"{path} cannot be opened: {error.strerror}", passes="a file that we may read") from error
    try:
        _owner_only(path, os.fstat(descriptor))
        line = os.read(descriptor, _BYTES_MAX)
    finally:
        os.close(descriptor)
    found = re.fullmatch(rb"([a-z-]+/1) ([0-9a-f]{64})\n", line)
    if found is None or found[1].decode() != kind:
        raise KeyRefused(f"{path} does not hold a key of the kind {kind}", passes=f"'{kind} ', 64 hexadecimal digits")
    return bytes.fromhex(found[2].decode())


def keep_key(path: Path, kind: str, secret: bytes) -> bool:
    """Store a secret durably; False where a file is there already, which is left alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"{kind} {secret.hex()}\n".encode())
            file.flush()
            os.fsync(descriptor)
        os.link(whole, path)  # unlike a rename it never replaces
    except FileExistsError:
        return False
    finally:
        whole.unlink()
    _sync_folder(path.parent)
    return True


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _owner_only(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyRefused(f"{path} is not a file", passes="a plain file")
    mode = stat.S_IMODE(found.st_mode)
    if mode & ~_OWNER_ONLY:
        raise KeyRefused(f"{path} has the mode {mode:04o}", passes=f"0600, or 0400: chmod 600 {path}")
    if found.st_uid not in {os.geteuid(), 0}:
        raise KeyRefused(f"{path} belongs to user {found.st_uid}", passes=f"user {os.geteuid()}")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
