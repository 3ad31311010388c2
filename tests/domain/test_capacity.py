"""Weeks: what is free until a day, and that whatever fits by each day can be placed, with no week overbooked."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.awards.problem import Free
from domain.capacity.booking import owed
from domain.capacity.model import Booked, Hold, Load
from domain.capacity.weeks import WEEKS_MAX, Owed, Weeks, free_until, monday, sunday, week_name
from domain.contracts.parts import Call, CalledGoods, ContractKind
from domain.ids import BidId, ContractId, OrganizationId, TenderId
from tests.domain.test_contract import NOON, contract, run

TODAY = date(2026, 11, 26)
"""A Thursday: Friday, Saturday and Sunday are left of its week."""
THIS, NEXT, THIRD = date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7)
WEEK = timedelta(weeks=1)
SEVEN_HUNDRED = Decimal(700)

minutes = st.decimals(min_value=0, max_value=3000, places=2)
days_ahead = st.integers(-10, 60).map(lambda days: TODAY + timedelta(days=days))
weeks_ahead = st.integers(-1, 9).map(lambda number: THIS + number * WEEK)
workshops = st.builds(
    Weeks,
    per_week=st.decimals(min_value="0.01", max_value=2000, places=2),
    after=st.integers(0, 6).map(lambda days: THIS + timedelta(days=days)),
    booked=st.dictionaries(weeks_ahead, minutes, max_size=8),
)


def due(amount: int | Decimal, day: date, last: date | None = None) -> Owed:
    return Owed(minutes=Decimal(amount), due_on=day, last_on=last or day)


@st.composite
def fitting(draw: st.DrawFn) -> tuple[Weeks, list[Owed]]:
    """Any workshop, and deliveries of which those due by each day fit into what is free until it, often to the last
    hundredth of a minute.
    """
    weeks = draw(workshops)
    found: list[Owed] = []
    total = Decimal(0)
    for last in sorted(draw(st.lists(days_ahead, max_size=8))):
        left = weeks.free(last) - total
        amount = left if draw(st.booleans()) else draw(st.decimals(min_value=0, max_value=left, places=2))
        found.append(due(amount, min(draw(days_ahead), last), last))
        total += amount
    return weeks, draw(st.permutations(found))


@settings(deadline=None)
@given(fitting())
def test_what_fits_by_each_day_is_placed_and_no_week_is_overbooked(given: tuple[Weeks, list[Owed]]) -> None:
    weeks, deliveries = given
    placement = weeks.placed(deliveries)
    assert (placement.lacking, placement.excess) == ((), {})
    assert sum(placement.minutes.values()) == sum(each.minutes for each in deliveries)
    for week, taken in placement.minutes.items():
        assert 0 < taken <= weeks.per_week - weeks.booked.get(week, Decimal(0))
        assert taken <= weeks.room(week, sunday(week))
    for last in {each.last_on for each in deliveries}:
        early = weeks.placed(each for each in deliveries if each.last_on <= last)
        assert all(week <= monday(last) for week in early.minutes), "nothing is sewn after its deadline"


@settings(deadline=None)
@given(workshops, st.lists(st.builds(due, minutes, days_ahead), max_size=6))
def test_what_does_not_fit_is_told_and_nothing_is_lost(weeks: Weeks, deliveries: list[Owed]) -> None:
    placement = weeks.placed(deliveries)
    placed, beyond = sum(placement.minutes.values()), sum(placement.excess.values())
    assert placed + beyond == sum(each.minutes for each in deliveries)
    assert beyond == sum(each.minutes for each in placement.lacking)
    totals = {day: sum(each.minutes for each in deliveries if each.last_on <= day) for day in map(_last, deliveries)}
    assert bool(placement.lacking) is any(total > weeks.free(day) for day, total in totals.items())
    assert placement == weeks.placed(reversed(deliveries))


def _last(each: Owed) -> date:
    return each.last_on


@settings(deadline=None)
@given(workshops, st.lists(days_ahead, min_size=1, max_size=6))
def test_free_minutes_are_the_sum_of_the_rooms_and_never_fall(weeks: Weeks, days: list[date]) -> None:
    found = free_until(weeks.per_week, weeks.booked, after=weeks.after, days=days)
    assert [each.until for each in found] == sorted(set(days))
    for each in found:
        rooms = (weeks.room(THIS + number * WEEK, each.until) for number in range(15))
        assert each.minutes == sum(rooms)
    assert all(before.minutes <= after.minutes for before, after in pairwise(found))


@settings(deadline=None)
@given(fitting(), st.lists(st.builds(due, minutes, days_ahead), max_size=4))
def test_what_was_placed_is_missing_afterwards_and_nothing_else(
    given: tuple[Weeks, list[Owed]], later: list[Owed]
) -> None:
    """Booking what fits leaves, until a day on which no week is cut, exactly what was free less what was booked."""
    weeks, deliveries = given
    placed = weeks.placed(deliveries).minutes
    booked = {
        week: weeks.booked.get(week, Decimal(0)) + placed.get(week, Decimal(0)) for week in {*weeks.booked, *placed}
    }
    after = replace(weeks, booked=booked)
    far = THIS + 20 * WEEK
    assert after.free(far) == weeks.free(far) - sum(placed.values())
    for day in (each.last_on for each in later):
        assert after.free(day) <= weeks.free(day)


def test_part_weeks_count_by_days_and_work_begins_the_day_after() -> None:
    friday, wednesday = date(2026, 11, 27), date(2026, 12, 2)
    days = [TODAY, friday, sunday(THIS), wednesday, sunday(THIRD), date(2026, 11, 1)]
    found = free_until(SEVEN_HUNDRED, {}, after=TODAY, days=days)
    assert {each.until: each.minutes for each in found} == {
        date(2026, 11, 1): 0,
        TODAY: 0,
        friday: 100,
        sunday(THIS): 300,
        wednesday: 600,
        sunday(THIRD): 1700,
    }
    assert free_until(Decimal(100), {}, after=TODAY, days=[friday]) == (Free(until=friday, minutes=Decimal("14.28")),)


def test_what_is_booked_in_a_week_counts_as_due_at_once_and_an_overfull_week_takes_from_no_other() -> None:
    wednesday = date(2026, 12, 2)
    weeks = Weeks(per_week=SEVEN_HUNDRED, after=TODAY, booked={THIS: Decimal(900), NEXT: Decimal(200)})
    assert [weeks.free(day) for day in (sunday(THIS), wednesday, sunday(NEXT), sunday(THIRD))] == [0, 100, 500, 1200]


def test_the_earliest_deadline_is_placed_first_each_as_late_as_it_can_be() -> None:
    weeks = Weeks(per_week=SEVEN_HUNDRED, after=TODAY)
    placement = weeks.placed([due(900, sunday(THIRD)), due(800, sunday(NEXT))])
    assert placement.minutes == {THIRD: 700, NEXT: 700, THIS: 300}
    assert weeks.placed([due(800, sunday(NEXT))]).minutes == {NEXT: 700, THIS: 100}
    assert weeks.placed([due(900, sunday(THIRD))]).minutes == {THIRD: 700, NEXT: 200}


def test_a_delivery_is_sewn_before_its_own_day_where_it_can_and_before_the_counted_one_at_least() -> None:
    weeks = Weeks(per_week=SEVEN_HUNDRED, after=TODAY)
    assert weeks.placed([due(900, sunday(NEXT), sunday(THIRD))]).minutes == {NEXT: 700, THIS: 200}
    assert weeks.placed([due(1200, sunday(NEXT), sunday(THIRD))]).minutes == {NEXT: 700, THIS: 300, THIRD: 200}


def test_what_finds_no_room_is_owed_in_the_week_of_its_deadline_or_now() -> None:
    weeks = Weeks(per_week=SEVEN_HUNDRED, after=TODAY, booked={NEXT: SEVEN_HUNDRED})
    placement = weeks.placed([due(400, sunday(NEXT)), due(50, date(2026, 1, 1))])
    assert placement.minutes == {THIS: 300}
    assert placement.excess == {NEXT: 100, THIS: 50}
    assert placement.lacking == (due(50, date(2026, 1, 1)), due(100, sunday(NEXT)))


def test_nothing_is_counted_or_booked_beyond_five_years() -> None:
    weeks = Weeks(per_week=Decimal(7), after=sunday(THIS) - WEEK)
    assert weeks.free(date.max) == 7 * WEEKS_MAX
    placement = weeks.placed([due(10_000_000, date.max)])
    assert len(placement.minutes) == WEEKS_MAX
    assert sum(placement.excess.values()) == 10_000_000 - 7 * WEEKS_MAX


def test_weeks_bear_their_iso_names_over_the_turn_of_the_year() -> None:
    assert [week_name(monday(day)) for day in (TODAY, date(2027, 1, 3), date(2027, 1, 4))] == [
        "2026-W48",
        "2026-W53",
        "2027-W01",
    ]


def test_what_is_owed_beyond_the_weeks_takes_room_before_its_deadline() -> None:
    """A contract from before minutes were booked: five weeks of work, due in the sixth week."""
    sixth = THIS + 5 * WEEK
    load = Load(per_week=SEVEN_HUNDRED, after=TODAY, booked={sixth: Booked(minutes=Decimal(0), excess=Decimal(3500))})
    assert load.weeks.free(sunday(THIS)) == 300
    assert load.weeks.free(sunday(sixth)) == 300
    overloaded = replace(load, booked={NEXT: Booked(minutes=Decimal(600), excess=Decimal(1000))})
    shown = overloaded.calendar(3)
    assert [week.week for week in shown] == [THIS, NEXT, THIRD]
    assert [week.booked for week in shown] == [300, 700, 0]
    assert [week.overload for week in shown] == [0, 600, 0]
    assert [week.free for week in shown] == [0, 0, 700]


def hold(amount: int, day: date, tender: int) -> Hold:
    return Hold(
        bid_id=BidId(UUID(int=tender)),
        due_on=day,
        supplier_id=OrganizationId(UUID(int=1)),
        tender_id=TenderId(UUID(int=tender)),
        minutes=Decimal(amount),
    )


def test_holds_are_shown_beside_what_is_booked_and_take_nothing_from_what_is_free() -> None:
    booked = {NEXT: Booked(minutes=Decimal(100), excess=Decimal(0))}
    load = Load(per_week=SEVEN_HUNDRED, after=TODAY, booked=booked, holds=(hold(800, sunday(NEXT), 1),))
    shown = load.calendar(2)
    assert [week.held for week in shown] == [200, 600]
    assert [week.free for week in shown] == [300, 600]


@pytest.mark.parametrize(
    ("here", "elsewhere", "contended"), [(900, 100, False), (900, 101, True), (1001, 0, False), (0, 1001, True)]
)
def test_a_bidder_is_contended_when_bids_elsewhere_leave_too_little(
    here: int, elsewhere: int, *, contended: bool
) -> None:
    holds = tuple(hold(minutes, sunday(NEXT), tender) for minutes, tender in ((here, 1), (elsewhere, 2)) if minutes)
    load = Load(per_week=SEVEN_HUNDRED, after=TODAY, booked={}, holds=holds)
    assert load.is_contended(TenderId(UUID(int=1))) is contended


def test_a_contract_owes_minutes_by_the_day_of_each_place_and_a_framework_what_is_not_called_off() -> None:
    (line,) = (made := contract()).lines
    early = replace(line.places[0], due_on=date(2027, 8, 1))
    made = replace(made, lines=(replace(line, places=(early, line.places[1])),))
    assert owed(made) == (
        due(200, date(2027, 8, 1)),
        due(100, date(2027, 8, 20)),
    )
    counted = owed(made, {1: date(2027, 8, 20)})
    assert {each.last_on for each in counted} == {date(2027, 8, 20)}
    call = Call(
        contract_id=ContractId(UUID(int=9)),
        number="C-9",
        goods=(CalledGoods(lot=1, line=1, place=1, run=run(6, 1)),),
        due_on=date(2027, 7, 1),
        called_at=NOON,
    )
    rest = replace(made, kind=ContractKind.FRAMEWORK, calls=(call,))
    assert owed(rest) == (due(60, date(2027, 8, 1)), due(100, date(2027, 8, 20)))
