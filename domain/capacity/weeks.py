"""A workshop's weeks: what is free in them until a day, and into which of them minutes are booked. Pure.

Weeks are ISO weeks of legal time, named by their Monday. Work begins on the day after ``after`` and may go on through
the day on which it is due:

    room(week, day) = minutes of the week's days in (after, day], pro rata by days, less all that is booked in the week
    free(day)       = room(week, day), summed over the weeks; rooms are never negative

What is booked in a week that is begun counts as not yet sewn, and as due before ``day``: bookings know weeks, not days.

The rule: the earliest deadline first, each in the latest weeks that still have room before it. So urgent work finds
the next weeks free, and nothing counts as sewn before its own weeks have come.

Law: minutes of which those due by each day fit into ``free`` of that day are always placed, and no week is overbooked.
Proof: let d1 <= d2 <= … be the deadlines. What was placed for those before d(i) lies in a week only up to room(week,
d(i-1)), and that is at most room(week, d(i)), for a room only grows with its day. So no week has more than its room,
and what is left for d(i) is free(d(i)) less all that is due before it: at least what is due at d(i), as was assumed.
The proof does not ask which weeks are taken first. The day on which a delivery is wished for (``due_on``) may therefore
come before the one by which it was counted (``last_on``): weeks before the former are only preferred.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from domain.awards.problem import Free

WEEKS_MAX = 260
"""Nothing is counted or booked later than that many weeks from now: five years."""
MINUTES_STEP = Decimal("0.01")
_WEEK = timedelta(weeks=1)
_DAYS = 7


def monday(day: date) -> date:
    """The week of a day."""
    return day - timedelta(days=day.weekday())


def sunday(week: date) -> date:
    """The last day of a week."""
    return week + timedelta(days=_DAYS - 1)


def week_name(week: date) -> str:
    """As ISO 8601 writes it: ``2026-W48``."""
    year, number, _ = week.isocalendar()
    return f"{year}-W{number:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Standard minutes for a delivery that is due on ``due_on``, and that was counted as due by ``last_on``."""

    minutes: Decimal
    due_on: date
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Minutes by week. ``excess`` is what found no room, by the week of its deadline; ``lacking`` says for which
    deadlines, with the minutes that are missing.
    """

    minutes: dict[date, Decimal]
    excess: dict[date, Decimal]
    lacking: tuple[Owed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """``per_week`` standard minutes, ``booked`` of them by week; work begins after the day ``after``."""

    per_week: Decimal
    after: date
    booked: Mapping[date, Decimal] = field(default_factory=dict)

    def room(self, week: date, day: date) -> Decimal:
        """Rounded down to 0.01."""
        days = (min(day, sunday(week)) - max(self.after, week - timedelta(days=1))).days
        minutes = (self.per_week * max(days, 0) / _DAYS).quantize(MINUTES_STEP, ROUND_FLOOR)
        return max(minutes - self.booked.get(week, Decimal(0)), Decimal(0))

    def free(self, day: date) -> Decimal:
        """All together until the day, in as many steps as there are bookings and not weeks."""
        until = self._counted(day)
        first, last = self._first, monday(until)
        if last < first:
            return Decimal(0)
        if last == first:
            return self.room(first, until)
        between = (last - first) // _WEEK - 1
        taken = (min(booked, self.per_week) for week, booked in self.booked.items() if first < week < last)
        return self.room(first, until) + self.per_week * between - sum(taken, Decimal(0)) + self.room(last, until)

    def placed(self, owed: Iterable[Owed]) -> Placement:
        """By the rule; always the same, in whatever order what is owed stands."""
        taken: dict[date, Decimal] = {}
        excess: dict[date, Decimal] = {}
        lacking = []
        for each in sorted(owed, key=lambda each: (each.last_on, each.due_on, each.minutes)):
            left = each.minutes
            for day in sorted({min(each.due_on, each.last_on), each.last_on}):
                left = self._fill(taken, left, self._counted(day))
            if left:
                week = max(monday(self._counted(each.last_on)), self._first)
                excess[week] = excess.get(week, Decimal(0)) + left
                lacking.append(Owed(minutes=left, due_on=each.due_on, last_on=each.last_on))
        return Placement(minutes=taken, excess=excess, lacking=tuple(lacking))

    def _fill(self, taken: dict[date, Decimal], left: Decimal, day: date) -> Decimal:
        """Take room until the day, latest week first; returns what found none."""
        week = monday(day)
        while left and week >= self._first:
            part = min(left, self.room(week, day) - taken.get(week, Decimal(0)))
            if part > 0:
                taken[week] = taken.get(week, Decimal(0)) + part
                left -= part
            week -= _WEEK
        return left

    @property
    def _first(self) -> date:
        return monday(self.after + timedelta(days=1))

    def _counted(self, day: date) -> date:
        return min(day, self._first + WEEKS_MAX * _WEEK - timedelta(days=1))


def free_until(
    per_week: Decimal, booked: Mapping[date, Decimal], *, after: date, days: Iterable[date]
) -> tuple[Free, ...]:
    """The free minutes cumulated until each day, in the order of the days and never falling."""
    weeks = Weeks(per_week=per_week, after=after, booked=booked)
    return tuple(Free(until=day, minutes=weeks.free(day)) for day in sorted(set(days)))
