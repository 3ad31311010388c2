"""The header of a need's table: which column says what, in English, Russian or Kazakh.

Two forms are read. Long: one row per site, garment and size, with a size (or height) and a pieces column.
Wide: one row per site and garment, where size headings stand over the pieces. An unknown heading is refused,
not skipped: it may be a misspelt size whose pieces would be lost.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.errors import Flaw
from domain.garments import GridId, UnknownSize
from domain.notations import Reading, read_size, shown
from domain.tenders.cells import Report, plain, written
from domain.tenders.need import Sheet


class Column(StrEnum):
    SITE = "site"
    KATO = "kato"
    ADDRESS = "address"
    GARMENT = "garment"
    SIZE = "size"
    HEIGHT = "height"
    PIECES = "pieces"
    TOTAL = "total"
    NUMBER = "no"


TOTALS = ("total", "grand total", "итого", "всего", "барлығы", "жиыны")
HEADINGS: dict[Column, tuple[str, ...]] = {
    Column.SITE: ("site", "school", "школа", "мектеп", "объект", "участок", "нысан", "учаске"),
    Column.KATO: ("kato", "като", "код като", "әаож", "әаож коды"),
    Column.ADDRESS: ("address", "адрес", "адрес доставки", "мекенжай", "мекенжайы"),
    Column.GARMENT: ("garment", "изделие", "наименование изделия", "бұйым", "бұйым атауы"),
    Column.SIZE: ("size", "размер", "өлшем", "өлшемі"),
    Column.HEIGHT: ("height", "рост", "бой", "бойы"),
    Column.PIECES: ("pieces", "quantity", "количество", "количество шт", "кол во", "кол во шт", "саны", "саны дана"),
    Column.TOTAL: TOTALS,
    Column.NUMBER: ("no", "no п п", "п п", "no р с", "р с"),
}
_PERSONS = (
    "name", "full name", "employee", "фио", "ф и о", "имя", "фамилия", "сотрудник", "работник", "ученик", "иин",
    "iin", "аты жөні", "тегі", "оқушы", "қызметкер", "жсн",
)  # fmt: skip
_COLUMNS = {heading: column for column, headings in HEADINGS.items() for heading in headings}
_ALWAYS = (Column.SITE, Column.KATO, Column.ADDRESS, Column.GARMENT)
_LONG = (Column.SIZE, Column.HEIGHT, Column.PIECES)


@dataclass(slots=True, kw_only=True)
class Header:
    """``columns`` and ``sizes`` map to and from positions counted from 0."""

    row: int
    columns: dict[Column, int] = field(default_factory=dict)
    sizes: dict[int, Reading] = field(default_factory=dict)
    wide: bool = False

    def has(self, position: int) -> bool:
        return position in self.sizes or position in self.columns.values()


def read_header(sheet: Sheet, row: int, grid: GridId, report: Report) -> Header:
    """Read row ``row`` (from 1) as the header, reporting every flaw of it."""
    header = Header(row=row)
    for position, cell in enumerate(sheet.rows[row - 1]):
        pointer = sheet.pointer(row, position)
        heading = written(cell, pointer=pointer, report=report)
        if heading is None:
            header.wide = header.wide or isinstance(cell, date)  # a size heading turned into a date
            continue
        column = _COLUMNS.get(plain(heading))
        if column is not None:
            _column(header, column, position, sheet, report)
        elif plain(heading) in _PERSONS:
            reason = f"{shown(heading)}: a need counts pieces and never names persons"
            report(Flaw(pointer=pointer, reason=reason, passes="the table without this column", rule="persons"))
        else:
            _size(header, heading, position, sheet, grid, report)
    _complete(header, sheet, grid, report)
    return header


def _column(header: Header, column: Column, position: int, sheet: Sheet, report: Report) -> None:
    if column in header.columns:
        first = sheet.pointer(header.row, header.columns[column])
        reason = f"the column {column} stands already in {first}"
        report(
            Flaw(
                pointer=sheet.pointer(header.row, position),
                reason=reason,
                passes=f"one column {column}",
                rule="repeated-column",
            )
        )
    header.columns.setdefault(column, position)


def _size(header: Header, heading: str, position: int, sheet: Sheet, grid: GridId, report: Report) -> None:
    pointer = sheet.pointer(header.row, position)
    try:
        reading = read_size(heading, grid, pointer=pointer)
    except UnknownSize as unknown:
        if re.search("[0-9]", heading):
            header.wide = True
            report(unknown.flaws[0])
        else:
            passes = f"one of the columns {', '.join(Column)}, or a size of the grid {grid}"
            report(
                Flaw(pointer=pointer, reason=f"{shown(heading)}: unknown column", passes=passes, rule="unknown-column")
            )
        return
    header.wide = True
    for other, known in header.sizes.items():
        if reading.overlaps(known):
            reason = f"the size {reading.size} stands already in {sheet.pointer(header.row, other)}"
            report(Flaw(pointer=pointer, reason=reason, passes="each size in one column", rule="repeated-column"))
    header.sizes[position] = reading


def _complete(header: Header, sheet: Sheet, grid: GridId, report: Report) -> None:
    """Report the columns that are missing, or that do not belong to the form."""
    if header.wide:
        for column in _LONG:
            if column in header.columns:
                pointer = sheet.pointer(header.row, header.columns[column])
                passes = "either size headings over the pieces, or the columns size and pieces"
                reason = f"the column {column} beside size headings"
                report(Flaw(pointer=pointer, reason=reason, passes=passes, rule="mixed-forms"))
    needed = list(_ALWAYS)
    if not header.wide:
        by_height = grid is GridId.CHILD and Column.HEIGHT in header.columns
        needed += [Column.PIECES] if by_height else [Column.SIZE, Column.PIECES]
    for column in needed:
        if column not in header.columns:
            report(
                Flaw(
                    pointer=sheet.at(f"{header.row}:{header.row}"),
                    reason=f"the column {column} is missing",
                    passes=f"a heading {' or '.join(HEADINGS[column])}",
                    rule="missing-column",
                )
            )
