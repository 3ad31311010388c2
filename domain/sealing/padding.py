"""Size buckets: what is sealed is padded, so that a ciphertext's length tells its bucket and nothing else.

A bid:       length (4 bytes) | nonce and canonical text | zeros           = 4, 8, 16 … 1024 KiB
A document:  length (8 bytes) | content                  | zeros           = 64, 128, 256 KiB … 16 MiB, 20 MiB

The length stands inside the seal. Reading asks for the smallest bucket and for zeros to its end, so that one content
has one padding. The smallest bucket holds about thirty priced lines: most bids of most tenders are of one length.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain

from domain.sealing.refusals import SealBroken, TooLargeToSeal

_KIB = 1024
BID_BUCKETS = tuple(4 * _KIB << step for step in range(9))
FRAME_BYTES = 64 * _KIB
"""Documents are sealed frame by frame; every bucket is a whole number of frames."""
DOCUMENT_BUCKETS = (*(FRAME_BYTES << step for step in range(9)), 20 * _KIB * _KIB)
_BID_PREFIX, _DOCUMENT_PREFIX = 4, 8
DOCUMENT_BYTES_MAX = DOCUMENT_BUCKETS[-1] - _DOCUMENT_PREFIX


def padded(content: bytes) -> bytes:
    """The content of a bid, as long as its bucket. Refuses (``too-large-to-seal``) more than the largest holds."""
    bucket = _bucket(len(content) + _BID_PREFIX, BID_BUCKETS)
    return (len(content).to_bytes(_BID_PREFIX) + content).ljust(bucket, b"\0")


def unpadded(text: bytes) -> bytes:
    """What was padded. Refuses (``seal-broken``) a bucket that is not the content's, and padding that is not zero."""
    content = text[_BID_PREFIX : _BID_PREFIX + int.from_bytes(text[:_BID_PREFIX])]
    if len(content) + _BID_PREFIX > BID_BUCKETS[-1] or padded(content) != text:
        raise SealBroken("The padding is not what the content asks for")
    return content


def framed(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """A document of ``size`` bytes as padded frames of ``FRAME_BYTES``, made as its chunks come.

    Refuses (``too-large-to-seal``) more than ``DOCUMENT_BYTES_MAX``, and (``seal-broken``) chunks of more or fewer
    bytes than ``size``: what was written by then is not kept.
    """
    bucket = _bucket(size + _DOCUMENT_PREFIX, DOCUMENT_BUCKETS)
    return in_pieces(_with_padding(chunks, size, bucket), FRAME_BYTES)


def unframed(frames: Iterable[bytes]) -> Iterator[bytes]:
    """The content of padded frames, as they come. Refuses (``seal-broken``) what ``framed`` would not have made; then
    what was yielded before is not used.
    """
    following = iter(frames)
    first = next(following, b"")
    size = int.from_bytes(first[:_DOCUMENT_PREFIX])
    if len(first) != FRAME_BYTES or size > DOCUMENT_BYTES_MAX:
        raise SealBroken("The first frame is not that of a document")
    left = size
    padding_left = _bucket(size + _DOCUMENT_PREFIX, DOCUMENT_BUCKETS) - _DOCUMENT_PREFIX - size
    for frame in chain((first[_DOCUMENT_PREFIX:],), following):
        content, padding = frame[:left], frame[left:]
        left -= len(content)
        padding_left -= len(padding)
        if padding_left < 0 or padding.strip(b"\0"):
            raise SealBroken("The padding is not what the document asks for")
        if content:
            yield content
    if left or padding_left:
        raise SealBroken("The document was cut")


def in_pieces(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of ``size``; only the last may be shorter."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        whole = len(waiting) // size * size
        yield from (bytes(waiting[start : start + size]) for start in range(0, whole, size))
        del waiting[:whole]
    if waiting:
        yield bytes(waiting)


def _with_padding(chunks: Iterable[bytes], size: int, bucket: int) -> Iterator[bytes]:
    yield size.to_bytes(_DOCUMENT_PREFIX)
    left = size
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            break
        yield chunk
    if left:
        raise SealBroken(f"The document does not have {size} bytes", passes="its exact size")
    padding = bucket - _DOCUMENT_PREFIX - size
    yield from (bytes(min(FRAME_BYTES, padding - start)) for start in range(0, padding, FRAME_BYTES))


def _bucket(size: int, buckets: tuple[int, ...]) -> int:
    place = bisect_left(buckets, size)
    if place == len(buckets):
        raise TooLargeToSeal(f"{size} bytes with their prefix", passes=f"at most {buckets[-1]} bytes")
    return buckets[place]
