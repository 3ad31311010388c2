"""The laws of size runs: no step loses or invents a piece."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import MalformedValue
from domain.garments import (
    GRIDS,
    PIECES_MAX,
    GarmentKind,
    GarmentLine,
    GridId,
    Size,
    SizeRun,
    SizeRunMismatch,
    Unit,
    UnknownSize,
    summed,
)
from domain.ids import EnsTru, WrongEnsTru
from domain.money import Money

CHEST = Size("96-100/170-176")


def runs(grid: GridId = GridId.ADULT) -> st.SearchStrategy[SizeRun]:
    cells = st.dictionaries(st.sampled_from(GRIDS[grid]), st.integers(0, 1000), max_size=12)
    return cells.map(lambda pieces: SizeRun.of(grid, pieces))


@given(runs(), runs())
def test_what_is_added_can_be_taken_away(a: SizeRun, b: SizeRun) -> None:
    assert a + b - b == a
    assert a + b == b + a
    assert (a + b).pieces == a.pieces + b.pieces


@given(runs(), runs(), runs())
def test_the_order_of_adding_does_not_matter(a: SizeRun, b: SizeRun, c: SizeRun) -> None:
    assert (a + b) + c == a + (b + c) == summed(GridId.ADULT, [c, b, a])


@given(runs())
def test_the_empty_run_changes_nothing(a: SizeRun) -> None:
    empty = SizeRun(GridId.ADULT)
    assert a + empty == a == a - empty
    assert a - a == empty
    assert summed(GridId.ADULT, []) == empty
    assert empty.within(a)


@given(runs(), runs())
def test_a_run_within_another_can_be_taken_from_it_and_no_other_can(a: SizeRun, b: SizeRun) -> None:
    assert a.within(a + b)
    if a.within(b):
        assert a + (b - a) == b
    else:
        with pytest.raises(SizeRunMismatch) as refused:
            b - a
        assert {flaw.pointer for flaw in refused.value.flaws} == {f"/sizes/{s}" for s in a.sizes if a[s] > b[s]}


@given(runs(), st.integers(-5, 20_000))
def test_a_part_and_the_rest_make_the_whole(a: SizeRun, pieces: int) -> None:
    part = a.take(pieces)
    assert part.pieces == max(0, min(pieces, a.pieces))
    assert part.within(a)
    assert part + (a - part) == a


@given(runs(), runs())
def test_the_common_part_is_the_largest_within_both(a: SizeRun, b: SizeRun) -> None:
    common = a.common(b)
    assert common == b.common(a)
    assert common.within(a)
    assert common.within(b)
    assert all(common[size] == min(a[size], b[size]) for size in GRIDS[GridId.ADULT])


@given(runs(), st.sets(st.sampled_from(GRIDS[GridId.ADULT])))
def test_a_choice_of_sizes_and_the_others_make_the_whole(a: SizeRun, sizes: set[Size]) -> None:
    others = set(GRIDS[GridId.ADULT]) - sizes
    assert a.only(sizes) + a.only(others) == a


@given(runs())
def test_cells_stand_in_grid_order_whatever_order_they_came_in(a: SizeRun) -> None:
    assert SizeRun(GridId.ADULT, tuple(reversed(a.cells))) == a
    assert list(a.sizes) == [size for size in GRIDS[GridId.ADULT] if size in a.sizes]


def test_runs_of_two_grids_are_never_combined() -> None:
    adult, child = SizeRun(GridId.ADULT, ((CHEST, 1),)), SizeRun(GridId.CHILD, ((Size("134"), 1),))
    for combine in (SizeRun.__add__, SizeRun.__sub__, SizeRun.common):
        with pytest.raises(SizeRunMismatch):
            combine(adult, child)
    assert not adult.within(child)


@pytest.mark.parametrize("pieces", [0, -1, PIECES_MAX + 1, True, 1.0, "1"])
def test_a_cell_holds_a_whole_number_of_pieces(pieces: int) -> None:
    with pytest.raises(MalformedValue):
        SizeRun(GridId.ADULT, ((CHEST, pieces),))


def test_a_size_stands_once_and_is_of_the_grid() -> None:
    with pytest.raises(MalformedValue):
        SizeRun(GridId.ADULT, ((CHEST, 1), (CHEST, 2)))
    with pytest.raises(UnknownSize):
        SizeRun(GridId.ADULT, ((Size("134"), 1),))


def line(**changes: Any) -> GarmentLine:
    values: dict[str, Any] = {
        "number": 1,
        "name": "Work suit",
        "ens_tru": EnsTru("141211.290.000016"),
        "kind": GarmentKind.WORKWEAR_SUIT,
        "unit": Unit.SET,
        "standard_minutes": Decimal("95.5"),
        "planned_price": Money(Decimal("12896.00")),
        "run": SizeRun(GridId.ADULT, ((CHEST, 40),)),
    }
    return GarmentLine(**{**values, **changes})


def test_a_line_multiplies_price_and_minutes_by_its_pieces() -> None:
    assert line().sum == Money(Decimal("515840.00"))
    assert line().minutes == Decimal(3820)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ens_tru": EnsTru("141211")}, WrongEnsTru),
        ({"standard_minutes": Decimal(0)}, MalformedValue),
        ({"standard_minutes": Decimal("1000.01")}, MalformedValue),
        ({"run": SizeRun(GridId.ADULT)}, MalformedValue),
        ({"planned_price": Money(Decimal("0.00"))}, MalformedValue),
    ],
)
def test_a_line_without_pieces_price_minutes_or_code_does_not_exist(
    changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        line(**changes)
