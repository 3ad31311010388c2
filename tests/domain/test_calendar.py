"""Working days are counted by a table per year, legal days in one zone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import YEARS, CalendarUnknown, add_working_days, is_working, legal_day
from domain.errors import MalformedValue

DAYS = st.dates(date(2026, 1, 1), date(2027, 6, 30))


@pytest.mark.parametrize(
    ("day", "count", "reached"),
    [
        (date(2026, 1, 5), 1, date(2026, 1, 6)),
        (date(2026, 1, 6), 1, date(2026, 1, 8)),  # Orthodox Christmas
        (date(2025, 12, 31), 1, date(2026, 1, 5)),  # New Year, then a weekend
        (date(2026, 3, 6), 1, date(2026, 3, 10)),  # 8 March is a Sunday, so Monday is off
        (date(2026, 3, 20), 1, date(2026, 3, 26)),  # two days of Nauryz fall on the weekend and move
        (date(2026, 5, 8), 1, date(2026, 5, 12)),
        (date(2026, 11, 23), 30, date(2027, 1, 8)),  # over the turn of the year
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
def test_holidays_weekends_and_moved_days_off_do_not_count(day: date, count: int, reached: date) -> None:
    assert add_working_days(day, count) == reached


@given(DAYS, st.integers(1, 60))
def test_a_count_of_working_days_ends_on_a_working_day_and_has_that_many_in_between(day: date, count: int) -> None:
    end = add_working_days(day, count)
    days = [day + timedelta(days=step) for step in range(1, (end - day).days + 1)]
    assert is_working(end)
    assert sum(map(is_working, days)) == count


@given(DAYS, st.integers(0, 30), st.integers(0, 30))
def test_counting_in_two_steps_is_counting_at_once(day: date, first: int, second: int) -> None:
    assert add_working_days(add_working_days(day, first), second) == add_working_days(day, first + second)


def test_a_year_without_a_table_is_refused_and_not_guessed() -> None:
    with pytest.raises(CalendarUnknown) as refused:
        add_working_days(date(max(YEARS), 12, 30), 5)
    assert refused.value.passes == ", ".join(str(year) for year in sorted(YEARS))


def test_every_table_says_that_no_official_one_was_read() -> None:
    assert {year.confidence for year in YEARS.values()} == {"MEM"}


def test_the_days_off_of_a_table_are_weekdays_of_its_own_year() -> None:
    for number, year in YEARS.items():
        assert all(day.year == number and day.weekday() < 5 for day in year.off)
        assert all(day.year == number and day.weekday() >= 5 for day in year.on)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 22, 18, 59, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 19, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2024, 2, 1, 18, 0, tzinfo=UTC), date(2024, 2, 2)),  # before March 2024 the zone was UTC+6
    ],
)
def test_the_legal_day_begins_at_midnight_in_almaty(at: datetime, day: date) -> None:
    assert legal_day(at) == day


def test_an_instant_without_its_zone_has_no_legal_day() -> None:
    with pytest.raises(MalformedValue):
        legal_day(datetime(2026, 11, 22, 12, 0))  # noqa: DTZ001 - the point of the test
