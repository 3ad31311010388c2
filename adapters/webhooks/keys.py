"""The key that webhooks' secrets are derived from: given, or a file that is made once and readable by its owner."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

KEY_BYTES = 32


def kept_key(file: Path) -> bytes:
    """The key in the file, which is made if it is not there. Processes that come at once get the same one."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as writing:
            writing.write(secrets.token_bytes(KEY_BYTES))
            writing.flush()
            os.fsync(writing.fileno())
        with suppress(FileExistsError):  # another process was first; its key counts
            os.link(half, file)
    finally:
        half.unlink()
    return file.read_bytes()
