"""Uploaded files, CSV and XLSX, become a need or are refused before they can do harm."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from adapters.spreadsheets.sheets import CSV_TYPE, XLSX_TYPE, FileSheets
from domain.events import By
from domain.garments import GridId
from domain.ids import NeedId, OrganizationId
from domain.tenders.need import BYTES_MAX, Formula, Need, NeedRefused, Sheet, Sheets, SheetUnreadable
from domain.tenders.need_sheet import import_need

HEADER = ["site", "kato", "address", "garment", "size", "pieces"]
ROW = ["Plant", "631010000", "Main street 1", "Suit", "48-50/3-4", 40]


def read(content: bytes, media_type: str = CSV_TYPE) -> Sheet:
    port: Sheets = FileSheets()
    return port.rows(content, media_type)


def need(content: bytes, media_type: str = CSV_TYPE) -> Need:
    imported, _ = import_need(
        read(content, media_type),
        need_id=NeedId(UUID(int=1)),
        buyer_id=OrganizationId(UUID(int=2)),
        name="Winter",
        grid=GridId.ADULT,
        by=By(),
        at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    return imported


def workbook(
    *rows: Sequence[object], change: Callable[[Worksheet], object] | None = None, title: str = "Sheet1"
) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    return saved(book)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The archive with some parts replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return stream.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def csv(separator: str = ",", *, end: str = "\n") -> str:
    quoted = [str(cell) if separator not in str(cell) else f'"{cell}"' for cell in ROW]
    return separator.join(HEADER) + end + separator.join(quoted) + end


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_is_read_with_three_separators_with_and_without_a_byte_order_mark(
    separator: str, mark: bytes, end: str
) -> None:
    content = mark + csv(separator, end=end).encode()
    imported = need(content, "text/csv; charset=utf-8")
    assert dict(imported.run("Suit").cells) == {"96-100/170-176": 40}
    assert imported.source_sha256 == sha256(content).hexdigest()


def test_a_comma_inside_a_heading_does_not_separate_where_semicolons_do() -> None:
    content = "объект;КАТО;адрес;изделие;96-100, 170-176;104-108, 170-176\nЦех;631010000;ул. Мира, 1;Костюм;40;\n"
    imported = need(content.encode())
    assert dict(imported.run("Костюм").cells) == {"96-100/170-176": 40}
    assert imported.entries[0].address == "ул. Мира, 1"


def test_csv_in_windows_1251_is_refused_with_the_way_out() -> None:
    with pytest.raises(SheetUnreadable, match="Windows-1251") as refused:
        read("школа;КАТО".encode("cp1251"))
    assert "UTF-8" in (refused.value.passes or "")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (csv().encode("utf-16"), "UTF-16"),
        (b"site\0,kato\n", "NUL"),
        (b'site,"kato\n', "malformed"),
        (b'"' + b"x" * 200_000 + b'"\n', "malformed"),
        (b"", "empty"),
        (b"a" * (BYTES_MAX + 1), "bytes"),
        (b"," * 5_000 + b"\n", "columns"),
        (b"site\n" + b"\n" * 30_000 + b"x\n", "rows"),
    ],
)
def test_a_csv_that_is_broken_or_too_large_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(SheetUnreadable, match=reason) as refused:
        read(content)
    assert refused.value.passes


def test_a_formula_in_a_csv_is_a_formula() -> None:
    with pytest.raises(NeedRefused) as refused:
        need(csv().replace("Plant", '"=HYPERLINK(""x"")"').encode())
    (flaw,) = refused.value.flaws
    assert (flaw.pointer, flaw.rule) == ("Sheet1!A2", "formula")


def test_a_csv_flaw_names_the_cell_as_a_spreadsheet_would() -> None:
    with pytest.raises(NeedRefused) as refused:
        need(csv().replace("40", "-40").encode())
    assert [flaw.pointer for flaw in refused.value.flaws] == ["Sheet1!F2"]


def test_xlsx_is_read_like_csv() -> None:
    content = workbook([*HEADER], [*ROW])
    imported = need(content, XLSX_TYPE)
    assert imported.source_sha256 == sha256(content).hexdigest()
    assert imported.entries == need(csv().encode()).entries


def test_xlsx_reads_the_wide_form_with_numbers_as_numbers() -> None:
    imported = need(
        workbook(
            ["Объект", "КАТО", "Адрес", "Изделие", "48-50/3-4", "52-54/3-4", "Итого"],
            ["Цех", 631010000, "ул. Мира, 1", "Костюм", 10, None, 10],
            [],
            ["Итого", None, None, None, 10, 0, 10],
        ),
        XLSX_TYPE,
    )
    assert imported.pieces == 10


def test_formulas_in_xlsx_are_seen_as_formulas_whatever_they_show() -> None:
    content = workbook(HEADER, [*ROW[:5], "=20+20"])
    assert read(content, XLSX_TYPE).rows[1][5] == Formula("=20+20")
    with pytest.raises(NeedRefused) as refused:
        need(content, XLSX_TYPE)
    assert [(flaw.pointer, flaw.rule) for flaw in refused.value.flaws] == [("Sheet1!F2", "formula")]


def test_merged_cells_in_xlsx_are_refused_by_their_range() -> None:
    content = workbook(HEADER, ROW, ROW, change=lambda sheet: sheet.merge_cells("A2:A3"), title="Лист 1")
    with pytest.raises(NeedRefused) as refused:
        need(content, XLSX_TYPE)
    assert [(flaw.pointer, flaw.rule) for flaw in refused.value.flaws] == [("'Лист 1'!A2:A3", "merged-cells")]


def test_a_size_that_excel_turned_into_a_date_is_refused_with_the_cause() -> None:
    content = workbook(HEADER, [*ROW[:4], datetime(2026, 4, 3), 40])  # noqa: DTZ001 - spreadsheets know no time zone
    with pytest.raises(NeedRefused, match="flaws") as refused:
        need(content, XLSX_TYPE)
    assert "a date" in refused.value.flaws[0].reason


def test_ten_thousand_rows_of_xlsx_are_refused_with_the_limit() -> None:
    content = workbook(HEADER, *([f"Site {number}", *ROW[1:]] for number in range(10_000)))
    with pytest.raises(NeedRefused) as refused:
        need(content, XLSX_TYPE)
    assert refused.value.passes == "at most 5000 rows"


def test_ten_thousand_rows_of_csv_are_refused_with_the_limit() -> None:
    lines = csv().splitlines()
    with pytest.raises(NeedRefused) as refused:
        need("\n".join([lines[0], *(lines[1:] * 10_000)]).encode())
    assert refused.value.passes == "at most 5000 rows"


def test_a_value_far_to_the_right_is_not_cut_off_in_silence() -> None:
    def far(column: int) -> bytes:
        return workbook(HEADER, ROW, change=lambda sheet: sheet.cell(2, column, "x"))

    with pytest.raises(NeedRefused, match="flaws") as refused:
        need(far(300), XLSX_TYPE)
    assert refused.value.flaws[0].rule == "columns-max"
    with pytest.raises(SheetUnreadable, match="columns"):
        read(far(16_384), XLSX_TYPE)


def test_a_value_far_below_is_not_cut_off_in_silence() -> None:
    with pytest.raises(SheetUnreadable, match="rows"):
        read(workbook(HEADER, ROW, change=lambda sheet: sheet.cell(1_048_576, 1, "x")), XLSX_TYPE)


def test_a_declared_dimension_that_is_too_small_hides_nothing() -> None:
    content = workbook(HEADER, ROW, ROW)
    name = "xl/worksheets/sheet1.xml"
    lying = part(content, name).replace(b'ref="A1:F3"', b'ref="A1:B1"')
    assert b'ref="A1:B1"' in lying
    assert len(read(repacked(content, {name: lying}), XLSX_TYPE).rows) == 3


def test_rows_out_of_order_are_refused_since_they_would_be_lost() -> None:
    content = workbook(HEADER, ROW, ROW)
    name = "xl/worksheets/sheet1.xml"
    with pytest.raises(SheetUnreadable, match="out of order"):
        read(repacked(content, {name: part(content, name).replace(b'<row r="3"', b'<row r="1"')}), XLSX_TYPE)


def test_a_workbook_of_two_sheets_is_refused_even_if_one_is_hidden() -> None:
    book = Workbook()
    book.create_sheet("Hidden").sheet_state = "hidden"
    with pytest.raises(SheetUnreadable, match="2 sheets"):
        read(saved(book), XLSX_TYPE)


def test_an_empty_workbook_is_refused_as_empty() -> None:
    with pytest.raises(NeedRefused) as refused:
        need(workbook(), XLSX_TYPE)
    assert [flaw.rule for flaw in refused.value.flaws] == ["empty"]


def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    content = workbook(HEADER, ROW)
    with pytest.raises(SheetUnreadable, match="unpacks to"):
        read(repacked(content, {"xl/media/bomb.bin": b"\0" * (20 * 1024 * 1024)}), XLSX_TYPE)
    with pytest.raises(SheetUnreadable, match="too tightly"):
        read(repacked(content, {"xl/media/bomb.bin": b"\0" * (10 * 1024 * 1024)}), XLSX_TYPE)
    with pytest.raises(SheetUnreadable, match="parts"):
        read(repacked(content, {f"xl/{number}.bin": b"x" for number in range(600)}), XLSX_TYPE)


def test_a_directory_that_lies_about_sizes_unpacks_nothing_more() -> None:
    content = bytearray(repacked(workbook(HEADER, ROW), {"xl/lie.xml": b" " * 1_000_000}))
    true, lie = (1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert content.count(true) == 2
    with pytest.raises(SheetUnreadable):
        read(bytes(content.replace(true, lie)), XLSX_TYPE)


def test_entities_that_grow_are_refused() -> None:
    name = "xl/sharedStrings.xml"
    bomb = b'<!DOCTYPE a [<!ENTITY b "lol">]>' + b"<sst>&b;</sst>"
    with pytest.raises(SheetUnreadable, match="document type"):
        read(repacked(workbook(HEADER, ROW), {name: bomb}), XLSX_TYPE)


@pytest.mark.parametrize(
    ("content", "media_type", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, XLSX_TYPE, "password, or an old .xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, CSV_TYPE, "password, or an old .xls"),
        (workbook(HEADER), CSV_TYPE, "a ZIP archive"),
        (csv().encode(), XLSX_TYPE, "no XLSX"),
        (csv().encode(), "application/octet-stream", "not a type of table"),
        (csv().encode(), "", "not a type of table"),
        (b"PK\x03\x04 and nothing else", XLSX_TYPE, "BadZipFile"),
        (workbook(HEADER)[:-200], XLSX_TYPE, "no workbook"),
        (repacked(workbook(HEADER), {"xl/workbook.xml": b"<broken"}), XLSX_TYPE, "ExpatError"),
        (repacked(workbook(HEADER), {"xl/worksheets/sheet1.xml": b"<other/>"}), XLSX_TYPE, "flaws"),
    ],
)
def test_the_type_is_decided_by_content_and_must_agree_with_what_was_declared(
    content: bytes, media_type: str, reason: str
) -> None:
    with pytest.raises((SheetUnreadable, NeedRefused), match=reason) as refused:
        need(content, media_type)
    assert refused.value.flaws or refused.value.passes


def test_another_archive_and_an_encrypted_one_are_no_workbook() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(SheetUnreadable, match="no workbook"):
        read(stream.getvalue(), XLSX_TYPE)
    content = bytearray(workbook(HEADER))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        start = archive.start_dir
    content[start + 8] |= 1
    with pytest.raises(SheetUnreadable, match="encrypted"):
        read(bytes(content), XLSX_TYPE)
