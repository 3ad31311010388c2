"""A register's file as a stream of rows, CSV or XLSX by its content, in memory that does not grow with the file.

The same strictness as for a need's table (``sheets.py``), with the bounds of a register.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from adapters.spreadsheets.separated import separator
from adapters.spreadsheets.sheets import CSV_TYPE, XLSX_TYPE
from adapters.spreadsheets.streamed_workbook import open_workbook
from adapters.spreadsheets.workbook import OLD_OFFICE, ZIP
from domain.registries.imports import Source, Table
from domain.registries.rows import Row
from domain.tenders.need import Formula, SheetUnreadable

FILE_MAX = 64 * 1024 * 1024
LINE_MAX = 1024 * 1024
_TYPES = f"{CSV_TYPE} or {XLSX_TYPE}"
_WIDE_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")


class StreamedFiles:
    """The port ``RegisterFiles``."""

    @contextmanager
    def table(self, source: Source) -> Iterator[Table]:
        head = _head(source.path)
        if head.startswith(OLD_OFFICE):
            raise SheetUnreadable(
                "The file is encrypted with a password, or an old .xls", passes="an .xlsx without a password, or CSV"
            )
        is_workbook = head.startswith(ZIP)
        if source.media_type is not None and is_workbook != (source.media_type == XLSX_TYPE):
            actual = "a ZIP archive" if is_workbook else "no XLSX"
            raise SheetUnreadable(
                f"The file was sent as {source.media_type} but its content is {actual}", passes=_TYPES
            )
        if is_workbook:
            with open_workbook(source.path) as table:
                yield table
            return
        if head.startswith(_WIDE_ENCODINGS):
            raise SheetUnreadable("The CSV is in UTF-16", passes="CSV in UTF-8, or XLSX")
        with source.path.open(encoding="utf-8-sig", newline="") as stream:
            yield Table(sheet="Sheet1", rows=_rows(stream))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(len(OLD_OFFICE))
        size = file.seek(0, 2)
    if not size:
        raise SheetUnreadable("The file is empty", passes=_TYPES)
    if size > FILE_MAX:
        raise SheetUnreadable(f"The file has {size} bytes", passes=f"at most {FILE_MAX} bytes")
    return head


def _rows(stream: TextIO) -> Iterator[Row]:
    lines = _lines(stream)
    skipped = []
    first = ""
    for first in lines:
        skipped.append(())
        if first.strip(" ;,\t\r\n"):
            break
    yield from skipped[:-1]
    if not first:
        return
    found = separator(first)

    def whole() -> Iterator[str]:
        yield first
        yield from lines

    try:
        for record in csv.reader(whole(), delimiter=found, strict=True):
            yield [Formula(cell) if cell.startswith("=") else cell for cell in map(str.strip, record)]
    except csv.Error as broken:
        raise SheetUnreadable(f"The CSV is malformed: {broken}", passes="quotes closed and doubled inside") from None


def _lines(stream: TextIO) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        try:
            line = stream.readline(LINE_MAX)
        except UnicodeDecodeError:
            raise SheetUnreadable(
                f"The CSV is not in UTF-8 (at line {number} or soon after); it may be in Windows-1251",
                passes='CSV saved as "CSV UTF-8", or XLSX',
            ) from None
        if not line:
            return
        if len(line) == LINE_MAX:
            raise SheetUnreadable(f"Line {number} of the CSV is too long", passes=f"less than {LINE_MAX} characters")
        if "\0" in line:
            raise SheetUnreadable("The CSV holds a NUL character", passes="text")
        yield line
