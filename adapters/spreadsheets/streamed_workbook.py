"""XLSX row by row through expat. Shared texts wait on disk; what is kept in memory is eight bytes for each of them.

openpyxl reads the same file in three times the time and keeps every shared text. Cells become text here: a number its
15 significant digits, a day ISO, a percentage with its sign; how a number is shown is looked up in the styles.
"""

import os
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from adapters.spreadsheets.workbook import weigh
from domain.registries.imports import Table
from domain.registries.rows import Cell, Row
from domain.tenders.need import Formula, SheetUnreadable, letters

UNPACKED_MAX = 512 * 1024 * 1024
WIDTH_MAX = 256
ROWS_OF_A_SHEET = 1_048_576
CACHED_MAX = 10_000
TEXTS_MAX = 5_000_000
CELL_MAX = 32_767
"""Characters of a cell, as spreadsheets have it."""
_CHUNK = 64 * 1024
_WINDOW = 4096
_PASSES = "an .xlsx with one sheet, saved again by a spreadsheet program, or CSV"
_LETTERS = tuple(letters(column) for column in range(WIDTH_MAX + 1))
_PLACES = {name: place for place, name in enumerate(_LETTERS[:WIDTH_MAX])}

_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError, ArithmeticError, EOFError, LookupError, OSError),
    *(NotImplementedError, ValueError),
)
"""What a damaged or hostile part raises while it is read: the file's fault, not ours."""

Attributes = dict[str, str]
Starts = Callable[[str, Attributes], None]
Ends = Callable[[str], None]


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
    name, part, epoch = _sheet(archive)
    cells = _Cells(texts=_Texts(archive, file), forms=_forms(archive), epoch=epoch)
    return Table(sheet=name, rows=_guarded(_Rows(cells).read(archive, part)))


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except _BROKEN as broken:
        raise _unreadable(broken) from broken


def _unreadable(broken: Exception) -> SheetUnreadable:
    return SheetUnreadable(f"The file is no workbook that can be read ({type(broken).__name__})", passes=_PASSES)


class _Part:
    """One XML part, parsed chunk by chunk. Refuses document types: entities could grow without bound."""

    def __init__(self, *, starts: Starts, ends: Ends | None = None, says: Callable[[str], None] | None = None) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True

        def start(tag: str, attributes: Attributes) -> None:
            if ":" in tag:
                # Some writers give every element a prefix; from the first one on names are cut.
                self._parser.StartElementHandler = lambda tag, found: starts(tag.rpartition(":")[2], found)
                if ends is not None:
                    self._parser.EndElementHandler = lambda tag: ends(tag.rpartition(":")[2])
            starts(tag.rpartition(":")[2], attributes)
            if ":" not in tag:
                self._parser.StartElementHandler = starts

        def declares(*_: object) -> None:
            raise SheetUnreadable("The workbook declares a document type", passes=_PASSES)

        self._parser.StartElementHandler = start
        if ends is not None:
            self._parser.EndElementHandler = ends
        if says is not None:
            self._parser.CharacterDataHandler = says
        self._parser.StartDoctypeDeclHandler = declares

    def feed(self, archive: zipfile.ZipFile, name: str) -> Iterator[None]:
        """Yields after every chunk, so that what the handlers gathered can be taken away."""
        with archive.open(name) as file:
            while chunk := file.read(_CHUNK):
                self._parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no keyword
                yield
        self._parser.Parse(b"", True)  # noqa: FBT003 - expat takes no keyword
        yield


def _scan(archive: zipfile.ZipFile, name: str, starts: Starts) -> None:
    for _ in _Part(starts=starts).feed(archive, name):
        pass


def _sheet(archive: zipfile.ZipFile) -> tuple[str, str, datetime]:
    """The only sheet: its name, its part, and the day from which its days count."""
    sheets: list[Attributes] = []
    targets: dict[str, str] = {}
    epochs = [CALENDAR_WINDOWS_1900]

    def book(tag: str, attributes: Attributes) -> None:
        if tag == "sheet":
            sheets.append(attributes)
        elif tag == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            epochs.append(CALENDAR_MAC_1904)

    def relation(tag: str, attributes: Attributes) -> None:
        if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            targets[attributes["Id"]] = attributes["Target"]

    _scan(archive, "xl/workbook.xml", book)
    if len(sheets) != 1:
        raise SheetUnreadable(f"The workbook has {len(sheets)} sheets", passes="one sheet, hidden ones too")
    _scan(archive, "xl/_rels/workbook.xml.rels", relation)
    id = next((value for name, value in sheets[0].items() if name.rpartition(":")[2] == "id"), "")
    target = targets[id]
    part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return sheets[0].get("name", "Sheet1"), part, epochs[-1]


class _Texts:
    """The shared texts, on disk; the first ones that are asked for are remembered, since headings and units repeat."""

    def __init__(self, archive: zipfile.ZipFile, file: BinaryIO) -> None:
        self._file = file
        self._ends = array("Q", [0])
        self._known: dict[str, str] = {}
        self._window, self._window_at = b"", 0
        if "xl/sharedStrings.xml" in archive.namelist():
            self._store(archive)
        self._file.flush()

    def _store(self, archive: zipfile.ZipFile) -> None:
        reader = _Text()
        place = 0

        def starts(tag: str, _: Attributes) -> None:
            if tag == "si":
                reader.clear()
            reader.starts(tag)

        def ends(tag: str) -> None:
            nonlocal place
            reader.ends(tag)
            if tag == "si":
                place += self._file.write(reader.text().strip().encode())
                self._ends.append(place)
                if len(self._ends) > TEXTS_MAX:
                    raise SheetUnreadable("The workbook has too many texts", passes=f"at most {TEXTS_MAX}")

        for _ in _Part(starts=starts, ends=ends, says=reader.says).feed(archive, "xl/sharedStrings.xml"):
            pass

    def at(self, index: str) -> str:
        """The text of an index as it is written in a cell."""
        known = self._known.get(index)
        if known is not None:
            return known
        place = int(index)
        if place < 0:
            raise IndexError(index)
        begin, end = self._ends[place], self._ends[place + 1]
        first = self._window_at
        if begin < first or end > first + len(self._window):
            # Most writers number texts as they come, so the next ones are wanted next.
            self._window = os.pread(self._file.fileno(), max(_WINDOW, end - begin), begin)
            self._window_at = first = begin
        found = self._window[begin - first : end - first].decode()
        if len(self._known) < CACHED_MAX:
            self._known[index] = found
        return found


class _Text:
    """Text of ``t`` elements, without the reading aids (``rPh``) of East Asian texts."""

    def __init__(self) -> None:
        self._said = ""
        self._on = False
        self._aside = False

    def clear(self) -> None:
        self._said = ""

    def starts(self, tag: str) -> None:
        if tag == "t":
            self._on = not self._aside
        elif tag == "rPh":
            self._aside = True

    def ends(self, tag: str) -> None:
        if tag == "t":
            self._on = False
        elif tag == "rPh":
            self._aside = False

    def says(self, text: str) -> None:
        if self._on:
            self._said = _joined(self._said, text)

    def text(self) -> str:
        return self._said


def _joined(said: str, text: str) -> str:
    if len(said) + len(text) > CELL_MAX:
        raise SheetUnreadable("A cell holds too much", passes=f"at most {CELL_MAX} characters")
    return said + text


def _forms(archive: zipfile.ZipFile) -> list[str]:
    """How the numbers of each cell style are shown: ``day``, ``percent`` or nothing."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    codes = dict(BUILTIN_FORMATS)
    forms: list[str] = []
    inside = False

    def starts(tag: str, attributes: Attributes) -> None:
        nonlocal inside
        if tag == "numFmt":
            codes[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif tag in {"cellXfs", "cellStyleXfs"}:
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            code = codes.get(int(attributes.get("numFmtId", "0"))) or "General"
            forms.append("day" if is_date_format(code) else "percent" if "%" in code else "")
        elif tag == "cellStyles":
            inside = False

    _scan(archive, "xl/styles.xml", starts)
    return forms


@dataclass(slots=True, kw_only=True)
class _Cells:
    """What a cell says as text, whatever its kind."""

    texts: _Texts
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
        self._inline = _Text()
        self._number = 0
        self._line = ""
        self._kind, self._said, self._formula = "n", "", False
        self._style: str | None = None

    def read(self, archive: zipfile.ZipFile, part: str) -> Iterator[Row]:
        for _ in _Part(starts=self._starts, ends=self._ends, says=self._says).feed(archive, part):
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
            self._said = _joined(self._said, text)

    def _begin(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self._number + 1))
        if not self._number < number <= ROWS_OF_A_SHEET:
            raise SheetUnreadable("The rows of the sheet are out of order", passes=_PASSES)
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
        raise SheetUnreadable("The cells of a row are out of order", passes=_PASSES)
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
        raise SheetUnreadable(f"{reference[:20]!r} is no cell of the first {WIDTH_MAX} columns", passes=_PASSES)
    return place
