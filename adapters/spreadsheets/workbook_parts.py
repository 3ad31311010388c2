"""The parts of an XLSX archive as expat streams them: which sheet there is, its shared texts, how numbers are shown."""

import os
import zipfile
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from domain.tenders.need import SheetUnreadable

CACHED_MAX = 10_000
TEXTS_MAX = 5_000_000
CELL_MAX = 32_767
"""Characters of a cell, as spreadsheets have it."""
PASSES = "an .xlsx with one sheet, saved again by a spreadsheet program, or CSV"
_CHUNK = 64 * 1024
_WINDOW = 4096

Attributes = dict[str, str]
Starts = Callable[[str, Attributes], None]
Ends = Callable[[str], None]


class Part:
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
            raise SheetUnreadable("The workbook declares a document type", passes=PASSES)

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
    for _ in Part(starts=starts).feed(archive, name):
        pass


def only_sheet(archive: zipfile.ZipFile) -> tuple[str, str, datetime]:
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


class Texts:
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
        reader = Text()
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

        for _ in Part(starts=starts, ends=ends, says=reader.says).feed(archive, "xl/sharedStrings.xml"):
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


class Text:
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
            self._said += text
            if len(self._said) > CELL_MAX:
                raise too_long()

    def text(self) -> str:
        return self._said


def too_long() -> SheetUnreadable:
    return SheetUnreadable("A cell holds too much", passes=f"at most {CELL_MAX} characters")


def number_forms(archive: zipfile.ZipFile) -> list[str]:
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
