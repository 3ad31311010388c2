"""Where documents are kept: one contract for files and memory, and what only files can do wrong."""

import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest

from adapters.sealing.sodium import SodiumSealer, SodiumUnsealer, new_key_pair
from adapters.storage.files import FolderOfDocuments, file_vault
from adapters.storage.memory import MemoryOfDocuments
from domain.bids.documents import StorageFailed
from domain.bids.ports import DocumentFiles
from domain.ids import BidDocumentId, OrganizationId, TenderId
from domain.sealing.bids import Fault
from domain.sealing.documents import DocumentPlace, SealedDocument, seal_document
from domain.sealing.padding import FRAME_BYTES

ID, OTHER = BidDocumentId(UUID(int=0xD0C)), BidDocumentId(UUID(int=0xD0D))
PLACE = DocumentPlace(document_id=ID, tender_id=TenderId(UUID(int=0x7E)), bidder_id=OrganizationId(UUID(int=0xF1)))
KEYS = new_key_pair()
Seen = TypeVar("Seen")
CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 1000


@pytest.fixture(params=["files", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentFiles:
    return FolderOfDocuments(tmp_path / "documents") if request.param == "files" else MemoryOfDocuments()


def keep(files: DocumentFiles, *chunks: bytes, id: BidDocumentId = ID) -> None:
    with files.keeping(id) as write:
        for chunk in chunks:
            write(chunk)


def lose(files: DocumentFiles, look: Callable[[], Seen]) -> Seen:
    """What one sees while a file is being written whose writing then fails."""

    def fail() -> None:
        with files.keeping(ID) as write:
            write(CONTENT)
            seen.append(look())
            raise EOFError

    seen: list[Seen] = []
    with pytest.raises(EOFError):
        fail()
    return seen[0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_kept_is_read_from_its_beginning_as_often_as_one_likes(files: DocumentFiles) -> None:
    assert list(files.chunks(ID)) == []
    keep(files, b"one", b"", CONTENT)
    for _ in range(2):
        assert b"".join(files.chunks(ID)) == b"one" + CONTENT
    assert list(files.chunks(OTHER)) == []


def test_nothing_is_there_before_the_end_nor_after_a_failure(files: DocumentFiles) -> None:
    seen = lose(files, lambda: list(files.chunks(ID)))
    assert (seen, list(files.chunks(ID))) == ([], [])
    keep(files, b"before")
    seen = lose(files, lambda: list(files.chunks(ID)))
    assert b"".join(seen) == b"before"
    assert b"".join(files.chunks(ID)) == b"before"


def test_keeping_again_takes_the_place_and_removing_again_does_no_harm(files: DocumentFiles) -> None:
    keep(files, b"one")
    keep(files, b"two")
    assert b"".join(files.chunks(ID)) == b"two"
    for _ in range(2):
        files.remove(ID)
    assert list(files.chunks(ID)) == []


def test_a_file_is_its_owners_and_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "documents"
    files = FolderOfDocuments(folder)
    keep(files, CONTENT)
    (half,) = lose(files, lambda: [(path.name[0], mode(path)) for path in set(folder.iterdir()) - {folder / str(ID)}])
    assert half == (".", 0o600)
    (kept,) = folder.iterdir()
    assert (kept.name, mode(kept)) == (str(ID), 0o600)
    assert mode(folder) == 0o700


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "", ".", "00000000-0000-0000-0000-000000000d0c/../x"])
def test_only_an_id_becomes_a_path(tmp_path: Path, name: str) -> None:
    files = FolderOfDocuments(tmp_path / "documents")
    with pytest.raises(ValueError, match="badly formed"):
        keep(files, CONTENT, id=name)  # type: ignore[arg-type]  # what the types forbid is refused here as well
    assert list(tmp_path.rglob("*")) == []


def test_a_place_that_fails_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "documents").write_bytes(b"a file stands where the folder should")
    files = FolderOfDocuments(tmp_path / "documents")
    for attempt in (lambda: keep(files, CONTENT), lambda: list(files.chunks(ID)), lambda: files.remove(ID)):
        with pytest.raises(StorageFailed):
            attempt()


def sealed(files: DocumentFiles) -> SealedDocument:
    with files.keeping(ID) as write:
        return seal_document([CONTENT], len(CONTENT), write, place=PLACE, key=KEYS.public, sealer=SodiumSealer())


def opened(document: SealedDocument, read: Callable[[], Iterable[bytes]]) -> Fault | bytes:
    written = bytearray()
    broken = document.unsealed(read, written.extend, key=KEYS.private, unsealer=SodiumUnsealer())
    return bytes(written) if broken is None else broken.fault


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "one byte flipped": lambda whole: whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
    "its last byte flipped": lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
    "cut within a frame": lambda whole: whole[:-1000],
    "cut after a frame": lambda whole: whole[: 80 + 24 + 2 * (FRAME_BYTES + 17)],
    "something added": lambda whole: whole + b"\0",
    "emptied": lambda _: b"",
}


@pytest.mark.parametrize("how", list(DAMAGE))
def test_a_sealed_file_that_was_changed_is_found_out(tmp_path: Path, how: str) -> None:
    files = file_vault(tmp_path).sealed
    document = sealed(files)
    assert opened(document, lambda: files.chunks(ID)) == CONTENT
    path = tmp_path / "sealed" / str(ID)
    assert CONTENT[:500] not in path.read_bytes()
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    assert opened(document, lambda: files.chunks(ID)) is Fault.CHANGED


def test_a_sealed_file_that_is_gone_is_found_out(tmp_path: Path) -> None:
    files = file_vault(tmp_path).sealed
    document = sealed(files)
    files.remove(ID)
    assert opened(document, lambda: files.chunks(ID)) is Fault.CHANGED


def test_sealed_and_opened_documents_lie_apart(tmp_path: Path) -> None:
    both = file_vault(tmp_path)
    keep(both.opened, CONTENT)
    assert list(both.sealed.chunks(ID)) == []


def test_a_file_is_read_in_pieces(tmp_path: Path) -> None:
    files = FolderOfDocuments(tmp_path)
    keep(files, CONTENT)
    pieces: Iterator[bytes] = files.chunks(ID)
    assert max(len(piece) for piece in pieces) < len(CONTENT)
