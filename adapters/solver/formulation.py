"""An allocation problem as a program in whole numbers: what is decided, what binds it, what it costs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

from adapters.solver.cells import CellClass, classes, spread
from adapters.solver.milp import Program
from domain.awards.allocation import Allocation
from domain.awards.problem import UNFILLED, Demand, Offer, Problem, compared, price_at
from domain.awards.settling import OfferKey, in_order, key_of
from domain.garments import SizeRun
from domain.ids import BidId
from domain.money import Money

Terms = dict[int, int | Decimal]


@dataclass(slots=True)
class Formulation:
    """Columns by what they mean. ``pieces`` of an offer are the sum of its columns, one per class of cells; ``taken``
    says whether it is given anything, ``won`` whether a bid is given anything of a lot.
    """

    problem: Problem
    program: Program = field(default_factory=Program)
    _classes: list[tuple[Demand, CellClass, dict[OfferKey, int]]] = field(default_factory=list)
    _offers: dict[OfferKey, Offer] = field(default_factory=dict)
    _demands: dict[tuple[int, int], Demand] = field(default_factory=dict)
    _pieces: dict[OfferKey, Terms] = field(default_factory=dict)
    _taken: dict[OfferKey, int] = field(default_factory=dict)
    _won: dict[tuple[BidId, int], int] = field(default_factory=dict)
    _of_bid: dict[tuple[BidId, int], list[OfferKey]] = field(default_factory=dict)
    _reached: dict[tuple[BidId, int], list[tuple[int, Decimal]]] = field(default_factory=dict)
    _shares: list[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        ordered = sorted(self.problem.offers, key=lambda each: (*key_of(each)[:2], *map(str, key_of(each)[2:])))
        self._offers = {key_of(offer): offer for offer in ordered}
        self._demands = {(demand.lot, demand.line): demand for demand in in_order(self.problem)}
        self._shares = self._shares_most()
        for key, offer in self._offers.items():
            self._of_bid.setdefault((offer.bid_id, offer.lot), []).append(key)
        self._fill_lots()
        for key in self._offers:
            self._taken[key] = self.program.column(1)
        self._win_lots()
        self._discount_packages()
        for key, offer in self._offers.items():
            self._price(key, offer)
        self._limit_lots()
        self._hold_quotas()
        self._fit_sewers()

    def given(self, values: Sequence[int]) -> dict[OfferKey, SizeRun]:
        """What the numbers of an answer give to each offer."""
        by_line: dict[tuple[int, int], list[tuple[CellClass, Mapping[OfferKey, int]]]] = {}
        for demand, each, columns in self._classes:
            pieces = {key: values[column] for key, column in columns.items()}
            by_line.setdefault((demand.lot, demand.line), []).append((each, pieces))
        runs: dict[OfferKey, SizeRun] = {}
        for line, given in by_line.items():
            runs |= spread(self._demands[line], given)
        return runs

    def start(self, allocation: Allocation) -> dict[int, int]:
        """What an allocation says of the pieces and of who is given anything; the rest follows."""
        runs = {key_of(share): dict(share.run.cells) for share in allocation.shares}
        values = {taken: int(key in runs) for key, taken in self._taken.items()}
        for _, each, columns in self._classes:
            for key, column in columns.items():
                values[column] = sum(runs.get(key, {}).get(size, 0) for size, _ in each.cells)
        return values

    def _fill_lots(self) -> None:
        """Every piece is given or left; of a lot that must be filled either all pieces are left or none."""
        by_line: dict[tuple[int, int], list[Offer]] = {}
        for offer in self._offers.values():
            by_line.setdefault((offer.lot, offer.line), []).append(offer)
        self._pieces = {key: {} for key in self._offers}
        left_open: dict[int, int] = {}
        for line, demand in self._demands.items():
            penalty = UNFILLED * _tiyn(demand.planned_price)
            if not demand.partial and demand.lot not in left_open:
                left_open[demand.lot] = self.program.column(1)
            for each in classes(demand, by_line.get(line, [])):
                columns = {key: self.program.column(most) for key, most in each.most.items()}
                self._classes.append((demand, each, columns))
                terms: Terms = dict.fromkeys(columns.values(), 1)
                if demand.partial:
                    terms[self.program.column(each.pieces, penalty)] = 1
                else:
                    terms[left_open[demand.lot]] = each.pieces
                    self.program.costs[left_open[demand.lot]] += penalty * each.pieces
                self._exactly(terms, each.pieces)
                for key, column in columns.items():
                    self._pieces[key][column] = 1

    def _price(self, key: OfferKey, offer: Offer) -> None:
        """All pieces of an offer are sold in one way: a tier, with or without one of the packages that are reached, of
        which the cheapest is the one that ``problem.py`` prescribes.
        """
        most = self._most(key, offer)
        packages: list[tuple[int | None, Decimal]] = [
            (None, Decimal(0)),
            *self._reached.get((offer.bid_id, offer.lot), []),
        ]
        tiers = [1, *(each.pieces_from for each in offer.breaks if each.pieces_from <= most)]
        ways = [
            (max(tier, self._least(offer)), top, package, percent)
            for tier, top in zip(tiers, [*(each - 1 for each in tiers[1:]), most], strict=True)
            for package, percent in packages
        ]
        ways = [way for way in ways if way[0] <= way[1]]
        chosen: Terms = {self._taken[key]: -1}
        sold: Terms = dict.fromkeys(self._pieces[key], -1)
        for least, top, package, percent in ways:
            price = _tiyn(compared(price_at(offer, least, package_percent=percent), offer.discount_percent))
            way = self._taken[key] if len(ways) == 1 else self.program.column(1)
            pieces = self.program.column(top, price)
            chosen[way] = chosen.get(way, 0) + 1
            sold[pieces] = 1
            self.program.row({pieces: 1, way: -least}, least=0)
            self.program.row({pieces: 1, way: -top}, most=0)
            if package is not None:
                self.program.row({way: 1, package: -1}, most=0)
        if len(ways) != 1:
            self._exactly(chosen, 0)
        self._exactly(sold, 0)
        for column in self._pieces[key] if len(self._pieces[key]) > 1 else ():  # follows for whole numbers
            self.program.row({column: 1, self._taken[key]: -min(self.program.most[column], most)}, most=0)

    def _least(self, offer: Offer) -> int:
        """Pieces of an offer that is given anything: the buyer's least for a bid too, where it is all of the bid."""
        alone = len(self._of_bid[offer.bid_id, offer.lot]) == 1
        limits = [each.pieces_min for each in self.problem.limits if each.lot == offer.lot] if alone else []
        return max(1, offer.pieces_min, *limits)

    def _most(self, key: OfferKey, offer: Offer) -> int:
        demand = self._demands.get((offer.lot, offer.line))
        if demand is None:
            return 0
        limits = [offer.pieces_max, sum(self.program.most[column] for column in self._pieces[key])]
        limits += [most for lot, most in self._shares if lot == offer.lot]
        units = self.problem.units.get(f"{offer.bidder_id}/{demand.product}")
        if units is not None:
            limits.append(units)
        if self.problem.capacity is not None:
            free = self.problem.capacity.get(str(offer.bidder_id), ())
            minutes = max((each.minutes for each in free if each.until <= demand.due_on), default=Decimal(0))
            limits.append(int((minutes / demand.standard_minutes).to_integral_value(ROUND_FLOOR)))
        return max(min(limits), 0)

    def _win_lots(self) -> None:
        joints = {(each.bid_id, each.lot) for each in self.problem.joints}
        for bid_lot, keys in self._of_bid.items():
            won = self._won[bid_lot] = self._taken[keys[0]] if len(keys) == 1 else self.program.column(1)
            for key in keys if len(keys) > 1 else ():
                terms: Terms = {self._taken[key]: 1, won: -1}
                self.program.row(terms, least=0 if bid_lot in joints else -1, most=0)
        for group in self.problem.either_or:
            lots = [self._won[group.bid_id, lot] for lot in set(group.lots) if (group.bid_id, lot) in self._won]
            self.program.row(dict.fromkeys(sorted(lots), 1), most=1)

    def _discount_packages(self) -> None:
        for package in self.problem.packages:
            reached = self.program.column(1)
            for lot in package.lots:
                self.program.row(
                    {**self._bid_pieces(package.bid_id, lot), reached: -max(package.pieces_min, 0)}, least=0
                )
                self._reached.setdefault((package.bid_id, lot), []).append((reached, package.percent))

    def _limit_lots(self) -> None:
        of_lots: dict[int, dict[BidId, int]] = {}
        for (bid_id, lot), won in self._won.items():
            of_lots.setdefault(lot, {})[bid_id] = won
        for limits in self.problem.limits:
            bids = of_lots.get(limits.lot, {})
            if limits.winners_max is not None:
                self.program.row(dict.fromkeys(bids.values(), 1), most=limits.winners_max)
            for bid_id, won in bids.items():
                if limits.pieces_min > 1:
                    self.program.row({**self._bid_pieces(bid_id, limits.lot), won: -limits.pieces_min}, least=0)
        for lot, most in self._shares:
            for bid_id in of_lots.get(lot, {}):
                self.program.row(self._bid_pieces(bid_id, lot), most=most)

    def _shares_most(self) -> list[tuple[int, int]]:
        """Lots, and the most pieces of them for one bid."""
        pieces = Counter[int]()
        for demand in self.problem.demands:
            pieces[demand.lot] += demand.run.pieces
        percents = [(each.lot, each.share_percent_max) for each in self.problem.limits]
        return [
            (lot, int((pieces[lot] * percent / 100).to_integral_value(ROUND_FLOOR)))
            for lot, percent in percents
            if percent is not None
        ]

    def _hold_quotas(self) -> None:
        for quota in self.problem.quotas:
            terms: Terms = {}
            for key, offer in self._offers.items():
                if offer.lot in quota.lots:
                    weight = (100 if offer.bidder_id in quota.bidders else 0) - quota.percent_min
                    terms |= dict.fromkeys(self._pieces[key], weight)
            self.program.row(terms, least=0)

    def _fit_sewers(self) -> None:
        by_bidder: dict[str, list[tuple[Demand, Terms]]] = {}
        for key, offer in self._offers.items():
            demand = self._demands.get((offer.lot, offer.line))
            if demand is not None:
                by_bidder.setdefault(str(offer.bidder_id), []).append((demand, self._pieces[key]))
        days = sorted({demand.due_on for demand in self.problem.demands})
        for bidder, work in by_bidder.items():
            for product in sorted({demand.product for demand, _ in work}):
                left = self.problem.units.get(f"{bidder}/{product}")
                if left is not None:
                    sewn = {column: 1 for demand, terms in work if demand.product == product for column in terms}
                    self.program.row(sewn, most=max(left, 0))
            for day in days if self.problem.capacity is not None else ():
                minutes: Terms = {
                    column: demand.standard_minutes
                    for demand, terms in work
                    if demand.due_on <= day
                    for column in terms
                }
                free = (self.problem.capacity or {}).get(bidder, ())
                self.program.row(
                    minutes, most=max((each.minutes for each in free if each.until <= day), default=Decimal(0))
                )

    def _bid_pieces(self, bid_id: BidId, lot: int) -> Terms:
        return {column: 1 for key in self._of_bid.get((bid_id, lot), ()) for column in self._pieces[key]}

    def _exactly(self, terms: Terms, pieces: int) -> None:
        self.program.row(terms, least=pieces, most=pieces)


def _tiyn(money: Money) -> int:
    return int(money.amount.scaleb(2))
