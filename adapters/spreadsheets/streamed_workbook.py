"""XLSX row by row through expat. Shared texts wait on disk; what is kept in memory is eight bytes for each of them.

openpyxl reads the same file in twice the time and keeps every shared text. Cells become text here: a number its
15 significant digits, a day ISO, a percentage with its sign; how a number is shown is looked up in the styles.
"""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from openpyxl.utils.datetime import from_excel

from adapters.spreadsheets.workbook import weigh
from adapters.spreadsheets.workbook_parts import (
    CELL_MAX,
    PASSES,
    Attributes,
    Part,
    Text,
    Texts,
    number_forms,
    only_sheet,
    too_long,
)
from domain.registries.imports import Table
from domain.registries.rows import Cell, Row
from domain.tenders.need import Formula, SheetUnreadable, letters

UNPACKED_MAX = 512 * 1024 * 1024
WIDTH_MAX = 256
ROWS_OF_A_SHEET = 1_048_576
_LETTERS = tuple(letters(column) for column in range(WIDTH_MAX + 1))
_PLACES = {name: place for place, name in enumerate(_LETTERS[:WIDTH_MAX])}

_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError, ArithmeticError, EOFError, LookupError, OSError),
    *(NotImplementedError, ValueError),
)
"""What a damaged or hostile part raises while it is read: the file's fault, not ours."""


@contextmanager
def open_workbook(path: Path) -> Iterator[Table]:
    """Refuses (``sheet-unreadable``) archives out of bounds, more than one sheet, and what is no workbook; while the
    rows stream, also merged cells, rows out of order and broken parts.
    """
    with tempfile.TemporaryFile(prefix="oimaq-texts-") as texts, ExitStack() as open_until_read:
        try:
            table = _opened(open_until_read.enter_context(zipfile.ZipFile(path)), path.stat().st_size, texts)
        except _BROKEN as broken:
            raise _unreadable(broken) from broken
        yield table


def _opened(archive: zipfile.ZipFile, packed: int, file: BinaryIO) -> Table:
    weigh(archive, packed, unpacked_max=UNPACKED_MAX)
    name, part, epoch = only_sheet(archive)
    cells = _Cells(texts=Texts(archive, file), forms=number_forms(archive), epoch=epoch)
    return Table(sheet=name, rows=_guarded(_Rows(cells).read(archive, part)))


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except _BROKEN as broken:
        raise _unreadable(broken) from broken


def _unreadable(broken: Exception) -> SheetUnreadable:
    return SheetUnreadable(f"The file is no workbook that can be read ({type(broken).__name__})", passes=PASSES)


@dataclass(slots=True, kw_only=True)
class _Cells:
    """What a cell says as text, whatever its kind."""

    texts: Texts
    forms: list[str]
    epoch: datetime

    def read(self, kind: str, style: str | None, said: str) -> Cell:
        match kind:
            case "s":
                return self.texts.at(said) if said else None
            case "n":
                return self._shown(said.strip(), style) if said else None
            case "b":
                return "TRUE" if said == "1" else "FALSE"
            case "e":
                return Formula(said)
            case _:
                return said.strip()

    def _shown(self, said: str, style: str | None) -> str:
        form = self.forms[int(style)] if style else ""
        if form == "day":
            return _day(from_excel(float(said), self.epoch))
        if form == "percent":
            return f"{_number(float(said) * 100)}%"
        return said if said.isdigit() else _number(float(said))


class _Rows:
    """The rows of a sheet as they are closed. Its handlers are called five times for each of a million cells."""

    __slots__ = ("_cells", "_done", "_formula", "_inline", "_kind", "_line", "_number", "_row", "_said", "_style")

    def __init__(self, cells: _Cells) -> None:
        self._cells = cells
        self._done: list[Row] = []
        self._row: list[Cell] = []
        self._inline = Text()
        self._number = 0
        self._line = ""
        self._kind, self._said, self._formula = "n", "", False
        self._style: str | None = None

    def read(self, archive: zipfile.ZipFile, part: str) -> Iterator[Row]:
        for _ in Part(starts=self._starts, ends=self._ends, says=self._says).feed(archive, part):
            yield from self._done
            self._done.clear()

    def _starts(self, tag: str, attributes: Attributes) -> None:
        if tag == "v":
            self._said = ""
        elif tag == "c":
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s")
            self._said, self._formula = "", False
            reference = attributes.get("r")
            # Nearly every cell stands next to the one before.
            if reference != _LETTERS[len(self._row)] + self._line:
                _fill(self._row, reference)
        elif tag == "row":
            self._begin(attributes)
        elif tag == "f":
            self._formula = True
        else:
            self._other(tag, attributes)

    def _ends(self, tag: str) -> None:
        if tag == "v":
            return
        if tag == "c":
            if self._kind == "inlineStr":
                self._row.append(self._inline.text().strip())
            elif self._formula:
                self._row.append(Formula(self._said))
            else:
                self._row.append(self._cells.read(self._kind, self._style, self._said))
        elif tag == "row":
            self._done.append(self._row)
            self._row = []
        else:
            self._inline.ends(tag)

    def _says(self, text: str) -> None:
        if self._kind == "inlineStr":
            self._inline.says(text)
        else:
            self._said += text
            if len(self._said) > CELL_MAX:
                raise too_long()

    def _begin(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self._number + 1))
        if not self._number < number <= ROWS_OF_A_SHEET:
            raise SheetUnreadable("The rows of the sheet are out of order", passes=PASSES)
        # Rows that say nothing are left out of the file; they still count.
        self._done.extend([()] * (number - self._number - 1))
        self._number, self._line = number, str(number)

    def _other(self, tag: str, attributes: Attributes) -> None:
        if tag == "is":
            self._inline.clear()
        elif tag == "mergeCell":
            where = attributes.get("ref", "?")[:20]
            raise SheetUnreadable(f"The cells {where} are merged", passes="single cells, the value written in each")
        else:
            self._inline.starts(tag)


def _fill(row: list[Cell], reference: str | None) -> None:
    """Blank cells up to the one that is named; cells that say nothing are left out of the file. One without a name
    stands next to the one before.
    """
    if reference is None:
        return
    place = _place(reference)
    if place < len(row):
        raise SheetUnreadable("The cells of a row are out of order", passes=PASSES)
    if place > len(row):
        row.extend([None] * (place - len(row)))


def _number(number: float) -> str:
    """The digits that a spreadsheet shows: 15 significant ones, no exponent."""
    text = format(number, ".15g")
    return format(number, ".0f") if "e" in text and number.is_integer() else text


def _day(found: datetime | date | time | timedelta | None) -> str:
    if isinstance(found, datetime):
        return found.date().isoformat()
    return str(found)


def _place(reference: str) -> int:
    """``C7`` -> 2."""
    place = _PLACES.get(reference.rstrip("0123456789"))
    if place is None:
        raise SheetUnreadable(f"{reference[:20]!r} is no cell of the first {WIDTH_MAX} columns", passes=PASSES)
    return place
