"""Periods: two forms and no others, working days skip holidays, bounds compare by the least they come to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import LEGAL_ZONE, CalendarUnknown
from domain.errors import MalformedValue
from domain.procedures.period import period

INSTANTS = st.datetimes(datetime(2026, 3, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone
PERIODS = st.one_of(
    st.integers(0, 30).map(lambda days: f"{days}WD"),
    st.builds("P{}DT{}M".format, st.integers(0, 40), st.integers(0, 90)),
)


@given(st.integers(0, 59), st.integers(0, 23), st.integers(0, 59), st.integers(1, 59))
def test_durations_of_days_hours_minutes_and_seconds_are_read(d: int, h: int, m: int, s: int) -> None:
    assert period(f"P{d}DT{h}H{m}M{s}S").elapsed == timedelta(days=d, hours=h, minutes=m, seconds=s)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "15D", "P15", "P1M", "P1.5D", "-P1D", "P1D ", "P١D", "WD", "5 WD", "-1WD", "5wd"]
)
def test_other_notations_of_a_duration_are_refused(text: str) -> None:
    with pytest.raises(MalformedValue):
        period(text)


@given(PERIODS, INSTANTS)
def test_no_period_ends_before_it_begins_and_its_last_day_holds_its_end(text: str, at: datetime) -> None:
    found = period(text)
    assert at <= found.after(at)
    assert found.after(at) - timedelta(days=1) <= found.through(at)
    assert found.due_on(at.astimezone(LEGAL_ZONE).date()) >= at.astimezone(LEGAL_ZONE).date()


@given(PERIODS, INSTANTS)
def test_what_lies_a_period_before_an_instant_reaches_it_and_no_further(text: str, at: datetime) -> None:
    assert period(text).after(period(text).before(at)) <= at


def test_working_days_keep_the_time_of_day_and_skip_nauryz() -> None:
    at = datetime(2026, 3, 20, 17, 30, tzinfo=LEGAL_ZONE)
    assert period("1WD").after(at) == datetime(2026, 3, 26, 17, 30, tzinfo=LEGAL_ZONE)
    assert period("P1D").after(at) == datetime(2026, 3, 21, 17, 30, tzinfo=LEGAL_ZONE)


def test_a_period_of_days_lasts_through_its_last_day_in_legal_time() -> None:
    evening = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # the 3rd in legal time
    assert period("1WD").through(evening) == datetime(2026, 3, 5, 0, 0, tzinfo=LEGAL_ZONE)
    assert period("PT5M").through(evening) == evening + timedelta(minutes=5)


def test_working_days_of_a_year_without_a_table_are_refused_and_calendar_days_are_not() -> None:
    assert period("P30D").due_on(date(2031, 1, 1)) == date(2031, 1, 31)
    with pytest.raises(CalendarUnknown):
        period("30WD").due_on(date(2031, 1, 1))
