"""A bid as a spreadsheet: written and read without a difference, and every flaw named by its cell."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from adapters.exports.tables import FileTables
from adapters.spreadsheets.sheets import XLSX_TYPE, FileSheets
from domain.bids.offers import Answer, Combination, LineOffer, LotOffer, Member, Package, PriceBreak
from domain.bids.refusals import BeyondPackage, BidAboveAllocated, DeliveryTooLate, OfferRefused, SpecificationNotMet
from domain.bids.sheet import COLUMNS, bid_table
from domain.bids.sheet_reading import BidSheetRefused, ReadBid, read_bid
from domain.errors import Refusal
from domain.money import Money
from domain.reports.tables import TableFormat
from domain.tenders.need import SheetUnreadable
from tests.domain.test_bids_in_full import FIRST, LARGE, LEADER, SECOND, SMALL, tender

TENDER = tender(specified=True)
BINS = {FIRST: "990140000006", SECOND: "990240000009"}
MEMBERS = {bin: id for id, bin in BINS.items()}
OFFER: dict[str, Any] = {"kind": "offer", "lot": 1, "line": 1, "unit_price": "12000.00"}


def written(offers: tuple[LotOffer, ...], combination: Combination) -> bytes:
    return FileTables().write(bid_table(TENDER, offers, combination, BINS), TableFormat.XLSX).content


def read(content: bytes) -> ReadBid:
    return read_bid(TENDER, FileSheets().rows(content, XLSX_TYPE), MEMBERS, by=LEADER)


def workbook(*rows: dict[str, Any], change: Callable[[Any], None] = lambda _sheet: None) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Bid"
    sheet.append(COLUMNS)
    for row in rows:
        sheet.append([row.get(column) for column in COLUMNS])
    change(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refused(content: bytes, kind: type[Refusal] = BidSheetRefused) -> list[str]:
    with pytest.raises(kind) as caught:
        read(content)
    assert type(caught.value) is kind
    assert all(flaw.passes for flaw in caught.value.flaws)
    return [flaw.pointer for flaw in caught.value.flaws]


@st.composite
def line_offers(draw: st.DrawFn) -> LineOffer:
    """Any that the tender's one line takes."""
    sizes = draw(st.sampled_from([(SMALL,), (LARGE,), (SMALL, LARGE)]))
    pieces = sum({SMALL: 60, LARGE: 40}[size] for size in sizes)
    most = draw(st.none() | st.integers(2, pieces))
    steps = sorted(draw(st.sets(st.integers(2, most or pieces), max_size=2)))
    prices = sorted(draw(st.lists(st.integers(1, 1_200_000), min_size=3, max_size=3)), reverse=True)
    answers = {"Density": draw(st.sampled_from(["210", "=1+209", "215,5 g/m2"]))}
    if draw(st.booleans()):
        answers["Colour"] = draw(st.text("абв =+-@синий", min_size=1).map(lambda text: " ".join(text.split())))
    return LineOffer(
        line=1,
        unit_price=Money(Decimal(prices[0]) / 100),
        sizes=sizes,
        pieces_min=draw(st.integers(1, most or pieces)),
        pieces_max=most,
        breaks=tuple(
            PriceBreak(pieces_from=step, unit_price=Money(Decimal(price) / 100))
            for step, price in zip(steps, prices[1:], strict=False)
        ),
        answers=tuple(
            Answer(parameter=parameter, value="210" if value.startswith("=1") else value)
            for parameter, value in answers.items()
            if value
        ),
    )


@st.composite
def bids(draw: st.DrawFn) -> tuple[tuple[LotOffer, ...], Combination]:
    lead = st.none() | st.integers(1, 70)
    numbers = draw(st.sampled_from([(1,), (2,), (1, 2)]))
    offers = tuple(LotOffer(lot=n, lines=(draw(line_offers()),), lead_days=draw(lead)) for n in numbers)
    ids = draw(st.lists(st.sampled_from([FIRST, SECOND]), unique=True))
    members = tuple(
        Member(organization_id=id, lots=(LotOffer(lot=numbers[-1], lines=(draw(line_offers()),)),)) for id in ids
    )
    either_or: tuple[tuple[int, ...], ...] = ()
    packages: tuple[Package, ...] = ()
    if len(numbers) > 1 and draw(st.booleans()):
        either_or = ((1, 2),)
    elif len(numbers) > 1:
        packages = (Package(lots=(2, 1), percent=draw(st.decimals("0.01", "50", places=2)), pieces_min=1),)
    return offers, Combination(either_or=either_or, packages=packages, members=members)


@settings(max_examples=60, deadline=None)
@given(bids())
def test_a_bid_is_read_from_its_table_as_it_was_written(bid: tuple[tuple[LotOffer, ...], Combination]) -> None:
    offers, combination = bid
    try:
        found = read(written(offers, combination))
    except OfferRefused as refusal:  # a discount that would leave nothing of a price of a tiyn
        assert "come to nothing" in refusal.detail  # noqa: PT017 - the other way round is the rule
        return
    assert found == ReadBid(offers=offers, combination=combination)


def test_the_template_lists_every_line_and_requirement_and_says_nothing_yet() -> None:
    content = written((), Combination())
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    assert rows[0] == COLUMNS
    assert [row[:3] for row in rows[1:]] == [(k, n, 1) for n in (1, 2) for k in ("offer", "answer", "answer")]
    assert rows[1][4:7] == ("Костюм летний", "100 pieces, at most 12896.10", f"{SMALL}; {LARGE}")
    assert rows[2][4:6] == ("Density", "at least 210 g/m2")
    assert refused(content, OfferRefused) == ["Report!A1"]


def test_text_that_looks_like_a_formula_stays_text() -> None:
    offers = (LotOffer(lot=1, lines=(LineOffer(line=1, unit_price=Money.of("1"), answers=(_evil(),)),)),)
    content = written(offers, Combination())
    cells = [cell for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value == _evil().value} == {"s"}
    assert read(content).offers[0].lines[0].answers == (_evil(),)


def _evil() -> Answer:
    return Answer(parameter="Colour", value='=HYPERLINK("https://evil.example","blue")')


def test_numbers_are_read_as_people_type_them() -> None:
    rows = [OFFER | {"unit_price": price, "lot": lot} for lot, price in ((1, 12000.5), (2, "11 999,50"))]
    found = read(workbook(*rows, OFFER | {"kind": "break", "pieces_min": 50.0, "unit_price": 11999}))
    first, second = (offer.lines[0] for offer in found.offers)
    assert (first.unit_price, second.unit_price) == (Money.of("12000.50"), Money.of("11999.50"))
    assert first.breaks == (PriceBreak(pieces_from=50, unit_price=Money.of("11999.00")),)


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ({"kind": "price"}, ["A3"]),
        ({"kind": None, "lot": 1}, ["A3"]),
        (OFFER | {"lot": None}, ["B3"]),
        (OFFER | {"lot": "first"}, ["B3"]),
        (OFFER | {"lot": 51}, ["B3"]),
        (OFFER | {"line": 1.5}, ["C3"]),
        (OFFER | {"line": True}, ["C3"]),
        (OFFER, ["C3"]),
        (OFFER | {"member_bin": "990140000014"}, ["D3"]),
        (OFFER | {"lot": 2, "unit_price": "=1+1"}, ["H3"]),
        (OFFER | {"lot": 2, "unit_price": "12000.001"}, ["H3"]),
        (OFFER | {"lot": 2, "unit_price": 12000.001}, ["H3"]),
        (OFFER | {"lot": 2, "unit_price": "-5"}, ["H3"]),
        (OFFER | {"lot": 2, "unit_price": "1e3"}, ["H3"]),
        (OFFER | {"lot": 2, "unit_price": date(2026, 1, 1)}, ["H3"]),
        (OFFER | {"lot": 2, "pieces_min": 0, "pieces_max": "many", "lead_days": 9999}, ["I3", "J3", "K3"]),
        (OFFER | {"lot": 2, "sizes": date(2026, 4, 3)}, ["G3"]),
        (OFFER | {"kind": "break", "pieces_min": None}, ["I3"]),
        (OFFER | {"kind": "break", "lot": 2, "pieces_min": 9}, ["C3"]),
        ({"kind": "answer", "lot": 1, "line": 1, "value": "blue"}, ["E3"]),
        ({"kind": "answer", "lot": 2, "line": 1, "item": "Colour", "value": "blue"}, ["C3"]),
        ({"kind": "answer", "lot": 1, "line": 1, "item": "Colour", "value": "blue\u202e"}, ["L3"]),
        ({"kind": "answer", "lot": 1, "line": 1, "item": "Colour", "value": "b" * 301}, ["L3"]),
        ({"kind": "either_or", "lot": "1, 2"}, ["B3"]),
        ({"kind": "package", "lot": "1; 2"}, ["L3"]),
        ({"kind": "package", "lot": "1; 2", "value": "five"}, ["L3", "L3"]),
    ],
)
def test_what_cannot_be_read_is_named_by_its_cell(row: dict[str, Any], cells: list[str]) -> None:
    assert refused(workbook(OFFER, row)) == [f"Bid!{cell}" for cell in cells]


@pytest.mark.parametrize(
    ("rows", "kind", "cell"),
    [
        ([OFFER | {"unit_price": "12896.11"}], BidAboveAllocated, "H2"),
        ([OFFER | {"lot": 3}], OfferRefused, "B2"),
        ([OFFER | {"sizes": "XXL"}], OfferRefused, "G2"),
        ([OFFER | {"pieces_min": 101}], OfferRefused, "I2"),
        ([OFFER | {"lead_days": 71}], DeliveryTooLate, "K2"),
        ([OFFER, OFFER | {"kind": "break", "pieces_min": 9, "unit_price": "12000.01"}], OfferRefused, "H3"),
        ([OFFER, OFFER | {"kind": "break", "pieces_min": 101, "unit_price": 1}], OfferRefused, "I3"),
        ([OFFER, *[OFFER | {"kind": "break", "pieces_min": 9}] * 3], BeyondPackage, "A2"),
        (
            [OFFER, {"kind": "answer", "lot": 1, "line": 1, "item": "Density", "value": "9"}],
            SpecificationNotMet,
            "L3",
        ),
        ([OFFER, {"kind": "answer", "lot": 1, "line": 1, "item": "Weight", "value": "9"}], SpecificationNotMet, "E3"),
        ([OFFER, OFFER | {"member_bin": "990140000006", "unit_price": 12897}], BidAboveAllocated, "H3"),
        ([OFFER, {"kind": "either_or", "lot": "1; 2"}], OfferRefused, "A3"),
        ([OFFER, {"kind": "package", "lot": "1; 2", "value": 5}], OfferRefused, "B3"),
        ([OFFER, OFFER | {"lot": 2}, {"kind": "package", "lot": "1;2", "value": 100}], OfferRefused, "L4"),
    ],
)
def test_what_does_not_fit_the_tender_is_refused_at_the_cell_that_says_it(
    rows: list[dict[str, Any]], kind: type[Refusal], cell: str
) -> None:
    assert refused(workbook(*rows), kind) == [f"Bid!{cell}"]


def test_all_flaws_are_told_at_once() -> None:
    rows = [OFFER, OFFER | {"lot": "x"}, {"kind": "?"}, OFFER | {"lot": 2, "unit_price": "dear"}]
    assert refused(workbook(*rows)) == ["Bid!B3", "Bid!A4", "Bid!H5"]


def test_a_lot_has_one_lead_time() -> None:
    rows = [OFFER | {"lead_days": 30}, OFFER | {"member_bin": "990140000006", "lead_days": 31}]
    assert refused(workbook(*rows)) == ["Bid!K3"]


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        (lambda sheet: sheet.merge_cells("B2:C2"), "B2:C2"),
        (lambda sheet: sheet.delete_cols(4), "A1"),
        (lambda sheet: sheet.cell(1, 2, "los"), "A1"),
        (lambda sheet: sheet.cell(1, 13, "more"), "A1"),
        (lambda sheet: sheet.cell(2, 13, "beyond"), "M2"),
        (lambda sheet: sheet.delete_rows(1, 2), "A1"),
    ],
)
def test_another_table_is_not_taken_for_a_bid(change: Callable[[Any], None], cell: str) -> None:
    assert refused(workbook(OFFER, change=change)) == [f"Bid!{cell}"]


@pytest.mark.parametrize("content", [b"", b"kind,lot\n", b"PK\x03\x04 no archive", workbook(OFFER)[:-200]])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(SheetUnreadable):
        read(content)


def test_a_row_without_a_price_offers_nothing() -> None:
    found = read(workbook(OFFER, OFFER | {"lot": 2, "unit_price": " "}, {}, {"kind": "answer", "lot": 1}))
    assert found.offers == (LotOffer(lot=1, lines=(replace(_only(found), breaks=()),)),)


def _only(found: ReadBid) -> LineOffer:
    (offer,) = found.offers
    return offer.lines[0]
