"""Split award: which bidder sews how many pieces of which size, as a pure and deterministic function.

The legal default is a greedy by price: lots and lines in their order; within a line the cheapest unit price first,
ties by earlier receipt, then by bid id; each offer takes as much as demand, its own most, the bidder's minutes until
the due date and his declared capacity leave. An offer that could not get its least number of pieces is passed over,
unless those before it can give pieces back without falling under their own least.

Pieces are whole; sizes are filled in grid order. Every offer leaves a step in the trace that names what bound it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from domain.garments import SizeRun
from domain.ids import BidId, OrganizationId
from domain.money import Money, total


class Bound(StrEnum):
    """What kept an offer from getting more."""

    NOTHING = "nothing"
    DEMAND = "demand"
    OFFER = "offer"
    MINUTES = "minutes"
    DECLARED_CAPACITY = "declared_capacity"
    LEAST_PIECES = "least_pieces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One garment line of one lot. ``standard_minutes`` are per piece; capacity is declared per ``product``."""

    lot: int
    line: int
    product: str
    run: SizeRun
    standard_minutes: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One admitted line offer. ``run`` are the cells that may be given, ``pieces_max`` bounds their sum."""

    bid_id: BidId
    bidder_id: OrganizationId
    lot: int
    line: int
    unit_price: Money
    run: SizeRun
    pieces_min: int
    pieces_max: int
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything the award depends on. ``minutes`` are standard minutes per bidder id (text) until the lots are due,
    net of what is booked; a bidder that is missing has none, None for all means that minutes are not counted.
    ``units`` is what is left of a bidder's declared capacity, by ``bidder id/product``; who is missing is not bounded.
    Minutes and units are shared by all lines and lots.
    """

    demands: tuple[Demand, ...]
    offers: tuple[Offer, ...]
    minutes: dict[str, Decimal] | None = None
    units: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    lot: int
    line: int
    bid_id: BidId
    bidder_id: OrganizationId
    unit_price: Money
    run: SizeRun

    @property
    def sum(self) -> Money:
        return self.unit_price * self.run.pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """``rank`` from 1 by price within the line; ``asked`` the most the offer allows, ``given`` what it got."""

    lot: int
    line: int
    rank: int
    bid_id: BidId
    unit_price: Money
    asked: int
    given: int
    bound: Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfilled:
    lot: int
    line: int
    run: SizeRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    shares: tuple[Share, ...]
    unfilled: tuple[Unfilled, ...]
    minutes_used: dict[str, Decimal]
    trace: tuple[TraceStep, ...]

    @property
    def total(self) -> Money:
        return total(share.sum for share in self.shares)

    def fills(self, lot: int) -> bool:
        return not any(each.lot == lot for each in self.unfilled)


def allocate(problem: Problem) -> Allocation:
    """The greedy award; the same problem gives the same allocation, in whatever order the offers stand."""
    state = _State(problem)
    for demand in sorted(problem.demands, key=lambda each: (each.lot, each.line)):
        state.fill(demand)
    return Allocation(
        shares=tuple(state.shares),
        unfilled=tuple(state.unfilled),
        minutes_used={bidder: used for bidder, used in sorted(state.used.items()) if used},
        trace=tuple(state.trace),
    )


def ranked(offers: tuple[Offer, ...], demand: Demand) -> list[Offer]:
    """The offers for one line, best first: price, then earlier receipt, then bid id."""
    mine = [offer for offer in offers if (offer.lot, offer.line) == (demand.lot, demand.line)]
    return sorted(mine, key=lambda offer: (offer.unit_price, offer.received_at, str(offer.bid_id)))


@dataclass(slots=True)
class _Taken:
    offer: Offer
    run: SizeRun


@dataclass(slots=True)
class _State:
    problem: Problem
    used: dict[str, Decimal] = field(default_factory=dict)
    sewn: dict[str, int] = field(default_factory=dict)
    shares: list[Share] = field(default_factory=list)
    unfilled: list[Unfilled] = field(default_factory=list)
    trace: list[TraceStep] = field(default_factory=list)

    def fill(self, demand: Demand) -> None:
        left = demand.run
        taken: list[_Taken] = []
        passed_over: list[tuple[int, Offer]] = []
        for rank, offer in enumerate(ranked(self.problem.offers, demand), start=1):
            limit, bound = self._limit(offer, demand, left)
            if 0 < limit < offer.pieces_min:
                passed_over.append((rank, offer))
                limit, bound = 0, Bound.LEAST_PIECES
            left = self._take(demand, taken, rank, offer, left, limit, bound)
        for rank, offer in passed_over:
            left = self._second_look(demand, taken, rank, offer, left)
        self._settle(demand, taken, left)

    def _take(
        self, demand: Demand, taken: list[_Taken], rank: int, offer: Offer, left: SizeRun, limit: int, bound: Bound
    ) -> SizeRun:
        """Give the offer what it may have; returns what is left of the demand."""
        run = offer.run.common(left).take(limit)
        self._use(offer, demand, run.pieces)
        if run.pieces:
            taken.append(_Taken(offer, run))
        self.trace.append(_step(demand, rank, offer, run.pieces, bound))
        return left - run

    def _second_look(self, demand: Demand, taken: list[_Taken], rank: int, offer: Offer, left: SizeRun) -> SizeRun:
        """An offer that was passed over for its least number of pieces, when nobody else has filled the demand."""
        if offer.run.common(left).pieces == 0:
            return left
        limit, _ = self._limit(offer, demand, left)
        left += self._give_back(demand, taken, offer, limit)
        limit, bound = self._limit(offer, demand, left)
        if limit < offer.pieces_min:
            return left
        self.trace = [
            step for step in self.trace if (step.lot, step.line, step.rank) != (demand.lot, demand.line, rank)
        ]
        return self._take(demand, taken, rank, offer, left, limit, bound)

    def _limit(self, offer: Offer, demand: Demand, left: SizeRun) -> tuple[int, Bound]:
        """How many pieces the offer could get now, and what keeps it from more."""
        limits = [
            (min(offer.pieces_max, offer.run.pieces), Bound.OFFER),
            (offer.run.common(left).pieces, Bound.DEMAND),
        ]
        if self.problem.minutes is not None:
            bidder = str(offer.bidder_id)
            free = self.problem.minutes.get(bidder, Decimal(0)) - self.used.get(bidder, Decimal(0))
            pieces = int((free / demand.standard_minutes).to_integral_value(ROUND_FLOOR))
            limits.append((max(pieces, 0), Bound.MINUTES))
        capacity = f"{offer.bidder_id}/{demand.product}"
        if capacity in self.problem.units:
            units = self.problem.units[capacity] - self.sewn.get(capacity, 0)
            limits.append((max(units, 0), Bound.DECLARED_CAPACITY))
        return min(limits, key=lambda pair: pair[0])

    def _give_back(self, demand: Demand, taken: list[_Taken], offer: Offer, have: int) -> SizeRun:
        """Pieces that the takers before ``offer`` can spare so that it reaches its least, last taker first.

        Nothing is given back unless enough is found, for then the offer would be passed over all the same.
        """
        own, _ = self._limit(offer, demand, demand.run)
        missing = offer.pieces_min - have
        freed = SizeRun(demand.run.grid)
        if own < offer.pieces_min:
            return freed
        parts: list[tuple[_Taken, SizeRun]] = []
        for each in reversed(taken):
            spare = min(each.run.pieces - each.offer.pieces_min, missing - freed.pieces)
            part = each.run.only(offer.run.sizes).take(max(spare, 0))
            parts.append((each, part))
            freed = freed + part
        if freed.pieces < missing:
            return SizeRun(demand.run.grid)
        for each, part in parts:
            each.run = each.run - part
            self._use(each.offer, demand, -part.pieces)
            self._correct(demand, each.offer, each.run.pieces)
        return freed

    def _correct(self, demand: Demand, offer: Offer, given: int) -> None:
        for index, step in enumerate(self.trace):
            if (step.lot, step.line, step.bid_id) == (demand.lot, demand.line, offer.bid_id) and step.given != given:
                self.trace[index] = _step(demand, step.rank, offer, given, Bound.LEAST_PIECES)

    def _use(self, offer: Offer, demand: Demand, pieces: int) -> None:
        bidder = str(offer.bidder_id)
        self.used[bidder] = self.used.get(bidder, Decimal(0)) + demand.standard_minutes * pieces
        capacity = f"{bidder}/{demand.product}"
        self.sewn[capacity] = self.sewn.get(capacity, 0) + pieces

    def _settle(self, demand: Demand, taken: list[_Taken], left: SizeRun) -> None:
        self.trace.sort(key=lambda step: (step.lot, step.line, step.rank))
        self.shares.extend(
            Share(
                lot=demand.lot,
                line=demand.line,
                bid_id=each.offer.bid_id,
                bidder_id=each.offer.bidder_id,
                unit_price=each.offer.unit_price,
                run=each.run,
            )
            for each in taken
        )
        if left.pieces:
            self.unfilled.append(Unfilled(lot=demand.lot, line=demand.line, run=left))


def _step(demand: Demand, rank: int, offer: Offer, given: int, bound: Bound) -> TraceStep:
    asked = min(offer.pieces_max, offer.run.pieces)
    return TraceStep(
        lot=demand.lot,
        line=demand.line,
        rank=rank,
        bid_id=offer.bid_id,
        unit_price=offer.unit_price,
        asked=asked,
        given=given,
        bound=Bound.NOTHING if given == asked else bound,
    )


def minutes_until(per_week: Decimal, *, days: int, booked: Decimal) -> Decimal:
    """Standard minutes that a workshop has in ``days`` days: whole weeks and a part of a week pro rata by days,
    less what is booked; never negative, rounded down to 0.01.
    """
    available = per_week * max(days, 0) / 7 - booked
    return max(available, Decimal(0)).quantize(Decimal("0.01"), ROUND_FLOOR)
