"""A workshop's profile: minutes a week by the trade's formula, and figures that a day and a table can hold."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import MalformedValue
from domain.events import By
from domain.garments import GarmentKind
from domain.ids import Kato, OrganizationId, WrongKato
from domain.organizations.workshop import Workshop

WORKSHOP = Workshop(
    id=OrganizationId(UUID(int=7)),
    kato=Kato("631010000"),
    zone=None,
    products=(GarmentKind.WORKWEAR_SUIT,),
    operators=35,
    shift_minutes=480,
    shifts=1,
    working_days=5,
    efficiency=Decimal("0.5"),
    described_at=datetime(2026, 11, 24, tzinfo=UTC),
)


def test_minutes_a_week_are_operators_by_minutes_by_shifts_by_days_by_efficiency() -> None:
    assert WORKSHOP.minutes_per_week == Decimal("42000.00")
    assert replace(WORKSHOP, shifts=2, efficiency=Decimal("0.333")).minutes_per_week == Decimal("55944.00")


@given(
    st.integers(1, 5000), st.integers(60, 480), st.integers(1, 3), st.integers(1, 7), st.integers(1, 1000), st.data()
)
def test_more_of_anything_never_means_fewer_minutes(
    operators: int, minutes: int, shifts: int, days: int, thousandths: int, data: st.DataObject
) -> None:
    given = {
        "operators": operators,
        "shift_minutes": minutes,
        "shifts": shifts,
        "working_days": days,
        "efficiency": Decimal(thousandths) / 1000,
    }
    fewer: dict[str, Any] = given | {"operators": data.draw(st.integers(1, operators))}
    assert replace(WORKSHOP, **fewer).minutes_per_week <= replace(WORKSHOP, **given).minutes_per_week  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"operators": 0}, "/operators"),
        ({"operators": 5001}, "/operators"),
        ({"shift_minutes": 721}, "/shift_minutes"),
        ({"shifts": 0}, "/shifts"),
        ({"shifts": 4}, "/shifts"),
        ({"shifts": 3, "shift_minutes": 481}, "/shifts"),
        ({"working_days": 8}, "/working_days"),
        ({"efficiency": Decimal(0)}, "/efficiency"),
        ({"efficiency": Decimal("1.001")}, "/efficiency"),
        ({"efficiency": Decimal("0.0004")}, "/efficiency"),
        ({"efficiency": Decimal("NaN")}, "/efficiency"),
        ({"products": ()}, "/products"),
    ],
)
def test_a_figure_out_of_range_is_refused_with_what_would_pass(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(MalformedValue) as refused:
        replace(WORKSHOP, **change)
    assert {flaw.pointer for flaw in refused.value.flaws} == {pointer}
    assert all(flaw.passes for flaw in refused.value.flaws)


def test_all_flaws_are_told_at_once() -> None:
    with pytest.raises(MalformedValue) as refused:
        replace(WORKSHOP, operators=0, working_days=0, products=())
    assert {flaw.pointer for flaw in refused.value.flaws} == {"/operators", "/working_days", "/products"}


def test_three_shifts_of_eight_hours_are_a_whole_day_and_pass() -> None:
    assert replace(WORKSHOP, shifts=3).minutes_per_week == Decimal("126000.00")


def test_a_place_outside_the_country_is_refused() -> None:
    with pytest.raises(WrongKato):
        replace(WORKSHOP, kato=Kato("991010000"))


def test_the_event_tells_where_and_how_much_for_the_feed() -> None:
    event = WORKSHOP.described(by=By())
    assert (event.subject_id, event.at, event.minutes_per_week) == (
        WORKSHOP.id,
        WORKSHOP.described_at,
        Decimal("42000.00"),
    )
