"""From a problem to its arrays, in one pass over its offers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import numpy as np

from adapters.solver.arrays import NONE, Arrays, Floats, Ints
from domain.awards.problem import UNFILLED, Demand, Offer, PackageDiscount, Problem, compared, price_at
from domain.ids import BidId
from domain.money import Money

_HUNDRED = Decimal(100)
Seat = tuple[int, BidId]
"""A bid in a lot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The arrays, and what their lines and offers are in the problem."""

    arrays: Arrays
    demands: tuple[Demand, ...]
    offers: tuple[Offer, ...]


def read(problem: Problem) -> Market:
    return _Reader(problem).market()


class _Reader:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.demands = sorted(problem.demands, key=lambda each: (each.lot, each.line))
        self.lots = sorted({demand.lot for demand in self.demands})
        self.lot_at = {lot: at for at, lot in enumerate(self.lots)}
        self.line_at = {(demand.lot, demand.line): at for at, demand in enumerate(self.demands)}
        offers = [offer for offer in problem.offers if (offer.lot, offer.line) in self.line_at]
        first = dict[Seat, tuple[object, ...]]()
        for offer in offers:
            key = (offer.lot, offer.received_at, str(offer.bid_id))
            seat = offer.lot, offer.bid_id
            first[seat] = min(first.get(seat, key), key)
        self.seats = sorted(first, key=lambda seat: first[seat])
        self.seat_at = {seat: at for at, seat in enumerate(self.seats)}
        self.offers = sorted(
            offers,
            key=lambda offer: (
                self.line_at[offer.lot, offer.line],
                self.seat_at[offer.lot, offer.bid_id],
                str(offer.bidder_id),
            ),
        )
        self.bidders = sorted({str(offer.bidder_id) for offer in self.offers})
        self.bidder_at = {bidder: at for at, bidder in enumerate(self.bidders)}
        packages = [(package, self._members(package)) for package in problem.packages]
        self.packages = [pair for pair in packages if pair[1]]

    def market(self) -> Market:
        offer_line = [self.line_at[offer.lot, offer.line] for offer in self.offers]
        offer_lot = [self.lot_at[offer.lot] for offer in self.offers]
        offer_seat = [self.seat_at[offer.lot, offer.bid_id] for offer in self.offers]
        offer_bidder = [self.bidder_at[str(offer.bidder_id)] for offer in self.offers]
        seat_lot = [self.lot_at[lot] for lot, _ in self.seats]
        line_lot = [self.lot_at[demand.lot] for demand in self.demands]
        fields: dict[str, Any] = {  # the names are checked when they are given
            "seat_lot": ints(seat_lot),
            "seat_offers": np.bincount(offer_seat, minlength=len(self.seats)).astype(np.int64),
            "lot_line_from": _starts(line_lot, len(self.lots)),
            "lot_seat_from": _starts(seat_lot, len(self.lots)),
            "line_offer_from": _starts(offer_line, len(self.demands)),
            "offer_lot": ints(offer_lot),
            "offer_seat": ints(offer_seat),
            "offer_bidder": ints(offer_bidder),
            "bidder_offer_from": _starts(sorted(offer_bidder), len(self.bidders)),
            "bidder_offer": np.argsort(ints(offer_bidder), kind="stable").astype(np.int64),
            **self._lots(),
            **self._rules(),
            **self._capacity(),
            **self._cells(),
            **self._prices(),
        }
        return Market(arrays=Arrays(**fields), demands=tuple(self.demands), offers=tuple(self.offers))

    def _lots(self) -> dict[str, Ints | Floats]:
        pieces, penalty = np.zeros(len(self.lots), np.int64), np.zeros(len(self.lots))
        partial = {demand.lot for demand in self.demands if demand.partial}
        opens = []
        for demand in self.demands:
            per_piece = UNFILLED * tiyn(demand.planned_price)
            pieces[self.lot_at[demand.lot]] += demand.run.pieces
            penalty[self.lot_at[demand.lot]] += per_piece * demand.run.pieces
            opens.append(per_piece if demand.lot in partial else np.inf)
        winners, share, least = np.full(len(self.lots), NONE), pieces.copy(), np.ones(len(self.lots), np.int64)
        for limits in self.problem.limits:
            at = self.lot_at.get(limits.lot)
            if at is None:
                continue
            if limits.winners_max is not None:
                winners[at] = limits.winners_max if winners[at] == NONE else min(winners[at], limits.winners_max)
            if limits.share_percent_max is not None:
                most = Decimal(int(pieces[at])) * limits.share_percent_max / _HUNDRED
                share[at] = min(share[at], int(most.to_integral_value(ROUND_FLOOR)))
            least[at] = max(least[at], limits.pieces_min)
        return {
            "lot_pieces": pieces,
            "lot_penalty": penalty,
            "lot_winners": winners.astype(np.int64),
            "lot_share_most": share,
            "lot_least": least,
            "line_open": np.array(opens, np.float64),
        }

    def _rules(self) -> dict[str, Ints]:
        """Groups, packages, joints and quotas; what no seat can meet or break is left out."""
        joint = {(each.lot, each.bid_id) for each in self.problem.joints}
        groups = defaultdict[int, list[int]](list)
        count = 0
        for each in self.problem.either_or:
            members = [self.seat_at[lot, each.bid_id] for lot in each.lots if (lot, each.bid_id) in self.seat_at]
            if len(members) > 1:
                for member in members:
                    groups[member].append(count)
                count += 1
        times = Counter(member for _, members in self.packages for member in members)
        single = [pair for pair in self.packages if all(times[member] == 1 for member in pair[1])]
        seat_pack = np.full(len(self.seats), NONE)
        for at, (_, members) in enumerate(single):
            seat_pack[members] = at
        lot_quotas = [[at for at, quota in enumerate(self.problem.quotas) if lot in quota.lots] for lot in self.lots]
        offer_quotas = [
            [at for at in lot_quotas[self.lot_at[offer.lot]] if offer.bidder_id in self.problem.quotas[at].bidders]
            for offer in self.offers
        ]
        return {
            "seat_joint": np.array([seat in joint for seat in self.seats], np.bool_),
            "seat_group_from": _ends([len(groups[seat]) for seat in range(len(self.seats))]),
            "seat_group": ints(group for seat in range(len(self.seats)) for group in groups[seat]),
            "groups": ints([count]),
            "seat_pack": seat_pack.astype(np.int64),
            "pack_seat_from": _ends([len(members) for _, members in single]),
            "pack_seat": ints(member for _, members in single for member in members),
            "pack_least": ints(max(each.pieces_min, 1) for each, _ in single),
            "lot_quota_from": _ends([len(quotas) for quotas in lot_quotas]),
            "lot_quota": ints(at for quotas in lot_quotas for at in quotas),
            "offer_quota_from": _ends([len(quotas) for quotas in offer_quotas]),
            "offer_quota": ints(at for quotas in offer_quotas for at in quotas),
            "quota_share": ints(
                int((quota.percent_min * 1_000_000).to_integral_value(ROUND_CEILING)) for quota in self.problem.quotas
            ),
        }

    def _members(self, package: PackageDiscount) -> list[int]:
        """Its seats; none when the bid has no offer in one of its lots, for then nobody ever gets the discount."""
        seats = [self.seat_at.get((lot, package.bid_id)) for lot in dict.fromkeys(package.lots)]
        return [] if None in seats else [seat for seat in seats if seat is not None]

    def _capacity(self) -> dict[str, Ints]:
        days = sorted({demand.due_on for demand in self.demands})
        rows: list[int] = []
        first = dict[str, int]()
        for bidder in self.bidders if self.problem.capacity is not None else ():
            first[bidder] = len(rows)
            free = (self.problem.capacity or {}).get(bidder, ())
            for day in days:
                known = max((each.minutes for each in free if each.until <= day), default=Decimal(0))
                rows.append(int((known * 100).to_integral_value(ROUND_FLOOR)))
        units = sorted(self.problem.units)
        unit_at = {capacity: at for at, capacity in enumerate(units)}
        day_at: dict[date, int] = {day: at for at, day in enumerate(days)}
        per_piece, row_from, row_to, unit = [], [], [], []
        for offer in self.offers:
            demand = self.demands[self.line_at[offer.lot, offer.line]]
            bidder = str(offer.bidder_id)
            per_piece.append(int(demand.standard_minutes * 100))
            start = first.get(bidder, 0)
            row_from.append(start + day_at[demand.due_on] if first else 0)
            row_to.append(start + len(days) if first else 0)
            unit.append(unit_at.get(f"{bidder}/{demand.product}", NONE))
        return {
            "row_minutes": ints(rows),
            "unit_pieces": ints(max(self.problem.units[capacity], 0) for capacity in units),
            "offer_minutes": ints(per_piece),
            "offer_row_from": ints(row_from),
            "offer_row_to": ints(row_to),
            "offer_unit": ints(unit),
        }

    def _cells(self) -> dict[str, Ints]:
        starts = _ends([len(demand.run.cells) for demand in self.demands])
        whole, most, least, lengths = [], [], [], []
        at, counts = list[int](), list[int]()
        for offer in self.offers:
            line = self.line_at[offer.lot, offer.line]
            demand = self.demands[line]
            if offer.run.cells == demand.run.cells:
                whole.append(True)
                sewn = demand.run.pieces
                lengths.append(0)
            else:
                offered = dict(offer.run.cells) if offer.run.grid == demand.run.grid else {}
                mine = [
                    (int(starts[line]) + cell, min(count, offered.get(size, 0)))
                    for cell, (size, count) in enumerate(demand.run.cells)
                    if offered.get(size, 0)
                ]
                sewn = sum(count for _, count in mine)
                whole.append(sewn == demand.run.pieces)
                lengths.append(0 if whole[-1] else len(mine))
                if not whole[-1]:
                    at.extend(cell for cell, _ in mine)
                    counts.extend(count for _, count in mine)
            most.append(min(offer.pieces_max, sewn))
            least.append(max(offer.pieces_min, 1))
        return {
            "line_pieces": ints(demand.run.pieces for demand in self.demands),
            "line_cell_from": starts,
            "cell_pieces": ints(count for demand in self.demands for _, count in demand.run.cells),
            "offer_whole": np.array(whole, np.bool_),
            "offer_most": ints(most),
            "offer_least": ints(least),
            "offer_cell_from": _ends(lengths),
            "cell_at": ints(at),
            "cell_most": ints(counts),
        }

    def _prices(self) -> dict[str, Ints | Floats]:
        percents = dict[int, Decimal]()
        for package, members in self.packages:
            for seat in members:
                percents[seat] = max(percents.get(seat, Decimal(0)), package.percent)
        pieces, plain, reduced, lengths = [], [], [], []
        for offer in self.offers:
            percent = percents.get(self.seat_at[offer.lot, offer.bid_id], Decimal(0))
            lengths.append(1 + len(offer.breaks))
            for start in (1, *(each.pieces_from for each in offer.breaks)):
                pieces.append(start)
                plain.append(_compared(offer, start, Decimal(0)))
                reduced.append(_compared(offer, start, percent) if percent else plain[-1])
        return {
            "offer_tier_from": _ends(lengths),
            "tier_pieces": ints(pieces),
            "tier_price": np.array(plain, np.float64),
            "tier_package": np.array(reduced, np.float64),
        }


def tiyn(money: Money) -> int:
    return int(money.amount.scaleb(2))


def _compared(offer: Offer, pieces: int, percent: Decimal) -> int:
    return tiyn(compared(price_at(offer, pieces, package_percent=percent), offer.discount_percent))


def ints(numbers: Iterable[int]) -> Ints:
    return np.array(list(numbers), np.int64)


def _starts(owners: Sequence[int], count: int) -> Ints:
    """Where each owner's parts begin, in a list sorted by owner, and the end."""
    return np.searchsorted(ints(owners), np.arange(count + 1)).astype(np.int64)


def _ends(lengths: Sequence[int]) -> Ints:
    return np.concatenate(([0], np.cumsum(np.array(lengths, np.int64)))).astype(np.int64)
