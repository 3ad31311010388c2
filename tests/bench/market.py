"""A made-up market, the same for the same seed: buyers' lots, and workshops of which most are too small for a lot."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
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
from domain.garments import GRIDS, GridId, SizeRun
from domain.ids import BidId, OrganizationId
from domain.money import Money

BIDS_PER_LOT = 12
DAYS = tuple(date(2027, 6, 1) + timedelta(weeks=4 * month) for month in range(4))
OPENED = datetime(2027, 1, 11, 10, tzinfo=UTC)
WHOLE = 0.18
"""Of the offers are for all that is asked; the others are for a part, as workshops know what they can sew."""
PLENTY = 1.7
"""Minutes that the workshops have altogether, times what all lots need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    id: OrganizationId
    level: float
    """Of its prices: 1 is the market's."""
    minutes: tuple[Free, ...]

    def free_until(self, day: date) -> float:
        return float(max((each.minutes for each in self.minutes if each.until <= day), default=Decimal(0)))


def market(lots: int, workshops: int, *, seed: int) -> Problem:
    """About twelve bids per lot; a third to a half of the lots are more than any single bidder can sew."""
    return _Market(random.Random(seed), lots, workshops).problem()


class _Market:
    def __init__(self, draw: random.Random, lots: int, workshops: int) -> None:
        self.draw = draw
        self.demands = [demand for lot in range(1, lots + 1) for demand in self._lot(lot)]
        needed = sum(float(each.standard_minutes) * each.run.pieces for each in self.demands)
        sizes = [draw.lognormvariate(0, 0.7) for _ in range(workshops)]
        unit = PLENTY * needed / sum(sizes)
        self.workshops = [self._workshop(size * unit) for size in sizes]
        self.offers: list[Offer] = []
        self.by_lot: dict[int, list[Offer]] = {}
        self.joints: list[Joint] = []
        self.bids: dict[OrganizationId, list[tuple[BidId, int]]] = {}

    def problem(self) -> Problem:
        lots: dict[int, list[Demand]] = {}
        for demand in self.demands:
            lots.setdefault(demand.lot, []).append(demand)
        for lot, demands in lots.items():
            self._bids(lot, demands)
        either_or, packages = self._ties()  # which name the tied bids as one
        for offer in self.offers:
            self.by_lot.setdefault(offer.lot, []).append(offer)
        return Problem(
            demands=tuple(self.demands),
            offers=tuple(self.offers),
            capacity={str(each.id): each.minutes for each in self.workshops},
            units={
                f"{each.id}/141413": int(float(each.minutes[-1].minutes) / 20)
                for each in self.workshops
                if self.draw.random() < 0.2
            },
            either_or=tuple(either_or),
            packages=tuple(packages),
            joints=tuple(self.joints),
            limits=tuple(self._limits(lot, demands) for lot, demands in lots.items()),
            quotas=self._quotas(tuple(lots)),
        )

    def _id(self) -> UUID:
        return UUID(int=self.draw.getrandbits(128), version=4)

    def _lot(self, lot: int) -> list[Demand]:
        lines = 1 if self.draw.random() < 0.9 else 2
        due_on = self.draw.choice(DAYS)
        product = self.draw.choice(("141413", "141230", "141312"))
        return [
            Demand(
                lot=lot,
                line=line,
                product=product,
                run=self._run(),
                standard_minutes=Decimal(self.draw.randrange(1200, 9000)) / 100,
                planned_price=Money(Decimal(self.draw.randrange(300_000, 2_500_000)) / 100),
                due_on=due_on,
            )
            for line in range(1, lines + 1)
        ]

    def _run(self) -> SizeRun:
        grid = self.draw.choice((GridId.ADULT, GridId.CHILD))
        pieces = min(max(int(self.draw.lognormvariate(5.6, 0.8)), 40), 3000)
        sizes = sorted(self.draw.sample(range(len(GRIDS[grid])), self.draw.randrange(4, 11)))
        weights = [self.draw.random() + 0.2 for _ in sizes]
        counts = [max(int(pieces * weight / sum(weights)), 1) for weight in weights]
        return SizeRun(grid, tuple((GRIDS[grid][size], count) for size, count in zip(sizes, counts, strict=True)))

    def _workshop(self, minutes: float) -> Workshop:
        shares = sorted(self.draw.uniform(0.35, 1.0) for _ in DAYS[1:])
        free = tuple(
            Free(until=day, minutes=Decimal(int(minutes * share)))
            for day, share in zip(DAYS, (*shares, 1.0), strict=True)
        )
        return Workshop(id=OrganizationId(self._id()), level=self.draw.gauss(0.87, 0.06), minutes=free)

    def _bids(self, lot: int, demands: list[Demand]) -> None:
        bidders = self.draw.sample(
            self.workshops, min(len(self.workshops), max(int(self.draw.gauss(BIDS_PER_LOT, 3)), 3))
        )
        while bidders:
            members = [bidders.pop()]
            if len(bidders) > 1 and self.draw.random() < 0.03:
                members.append(bidders.pop())
                bid_id = BidId(self._id())
                self.joints.append(Joint(bid_id=bid_id, lot=lot))
            else:
                bid_id = BidId(self._id())
                self.bids.setdefault(members[0].id, []).append((bid_id, lot))
            received_at = OPENED + timedelta(seconds=self.draw.randrange(86_400))
            for member in members:
                for demand in demands:
                    self._offer(bid_id, member, demand, received_at)

    def _offer(self, bid_id: BidId, bidder: Workshop, demand: Demand, received_at: datetime) -> None:
        run = demand.run
        if self.draw.random() < 0.12 and len(run.cells) > 3:  # a size range
            start = self.draw.randrange(0, len(run.cells) // 2)
            run = SizeRun(run.grid, run.cells[start : start + self.draw.randrange(2, len(run.cells))])
        able = int(bidder.free_until(demand.due_on) / float(demand.standard_minutes))
        part = 1.0 if self.draw.random() < WHOLE else self.draw.uniform(0.1, 0.8)
        most = max(min(int(run.pieces * part), able), 1)
        least = max(int(most * self.draw.choice((0, 0.05, 0.1, 0.2, 0.3))), 1)
        price = float(demand.planned_price.amount) * bidder.level * self.draw.uniform(0.94, 1.06)
        unit_price = Money(min(Decimal(int(price * 100)) / 100, demand.planned_price.amount))
        breaks = []
        if self.draw.random() < 0.3 and most > 20:
            breaks = [
                PriceBreak(pieces_from=int(most * part), unit_price=Money(Decimal(int(price * factor * 100)) / 100))
                for part, factor in ((0.5, 0.97), (0.8, 0.95))[: self.draw.randrange(1, 3)]
            ]
        self.offers.append(
            Offer(
                bid_id=bid_id,
                bidder_id=bidder.id,
                lot=demand.lot,
                line=demand.line,
                unit_price=unit_price,
                run=run,
                pieces_min=least,
                pieces_max=most,
                received_at=received_at,
                breaks=tuple(each for each in breaks if each.unit_price < unit_price),
            )
        )

    def _ties(self) -> tuple[list[EitherOr], list[PackageDiscount]]:
        """A bid for several lots is one bid: a tenth of the workshops tie two or three of theirs together."""
        either_or, packages = [], []
        renamed: dict[BidId, BidId] = {}
        for mine in self.bids.values():
            if len(mine) < 2 or self.draw.random() > 0.2:
                continue
            tied = self.draw.sample(mine, min(len(mine), self.draw.randrange(2, 4)))
            bid_id = tied[0][0]
            renamed |= {each: bid_id for each, _ in tied}
            lots = tuple(sorted(lot for _, lot in tied))
            if self.draw.random() < 0.3:
                either_or.append(EitherOr(bid_id=bid_id, lots=lots))
            else:
                percent = Decimal(self.draw.randrange(2, 7))
                packages.append(PackageDiscount(bid_id=bid_id, lots=lots, percent=percent, pieces_min=5))
        self.offers = [replace(each, bid_id=renamed.get(each.bid_id, each.bid_id)) for each in self.offers]
        return either_or, packages

    def _limits(self, lot: int, demands: list[Demand]) -> LotLimits:
        """One or two winners more than the largest bids would need, so that the buyer's rule binds and can be met."""
        most: dict[BidId, int] = {}
        for offer in self.by_lot[lot]:
            most[offer.bid_id] = most.get(offer.bid_id, 0) + offer.pieces_max
        pieces = 0
        needed = len(most)
        asked = sum(demand.run.pieces for demand in demands)
        for count, each in enumerate(sorted(most.values(), reverse=True), start=1):
            pieces += each
            if pieces >= 1.3 * asked:
                needed = count
                break
        return LotLimits(
            lot=lot,
            winners_max=max(needed, 2) + len(demands) - 1 + self.draw.randrange(1, 3),
            share_percent_max=self.draw.choice((None, None, None, Decimal(60), Decimal(70))) if needed > 1 else None,
            pieces_min=self.draw.choice((1, 1, 10)),
        )

    def _quotas(self, lots: tuple[int, ...]) -> tuple[Quota, ...]:
        members = frozenset(each.id for each in self.workshops if self.draw.random() < 0.4)
        return (Quota(name="small workshops", lots=lots, bidders=members, percent_min=Decimal(20)),)
