"""XLSX, unpacked within bounds before openpyxl sees it, and read as it is written: formulas stay formulas."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell

from adapters.spreadsheets.bounds import WIDTH_MAX, Row, bounded
from domain.tenders.need import FLAWS_LISTED_MAX, Formula, Sheet, SheetUnreadable

ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The container of .xls and of encrypted .xlsx."""

UNPACKED_MAX = 16 * 1024 * 1024
PARTS_MAX = 500
RATIO_MAX = 200
"""Unpacked to packed size; a regular table of numbers comes to about 10."""

_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PASSES = "an .xlsx with one sheet, saved again by a spreadsheet program, or CSV"


def read_workbook(content: bytes, digest: str) -> Sheet:
    """Refuses (``sheet-unreadable``) archives out of bounds, more than one sheet, and what is no workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            weigh(archive, len(content), unpacked_max=UNPACKED_MAX)
            merged = _merged(archive)
        return _read(content, digest, merged)
    except SheetUnreadable:
        raise
    except Exception as broken:
        detail = f"The file is no workbook that can be read ({type(broken).__name__})"
        raise SheetUnreadable(detail, passes=_PASSES) from broken


def weigh(archive: zipfile.ZipFile, packed: int, *, unpacked_max: int) -> None:
    """Decide by the directory alone; ``zipfile`` never unpacks a part beyond the size it declares."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    unpacked = sum(part.file_size for part in parts)
    refusals = (
        (len(parts) > PARTS_MAX, f"The archive has {len(parts)} parts", f"at most {PARTS_MAX} parts"),
        (len(names) != len(parts), "The archive names a part twice", _PASSES),
        (unpacked > unpacked_max, f"The file unpacks to {unpacked} bytes", f"at most {unpacked_max} bytes"),
        (unpacked > RATIO_MAX * packed, "The file is packed too tightly", f"at most {RATIO_MAX} to 1"),
        (any(part.flag_bits & _ENCRYPTED for part in parts), "The archive is encrypted", "a file without a password"),
        (any(part.compress_type not in _METHODS for part in parts), "The archive is packed unusually", _PASSES),
        ("xl/workbook.xml" not in names, "The archive holds no workbook", _PASSES),
    )
    for refused, detail, passes in refusals:
        if refused:
            raise SheetUnreadable(detail, passes=passes)


def _merged(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """Ranges of merged cells, which openpyxl does not tell when it streams.

    On the way every XML part is checked: no document type (entities could grow without bound), and rows in order
    (openpyxl would drop the others in silence).
    """
    found: list[str] = []
    for name in archive.namelist():
        if name.lower().endswith((".xml", ".rels", ".vml")):
            _scan(archive.read(name), found)
    return tuple(found[:FLAWS_LISTED_MAX])


def _scan(part: bytes, found: list[str]) -> None:
    last_row = 0

    def starts(tag: str, attributes: dict[str, str]) -> None:
        nonlocal last_row
        match tag.rpartition(":")[2]:
            case "mergeCell":
                found.append(attributes.get("ref", "?")[:20])
            case "sheetData":
                last_row = 0
            case "row" if "r" in attributes:
                row = int(attributes["r"])
                if row <= last_row:
                    raise SheetUnreadable("The rows of the sheet are out of order", passes=_PASSES)
                last_row = row

    def declares(*_: object) -> None:
        raise SheetUnreadable("The workbook declares a document type", passes=_PASSES)

    parser = expat.ParserCreate()
    parser.StartElementHandler = starts
    parser.StartDoctypeDeclHandler = declares
    parser.Parse(part, True)  # noqa: FBT003 - expat takes no keyword


def _read(content: bytes, digest: str, merged: tuple[str, ...]) -> Sheet:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        if len(book.sheetnames) != 1 or len(book.worksheets) != 1:
            raise SheetUnreadable(
                f"The workbook has {len(book.sheetnames)} sheets", passes="one sheet, hidden ones too"
            )
        sheet = book.worksheets[0]
        # A declared dimension may be smaller than the data and would cut it off in silence.
        sheet.reset_dimensions()
        return Sheet(rows=bounded(_rows(sheet.rows)), source_sha256=digest, name=sheet.title, merged=merged)
    finally:
        book.close()


def _rows(rows: Iterable[tuple[Cell | MergedCell, ...]]) -> Iterator[Row]:
    for row in rows:
        yield tuple(
            Formula(str(cell.value)) if cell.data_type == "f" and cell.value is not None else cell.value
            for cell in row[:WIDTH_MAX]
        )
