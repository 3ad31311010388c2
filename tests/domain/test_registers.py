"""Rows of registers: what is read, what is refused and where, and what a reading never does."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import months_after
from domain.organizations.evidence import EvidenceType
from domain.registries.cells import Unread, bin_or_iin, capacity, codes, day, percent
from domain.registries.records import EVIDENCE, LISTS, Record, Register
from domain.registries.rows import COLUMNS_MAX, Reading
from domain.registries.shapes import SHAPES
from domain.registries.standing import ListState, entry_of, evidence_of
from domain.tenders.cells import plain
from domain.tenders.need import Formula
from tests.registers import BIN, HEADERS, ROWS, row

AS_OF = date(2026, 3, 15)
TEXT = st.text(max_size=40)


def read(register: Register, *rows: list[Any], header: list[str] | None = None) -> tuple[list[Record], Reading]:
    reading = Reading(register=register, as_of=AS_OF)
    found = [reading.take([str(cell) for cell in cells]) for cells in (header or HEADERS[register], *rows)]
    reading.finish()
    return [record for record in found if record is not None], reading


def rules(reading: Reading) -> list[tuple[str, str | None]]:
    return [(flaw.pointer, flaw.rule) for flaw in reading.flaws.listed]


@pytest.mark.parametrize("register", list(Register))
def test_headings_are_written_as_they_are_compared_and_name_one_column_each(register: Register) -> None:
    headings = [heading for column in SHAPES[register].columns for heading in column.headings]
    assert [plain(heading) for heading in headings] == headings
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("register", list(Register))
def test_every_register_reads_its_sample(register: Register) -> None:
    (record,), reading = read(register, ROWS[register])
    assert (reading.flaws.total, reading.rows) == (0, 1)
    assert record.register is register
    assert (record.bin is None) is (register in {Register.KATO, Register.ENS_TRU})


def test_customs_codes_are_kept_apart_from_product_codes() -> None:
    (record,), _ = read(Register.CT_KZ, ROWS[Register.CT_KZ])
    assert record.fields["product_codes"] == ["141413"]
    assert record.fields["tn_ved"] == ["6205200000"]
    (record,), _ = read(Register.CT_KZ, row(Register.CT_KZ, c7=""))
    proof = evidence_of(record, as_of=AS_OF)
    assert proof.product_codes == ()
    assert record.key == "KZ0123456/6205200000"


def test_a_ban_without_an_end_lasts_24_months_and_one_with_an_end_until_then() -> None:
    (record,), _ = read(Register.UNRELIABLE_STATE, ROWS[Register.UNRELIABLE_STATE])
    assert (record.valid_from, record.valid_until) == (date(2024, 2, 29), date(2026, 2, 28))
    (record,), _ = read(Register.UNRELIABLE_STATE, row(Register.UNRELIABLE_STATE, c4="01.06.2024"))
    assert record.valid_until == date(2024, 6, 1)


def test_an_entry_bans_from_its_first_to_its_last_day() -> None:
    (record,), _ = read(Register.UNRELIABLE_FUND, ROWS[Register.UNRELIABLE_FUND])
    state = ListState(as_of=AS_OF, entries=(entry_of(record),))
    for on, banned in ((date(2025, 6, 30), 0), (date(2025, 7, 1), 1), (date(2027, 7, 1), 1), (date(2027, 7, 2), 0)):
        assert len(state.on(on)) == banned


def test_a_producer_without_an_end_is_valid_from_his_inclusion_on() -> None:
    (record,), _ = read(Register.PRODUCERS, ROWS[Register.PRODUCERS])
    proof = evidence_of(record, as_of=AS_OF)
    assert (proof.type, proof.number, proof.local_content, proof.declared_capacity) == (
        EvidenceType.REGISTER_EXTRACT,
        "KTP-1",
        Decimal("45.50"),
        12000,
    )
    assert [proof.valid_on(on) for on in (date(2026, 1, 9), date(2026, 1, 10), date(2099, 1, 1))] == [False, True, True]


def test_one_application_may_hold_many_products() -> None:
    rows = [row(Register.PRODUCERS, c12=code) for code in ("141211.290.000016", "141413.900.000014")]
    records, _ = read(Register.PRODUCERS, *rows)
    assert [record.key for record in records] == ["KTP-1/141211290000016", "KTP-1/141413900000014"]


def test_every_flaw_of_a_row_is_named() -> None:
    bad = row(Register.PRODUCERS, c1="950440001674", c4="991010000", c9="0", c14="101", c16="2027-01-01")
    records, reading = read(Register.PRODUCERS, bad, ROWS[Register.PRODUCERS])
    assert len(records) == 1
    assert rules(reading) == [
        ("Sheet1!B2", "wrong-bin"), ("Sheet1!E2", "wrong-kato"), ("Sheet1!J2", "capacity"), ("Sheet1!O2", "percentage"),
    ]  # fmt: skip


def test_a_bin_whose_zeros_a_spreadsheet_dropped_is_refused_with_the_whole_one() -> None:
    with pytest.raises(Unread) as refused:
        bin_or_iin("20240000555")
    assert "020240000555" in refused.value.passes
    assert "drops zeros" in refused.value.reason


def test_a_heading_that_nobody_knows_is_refused_and_not_skipped() -> None:
    header = [*HEADERS[Register.KATO][:-1], "Действитет до"]
    _, reading = read(Register.KATO, ROWS[Register.KATO], header=header)
    assert rules(reading) == [("Sheet1!E1", "unknown-column")]
    assert reading.hopeless


def test_columns_may_come_in_any_order_and_a_missing_one_is_named() -> None:
    order = [2, 0, 4, 1, 3]
    header = [HEADERS[Register.KATO][place] for place in order]
    (record,), _ = read(Register.KATO, [ROWS[Register.KATO][place] for place in order], header=header)
    assert record.key == "631010000"
    _, reading = read(Register.KATO, ["631010000"], header=["Код"])
    assert rules(reading) == [("Sheet1!A1", "missing-column")]
    _, reading = read(Register.KATO, header=["Код", "Наименование", "code"])
    assert rules(reading) == [("Sheet1!C1", "repeated-column")]
    _, reading = read(Register.KATO, header=["Код", "Наименование", *[""] * COLUMNS_MAX])
    assert rules(reading) == [("Sheet1!A1", "columns-max")]


def test_headings_are_known_in_any_case_with_any_punctuation_and_yo() -> None:
    header = ["БИН / ИИН", "НАИМЕНОВАНИЕ  ПОСТАВЩИКА", "Дата включения (в реестр)", "Причина:"]
    (record,), _ = read(Register.UNRELIABLE_STATE, [BIN, "X", "01.02.2026", ""], header=header)
    assert record.key == f"{BIN}/2026-02-01"
    header = [*HEADERS[Register.PRODUCERS][:-1], "Включён"]
    assert read(Register.PRODUCERS, ROWS[Register.PRODUCERS], header=header)[1].flaws.total == 0


def test_formulas_stray_values_and_blank_rows() -> None:
    reading = Reading(register=Register.KATO, as_of=AS_OF, sheet="Мой лист")
    reading.take([])
    reading.take(["Код", "Наименование", ""])
    assert reading.take(["", None, ""]) is None
    assert reading.take([Formula("=A1"), "x"]) is None
    assert reading.take(["631010000", "x", "stray"]) is None
    assert rules(reading) == [("'Мой лист'!A4", "formula"), ("'Мой лист'!C5", "stray")]
    assert reading.rows == 2


def test_a_file_that_says_nothing_is_refused() -> None:
    for rows in ([], [["Код", "Наименование"]]):
        reading = Reading(register=Register.KATO, as_of=AS_OF)
        for cells in rows:
            reading.take(cells)
        reading.finish()
        assert [rule for _, rule in rules(reading)] == ["empty"]


@pytest.mark.parametrize(
    ("text", "value"), [("45", "45.00"), ("45,5", "45.50"), ("45.50 %", "45.50"), ("100%", "100.00"), ("0", "0.00")]
)
def test_percentages(text: str, value: str) -> None:
    assert percent(text) == value


@pytest.mark.parametrize("text", ["45.123", "101", "100.01", "-1", "forty", "4 5", "1e1", "٤٥", ""])
def test_what_is_no_percentage(text: str) -> None:
    with pytest.raises(Unread):
        percent(text)


@pytest.mark.parametrize(("text", "value"), [("12000", 12000), ("12 000", 12000), ("1 200 000", 1200000), ("007", 7)])
def test_capacities(text: str, value: int) -> None:
    assert capacity(text) == value


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "1,000", "12 00", "1e3", "999999999999", "много"])
def test_what_is_no_capacity(text: str) -> None:
    with pytest.raises(Unread):
        capacity(text)


@pytest.mark.parametrize("text", ["2026-02-30", "1.2.2026", "02/01/2026", "20260201", "46054", "2026-01-10T"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(Unread):
        day(text)


def test_codes_are_digits_of_four_and_more_each_once() -> None:
    assert codes("14.12.11; 141211 141413.900.000014") == ["141211", "141413900000014"]
    for text in ("141", "14.1", "1412110000000000", "ABCD", ";", "١٤١٢"):
        with pytest.raises(Unread):
            codes(text)


@given(st.dates(min_value=date(1991, 1, 1), max_value=date(2200, 1, 1)))
def test_a_day_is_read_alike_in_both_orders(on: date) -> None:
    assert day(on.isoformat()) == day(f"{on:%d.%m}.{on.year:04d}") == day(f"{on.isoformat()} 00:00:00") == str(on)


@given(st.dates(min_value=date(1991, 1, 1), max_value=date(2200, 1, 1)), st.integers(0, 60))
def test_months_after_keeps_the_day_or_takes_the_last_of_the_month(on: date, months: int) -> None:
    later = months_after(on, months)
    assert (later.year * 12 + later.month) - (on.year * 12 + on.month) == months
    assert later.day == on.day or (later.day < on.day and (later + timedelta(days=1)).day == 1)


@given(st.decimals(min_value=0, max_value=100, places=2), st.sampled_from([".", ","]), st.sampled_from(["", "%", " %"]))
def test_a_percentage_is_read_with_two_decimals_whatever_its_marks(share: Decimal, point: str, sign: str) -> None:
    assert percent(f"{share:f}".replace(".", point) + sign) == str(share.quantize(Decimal("0.01")))


@given(st.integers(1, 100_000_000))
def test_a_capacity_is_read_with_its_thousands_apart(pieces: int) -> None:
    assert capacity(str(pieces)) == capacity(f"{pieces:,}".replace(",", " ")) == pieces


@given(
    st.sampled_from(list(Register)),
    st.lists(st.lists(st.one_of(st.none(), TEXT, TEXT.map(Formula)), max_size=20), max_size=6),
)
def test_no_row_whatever_it_says_breaks_a_reading(register: Register, rows: list[list[Any]]) -> None:
    """Every row is blank, a record, or a flaw; a record is fit for storage."""
    reading = Reading(register=register, as_of=AS_OF)
    reading.take(list(HEADERS[register]))
    for cells in rows:
        before, counted = reading.flaws.total, reading.rows
        record = reading.take([cell.strip() if isinstance(cell, str) else cell for cell in cells])
        if reading.rows > counted:
            assert (record is None) is (reading.flaws.total > before)


@given(
    st.sampled_from(list(Register)),
    st.dictionaries(st.integers(0, 16), st.one_of(TEXT, st.just(""), st.just("0")), max_size=3),
)
def test_a_row_with_cells_replaced_is_fit_for_storage_or_refused(register: Register, changes: dict[int, str]) -> None:
    cells = [str(cell) for cell in ROWS[register]]
    for place, text in changes.items():
        if place < len(cells):
            cells[place] = text.strip()
    records, reading = read(register, cells)
    if not records:
        assert reading.flaws.total > 0
        return
    (record,) = records
    assert record.key.isprintable()
    texts = [text for value in record.fields.values() for text in (value if isinstance(value, list) else [str(value)])]
    assert all(text.isprintable() for text in texts)
    if register in EVIDENCE:
        assert evidence_of(record, as_of=None).valid_from <= AS_OF
    if register in LISTS:
        assert entry_of(record).until >= entry_of(record).listed_on
