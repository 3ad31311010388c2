"""What the capacity room says: holds, the weeks as they are shown, and what is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from domain.bids.model import Bid
from domain.capacity.weeks import Owed, Placement, Weeks, monday, sunday
from domain.errors import Conflict, Titles
from domain.ids import BidId, OrganizationId, TenderId
from domain.tenders.model import Tender

ZERO = Decimal(0)


class CapacityTaken(Conflict):
    """An award needs minutes that are not free any more: somebody else was faster, or days have passed."""

    code = "capacity-taken"
    titles = Titles(
        "The minutes that the award needs are not free any more",
        "Минуты, нужные для присуждения, уже не свободны",
        "Жеңімпазға қажет минуттар енді бос емес",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The most minutes that an opened bid may come to for what is due on a day. It binds nobody."""

    bid_id: BidId
    due_on: date
    supplier_id: OrganizationId
    tender_id: TenderId
    minutes: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Of one week. ``excess`` is bound by its end and found no room when it was booked: by contracts whose award did
    not count minutes, by call-offs, and by contracts from before minutes were booked.
    """

    minutes: Decimal
    excess: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarWeek:
    """``minutes`` of the whole week, ``booked`` by contracts, ``held`` by opened bids; ``overload`` is owed by the end
    of the week and fits nowhere before it. ``free`` is what an award of today would find in it.
    """

    week: date
    minutes: Decimal
    booked: Decimal
    overload: Decimal
    held: Decimal
    free: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Contention:
    """Of ``bidders`` with opened bids on a tender and a profile, how many could not sew all that they have bid for,
    here and elsewhere, beside their contracts.
    """

    bidders: int
    contended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one workshop has, has booked and holds, seen on the day ``after``."""

    per_week: Decimal
    after: date
    booked: dict[date, Booked]
    holds: tuple[Hold, ...] = ()

    @property
    def weeks(self) -> Weeks:
        """With room for what is owed beyond the weeks, wherever there is some by now."""
        return self._spread()[0]

    def calendar(self, count: int) -> tuple[CalendarWeek, ...]:
        """The present week and those after it. Holds are placed by the rule beside what is booked."""
        weeks, excess = self._spread()
        held = weeks.placed(_owed(self.holds))
        first = monday(self.after)
        return tuple(
            CalendarWeek(
                week=week,
                minutes=self.per_week,
                booked=weeks.booked.get(week, ZERO),
                overload=excess.excess.get(week, ZERO),
                held=held.minutes.get(week, ZERO) + held.excess.get(week, ZERO),
                free=weeks.room(week, sunday(week)),
            )
            for week in (first + timedelta(weeks=number) for number in range(count))
        )

    def _spread(self) -> tuple[Weeks, Placement]:
        fixed = {week: each.minutes for week, each in self.booked.items()}
        beyond = (
            Owed(minutes=each.excess, due_on=sunday(week), last_on=sunday(week)) for week, each in self.booked.items()
        )
        excess = Weeks(per_week=self.per_week, after=self.after, booked=fixed).placed(beyond)
        booked = {week: fixed.get(week, ZERO) + excess.minutes.get(week, ZERO) for week in {*fixed, *excess.minutes}}
        return Weeks(per_week=self.per_week, after=self.after, booked=booked), excess

    def is_contended(self, tender_id: TenderId) -> bool:
        """Whether bids on other tenders leave too little for the one on this."""
        elsewhere = any(hold.tender_id != tender_id for hold in self.holds)
        return elsewhere and bool(self.weeks.placed(_owed(self.holds)).lacking)


def holds_of(bid: Bid, tender: Tender) -> tuple[Hold, ...]:
    """The most that each who sews for the bid may come to, by the last delivery day of its lots. Of lots that exclude
    each other the one with the most minutes counts.
    """
    minutes: dict[tuple[OrganizationId, date], Decimal] = {}
    for sewer in bid.sewers:
        by_lot = _minutes_by_lot(bid, sewer, tender)
        for group in bid.combination.either_or:
            for lesser in sorted(group, key=lambda lot: by_lot.get(lot, ZERO))[:-1]:
                by_lot.pop(lesser, None)
        for number, most in by_lot.items():
            key = sewer, tender.lots[number - 1].due_on
            minutes[key] = minutes.get(key, ZERO) + most
    return tuple(
        Hold(bid_id=bid.id, due_on=due_on, supplier_id=sewer, tender_id=tender.id, minutes=total)
        for (sewer, due_on), total in sorted(minutes.items())
        if total
    )


def _minutes_by_lot(bid: Bid, sewer: OrganizationId, tender: Tender) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for lot in tender.lots:
        per_piece = {line.number: line.standard_minutes for line in lot.lines}
        for seat in bid.seats(lot.number):
            if seat.organization_id == sewer:
                pieces = seat.offer.pieces(lot)
                found[lot.number] = sum((per_piece[line] * count for line, count in pieces.items()), ZERO)
    return found


def _owed(holds: Iterable[Hold]) -> Iterable[Owed]:
    return (Owed(minutes=hold.minutes, due_on=hold.due_on, last_on=hold.due_on) for hold in holds)
