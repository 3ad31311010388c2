"""What a document is, by its content, as it streams by: PDF, PNG, JPEG, DOCX or XLSX. Names and headers tell nothing.

The first bytes decide whether it is taken at all, before the second frame is sealed. DOCX and XLSX are archives whose
table of contents stands at their end; of it the bounds are held, and nothing is unpacked. What the table says may be a
lie, so whoever opens the archive keeps bounds of his own; an honest program refuses one that does not keep its word.
"""

import struct
from collections.abc import Iterable, Iterator
from enum import StrEnum
from hashlib import sha256

from domain.bids.documents import DocumentRefused
from domain.errors import Flaw

TAIL_BYTES = 1024 * 1024
"""What is remembered of an archive: enough for the table of ``ENTRIES_MAX`` entries."""
ENTRIES_MAX = 2_000
UNPACKED_MAX = 300 * 1024 * 1024
RATIO_MAX = 100
"""Unpacked to packed, over the whole archive: sheets of figures reach about twenty."""

_ZIP = b"PK\x03\x04"
_HEAD_BYTES = 8
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_ENCRYPTED = 0x1
_ZIP64 = 0xFFFFFFFF


class MediaType(StrEnum):
    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_BEGINNINGS: dict[bytes, MediaType | None] = {
    b"%PDF-": MediaType.PDF,
    b"\x89PNG\r\n\x1a\n": MediaType.PNG,
    b"\xff\xd8\xff": MediaType.JPEG,
    _ZIP: None,
}
_MAIN_PARTS = {"word/document.xml": MediaType.DOCX, "xl/workbook.xml": MediaType.XLSX}
_CONTENTS = "[Content_Types].xml"
_MACROS = "vbaproject.bin"


class Inspection:
    """One pass over a document: its size, its SHA-256, its type."""

    def __init__(self) -> None:
        self.size = 0
        self._digest = sha256()
        self._head = b""
        self._tail = bytearray()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def watched(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks. Refuses (``document-refused``) after the first bytes what is of no type that is taken."""
        for chunk in chunks:
            self.seen(chunk)
            if len(self._head) == _HEAD_BYTES:
                self._beginning()
            yield chunk

    def seen(self, chunk: bytes) -> bytes:
        """The same chunk, looked at."""
        self.size += len(chunk)
        self._digest.update(chunk)
        self._head += chunk[: _HEAD_BYTES - len(self._head)]
        self._tail += chunk
        del self._tail[: max(0, len(self._tail) - TAIL_BYTES)]
        return chunk

    def found(self) -> MediaType:
        """The type, once all of it was seen. Refuses (``document-refused``) what is not taken."""
        return self._beginning() or self._archive()

    def _beginning(self) -> MediaType | None:
        """None: an archive, whose type stands at its end."""
        for beginning, media_type in _BEGINNINGS.items():
            if self._head.startswith(beginning):
                return media_type
        raise _refused("its first bytes are of no type that is taken", "PDF, PNG, JPEG, DOCX or XLSX")

    def _archive(self) -> MediaType:
        entries = list(_entries(bytes(self._tail), self.size))
        names = {name for name, _ in entries}
        unpacked = sum(size for _, size in entries)
        if any(name.lower().endswith(_MACROS) for name in names):
            raise _refused("it holds macros", "a document without macros")
        if unpacked > min(UNPACKED_MAX, RATIO_MAX * self.size):
            raise _refused(f"it unpacks to {unpacked} bytes", f"at most {UNPACKED_MAX}, and {RATIO_MAX} times its size")
        found = [media_type for part, media_type in _MAIN_PARTS.items() if part in names]
        if _CONTENTS not in names or len(found) != 1:
            raise _refused("the archive is neither DOCX nor XLSX", "PDF, PNG, JPEG, DOCX or XLSX")
        return found[0]


def _entries(tail: bytes, size: int) -> Iterator[tuple[str, int]]:
    """Name and unpacked size of each entry, by the table at the end. Plain archives only: in one part, of less than
    4 GiB, nothing after the table, nothing encrypted, each name once and inside the archive.
    """
    end = tail.rfind(b"PK\x05\x06", -_END.size - 0xFFFF)
    if end < 0 or len(tail) - end < _END.size:
        raise _refused("the archive has no end", "a whole file")
    _, part, table_part, here, total, table_bytes, table_at, comment = _END.unpack_from(tail, end)
    start = table_at - (size - len(tail))
    if (part, table_part, here) != (0, 0, total) or end + _END.size + comment != len(tail):
        raise _refused("the archive is in parts, or something follows it", "a whole file, and nothing else")
    if total > ENTRIES_MAX or start < 0 or start + table_bytes != end:
        raise _refused(f"its table of {total} entries is too large, or not in its place", f"at most {ENTRIES_MAX}")
    seen = set()
    for _ in range(total):
        if end - start < _ENTRY.size:
            raise _refused("its table was cut", "a whole file")
        fields = _ENTRY.unpack_from(tail, start)
        signature, flags, packed, unpacked = fields[0], fields[3], fields[8], fields[9]
        name_bytes, extra_bytes, comment_bytes = fields[10:13]
        name = tail[start + _ENTRY.size :][:name_bytes].decode("utf-8", "replace")
        if signature != b"PK\x01\x02" or flags & _ENCRYPTED or _ZIP64 in (packed, unpacked):
            raise _refused("an entry is encrypted, or of a kind that is not taken", "a plain document")
        if name in seen or name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise _refused("the name of an entry stands twice or leads elsewhere", "a plain document")
        seen.add(name)
        yield name, unpacked
        start += _ENTRY.size + name_bytes + extra_bytes + comment_bytes
    if start != end:
        raise _refused("its table is longer than its entries", "a whole file")


def _refused(reason: str, passes: str) -> DocumentRefused:
    return DocumentRefused(
        "The document is not taken", flaws=(Flaw(pointer="", reason=reason, passes=passes),), passes=passes
    )
