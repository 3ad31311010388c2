"""How much of a table is read, whatever its form."""

from collections.abc import Iterable

from domain.tenders.need import COLUMNS_MAX, ROWS_MAX, SheetUnreadable

LINES_MAX = 20_000
"""Rows of the file, blank ones included."""
WIDTH_MAX = 1_000
"""Cells of a row, blank ones included."""

Row = tuple[object, ...]


def bounded(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows up to the first beyond ``ROWS_MAX`` that says something, blank ones as ``()``, no blanks at the end.

    Rows are cut one cell beyond ``COLUMNS_MAX``: what is over a limit stays visible to whoever refuses it.
    """
    read: list[Row] = []
    telling = 0
    for number, row in enumerate(rows, start=1):
        if number > LINES_MAX:
            raise SheetUnreadable("The table has too many rows", passes=f"at most {ROWS_MAX} rows")
        if len(row) >= WIDTH_MAX:
            raise SheetUnreadable("The table has too many columns", passes=f"at most {COLUMNS_MAX} columns")
        cells = row[: _width(row)]
        read.append(cells[: COLUMNS_MAX + 1])
        if cells:
            telling += 1
            if telling > ROWS_MAX + 1:
                break
    while read and not read[-1]:
        read.pop()
    return tuple(read)


def _width(row: Row) -> int:
    """Cells up to the last that is not blank."""
    width = len(row)
    while width and (row[width - 1] is None or row[width - 1] == ""):
        width -= 1
    return width
