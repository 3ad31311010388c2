"""A need: read from a table or refused cell by cell; its sums agree with the lot made of it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Flaw, MalformedValue
from domain.events import By
from domain.garments import GRIDS, PIECES_MAX, GarmentKind, GarmentLine, GridId, SizeRun, Unit, summed
from domain.ids import EnsTru, NeedId, OrganizationId, PersonId
from domain.money import Money, total
from domain.tenders.lot import Lot
from domain.tenders.need import FLAWS_LISTED_MAX, ROWS_MAX, Formula, GarmentNotInNeed, Need, NeedRefused, Sheet
from domain.tenders.need_sheet import import_need

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
BY = By(person_id=PersonId(UUID(int=2)), organization_id=OrganizationId(UUID(int=3)))
DUE = date(2027, 3, 1)
LONG = ("site", "kato", "address", "garment", "size", "pieces")
WIDE = ("Объект", "КАТО", "Адрес", "Изделие", "48-50/3-4", "52-54/3-4", "Итого")
PLANT = ("Plant", "631010000", "Main street 1")
MINE = ("Mine", "351010000", "Shaft road 2")


def sheet(*rows: tuple[object, ...], merged: tuple[str, ...] = ()) -> Sheet:
    return Sheet(rows=rows, source_sha256="0" * 64, merged=merged)


def read(*rows: tuple[object, ...], grid: GridId = GridId.ADULT, merged: tuple[str, ...] = ()) -> Need:
    need, event = import_need(
        sheet(*rows, merged=merged),
        need_id=NeedId(UUID(int=1)),
        buyer_id=OrganizationId(UUID(int=3)),
        name="Winter 2027",
        grid=grid,
        by=BY,
        at=AT,
    )
    assert (event.type, event.subject, event.subject_id) == ("need.imported", "need", need.id)
    assert (event.sites, event.pieces, event.by, event.at) == (len(need.sites()), need.pieces, BY, AT)
    return need


def flaws(*rows: tuple[object, ...], grid: GridId = GridId.ADULT, merged: tuple[str, ...] = ()) -> tuple[Flaw, ...]:
    with pytest.raises(NeedRefused) as refused:
        read(*rows, grid=grid, merged=merged)
    return refused.value.flaws


def long_row(*changes: tuple[int, object]) -> tuple[object, ...]:
    row: list[object] = [*PLANT, "Suit", "48-50/3-4", 40]
    for position, value in changes:
        row[position] = value
    return tuple(row)


def test_the_long_form_has_a_row_for_each_site_garment_and_size() -> None:
    need = read(
        LONG,
        (*PLANT, "Suit", "48-50/3-4", 40),
        (*PLANT, "Suit", "52/5-6", "7"),
        (*PLANT, "Jacket", "104-108, 170-176", 5.0),
        (),
        (MINE[0], 351010000, MINE[2], "Suit", "96-100/170-176", 3),
    )
    assert need.garments() == ("Suit", "Jacket")
    assert need.sites() == ("Plant", "Mine")
    assert dict(need.run("Suit").cells) == {"96-100/170-176": 43, "104-108/182-188": 7}
    assert dict(need.run("Jacket").cells) == {"104-108/170-176": 5}
    assert need.pieces == 55
    assert need.entries[2].kato == "351010000"


def test_the_long_form_may_have_a_column_for_the_height() -> None:
    header = ("Мектеп", "ӘАОЖ", "Мекенжай", "Бұйым", "Өлшем", "Бой", "Саны")
    need = read(header, (*PLANT, "Костюм", 52, "3-4", 4), (*PLANT, "Костюм", "96-100", "170–176", 6))
    assert dict(need.run("Костюм").cells) == {"96-100/170-176": 6, "104-108/170-176": 4}


def test_a_school_may_give_heights_only() -> None:
    header = ("Школа", "КАТО", "Адрес", "Изделие", "Рост", "Кол-во, шт.")
    need = read(header, (*PLANT, "Жилет", 134, 12), (*PLANT, "Жилет", "140 см", 9), grid=GridId.CHILD)
    assert dict(need.run("Жилет").cells) == {"134": 12, "140": 9}


def test_the_wide_form_has_sizes_for_headings_where_blank_and_zero_mean_nothing() -> None:
    need = read(
        ("№ п/п", "Школа", "КАТО", "Адрес", "Изделие", 128, 134.0, "рост 140", "Всего"),
        (1, *PLANT, "Жилет", 10, None, 0, 10),
        (2, *MINE, "Жилет", "", 5, 6),
        (3, *MINE, "Юбка", None, 0),
        (None, "Итого", None, None, None, 10, 5, 6, 21),
        grid=GridId.CHILD,
    )
    assert dict(need.run("Жилет").cells) == {"128": 10, "134": 5, "140": 6}
    assert need.garments() == ("Жилет",)
    assert need.pieces == 21


def test_single_sizes_that_share_a_cell_are_added_up() -> None:
    need = read(
        ("site", "kato", "address", "garment", "48/3-4", "50/3-4", "52/3-4"),
        (*PLANT, "Gown", 20, 40, 10),
    )
    assert dict(need.run("Gown").cells) == {"96-100/170-176": 60, "104-108/170-176": 10}


def test_other_garments_have_their_grids() -> None:
    boots = read(LONG, (*PLANT, "Boots", 42, 3), (*PLANT, "Boots", "р. 43", 2), grid=GridId.FOOTWEAR)
    assert dict(boots.run("Boots").cells) == {"42": 3, "43": 2}
    mittens = read(LONG, (*PLANT, "Mittens", "единый", 300), grid=GridId.ONE_SIZE)
    assert mittens.pieces == 300


def test_one_site_written_in_two_cases_is_one_site() -> None:
    need = read(LONG, long_row(), long_row((0, "  PLANT "), (4, "52/3-4")))
    assert need.sites() == ("Plant",)
    assert len(need.entries) == 1


@pytest.mark.parametrize(
    ("changes", "pointer", "rule"),
    [
        (((5, -1),), "Sheet1!F2", "count"),
        (((5, 0),), "Sheet1!F2", "count"),
        (((5, 2.5),), "Sheet1!F2", "count"),
        (((5, "2,5"),), "Sheet1!F2", "count"),
        (((5, "forty"),), "Sheet1!F2", "count"),
        (((5, "40 шт"),), "Sheet1!F2", "count"),
        (((5, "٤٠"),), "Sheet1!F2", "count"),
        (((5, "9" * 5000),), "Sheet1!F2", "count"),
        (((5, PIECES_MAX + 1),), "Sheet1!F2", "count"),
        (((5, float("inf")),), "Sheet1!F2", "count"),
        (((5, True),), "Sheet1!F2", "count"),
        (((5, AT),), "Sheet1!F2", "count"),
        (((5, None),), "Sheet1!F2", "missing"),
        (((5, Formula("=20+20")),), "Sheet1!F2", "formula"),
        (((5, "=20+20"),), "Sheet1!F2", "formula"),
        (((0, Formula("=A1")),), "Sheet1!A2", "formula"),
        (((0, "=cmd"),), "Sheet1!A2", "formula"),
        (((0, None),), "Sheet1!A2", "missing"),
        (((0, "x" * 201),), "Sheet1!A2", "text"),
        (((0, "bell \x07"),), "Sheet1!A2", "text"),
        (((0, 1.5),), "Sheet1!A2", "text"),
        (((1, "Astana"),), "Sheet1!B2", "wrong-kato"),
        (((1, "991010000"),), "Sheet1!B2", "wrong-kato"),
        (((1, 63101000),), "Sheet1!B2", "wrong-kato"),
        (((2, " "),), "Sheet1!C2", "missing"),
        (((3, ""),), "Sheet1!D2", "missing"),
        (((4, "46-48/3-4"),), "Sheet1!E2", "unknown-size"),
        (((4, None),), "Sheet1!E2", "unknown-size"),
    ],
)
def test_a_bad_cell_is_named_with_what_would_pass(
    changes: tuple[tuple[int, object], ...], pointer: str, rule: str
) -> None:
    (flaw,) = flaws(LONG, long_row(*changes))
    assert (flaw.pointer, flaw.rule) == (pointer, rule)
    assert flaw.passes
    assert len(flaw.reason) < 400


def test_a_notation_that_a_spreadsheet_made_a_date_is_refused_with_the_cause() -> None:
    found = flaws(LONG, long_row((4, datetime(2026, 4, 3))))  # noqa: DTZ001 - spreadsheets know no time zone
    assert "a date; a spreadsheet makes dates of notations like 3-4" in {flaw.reason for flaw in found}


def test_all_flaws_come_at_once_up_to_a_hundred() -> None:
    assert [flaw.pointer for flaw in flaws(LONG, long_row((5, -1), (1, "?")), long_row((5, "x")))] == [
        "Sheet1!B2",
        "Sheet1!F2",
        "Sheet1!F3",
    ]
    with pytest.raises(NeedRefused, match="at least 100 flaws") as refused:
        read(LONG, *(long_row((5, -1)) for _ in range(300)))
    assert len(refused.value.flaws) == FLAWS_LISTED_MAX


def test_one_cell_of_a_site_and_garment_stands_once() -> None:
    (flaw,) = flaws(LONG, long_row(), long_row((4, "96-100/170-176"), (0, "PLANT")))
    assert (flaw.pointer, flaw.rule) == ("Sheet1!F3", "repeated-cell")
    assert "Sheet1!F2" in flaw.reason
    (flaw,) = flaws(WIDE, (*PLANT, "Suit", 1, 2), (*PLANT, "Suit", None, 3))
    assert flaw.pointer == "Sheet1!F3"
    (flaw,) = flaws(LONG, long_row(), long_row((4, "48/3-4")))
    assert flaw.rule == "repeated-cell"


def test_a_site_has_one_address() -> None:
    (flaw,) = flaws(LONG, long_row(), long_row((2, "Other street"), (4, "52/3-4")))
    assert (flaw.pointer, flaw.rule) == ("Sheet1!A3", "site")


@pytest.mark.parametrize("column", ["site", "kato", "address", "garment", "size", "pieces"])
def test_a_missing_column_is_named_with_the_headings_that_would_pass(column: str) -> None:
    place = LONG.index(column)
    (flaw,) = flaws(LONG[:place] + LONG[place + 1 :], ("x",) * 5)
    assert flaw.rule == "missing-column"
    assert flaw.reason == f"the column {column} is missing"
    assert column in (flaw.passes or "")


@pytest.mark.parametrize(
    ("extra", "rule"),
    [
        ("Colour", "unknown-column"),
        ("размер", "repeated-column"),
        ("48-50/3-4", "mixed-forms"),
        ("46-48/3-4", "unknown-size"),
        ("ФИО", "persons"),
        ("Full name", "persons"),
        ("Аты-жөні", "persons"),
    ],
)
def test_a_heading_that_cannot_be_used_is_refused_and_not_skipped(extra: str, rule: str) -> None:
    found = flaws((*LONG, extra), (*long_row(), "x"))
    assert rule in {flaw.rule for flaw in found}


def test_two_headings_for_one_size_are_refused() -> None:
    (flaw,) = flaws((*WIDE[:5], "96-100/170-176"), (*PLANT, "Suit", 1, 2))
    assert (flaw.pointer, flaw.rule) == ("Sheet1!F1", "repeated-column")


def test_a_value_under_no_heading_is_refused() -> None:
    (flaw,) = flaws(LONG, (*long_row(), 7))
    assert (flaw.pointer, flaw.rule) == ("Sheet1!G2", "stray")


def test_merged_cells_are_refused_by_their_range() -> None:
    (flaw,) = flaws(LONG, long_row(), merged=("A2:A3",))
    assert (flaw.pointer, flaw.rule) == ("Sheet1!A2:A3", "merged-cells")


@pytest.mark.parametrize("rows", [(), ((), (None, " ")), (LONG,), (WIDE, (*PLANT, "Suit", 0, None))])
def test_a_table_without_pieces_is_refused(rows: tuple[tuple[object, ...], ...]) -> None:
    (flaw,) = flaws(*rows)
    assert flaw.rule == "empty"


def test_ten_thousand_rows_are_refused_with_the_limit() -> None:
    (flaw,) = flaws(LONG, *(long_row() for _ in range(10_000)))
    assert flaw.rule == "rows-max"
    assert flaw.pointer == "Sheet1!A5002"
    assert flaw.passes == f"at most {ROWS_MAX} rows"


def test_five_thousand_rows_are_read() -> None:
    rows = [long_row((0, f"Site {number}")) for number in range(ROWS_MAX)]
    assert read(LONG, *rows).pieces == 40 * ROWS_MAX


def test_too_many_columns_are_refused() -> None:
    assert [flaw.rule for flaw in flaws(LONG + (None,) * 194 + ("x",), long_row())] == ["columns-max"]


def test_too_many_pieces_in_all_are_refused() -> None:
    (flaw,) = flaws(LONG, long_row((5, PIECES_MAX)), long_row((4, "52/3-4"), (5, 1)))
    assert flaw.reason == "too many pieces in all"


@pytest.mark.parametrize("word", ["Итого", "ИТОГО:", "Total", "Барлығы", "Всего"])
def test_a_total_that_agrees_is_skipped(word: str) -> None:
    assert read(LONG, long_row(), (word, None, None, None, None, 40)).sites() == ("Plant",)


def test_a_total_that_does_not_agree_names_its_cell_and_the_sum() -> None:
    found = flaws(
        WIDE,
        (*PLANT, "Костюм", 1, 2, 4),
        (*MINE, "Костюм", 10, None, 10),
        ("Итого", None, None, None, 11, 3, 13),
    )
    assert [(flaw.pointer, flaw.passes) for flaw in found] == [("Sheet1!G2", "3"), ("Sheet1!F4", "2")]
    assert {flaw.rule for flaw in found} == {"size-run-mismatch"}
    (flaw,) = flaws(LONG, long_row(), ("Total", None, None, None, None, 41))
    assert flaw.reason == "the declared total is 41, the cells sum to 40"


def test_a_total_that_is_a_formula_or_says_more_is_refused() -> None:
    (flaw,) = flaws(LONG, long_row(), ("Total", None, None, None, None, Formula("=SUM(F2:F2)")))
    assert (flaw.pointer, flaw.rule) == ("Sheet1!F3", "formula")
    (flaw,) = flaws(LONG, long_row(), ("Total", None, None, "Suit", None, 40))
    assert (flaw.pointer, flaw.rule) == ("Sheet1!D3", "total-row")


def test_a_sheet_of_another_name_is_quoted_in_the_pointer() -> None:
    assert replace(sheet(), name="Лист 1").pointer(7, 27) == "'Лист 1'!AB7"


def test_a_garment_that_the_need_does_not_name_is_refused() -> None:
    need = read(LONG, long_row())
    with pytest.raises(GarmentNotInNeed, match="does not name"):
        need.run("Coat")
    with pytest.raises(GarmentNotInNeed) as refused:
        need.places({"Coat": 1}, due_on=DUE)
    assert refused.value.passes == "Suit"


def test_a_need_checks_itself() -> None:
    need = read(LONG, long_row())
    entry = need.entries[0]
    moved = replace(entry, garment="Coat", address="Elsewhere")
    changes: tuple[dict[str, Any], ...] = (
        {"name": ""},
        {"entries": ()},
        {"grid": GridId.CHILD},
        {"source_sha256": "no"},
        {"entries": (entry, entry)},
        {"entries": (entry, moved)},
    )
    for change in changes:
        with pytest.raises(MalformedValue):
            replace(need, **change)
    with pytest.raises(MalformedValue):
        replace(entry, run=SizeRun(GridId.ADULT))


def tables() -> st.SearchStrategy[dict[tuple[str, str, str], int]]:
    """Pieces by site, garment and size."""
    key = st.tuples(
        st.sampled_from(["A", "B", "C", "D"]),
        st.sampled_from(["Suit", "Jacket", "Gown"]),
        st.sampled_from(GRIDS[GridId.ADULT][8:16]),
    )
    return st.dictionaries(key, st.integers(1, 500), min_size=1, max_size=30)


@given(tables())
def test_the_long_and_the_wide_form_say_the_same(pieces: dict[tuple[str, str, str], int]) -> None:
    def home(site: str) -> tuple[str, str, str]:
        return (site, "631010000", f"Street {site}")

    long = read(LONG, *((*home(site), garment, size, n) for (site, garment, size), n in pieces.items()))
    sizes = sorted({size for _, _, size in pieces})
    pairs = dict.fromkeys((site, garment) for site, garment, _ in pieces)
    wide = read(
        ("site", "kato", "address", "garment", *sizes, "total"),
        *(
            (
                *home(site),
                garment,
                *(pieces.get((site, garment, size)) for size in sizes),
                sum(pieces.get((site, garment, size), 0) for size in sizes),
            )
            for site, garment in pairs
        ),
        ("Итого", None, None, None, *(None for _ in sizes), sum(pieces.values())),
    )
    assert long == wide
    assert long.pieces == sum(pieces.values())


@given(tables())
def test_the_places_conserve_every_cell_and_a_lot_accepts_them(pieces: dict[tuple[str, str, str], int]) -> None:
    rows = ((site, "631010000", "Street", garment, size, n) for (site, garment, size), n in pieces.items())
    need = read(LONG, *rows)
    lines = {garment: number for number, garment in enumerate(need.garments(), start=1)}
    places = need.places(lines, due_on=DUE)
    for garment, number in lines.items():
        assert summed(need.grid, (place.runs[number] for place in places if number in place.runs)) == need.run(garment)
    assert summed(need.grid, (run for place in places for run in place.runs.values())).pieces == need.pieces
    offered = tuple(
        GarmentLine(
            number=number,
            name=garment,
            ens_tru=EnsTru("141211.290.000016"),
            kind=GarmentKind.WORKWEAR_SUIT,
            unit=Unit.PIECE,
            standard_minutes=Decimal(90),
            planned_price=Money(Decimal("1000.00")),
            run=need.run(garment),
        )
        for garment, number in lines.items()
    )
    lot = Lot(number=1, title="Lot", lines=offered, places=places, allocated=total(each.sum for each in offered))
    assert lot.due_on == DUE


@given(tables())
def test_garments_of_one_line_are_added_up_and_the_others_stay(pieces: dict[tuple[str, str, str], int]) -> None:
    rows = ((site, "631010000", "Street", garment, size, n) for (site, garment, size), n in pieces.items())
    need = read(LONG, *rows)
    chosen = need.garments()[:2]
    places = need.places(dict.fromkeys(chosen, 1), due_on=DUE)
    expected = summed(need.grid, (need.run(garment) for garment in chosen))
    assert summed(need.grid, (place.runs[1] for place in places)) == expected
    assert [place.number for place in places] == list(range(1, len(places) + 1))
