"""Working days of Kazakhstan, as data per year, and the legal day. A year without a table is refused, not guessed.

Legal time is one zone, UTC+5, since 1 March 2024 (``tzdata`` is pinned because older tables say +6).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.errors import Invalid, MalformedValue, Titles

LEGAL_ZONE = ZoneInfo("Asia/Almaty")
_SATURDAY = 5


class CalendarUnknown(Invalid):
    code = "calendar-unknown"
    titles = Titles(
        "The working calendar of this year is not loaded",
        "Производственный календарь этого года не загружен",
        "Бұл жылдың жұмыс күнтізбесі жүктелмеген",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """``off`` are days off beside Saturdays and Sundays, ``on`` are weekend days that are worked.

    ``confidence`` MEM: entered from general knowledge, no official table was read; replace before relying on it.
    """

    off: frozenset[date]
    on: frozenset[date] = frozenset()
    confidence: str = "MEM"


def _days(year: int, *days: tuple[int, int]) -> frozenset[date]:
    return frozenset(date(year, month, day) for month, day in days)


YEARS: dict[int, Year] = {
    2026: Year(
        off=_days(
            2026,
            *((1, 1), (1, 2), (1, 7), (3, 9), (3, 23), (3, 24), (3, 25), (5, 1), (5, 7), (5, 11), (5, 27), (7, 6)),
            *((8, 31), (10, 26), (12, 16)),
        )
    ),
    2027: Year(
        off=_days(
            2027,
            *((1, 1), (1, 4), (1, 7), (3, 8), (3, 22), (3, 23), (3, 24), (5, 3), (5, 7), (5, 10), (7, 6)),
            *((8, 30), (10, 25), (12, 16)),
        )
    ),
}
"""Fixed holidays, moved to the next working day where they fall on a weekend; the movable feast of 2027 is missing."""


def legal_day(at: datetime) -> date:
    """The calendar day of an instant in legal time; an instant without its zone is refused, it could be any day."""
    if at.tzinfo is None:
        raise MalformedValue("An instant must carry its time zone", passes="2026-11-22T14:00:00Z")
    return at.astimezone(LEGAL_ZONE).date()


def is_working(day: date) -> bool:
    """Refuses (``calendar-unknown``) a year without a table."""
    year = YEARS.get(day.year)
    if year is None:
        raise CalendarUnknown(f"There is no calendar for {day.year}", passes=", ".join(map(str, sorted(YEARS))))
    if day in year.on:
        return True
    return day.weekday() < _SATURDAY and day not in year.off


def add_working_days(day: date, count: int) -> date:
    """The day on which ``count`` (0 or more) working days after ``day`` have passed; ``day`` itself does not count."""
    result = day
    left = count
    while left > 0:
        result += timedelta(days=1)
        left -= is_working(result)
    return result


def months_after(day: date, months: int) -> date:
    """The same day of a later month, its last day where the month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in range(day.day, 0, -1):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")
