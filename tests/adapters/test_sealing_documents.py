"""Sealed documents: whole, in order, in their own place, or not at all."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from adapters.sealing.sodium import SodiumSealer, SodiumUnsealer, new_key_pair
from domain.ids import OrganizationId, TenderId
from domain.sealing.bids import Fault, Unreadable
from domain.sealing.documents import DocumentPlace, SealedDocument, seal_document
from domain.sealing.padding import DOCUMENT_BUCKETS, DOCUMENT_BYTES_MAX, FRAME_BYTES, in_pieces
from domain.sealing.refusals import SealBroken, TooLargeToSeal

KEYS = new_key_pair()
SEALER, UNSEALER = SodiumSealer(), SodiumUnsealer()
PLACE = DocumentPlace(
    document_id=UUID(int=0xD0C), tender_id=TenderId(UUID(int=0x7E)), bidder_id=OrganizationId(UUID(int=0xF1))
)
FRONT, SEALED_FRAME = 80 + 24, FRAME_BYTES + 17


def content(size: int) -> bytes:
    return bytes(place % 251 for place in range(size))


def sealed(size: int, *, chunk: int = 10_000) -> tuple[SealedDocument, bytes]:
    written = bytearray()
    document = seal_document(
        in_pieces([content(size)], chunk), size, written.extend, place=PLACE, key=KEYS.public, sealer=SEALER
    )
    return document, bytes(written)


def opened(document: SealedDocument, ciphertext: bytes, *, chunk: int = 10_000) -> tuple[Unreadable | None, bytes]:
    written = bytearray()
    unreadable = document.unsealed(
        lambda: in_pieces([ciphertext], chunk), written.extend, key=KEYS.private, unsealer=UNSEALER
    )
    return unreadable, bytes(written)


@pytest.mark.parametrize("size", [0, 1, 2000, FRAME_BYTES - 8, FRAME_BYTES - 7, 2 * FRAME_BYTES, 5 * FRAME_BYTES + 3])
@pytest.mark.parametrize("chunk", [FRONT - 1, FRONT, 4096, SEALED_FRAME, 10**9])
def test_a_document_comes_back_in_whatever_chunks_it_is_read(size: int, chunk: int) -> None:
    document, ciphertext = sealed(size, chunk=chunk)
    assert opened(document, ciphertext, chunk=chunk) == (None, content(size))


def test_hash_and_length_are_those_of_the_ciphertext_and_the_length_tells_the_bucket() -> None:
    lengths = set()
    for size in (0, 1, 40_000, FRAME_BYTES - 8):
        document, ciphertext = sealed(size)
        assert document.ciphertext_hash == sha256(ciphertext).digest()
        assert document.ciphertext_bytes == len(ciphertext)
        lengths.add(document.ciphertext_bytes)
    assert lengths == {FRONT + SEALED_FRAME}
    assert sealed(FRAME_BYTES - 7)[0].ciphertext_bytes == FRONT + 2 * SEALED_FRAME


def test_the_largest_document_passes_frame_by_frame(tmp_path: Path) -> None:
    piece = content(FRAME_BYTES)
    path = tmp_path / "sealed"

    def chunks() -> Iterator[bytes]:
        yield from (piece for _ in range(DOCUMENT_BYTES_MAX // FRAME_BYTES))
        yield piece[: DOCUMENT_BYTES_MAX % FRAME_BYTES]

    with path.open("wb") as file:
        document = seal_document(chunks(), DOCUMENT_BYTES_MAX, file.write, place=PLACE, key=KEYS.public, sealer=SEALER)
    assert path.stat().st_size == document.ciphertext_bytes
    assert document.ciphertext_bytes == FRONT + DOCUMENT_BUCKETS[-1] // FRAME_BYTES * SEALED_FRAME
    pieces: list[int] = []
    digest, expected = sha256(), sha256()

    def take(part: bytes) -> None:
        pieces.append(len(part))
        digest.update(part)

    with path.open("rb") as stored:

        def read() -> Iterator[bytes]:
            stored.seek(0)
            return iter(lambda: stored.read(100_000), b"")

        assert document.unsealed(read, take, key=KEYS.private, unsealer=UNSEALER) is None
    for chunk in chunks():
        expected.update(chunk)
    assert (sum(pieces), max(pieces), digest.digest()) == (DOCUMENT_BYTES_MAX, FRAME_BYTES, expected.digest())


def test_a_document_that_is_too_large_is_refused_before_anything_is_written() -> None:
    written: list[bytes] = []
    with pytest.raises(TooLargeToSeal):
        seal_document([], DOCUMENT_BYTES_MAX + 1, written.append, place=PLACE, key=KEYS.public, sealer=SEALER)
    assert written == []


def test_a_changed_ciphertext_is_unreadable_and_nothing_is_written() -> None:
    document, ciphertext = sealed(2000)
    other = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    assert opened(document, other) == (
        Unreadable(
            id=PLACE.document_id,
            fault=Fault.CHANGED,
            stored_hash=document.ciphertext_hash,
            computed_hash=sha256(other).digest(),
        ),
        b"",
    )


def divided(ciphertext: bytes) -> tuple[bytes, list[bytes]]:
    return ciphertext[:FRONT], list(in_pieces([ciphertext[FRONT:]], SEALED_FRAME))


Rebuilt = Callable[[bytes, list[bytes]], Iterable[bytes]]
TAMPERED: dict[str, Rebuilt] = {
    "cut to nothing": lambda _front, _frames: [],
    "cut in the sealed key": lambda front, _frames: [front[:40]],
    "cut after the header": lambda front, _frames: [front],
    "cut between two frames": lambda front, frames: [front, *frames[:-1]],
    "cut within a frame": lambda front, frames: [front, *frames[:-1], frames[-1][:-1]],
    "cut to a few bytes of a frame": lambda front, frames: [front, *frames[:-1], frames[-1][:16]],
    "two frames in another order": lambda front, frames: [front, frames[1], frames[0], *frames[2:]],
    "a frame left out": lambda front, frames: [front, frames[0], *frames[2:]],
    "a frame twice": lambda front, frames: [front, frames[0], *frames],
    "the last one twice": lambda front, frames: [front, *frames, frames[-1]],
    "something after the last one": lambda front, frames: [front, *frames, b"more"],
    "the front of another document": lambda _front, frames: [sealed(3 * FRAME_BYTES)[1][:FRONT], *frames],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_stream_opens_whole_and_in_order_only(how: str) -> None:
    """With a hash to match, so that the seal itself has to notice."""
    document, ciphertext = sealed(3 * FRAME_BYTES)
    other = b"".join(TAMPERED[how](*divided(ciphertext)))
    unreadable, _ = opened(replace(document, ciphertext_hash=sha256(other).digest()), other)
    assert unreadable is not None
    assert (unreadable.fault, unreadable.stored_hash) == (Fault.NOT_OPENED, unreadable.computed_hash)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, document_id=UUID(int=1)),
        replace(PLACE, tender_id=TenderId(UUID(int=1))),
        replace(PLACE, bidder_id=OrganizationId(UUID(int=1))),
    ],
)
def test_a_document_does_not_open_in_anothers_place(elsewhere: DocumentPlace) -> None:
    document, ciphertext = sealed(2000)
    unreadable, written = opened(replace(document, place=elsewhere), ciphertext)
    assert unreadable is not None
    assert (unreadable.id, unreadable.fault, written) == (elsewhere.document_id, Fault.NOT_OPENED, b"")


def test_a_document_of_one_tender_does_not_open_with_anothers_key() -> None:
    document, ciphertext = sealed(2000)
    unreadable = document.unsealed(lambda: [ciphertext], lambda _: None, key=new_key_pair().private, unsealer=UNSEALER)
    assert unreadable is not None
    assert unreadable.fault is Fault.NOT_OPENED


def test_no_byte_of_a_stream_can_be_changed() -> None:
    short = b"".join(SEALER.seal_frames(KEYS.public, [b"alone"], context=b"here"))
    assert list(UNSEALER.unseal_frames(KEYS.private, [short], context=b"here")) == [b"alone"]
    for place in range(len(short)):
        other = bytearray(short)
        other[place] ^= 1
        with pytest.raises(SealBroken):
            list(UNSEALER.unseal_frames(KEYS.private, [bytes(other)], context=b"here"))


def test_each_document_has_a_content_key_of_its_own() -> None:
    keys = {UNSEALER.unseal(KEYS.private, sealed(2000)[1][:80]) for _ in range(20)}
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 20
