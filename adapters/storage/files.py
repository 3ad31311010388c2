"""Documents as files of one folder, each named by its id and for its owner's eyes only.

A file appears under its name whole and durable, or not at all; what a crash leaves half begins with a dot. An object
store stands behind the same port.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from domain.bids.documents import StorageFailed
from domain.bids.ports import Vault
from domain.ids import BidDocumentId
from domain.sealing.documents import Write

CHUNK_BYTES = 64 * 1024
_OWNER_ONLY = 0o600


class FolderOfDocuments:
    def __init__(self, folder: Path) -> None:
        """The folder is made with the first file."""
        self._folder = folder

    @contextmanager
    def keeping(self, id: BidDocumentId) -> Iterator[Write]:
        path = self._path(id)
        half = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with _told():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
        try:
            with os.fdopen(descriptor, "wb") as file:

                def write(content: bytes) -> None:
                    with _told():
                        file.write(content)

                yield write
                with _told():
                    file.flush()
                    os.fsync(descriptor)
            with _told():
                half.replace(path)
                _sync(self._folder)
        finally:
            half.unlink(missing_ok=True)

    def chunks(self, id: BidDocumentId) -> Iterator[bytes]:
        with _told(), suppress(FileNotFoundError), self._path(id).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def remove(self, id: BidDocumentId) -> None:
        with _told():
            self._path(id).unlink(missing_ok=True)

    def _path(self, id: BidDocumentId) -> Path:
        """Whatever is given, only an id becomes a name."""
        return self._folder / str(UUID(str(id)))


def file_vault(folder: Path) -> Vault:
    """What is sealed and what is opened, side by side."""
    return Vault(sealed=FolderOfDocuments(folder / "sealed"), opened=FolderOfDocuments(folder / "opened"))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageFailed(f"A document's file: {error.strerror}", passes="the same request a little later") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
