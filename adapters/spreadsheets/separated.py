"""CSV: UTF-8 with or without a byte order mark, separated by semicolons, tabs or commas.

Windows-1251 is refused on purpose: it cannot be told from other eight-bit encodings, and a wrong guess would
change the names of sites without a trace.
"""

import csv
import io
from collections.abc import Iterator

from adapters.spreadsheets.bounds import Row, bounded
from domain.tenders.need import Formula, Sheet, SheetUnreadable

_SEPARATORS = (";", "\t", ",")
"""In this order: a comma may stand inside a heading such as ``96-100, 170-176``, the others do not."""
_WIDE_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")


def read_separated(content: bytes, digest: str) -> Sheet:
    """Refuses (``sheet-unreadable``) other encodings, control characters and broken quotes."""
    if content.startswith(_WIDE_ENCODINGS):
        raise SheetUnreadable("The CSV is in UTF-16", passes="CSV in UTF-8, or XLSX")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise SheetUnreadable(
            f"The CSV is not in UTF-8 (byte {wrong.start}); it may be in Windows-1251",
            passes='CSV saved as "CSV UTF-8", or XLSX',
        ) from None
    if "\0" in text:
        raise SheetUnreadable("The CSV holds a NUL character", passes="text")
    try:
        return Sheet(rows=bounded(_rows(text)), source_sha256=digest)
    except csv.Error as broken:
        raise SheetUnreadable(f"The CSV is malformed: {broken}", passes="quotes closed and doubled inside") from None


def _rows(text: str) -> Iterator[Row]:
    for record in csv.reader(io.StringIO(text, newline=""), delimiter=separator(text), strict=True):
        yield tuple(Formula(cell) if cell.lstrip().startswith("=") else cell for cell in record)


def separator(text: str) -> str:
    """The first separator that stands outside quotes in the first line that says something."""
    line = next((line for line in text.splitlines() if line.strip(" ;,\t")), "")
    bare = "".join(line.split('"')[::2])
    return next((separator for separator in _SEPARATORS if separator in bare), ",")
