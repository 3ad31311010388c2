"""A length tells the bucket and nothing else, and padding has one form."""

from collections.abc import Iterator
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sealing.padding import (
    BID_BUCKETS,
    DOCUMENT_BUCKETS,
    DOCUMENT_BYTES_MAX,
    FRAME_BYTES,
    framed,
    in_pieces,
    padded,
    unframed,
    unpadded,
)
from domain.sealing.refusals import SealBroken, TooLargeToSeal

KIB = 1024


def test_the_buckets_are_those_that_are_documented() -> None:
    assert [bucket // KIB for bucket in BID_BUCKETS] == [4, 8, 16, 32, 64, 128, 256, 512, 1024]
    assert [bucket // KIB for bucket in DOCUMENT_BUCKETS] == [64 << step for step in range(9)] + [20 * KIB]
    assert {bucket % FRAME_BYTES for bucket in DOCUMENT_BUCKETS} == {0}


@pytest.mark.parametrize(
    ("size", "bucket"),
    [(0, 4), (1, 4), (4 * KIB - 4, 4), (4 * KIB - 3, 8), (8 * KIB - 4, 8), (8 * KIB - 3, 16), (KIB * KIB - 4, KIB)],
)
def test_a_bid_takes_the_smallest_bucket_that_holds_it(size: int, bucket: int) -> None:
    assert len(padded(b"x" * size)) == bucket * KIB


def test_a_bid_that_no_bucket_holds_is_refused() -> None:
    with pytest.raises(TooLargeToSeal) as refused:
        padded(bytes(KIB * KIB - 3))
    assert refused.value.code == "too-large-to-seal"


@given(st.binary(max_size=9000))
def test_padding_is_taken_off_again(content: bytes) -> None:
    assert unpadded(padded(content)) == content


@given(st.binary(max_size=4092), st.binary(max_size=4092))
def test_bids_of_one_bucket_have_one_length(one: bytes, other: bytes) -> None:
    assert len(padded(one)) == len(padded(other))


def test_no_byte_can_be_changed_unnoticed() -> None:
    content = b"a bid"
    text = padded(content)
    for place in range(len(text)):
        other = bytearray(text)
        other[place] ^= 1
        if place >= 4 + len(content):
            with pytest.raises(SealBroken):
                unpadded(bytes(other))
        else:
            assert read_or_refused(bytes(other)) != content


def read_or_refused(text: bytes) -> bytes | None:
    try:
        return unpadded(text)
    except SealBroken:
        return None


@pytest.mark.parametrize(
    "text", [b"", b"\0\0\0", padded(b"x")[:-1], padded(b"x") + b"\0", padded(b"x").ljust(8 * KIB, b"\0")]
)
def test_another_bucket_is_refused(text: bytes) -> None:
    with pytest.raises(SealBroken):
        unpadded(text)


EDGES = [0, 1, FRAME_BYTES - 8, FRAME_BYTES - 7, FRAME_BYTES, 2 * FRAME_BYTES - 8, 3 * FRAME_BYTES, 5 * FRAME_BYTES + 1]


def document(size: int) -> bytes:
    return bytes(place % 251 for place in range(size))


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("chunk", [1000, FRAME_BYTES, 10**9])
def test_a_document_becomes_whole_frames_of_its_bucket_and_comes_back(size: int, chunk: int) -> None:
    content = document(size)
    frames = list(framed(in_pieces([content], chunk), size))
    assert {len(frame) for frame in frames} == {FRAME_BYTES}
    assert len(frames) * FRAME_BYTES == min(each for each in DOCUMENT_BUCKETS if each >= size + 8)
    assert b"".join(unframed(frames)) == content


def test_the_largest_document_fits_and_one_byte_more_does_not() -> None:
    piece = bytes(FRAME_BYTES)

    def chunks(size: int) -> Iterator[bytes]:
        yield from (piece for _ in range(size // FRAME_BYTES))
        yield bytes(size % FRAME_BYTES)

    frames = framed(chunks(DOCUMENT_BYTES_MAX), DOCUMENT_BYTES_MAX)
    assert sum(len(content) for content in unframed(frames)) == DOCUMENT_BYTES_MAX
    with pytest.raises(TooLargeToSeal):
        framed(chunks(DOCUMENT_BYTES_MAX + 1), DOCUMENT_BYTES_MAX + 1)


@pytest.mark.parametrize("told", [99, 101, 0, FRAME_BYTES])
def test_a_document_of_another_size_than_was_said_is_refused(told: int) -> None:
    with pytest.raises(SealBroken):
        list(framed([bytes(60), bytes(40)], told))


def test_an_endless_document_is_stopped_at_the_size_that_was_said() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(KIB)

    with pytest.raises(SealBroken):
        list(framed(endless(), 10 * KIB))
    assert taken == 11


@pytest.mark.parametrize("size", [0, 1, FRAME_BYTES - 8, 3 * FRAME_BYTES])
def test_frames_that_were_not_made_so_are_refused(size: int) -> None:
    frames = list(framed([document(size)], size))
    longer = (size + 1).to_bytes(8) + frames[0][8:]
    too_long = (DOCUMENT_BYTES_MAX + 1).to_bytes(8) + frames[0][8:]
    last = frames[-1]
    wrong = {
        "none": [],
        "a short first one": [frames[0][:-1], *frames[1:]],
        "one too many": [*frames, bytes(FRAME_BYTES)],
        "larger than any document": [too_long, *frames[1:]],
        "cut": frames[:-1],
        "a short last one": [*frames[:-1], last[:-1]],
        "a longer last one": [*frames[:-1], last + b"\0"],
    }
    if size + 8 < len(frames) * FRAME_BYTES:
        wrong["padding that is not zero"] = [*frames[:-1], last[:-1] + b"\1"]
    else:
        wrong["a size of the next bucket"] = [longer, *frames[1:]]
    for reason, each in wrong.items():
        with pytest.raises(SealBroken):
            pytest.fail(f"{reason}: read {len(b''.join(unframed(each)))} bytes")


@given(st.lists(st.binary(max_size=30)), st.integers(1, 20))
def test_pieces_hold_the_same_bytes(chunks: list[bytes], size: int) -> None:
    pieces = list(in_pieces(chunks, size))
    assert b"".join(pieces) == b"".join(chain(chunks))
    assert all(len(piece) == size for piece in pieces[:-1])
    assert all(0 < len(piece) <= size for piece in pieces[-1:])
