"""Files that leave the house: every text cell is text, the same table is the same bytes."""

import csv
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.exports.tables import STARTS_FORMULA, FileTables
from domain.reports.tables import Table, TableFormat


def table(*texts: str) -> Table:
    return Table(
        name="sample",
        columns=("name", "pieces", "sum_kzt"),
        rows=tuple((text, 40, Decimal("-12896.10")) for text in texts),
        notes=(("As of", "=now()"),),
    )


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", STARTS_FORMULA)
def test_a_text_that_a_spreadsheet_would_calculate_is_guarded_in_csv(start: str) -> None:
    for text in (f"{start}1+1", f"  {start}1+1"):
        _, (cell, pieces, total) = read_csv(FileTables().write(table(text), TableFormat.CSV).content)
        assert cell == f"'{text}"
        assert (pieces, total) == ("40", "-12896.10")


def test_csv_is_utf8_with_a_byte_order_mark_and_keeps_names_as_they_are() -> None:
    content = FileTables().write(table('ТОО "Оймақ, Қазақстан"'), TableFormat.CSV).content
    assert content.startswith(b"\xef\xbb\xbf")
    assert read_csv(content)[1][0] == 'ТОО "Оймақ, Қазақстан"'


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20), max_size=5))
@settings(max_examples=50, deadline=None)
def test_no_cell_of_a_csv_begins_a_formula_and_none_is_lost(texts: list[str]) -> None:
    rows = read_csv(FileTables().write(table(*texts), TableFormat.CSV).content)[1:]
    assert [row[0].removeprefix("'") for row in rows] == [text.removeprefix("'") for text in texts]
    assert not any(row[0].startswith(STARTS_FORMULA) for row in rows)


def test_xlsx_has_texts_as_texts_and_numbers_as_numbers() -> None:
    texts = ("=1+1", "https://example.kz", "0123", "@SUM(A1)", "{=1}")
    content = FileTables().write(table(*texts), TableFormat.XLSX).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Report"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == list(texts)
    assert [cell.hyperlink for cell in cells] == [None] * len(texts)
    assert [cell.data_type for cell in sheet[2]] in (["s", "n", "n"], ["inlineStr", "n", "n"])
    assert sheet["C2"].value == -12896.1
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


def test_a_sum_that_a_binary_number_cannot_hold_is_text_rather_than_another_sum() -> None:
    large = Decimal("9999999999999999.99")
    content = FileTables().write(Table(name="t", columns=("sum",), rows=((large,),)), TableFormat.XLSX).content
    assert openpyxl.load_workbook(io.BytesIO(content))["Report"]["A2"].value == str(large)


@pytest.mark.parametrize("format", TableFormat)
def test_the_same_table_is_the_same_bytes(format: TableFormat) -> None:
    assert FileTables().write(table("a"), format) == FileTables().write(table("a"), format)
