"""Small random problems in which every kind of constraint occurs and binds; the same seed makes the same problem."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from domain.awards.problem import (
    Demand,
    EitherOr,
    Free,
    Joint,
    LotLimits,
    Offer,
    PackageDiscount,
    PriceBreak,
    Problem,
    Quota,
)
from domain.garments import GridId, Size, SizeRun
from domain.ids import BidId, OrganizationId
from domain.money import Money

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAYS = (date(2027, 1, 20), date(2027, 2, 20))
SIZES = (Size("122"), Size("128"), Size("134"))
SHAPES = ((1, 1), (1, 2), (2, 1), (2, 1), (2, 2), (3, 1))
"""Lots, and lines of each."""


def small_problem(seed: int) -> Problem:
    return _Maker(Random(seed)).problem()  # noqa: S311 - problems for tests, the same from the same seed


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.bidders = [OrganizationId(UUID(int=100 + who)) for who in range(4)]

    def problem(self) -> Problem:
        lots, lines = self.random.choice(SHAPES)
        demands = tuple(self._demands(lots, lines))
        offers = tuple(self._offers(demands))
        numbers = tuple(range(1, lots + 1))
        bids = tuple(dict.fromkeys(offer.bid_id for offer in offers))
        return Problem(
            demands=demands,
            offers=offers,
            capacity=self._capacity(demands) if self._chance(40) else None,
            units={f"{who}/141413": self.random.randint(0, 6) for who in self.bidders if self._chance(12)},
            either_or=tuple(EitherOr(bid_id=bid, lots=numbers) for bid in bids if lots > 1 and self._chance(12)),
            packages=tuple(self._package(bid, numbers) for bid in bids if self._chance(20)),
            joints=self._joints(offers),
            limits=tuple(self._limits(lot) for lot in numbers if self._chance(35)),
            quotas=tuple(self._quota(each, numbers) for each in range(2) if self._chance(15)),
        )

    def _chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def _demands(self, lots: int, lines: int) -> Iterator[Demand]:
        for lot in range(1, lots + 1):
            partial, due_on = self._chance(20), self.random.choice(DAYS)
            for line in range(1, lines + 1):
                most = 4 if lots * lines > 2 else 6
                first = self.random.randint(1, most)
                second = self.random.randint(0, max(most - first, 0))
                yield Demand(
                    lot=lot,
                    line=line,
                    product="141413",
                    run=SizeRun.of(GridId.CHILD, {SIZES[0]: first, SIZES[1]: second}),
                    standard_minutes=self.random.choice([Decimal("7.5"), Decimal(20)]),
                    planned_price=Money(Decimal(self.random.randint(60, 120))),
                    due_on=due_on,
                    partial=partial,
                )

    def _offers(self, demands: tuple[Demand, ...]) -> Iterator[Offer]:
        """One bid of each of three bidders; the fourth is a member of the first's consortium."""
        for demand in demands:
            for who in range(4):
                offer = self._offer(demand, who) if self._chance(75 if who < 3 else 30) else None
                if offer is not None:
                    yield offer

    def _offer(self, demand: Demand, who: int) -> Offer | None:
        cells = dict(demand.run.cells)
        if self._chance(30):
            cells = {size: self.random.randint(0, count + 1) for size, count in cells.items()}
        run = SizeRun.of(GridId.CHILD, cells)
        if not run.cells:
            return None
        most = run.pieces if self._chance(60) else self.random.randint(1, run.pieces)
        price = Money(Decimal(self.random.randint(4000, 9000)).scaleb(-2))
        return Offer(
            bid_id=BidId(UUID(int=1 + who % 3)),
            bidder_id=self.bidders[who],
            lot=demand.lot,
            line=demand.line,
            unit_price=price,
            run=run,
            pieces_min=1 if self._chance(65) else self.random.randint(1, most),
            pieces_max=most,
            received_at=NOON + timedelta(seconds=who),
            breaks=self._breaks(price, most) if self._chance(30) else (),
            discount_percent=Decimal(self.random.choice([0, 0, 0, 5, 20])),
        )

    def _breaks(self, price: Money, most: int) -> tuple[PriceBreak, ...]:
        steps = sorted(self.random.sample(range(2, most + 3), k=min(2, most + 1)))
        falling = [price]
        for _ in steps:
            falling.append(falling[-1].share(Decimal(self.random.randint(80, 99))))
        return tuple(PriceBreak(pieces_from=at, unit_price=each) for at, each in zip(steps, falling[1:], strict=True))

    def _capacity(self, demands: tuple[Demand, ...]) -> dict[str, tuple[Free, ...]]:
        days = sorted({demand.due_on for demand in demands})
        free = {}
        for who in self.bidders:
            minutes = Decimal(0)
            falling = []
            for day in days:
                minutes += Decimal(self.random.randint(0, 150))
                falling.append(Free(until=day, minutes=minutes))
            free[str(who)] = tuple(falling)
        return free

    def _package(self, bid: BidId, lots: tuple[int, ...]) -> PackageDiscount:
        chosen = tuple(sorted(self.random.sample(lots, k=self.random.randint(1, len(lots)))))
        percent = Decimal(self.random.choice([3, 10, 33]))
        return PackageDiscount(bid_id=bid, lots=chosen, percent=percent, pieces_min=self.random.randint(1, 3))

    def _joints(self, offers: tuple[Offer, ...]) -> tuple[Joint, ...]:
        """A consortium is one where the bid has more than one sewer."""
        members: dict[tuple[BidId, int], set[OrganizationId]] = {}
        for offer in offers:
            members.setdefault((offer.bid_id, offer.lot), set()).add(offer.bidder_id)
        return tuple(
            Joint(bid_id=bid, lot=lot)
            for (bid, lot), who in sorted(members.items(), key=str)
            if len(who) > 1 or self._chance(8)
        )

    def _limits(self, lot: int) -> LotLimits:
        return LotLimits(
            lot=lot,
            winners_max=self.random.randint(1, 2) if self._chance(50) else None,
            share_percent_max=Decimal(self.random.choice([40, 60, 75])) if self._chance(40) else None,
            pieces_min=self.random.randint(1, 3),
        )

    def _quota(self, number: int, lots: tuple[int, ...]) -> Quota:
        chosen = tuple(sorted(self.random.sample(lots, k=self.random.randint(1, len(lots)))))
        return Quota(
            name=f"q{number}",
            lots=chosen,
            bidders=frozenset(self.random.sample(self.bidders, k=2)),
            percent_min=Decimal(self.random.choice([10, 34, 50])),
        )


def far_apart(problem: Problem) -> Problem:
    """The same with every second price a million times the others."""
    offers = [
        replace(
            offer,
            unit_price=offer.unit_price * 1_000_000,
            breaks=tuple(replace(each, unit_price=each.unit_price * 1_000_000) for each in offer.breaks),
        )
        if index % 2
        else offer
        for index, offer in enumerate(problem.offers)
    ]
    return replace(problem, offers=tuple(offers))
