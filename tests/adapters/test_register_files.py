"""Files of registers as they stream: both forms say the same, what spreadsheets do, what hostile files try."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook as Openpyxl
from xlsxwriter import Workbook

from adapters.postgres.registers import spooled
from adapters.spreadsheets.sheets import CSV_TYPE, XLSX_TYPE
from adapters.spreadsheets.streams import LINE_MAX, StreamedFiles
from domain.registries.imports import Source
from domain.registries.records import Record, Register
from domain.tenders.need import Formula, SheetUnreadable
from tests.registers import book, separated

CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30).filter(
    lambda text: not text.startswith("=") and text == text.strip()
)


def rows_of(folder: Path, content: bytes, media_type: str | None = None) -> list[list[Any]]:
    path = folder / "register"
    path.write_bytes(content)
    with StreamedFiles().table(Source(path=path, name="register", sha256="", media_type=media_type)) as table:
        return [list(cells) for cells in table.rows]


def refused(folder: Path, content: bytes, media_type: str | None = None) -> str:
    with pytest.raises(SheetUnreadable) as refusal:
        rows_of(folder, content, media_type)
    assert refusal.value.passes
    return refusal.value.detail


def repacked(content: bytes, **parts: Any) -> bytes:
    """The workbook with parts of it replaced by what functions make of their text; names by the end of their path."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            change = parts.get(Path(name).stem)
            new.writestr(name, change(text.decode()) if change else text)
    return result.getvalue()


def test_numbers_days_and_percentages_become_what_a_reader_sees(tmp_path: Path) -> None:
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as made:
        sheet = made.add_worksheet("Реестр")
        day = made.add_format({"num_format": "dd.mm.yyyy"})
        short = made.add_format({"num_format": 14})
        percent = made.add_format({"num_format": "0.00%"})
        quoted = made.add_format({"num_format": '0" days"'})
        sheet.write_datetime(0, 0, datetime(2026, 1, 10), day)  # noqa: DTZ001 - a cell has no zone
        sheet.write_datetime(0, 1, datetime(2026, 1, 10), short)  # noqa: DTZ001 - a cell has no zone
        sheet.write_number(0, 2, 0.455, percent)
        sheet.write_number(0, 3, 5, quoted)
        sheet.write_number(0, 4, 45.3)
        sheet.write_number(0, 5, 0.1 + 0.2)
        sheet.write_number(0, 6, 20240000555)
        sheet.write_formula(0, 7, "=1+1", value=2)
        sheet.write_boolean(0, 8, 1)
        sheet.write_rich_string(0, 9, "ТОО ", made.add_format({"bold": True}), "«Швея»")
        sheet.write_string(2, 11, " x ")
    first, gap, last = rows_of(tmp_path, content.getvalue())
    assert first[:7] == ["2026-01-10", "2026-01-10", "45.5%", "5", "45.3", "0.3", "20240000555"]
    assert isinstance(first[7], Formula)
    assert first[8:] == ["TRUE", "ТОО «Швея»"]
    assert gap == []
    assert last == [*[None] * 11, "x"]


def test_the_days_of_a_workbook_from_1904_count_from_there(tmp_path: Path) -> None:
    made = Openpyxl()
    made.epoch = datetime(1904, 1, 1)  # noqa: DTZ001 - a cell has no zone
    made.worksheets[0].append([date(2026, 1, 10), "x"])
    content = io.BytesIO()
    made.save(content)
    assert rows_of(tmp_path, content.getvalue()) == [["2026-01-10", "x"]]


def test_inline_texts_and_prefixed_elements_are_read_too(tmp_path: Path) -> None:
    def prefixed(text: str) -> str:
        inline = '<x:c r="A1" t="inlineStr"><x:is><x:t>Код</x:t></x:is></x:c>'
        rows = f'<x:row r="1">{inline}<x:c r="B1"><x:v>5</x:v></x:c></x:row>'
        space = text.split('xmlns="')[1].split('"', maxsplit=1)[0]
        return f'<x:worksheet xmlns:x="{space}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'

    assert rows_of(tmp_path, repacked(book(["a"]), sheet1=prefixed)) == [["Код", "5"]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(rows=st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=5))
def test_both_forms_of_file_say_the_same(tmp_path: Path, rows: list[list[str]]) -> None:
    def told(content: bytes) -> list[list[str]]:
        found = [[cell or "" for cell in cells] for cells in rows_of(tmp_path, content)]
        for cells in found:
            while cells and not cells[-1]:
                cells.pop()
        while found and not found[-1]:
            found.pop()
        return found

    named = [["a", "b", "c", "d"], *rows]
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for number, cells in enumerate(named):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, cell)
    assert told(content.getvalue()) == told(separated(*named))


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_is_read_with_any_separator_a_byte_order_mark_and_blank_lines_in_front(
    tmp_path: Path, delimiter: str
) -> None:
    content = b"\xef\xbb\xbf\r\n;;\r\n" + separated(["Код", 'a "b"'], ["1", "two\nlines"], delimiter=delimiter)
    assert rows_of(tmp_path, content) == [[], [], ["Код", 'a "b"'], ["1", "two\nlines"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        ("Код;Наименование\n".encode("utf-16"), "UTF-16"),
        ("Код;Наименование\n".encode("cp1251"), "UTF-8"),
        (b"a;b\n1;\0\n", "NUL"),
        (b'a;b\n1;"2\n', "malformed"),
        (b"a;b\n" + b"x" * (LINE_MAX + 1), "too long"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "encrypted"),
        (b"PK\x03\x04 broken", "no workbook"),
    ],
)
def test_a_file_that_could_be_read_in_two_ways_is_read_in_none(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in refused(tmp_path, content)


def test_a_file_is_what_it_was_called_or_refused(tmp_path: Path) -> None:
    assert "ZIP" in refused(tmp_path, book(["a"]), CSV_TYPE)
    assert "no XLSX" in refused(tmp_path, b"a;b\n", XLSX_TYPE)
    assert rows_of(tmp_path, book(["a"])) == [["a"]]


def bomb() -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("xl/workbook.xml", b" " * 50_000_000)
    return result.getvalue()


def two_sheets() -> bytes:
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as made:
        made.add_worksheet("a")
        made.add_worksheet("b")
    return content.getvalue()


def merged() -> bytes:
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as made:
        made.add_worksheet("a").merge_range("A1:B2", "x")
    return content.getvalue()


def entity(text: str) -> str:
    return text.replace("<worksheet", '<!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet', 1)


def hostile() -> Iterator[tuple[str, bytes, str]]:
    good = book(["a", "b"], ["c", "d"])
    yield "bomb", bomb(), "packed"
    yield "two sheets", two_sheets(), "2 sheets"
    yield "merged", merged(), "merged"
    yield "entity", repacked(good, sheet1=entity), "document type"
    yield "rows", repacked(good, sheet1=lambda text: text.replace('r="2"', 'r="1"')), "out of order"
    yield "far row", repacked(good, sheet1=lambda text: text.replace('r="2"', 'r="99999999999"')), "out of order"
    yield "cells", repacked(good, sheet1=lambda text: text.replace('r="B1"', 'r="A1"')), "out of order"
    yield "far cell", repacked(good, sheet1=lambda text: text.replace('r="B1"', 'r="XFD1"')), "no cell"
    yield "no number", repacked(good, sheet1=lambda text: text.replace("<v>0</v>", "<v>x</v>")), "no workbook"
    yield "no text", repacked(good, sheet1=lambda text: text.replace("<v>0</v>", "<v>99</v>")), "no workbook"
    yield "before text", repacked(good, sheet1=lambda text: text.replace("<v>0</v>", "<v>-1</v>")), "no workbook"
    yield "many cells", repacked(good, sheet1=lambda text: text.replace("<c ", "<c/>" * 300 + "<c ", 1)), "no workbook"
    yield (
        "long cell",
        repacked(good, sheet1=lambda text: text.replace("<v>0</v>", f"<v>{'0' * 40_000}</v>")),
        "too much",
    )
    yield "long text", repacked(good, sharedStrings=lambda text: text.replace(">a<", f">{'a' * 40_000}<")), "too much"
    yield "not closed", repacked(good, sheet1=lambda text: text[:-20]), "no workbook"
    yield "no relation", repacked(good, workbook=lambda text: text.replace("rId1", "rId9")), "no workbook"


@pytest.mark.parametrize(("name", "content", "words"), list(hostile()), ids=[name for name, _, _ in hostile()])
def test_a_hostile_workbook_is_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    assert words in refused(tmp_path, content)


GOOD = book(*([f"text {number} {place}" for place in range(5)] for number in range(50)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(changes=st.lists(st.tuples(st.integers(4, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_workbook_is_read_or_refused_and_never_an_error_of_ours(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(GOOD)
    for place, byte in changes:
        damaged[place] = byte
    with suppress(SheetUnreadable):
        rows_of(tmp_path, bytes(damaged))


def test_a_spool_writes_what_copy_reads_back() -> None:
    record = Record(
        register=Register.KATO, key="a\\b", bin=None, fields={"name": 'с "кавычками" \\'}, valid_from=None,
        valid_until=date(2026, 1, 2),
    )  # fmt: skip
    with spooled() as spool:
        spool.add(7, record)
        line = spool.rewound().read().decode()
    assert line == '7\ta\\\\b\t\\N\t{"name":"с \\\\"кавычками\\\\" \\\\\\\\"}\t\\N\t2026-01-02\n'
