"""Reading a register's file row by row: a header, then records; every flaw is named by its cell, nothing is guessed.

An unknown heading is refused, not skipped: a misspelt ``valid until`` would make a certificate endless.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.calendar import months_after
from domain.errors import Flaw
from domain.ids import Bin
from domain.notations import shown
from domain.registries.cells import Unread, Value
from domain.registries.records import Record, Register
from domain.registries.shapes import IGNORED, SHAPES, Column, Shape, product_codes
from domain.tenders.cells import plain
from domain.tenders.need import Formula, letters

FLAWS_LISTED_MAX = 100
COLUMNS_MAX = 60
ROWS_MAX = 500_000
KEY_MAX = 200

Cell = str | Formula | None
Row = Sequence[Cell]
"""Cells as text without blanks around; a number is its digits, a day is ISO, a percentage ends in ``%``."""


@dataclass(slots=True, kw_only=True)
class Flaws:
    """The first ``FLAWS_LISTED_MAX`` flaws and the count of all."""

    listed: list[Flaw] = field(default_factory=list)
    total: int = 0

    def add(self, pointer: str, reason: str, passes: str, rule: str) -> None:
        self.total += 1
        if len(self.listed) < FLAWS_LISTED_MAX:
            self.listed.append(Flaw(pointer=pointer, reason=reason, passes=passes, rule=rule))


@dataclass(slots=True, kw_only=True)
class Reading:
    """One file being read. ``as_of`` is the day of the register's state: nothing in it begins later.

    Give ``take`` every row in order, blank ones too, and ``finish`` at the end; ``rows`` counts those below the header.
    """

    register: Register
    as_of: date
    sheet: str = "Sheet1"
    flaws: Flaws = field(default_factory=Flaws)
    rows: int = 0
    _number: int = 0
    _columns: list[tuple[int, Column]] | None = None
    _silent: frozenset[int] = frozenset()

    @property
    def hopeless(self) -> bool:
        """Nothing more can be read: the header is flawed, or the file too long."""
        return self.rows > ROWS_MAX or (self._columns == [] and self.flaws.total > 0)

    def take(self, cells: Row) -> Record | None:
        """The record in the next row; None for the header, blank rows and rows with flaws."""
        self._number += 1
        if self.hopeless or not any(cells):
            return None
        if self._columns is None:
            self._header(cells)
            return None
        self.rows += 1
        if self.rows > ROWS_MAX:
            passes = f"at most {ROWS_MAX} rows below the header"
            self.flaws.add(self.at(self._number), "too many rows", passes, "rows-max")
            return None
        before = self.flaws.total
        values = self._values(cells)
        record = self._record(values) if self.flaws.total == before else None
        return record if self.flaws.total == before else None

    @property
    def number(self) -> int:
        """The row that was taken last, counted from 1."""
        return self._number

    def finish(self) -> None:
        """Refuse a file that says nothing: as a full import it would empty the register."""
        if self.rows == 0 and self.flaws.total == 0:
            self.flaws.add(self.at(1), "no records", "a header and a row for each record", "empty")

    def repeated(self, row: int, first: int) -> None:
        """Take note that a row's key stands in an earlier row already."""
        reason = f"the same record as in row {first}"
        self.flaws.add(self.at(row), reason, "each record once", "repeated")

    def at(self, row: int, name: str | None = None) -> str:
        """``Sheet1!C7``: the cell of a column, the first one without a name."""
        found = (place for place, column in self._columns or () if column.name == name)
        sheet = self.sheet if self.sheet.isidentifier() else f"'{self.sheet}'"
        return f"{sheet}!{letters(next(found, 0))}{row}"

    @property
    def _shape(self) -> Shape:
        return SHAPES[self.register]

    def _header(self, cells: Row) -> None:
        found: dict[str, int] = {}
        silent: set[int] = set()
        self._columns = []
        if len(cells) > COLUMNS_MAX:
            self.flaws.add(self.at(self._number), "too many columns", f"at most {COLUMNS_MAX}", "columns-max")
            return
        known = ", ".join(column.name for column in self._shape.columns)
        read = []
        for place, cell in enumerate(cells):
            heading = plain(cell).replace("ё", "е") if isinstance(cell, str) else ""
            column = self._shape.names.get(heading)
            pointer = f"{self.at(self._number).rpartition('!')[0]}!{letters(place)}{self._number}"
            if column is None and (heading in IGNORED or not cell):
                silent.update({place} if heading else ())
            elif column is None:
                reason = f"{shown(str(cell))}: unknown column"
                self.flaws.add(pointer, reason, f"one of the columns {known}", "unknown-column")
            elif column.name in found:
                reason = f"the column {column.name} stands already in {letters(found[column.name])}{self._number}"
                self.flaws.add(pointer, reason, f"one column {column.name}", "repeated-column")
            else:
                found[column.name] = place
                read.append((place, column))
        needed = [column for column in self._shape.columns if column.required and column.name not in found]
        for column in needed:
            reason = f"the column {column.name} is missing"
            passes = f"a heading {' or '.join(column.headings)}"
            self.flaws.add(self.at(self._number), reason, passes, "missing-column")
        if self._shape.any_of and not found.keys() & set(self._shape.any_of):
            passes = f"one of the columns {', '.join(self._shape.any_of)}"
            self.flaws.add(self.at(self._number), "no column of product codes", passes, "missing-column")
        if self.flaws.total == 0:
            self._columns, self._silent = read, frozenset(silent)

    def _values(self, cells: Row) -> dict[str, Value]:
        values: dict[str, Value] = {}
        width = len(cells)
        seen = 0
        for place, column in self._columns or ():
            cell = cells[place] if place < width else None
            if cell:
                seen += 1
                value = self._value(column, cell)
                if value is not None and column.kept:
                    values[column.name] = value
            elif column.required:
                self._flaw(column.name, f"the {column.name} is missing", f"a {column.name} in every row", "missing")
        if seen < sum(map(bool, cells)):
            self._strays(cells)
        return values

    def _value(self, column: Column, cell: str | Formula) -> Value | None:
        if isinstance(cell, Formula):
            self._flaw(column.name, "a formula", "its value, pasted as a value", "formula")
            return None
        try:
            return column.read(" ".join(cell.split()))
        except Unread as unread:
            self._flaw(column.name, unread.reason, unread.passes, unread.rule)
            return None

    def _strays(self, cells: Row) -> None:
        known = {place for place, _ in self._columns or ()} | self._silent
        for place, cell in enumerate(cells):
            if cell and place not in known:
                pointer = f"{self.at(self._number).rpartition('!')[0]}!{letters(place)}{self._number}"
                self.flaws.add(pointer, "a value under no heading", "a heading over it, or a blank cell", "stray")

    def _record(self, values: dict[str, Value]) -> Record | None:
        shape = self._shape
        if shape.any_of and not values.keys() & set(shape.any_of):
            passes = f"one of {', '.join(shape.any_of)}"
            self._flaw(shape.any_of[0], "no product code", passes, "product-code")
            return None
        key = shape.key(values)
        if len(key) > KEY_MAX:
            self._flaw(None, "the number is too long", f"at most {KEY_MAX} characters", "text")
        begins, ends = self._validity(values)
        fields = {name: value for name, value in values.items() if name not in {"bin", shape.begins, shape.ends}}
        if shape.any_of:
            fields["product_codes"] = product_codes(values)
        bin = values.get("bin")
        return Record(
            register=self.register,
            key=key,
            bin=None if bin is None else Bin(str(bin)),
            fields=fields,
            valid_from=begins,
            valid_until=ends,
        )

    def _validity(self, values: dict[str, Value]) -> tuple[date | None, date | None]:
        shape = self._shape
        if shape.begins is None:
            return None, None
        begins = date.fromisoformat(str(values[shape.begins]))
        if begins > self.as_of:
            reason = f"{begins} is after the day of the register's state"
            self._flaw(shape.begins, reason, f"{self.as_of} or earlier", "future")
            return begins, None
        said = values.get(shape.ends or "")
        if said is None:
            return begins, None if shape.ban_months is None else months_after(begins, shape.ban_months)
        ends = date.fromisoformat(str(said))
        if ends < begins:
            self._flaw(shape.ends, f"{ends} is before {begins}", f"{begins} or later", "validity")
        return begins, ends

    def _flaw(self, name: str | None, reason: str, passes: str, rule: str) -> None:
        self.flaws.add(self.at(self._number, name), reason, passes, rule)
