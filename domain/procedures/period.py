"""Lengths of time as rules give them: working days (``5WD``), or ISO 8601 days and time (``P15D``, ``PT5M``).

A period that gives somebody at least so much time ends at the same time of day (``after``); one within which something
is to be done ends with the last moment of its last day in legal time (``through``).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from domain.calendar import LEGAL_ZONE, add_working_days, legal_day
from domain.errors import MalformedValue

_WORKING = re.compile(r"(?P<days>[0-9]{1,3})WD")
_ELAPSED = re.compile(
    r"P(?:(?P<days>[0-9]{1,4})D)?"
    r"(?:T(?:(?P<hours>[0-9]{1,4})H)?(?:(?P<minutes>[0-9]{1,4})M)?(?:(?P<seconds>[0-9]{1,6})S)?)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Either working days or elapsed time; ``text`` is as the package wrote it."""

    text: str
    working_days: int | None = None
    elapsed: timedelta = timedelta()

    def __bool__(self) -> bool:
        return bool(self.working_days or self.elapsed)

    def __str__(self) -> str:
        return self.text

    @property
    def least(self) -> timedelta:
        """What it comes to at the very least, a working day being a day: how bounds of a parameter are compared."""
        return self.elapsed if self.working_days is None else timedelta(days=self.working_days)

    def after(self, at: datetime) -> datetime:
        """The instant from which the whole period has passed. Refuses (``calendar-unknown``) years without a table."""
        if self.working_days is None:
            return at + self.elapsed
        local = at.astimezone(LEGAL_ZONE)
        day = add_working_days(local.date(), self.working_days)
        return datetime.combine(day, local.timetz()).astimezone(at.tzinfo)

    def through(self, at: datetime) -> datetime:
        """The end (exclusive) of the last day of the period; of a period under a day, the instant itself."""
        if self.working_days is None and self.elapsed < timedelta(days=1):
            return at + self.elapsed
        return _midnight(self.due_on(legal_day(at)) + timedelta(days=1)).astimezone(at.tzinfo)

    def before(self, at: datetime) -> datetime:
        """The latest instant from which ``after`` does not go beyond ``at``; for working days, the same time of day."""
        if self.working_days is None:
            return at - self.elapsed
        earlier = at
        while self.after(earlier) > at:
            earlier -= timedelta(days=1)
        return earlier

    def due_on(self, day: date) -> date:
        """The last day of the period that begins with the day after ``day``."""
        if self.working_days is None:
            return day + self.elapsed
        return add_working_days(day, self.working_days)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LEGAL_ZONE)


@cache
def period(text: str) -> Period:
    """Refuses (``malformed-value``) everything that is not of one of the two forms, or names no unit."""
    if found := _WORKING.fullmatch(text):
        return Period(text=text, working_days=int(found["days"]))
    found = _ELAPSED.fullmatch(text)
    if found is None or not any(found.groups()):
        raise MalformedValue(f"{text!r} is not a period", passes="5WD, P15D or PT5M")
    parts = {name: int(value) for name, value in found.groupdict().items() if value}
    return Period(text=text, elapsed=timedelta(**parts))
