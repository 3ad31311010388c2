"""Tables as CSV and XLSX files in which every text cell is text, whatever a spreadsheet program would make of it."""

import csv
import io
from datetime import datetime
from decimal import Decimal

import xlsxwriter

from domain.reports.tables import Cell, Export, Table, TableFormat

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings that make a spreadsheet program calculate a text; the full-width ones where the locale is East Asian."""
_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - a fixed date without a zone: the same table, the same bytes
_WIDTH_MIN, _WIDTH_MAX = 10, 60


class FileTables:
    """Satisfies ``domain.reports.ports.Tables``."""

    def write(self, table: Table, format: TableFormat) -> Export:
        match format:
            case TableFormat.CSV:
                return Export(content=_csv(table), media_type="text/csv; charset=utf-8", extension="csv")
            case TableFormat.XLSX:
                return Export(
                    content=_xlsx(table),
                    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                    extension="xlsx",
                )


def guarded(text: str) -> str:
    """The text with an apostrophe before it where it would be taken for a formula, also behind spaces."""
    risky = text.lstrip(" ").startswith(STARTS_FORMULA) or text.lstrip().startswith(STARTS_FORMULA)
    return f"'{text}" if risky else text


def _csv(table: Table) -> bytes:
    """RFC 4180 with a byte order mark, by which Excel knows UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guarded(name) for name in table.columns])
    for row in table.rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else str(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(table: Table) -> bytes:
    out = io.BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": _CREATED})
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet("Report")
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(_widths(table)):
            sheet.set_column(column, column, width)
        for column, name in enumerate(table.columns):
            sheet.write_string(0, column, name, bold)
        for line, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                _put(sheet, line, column, cell, money)
        if table.notes:
            about = book.add_worksheet("About")
            about.set_column(0, 1, 30)
        for line, (name, text) in enumerate(table.notes):
            about.write_string(line, 0, name, bold)
            about.write_string(line, 1, text)
    return out.getvalue()


def _put(sheet: "xlsxwriter.worksheet.Worksheet", line: int, column: int, cell: Cell, money: object) -> None:
    """A number that a spreadsheet's binary number cannot hold exactly is written as text rather than changed."""
    if isinstance(cell, str):
        sheet.write_string(line, column, cell)
    elif Decimal(repr(float(cell))) != cell:
        sheet.write_string(line, column, str(cell))
    elif isinstance(cell, Decimal):
        sheet.write_number(line, column, float(cell), money)
    else:
        sheet.write_number(line, column, cell)


def _widths(table: Table) -> list[int]:
    longest = [max(map(len, map(str, column))) for column in zip(table.columns, *table.rows, strict=True)]
    return [min(max(length + 2, _WIDTH_MIN), _WIDTH_MAX) for length in longest]
