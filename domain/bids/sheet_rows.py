"""The rows of a bid's table, and what their cells say; a flaw is named by its cell."""

import re
from dataclasses import dataclass
from decimal import Decimal

from domain.bids.sheet import COLUMNS
from domain.errors import Flaw
from domain.tenders.cells import blank, whole, written
from domain.tenders.need import Sheet

TEXT_MAX = 300
_PRICE = re.compile(r"[0-9]{1,13}(?:[.,][0-9]{1,2})?")


@dataclass(slots=True, kw_only=True)
class Row:
    """One row that says something, with its cells by column."""

    sheet: Sheet
    number: int
    cells: dict[str, object]
    flaws: list[Flaw]

    def pointer(self, column: str) -> str:
        return self.sheet.pointer(self.number, COLUMNS.index(column))

    def flaw(self, column: str, reason: str, passes: str) -> None:
        self.flaws.append(Flaw(pointer=self.pointer(column), reason=reason, passes=passes, rule=column))

    def text(self, column: str) -> str:
        """Empty where it is blank or flawed."""
        said = written(self.cells.get(column), pointer=self.pointer(column), report=self.flaws.append) or ""
        if len(said) <= TEXT_MAX and said.isprintable():
            return said
        self.flaw(column, "too long, or with characters that nobody sees", f"at most {TEXT_MAX} printable characters")
        return ""

    def count(self, column: str, most: int) -> int | None:
        """A whole number from 1; None where it is blank or flawed."""
        cell = self.cells.get(column)
        if blank(cell):
            return None
        found = whole(cell)
        if isinstance(found, int) and 1 <= found <= most:
            return found
        self.flaw(column, str(found), f"a whole number from 1 to {most}")
        return None

    def amount(self, column: str) -> Decimal | None:
        cell = self.cells.get(column)
        if blank(cell):
            return None
        bare = cell if isinstance(cell, str) else repr(cell) if type(cell) in {int, float} else ""
        bare = re.sub(r"[\s\u00a0\u202f]", "", bare).removesuffix(".0")
        if _PRICE.fullmatch(bare):
            return Decimal(bare.replace(",", "."))
        self.flaw(column, "not an amount", "digits with at most two decimals, as a number or text and no formula")
        return None

    def lots(self) -> tuple[int, ...]:
        parts = [part.strip() for part in self.text("lot").split(";") if part.strip()]
        if all(re.fullmatch(r"[0-9]{1,2}", part) for part in parts):
            return tuple(int(part) for part in parts)
        self.flaw("lot", f"{self.text('lot')!r}", "lot numbers with semicolons between them: 1; 2")
        return ()


def rows_of(sheet: Sheet, flaws: list[Flaw]) -> list[Row]:
    """The rows below the header that say something; none where the table is no bid's."""
    header = next((number for number, row in enumerate(sheet.rows, start=1) if row), 0)
    names = tuple(str(cell).strip() for cell in sheet.rows[header - 1]) if header else ()
    if names != COLUMNS or sheet.merged:
        pointer = sheet.at(sheet.merged[0]) if sheet.merged else sheet.pointer(max(header, 1), 0)
        passes = f"the columns of the template, no cells merged: {', '.join(COLUMNS)}"
        flaws.append(Flaw(pointer=pointer, reason="not the template of a bid", passes=passes, rule="header"))
        return []
    found = []
    for number, row in enumerate(sheet.rows[header:], start=header + 1):
        if len(row) > len(COLUMNS):
            pointer = sheet.pointer(number, len(COLUMNS))
            flaws.append(Flaw(pointer=pointer, reason="a cell beyond the columns", passes="blank", rule="header"))
        elif row:
            cells = dict(zip(COLUMNS, row, strict=False))
            found.append(Row(sheet=sheet, number=number, cells=cells, flaws=flaws))
    return found
