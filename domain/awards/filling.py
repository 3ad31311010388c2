"""One try at one lot by the greedy's rule: offer after offer by price, each as much as everything leaves it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.awards.allocation import Bound, TraceStep
from domain.awards.ledger import Ledger
from domain.awards.problem import Demand, LotLimits, Offer, Quota, compared, price_at
from domain.awards.settling import OfferKey, key_of
from domain.garments import Size
from domain.ids import BidId
from domain.money import Money

Cells = dict[Size, int]
"""A size run that is being worked on, in grid order."""
_OF_THE_BID = {Bound.WINNERS_MAX, Bound.EITHER_OR}
"""What keeps a whole bid out, and not only one member of a consortium."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOffers:
    """What is the same in every try. ``quotas`` are those that count this lot, by their index in the problem."""

    number: int
    demands: tuple[Demand, ...]
    offers: Mapping[int, tuple[Offer, ...]]
    """By line."""
    limits: LotLimits
    share_max: int | None
    joints: frozenset[BidId]
    quotas: Mapping[int, Quota]

    @property
    def pieces(self) -> int:
        return sum(demand.run.pieces for demand in self.demands)

    @property
    def partial(self) -> bool:
        return all(demand.partial for demand in self.demands)


@dataclass(slots=True)
class Filling:
    """``out`` are the bids that stay out of this try, with the reason; ``reserved`` bounds per quota what others than
    its bidders may have.
    """

    ledger: Ledger
    lot: LotOffers
    out: dict[BidId, Bound]
    reserved: dict[int, int]
    taken: dict[OfferKey, Cells] = field(default_factory=dict)
    pieces: Counter[BidId] = field(default_factory=Counter)
    outsiders: Counter[int] = field(default_factory=Counter)
    bounds: dict[OfferKey, Bound] = field(default_factory=dict)
    _left: dict[int, Cells] = field(init=False)
    _open: dict[int, int] = field(init=False)
    """Pieces left per line."""
    _had: Counter[OfferKey] = field(init=False, default_factory=Counter)
    _seen: list[tuple[Offer, int, Money]] = field(init=False, default_factory=list)
    _alone: dict[BidId, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._left = {demand.line: dict(demand.run.cells) for demand in self.lot.demands}
        self._open = {demand.line: demand.run.pieces for demand in self.lot.demands}
        for offers in self.lot.offers.values():
            for offer in offers:
                self._alone[offer.bid_id] = offer.bid_id not in self._alone

    def run(self) -> None:
        for demand in self.lot.demands:
            self._fill(demand)

    @property
    def filled(self) -> bool:
        return not any(self._open.values())

    @property
    def winners(self) -> list[BidId]:
        return [bid_id for bid_id, pieces in self.pieces.items() if pieces]

    def undo(self) -> None:
        """Give everything back to the ledger; the steps stay, as what was tried."""
        demands = {demand.line: demand for demand in self.lot.demands}
        for offer, _, _ in self._seen:
            pieces = self._had.pop(key_of(offer), 0)
            if pieces:
                self.ledger.use(offer, demands[offer.line], -pieces)
                self.bounds[key_of(offer)] = Bound.LOT_NOT_FILLED
        self.taken.clear()

    def steps(self) -> list[TraceStep]:
        steps = []
        for offer, rank, price in self._seen:
            asked = min(offer.pieces_max, offer.run.pieces)
            given = self._had[key_of(offer)]
            steps.append(
                TraceStep(
                    lot=offer.lot,
                    line=offer.line,
                    rank=rank,
                    bid_id=offer.bid_id,
                    bidder_id=offer.bidder_id,
                    unit_price=price,
                    asked=asked,
                    given=given,
                    bound=Bound.NOTHING if given == asked else self.bounds[key_of(offer)],
                )
            )
        return steps

    def _fill(self, demand: Demand) -> None:
        passed_over: list[Offer] = []
        for rank, (offer, price) in enumerate(self._ranked(demand), start=1):
            self._seen.append((offer, rank, price))
            if self._open[demand.line] and offer.bid_id in self.lot.joints and not self.pieces[offer.bid_id]:
                self._seat(offer.bid_id)
            limit, bound = self._limit(offer, demand)
            if 0 < limit + self._has(offer) < self._least(offer):
                passed_over.append(offer)
                limit, bound = 0, Bound.LEAST_PIECES
            self._take(demand, offer, limit)
            self.bounds[key_of(offer)] = bound
        for offer in passed_over:
            self._second_look(demand, offer)

    def _ranked(self, demand: Demand) -> list[tuple[Offer, Money]]:
        """Best first: compared price, then earlier receipt, then bid id and sewer."""
        found = []
        for offer in self.lot.offers.get(demand.line, ()):
            price = offer.unit_price
            if offer.breaks:
                price = price_at(offer, self._has(offer) + self._limit(offer, demand)[0])
            found.append((offer, price))
        found.sort(
            key=lambda pair: (
                compared(pair[1], pair[0].discount_percent) if pair[0].discount_percent else pair[1],
                pair[0].received_at,
                str(pair[0].bid_id),
                str(pair[0].bidder_id),
            )
        )
        return found

    def _seat(self, bid_id: BidId) -> None:
        """Give every member of a consortium his least number, or keep the bid out."""
        demands = {demand.line: demand for demand in self.lot.demands}
        seated: list[tuple[Offer, Demand, Cells]] = []
        for line, offers in sorted(self.lot.offers.items()):
            members = [each for each in offers if each.bid_id == bid_id]
            for offer in sorted(members, key=lambda each: str(each.bidder_id)):
                limit, bound = self._limit(offer, demands[line])
                if limit < offer.pieces_min:
                    for member, demand, cells in seated:
                        self._give(member, demand, cells, back=True)
                    self.out.setdefault(bid_id, bound if bound in _OF_THE_BID else Bound.JOINT)
                    return
                seated.append((offer, demands[line], self._take(demands[line], offer, offer.pieces_min)))

    def _least(self, offer: Offer) -> int:
        """The buyer's least for a bid binds an offer at once where it is all that the bid has in the lot."""
        if self._alone[offer.bid_id]:
            return max(offer.pieces_min, self.lot.limits.pieces_min)
        return offer.pieces_min

    def _has(self, offer: Offer) -> int:
        return self._had[key_of(offer)]

    def _wants(self, offer: Offer) -> Cells:
        cells = dict(offer.run.cells)
        had = self.taken.get(key_of(offer))
        return {size: count - had.get(size, 0) for size, count in cells.items()} if had else cells

    def _limit(self, offer: Offer, demand: Demand, left: Cells | None = None) -> tuple[int, Bound]:
        """How many pieces more the offer could get now (of ``left``, if it were that), and what keeps it from more."""
        lot, bid_id = self.lot, offer.bid_id
        if bid_id in self.out:
            return 0, self.out[bid_id]
        if self.ledger.excluded(offer):
            return 0, Bound.EITHER_OR
        if left is None and not self._open[demand.line]:
            return 0, Bound.DEMAND
        most, winners_max = lot.share_max, lot.limits.winners_max
        if winners_max is not None and not self.pieces[bid_id] and len(self.winners) >= winners_max:
            return 0, Bound.WINNERS_MAX
        wants, had = self._wants(offer), self._has(offer)
        left = self._left[demand.line] if left is None else left
        limits: list[tuple[int | None, Bound]] = [
            (min(offer.pieces_max - had, sum(wants.values())), Bound.OFFER),
            (_pieces_common(wants, left), Bound.DEMAND),
            (self.ledger.minutes_allow(offer, demand), Bound.MINUTES),
            (self.ledger.units_allow(offer, demand), Bound.DECLARED_CAPACITY),
            (None if most is None else most - self.pieces[bid_id], Bound.SHARE_MAX),
        ]
        limits += [
            (self.reserved[index] - self.outsiders[index], Bound.QUOTA)
            for index, quota in lot.quotas.items()
            if offer.bidder_id not in quota.bidders
        ]
        known = [(max(limit, 0), bound) for limit, bound in limits if limit is not None]
        return min(known, key=lambda pair: pair[0])

    def _take(self, demand: Demand, offer: Offer, limit: int) -> Cells:
        """Give the offer so many pieces of what is left, in grid order."""
        part: Cells = {}
        if limit > 0:
            left = self._left[demand.line]
            part = _first({size: min(count, left.get(size, 0)) for size, count in self._wants(offer).items()}, limit)
            self._give(offer, demand, part)
        return part

    def _give(self, offer: Offer, demand: Demand, part: Cells, *, back: bool = False) -> None:
        sign = -1 if back else 1
        taken, left = self.taken.setdefault(key_of(offer), {}), self._left[demand.line]
        for size, count in part.items():
            taken[size] = taken.get(size, 0) + sign * count
            left[size] -= sign * count
        pieces = sign * sum(part.values())
        self._open[demand.line] -= pieces
        self._had[key_of(offer)] += pieces
        self.pieces[offer.bid_id] += pieces
        self.ledger.use(offer, demand, pieces)
        for index, quota in self.lot.quotas.items():
            if offer.bidder_id not in quota.bidders:
                self.outsiders[index] += pieces

    def _second_look(self, demand: Demand, offer: Offer) -> None:
        """An offer that was passed over for its least number of pieces, when nobody else has filled the demand: those
        before it give back what they can spare, the last taker first, if that is enough for its least.
        """
        least = self._least(offer)
        if not self._open[demand.line] or not _pieces_common(self._wants(offer), self._left[demand.line]):
            return
        if self._limit(offer, demand, dict(demand.run.cells))[0] < least:
            return
        given_back: list[tuple[Offer, Cells]] = []
        for giver, _, _ in reversed(self._seen):
            missing = least - self._limit(offer, demand)[0]
            if missing <= 0 or giver.line != demand.line:
                break
            part = self._spare(giver, offer, missing)
            if part:
                self._give(giver, demand, part, back=True)
                given_back.append((giver, part))
        limit, bound = self._limit(offer, demand)
        if limit < least:
            for giver, part in given_back:
                self._give(giver, demand, part)
            return
        for giver, _ in given_back:
            self.bounds[key_of(giver)] = Bound.LEAST_PIECES
        self._take(demand, offer, limit)
        self.bounds[key_of(offer)] = bound

    def _spare(self, giver: Offer, offer: Offer, missing: int) -> Cells:
        """What ``giver`` can give back without falling under his least, of the sizes that ``offer`` still lacks."""
        cells = self.taken.get(key_of(giver), {})
        spare = self._has(giver) - self._least(giver)
        left = self._left[offer.line]
        lacks = {size: count - left.get(size, 0) for size, count in offer.run.cells}
        return _first({size: min(count, lacks.get(size, 0)) for size, count in cells.items()}, min(spare, missing))


def _pieces_common(one: Cells, other: Cells) -> int:
    return sum(min(count, other.get(size, 0)) for size, count in one.items())


def _first(cells: Cells, pieces: int) -> Cells:
    """The first ``pieces`` in the order of the cells."""
    taken: Cells = {}
    for size, count in cells.items():
        if pieces <= 0:
            break
        part = min(count, pieces)
        if part > 0:
            taken[size] = part
            pieces -= part
    return taken
