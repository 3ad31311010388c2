"""What would have won: the smallest change of one thing in one offer, found by running the award again.

Every change that is told was tried: the award with it gives the bid more of the lot than it has, the checker lets it
stand, and a price that is one tiyn nearer to the present one does not win. Where runs are short (``RUNS_MAX``) a change
may win and not be the smallest: it says so.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from domain.awards.allocation import Allocation
from domain.awards.changes import Change, Changed, applied
from domain.awards.checker import violations
from domain.awards.problem import Demand, Offer, Problem, compared
from domain.garments import SizeRun
from domain.ids import BidId
from domain.money import TIYN, Money

RUNS_MAX = 120
"""Awards that are run again for one bid in one lot."""
SCAN_MAX = 12
"""So many prices of others are tried one by one, from the nearest; more are halved."""
_HUNDRED = Decimal(100)
Rerun = Callable[[Problem], Allocation]
"""The engine that made the award, the same way again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """``had`` pieces of the lot; at most one change of each kind, the price first. No changes: nothing of one thing
    alone would have won, or (``cut_short``) nobody looked further.
    """

    bid_id: BidId
    lot: int
    had: int
    changes: tuple[Change, ...]
    runs: int
    cut_short: bool


def counterfactual(
    problem: Problem, allocation: Allocation, bid_id: BidId, lot: int, rerun: Rerun, *, runs_max: int = RUNS_MAX
) -> Counterfactual:
    """What would have given the bid more pieces of the lot than ``allocation`` does."""
    search = _Search(problem, bid_id, lot, rerun, had=pieces_of(allocation, bid_id, lot), runs_max=runs_max)
    found: list[Change] = []
    for look in (_price, _pieces_min, _pieces_max, _sizes, _minutes, _units):
        changes = [each for offer, demand in search.offers for each in look(search, offer, demand)]
        if changes:
            found.append(min(changes, key=_least))
    return Counterfactual(
        bid_id=bid_id,
        lot=lot,
        had=search.had,
        changes=tuple(found),
        runs=search.runs,
        cut_short=search.runs >= runs_max,
    )


def _least(change: Change) -> tuple[Decimal, int, int]:
    return abs(change.needed - change.present), change.line, change.bidder_id.int


def pieces_of(allocation: Allocation, bid_id: BidId, lot: int) -> int:
    return sum(share.run.pieces for share in allocation.shares if (share.bid_id, share.lot) == (bid_id, lot))


@dataclass(slots=True)
class _Search:
    problem: Problem
    bid_id: BidId
    lot: int
    rerun: Rerun
    had: int
    runs_max: int
    runs: int = 0
    offers: list[tuple[Offer, Demand]] = field(init=False)

    def __post_init__(self) -> None:
        demands = {(demand.lot, demand.line): demand for demand in self.problem.demands}
        mine = [each for each in self.problem.offers if (each.bid_id, each.lot) == (self.bid_id, self.lot)]
        mine.sort(key=lambda each: (each.line, each.bidder_id.int))
        self.offers = [(each, demands[each.lot, each.line]) for each in mine]

    def tried(self, change: Change) -> Change | None:
        """The change with what it gives, if it gives more and stands; None also when no runs are left."""
        if self.runs >= self.runs_max:
            return None
        self.runs += 1
        other = applied(self.problem, self.bid_id, self.lot, change)
        allocation = self.rerun(other)
        pieces = pieces_of(allocation, self.bid_id, self.lot)
        return replace(change, pieces=pieces) if pieces > self.had and not violations(other, allocation) else None

    def nearest(self, change: Callable[[int], Change], *, fails: int, wins: int) -> Iterator[Change]:
        """Between a number that is known to fail and one that is asked first: the nearest to ``fails`` that wins while
        its neighbour does not.
        """
        best = self.tried(change(wins)) if wins != fails else None
        if best is None:
            return
        step = 1 if wins > fails else -1
        while wins - step != fails and self.runs < self.runs_max:
            middle = (wins + fails) // 2
            found = self.tried(change(middle))
            if found is not None:
                best, wins = found, middle
            else:
                fails = middle
        yield replace(best, smallest=wins - step == fails)


def _price(search: _Search, offer: Offer, _demand: Demand) -> Iterator[Change]:
    """The outcome can turn where the price passes another's, so those prices are asked, from the nearest; then the
    exact tiyn.
    """
    present = _tiyn(offer.unit_price)

    def change(tiyn: int) -> Change:
        return _change(Changed.UNIT_PRICE, offer, offer.unit_price.amount, Decimal(tiyn).scaleb(-2))

    ladder = sorted({*_turns(search, offer), 1} - {present}, reverse=True)
    ladder = [each for each in ladder if 1 <= each < present]
    fails = present
    for wins in ladder if len(ladder) <= SCAN_MAX else _halved(search, change, ladder):
        if search.tried(change(wins)) is None:
            fails = wins
            continue
        if wins + 1 < fails and search.tried(change(wins + 1)) is None:
            fails = wins + 1
        yield from search.nearest(change, fails=fails, wins=wins)
        return


def _halved(search: _Search, change: Callable[[int], Change], ladder: Sequence[int]) -> list[int]:
    """The two steps of a long ladder between which it turns, or nothing where even the last one loses."""
    lost, won = -1, len(ladder) - 1
    if search.tried(change(ladder[won])) is None:
        return []
    while won - lost > 1:
        middle = (won + lost) // 2
        if search.tried(change(ladder[middle])) is None:
            lost = middle
        else:
            won = middle
    return list(ladder[max(lost, 0) : won + 1])


def _turns(search: _Search, offer: Offer) -> Iterator[int]:
    """Own prices in tiyn at which the offer, as it is compared, still equals and just undercuts another's."""
    factor = (_HUNDRED - offer.discount_percent) / _HUNDRED
    if not factor:
        return
    rivals = {
        compared(price, each.discount_percent).amount
        for each in search.problem.offers
        if (each.lot, each.line) == (offer.lot, offer.line) and each.bid_id != offer.bid_id
        for price in (each.unit_price, *(step.unit_price for step in each.breaks))
    }
    for rival in rivals:
        for target in (rival, rival - TIYN):
            tiyn = int(target / factor / TIYN) + 1
            while tiyn > 0 and compared(Money(Decimal(tiyn).scaleb(-2)), offer.discount_percent).amount > target:
                tiyn -= 1
            yield tiyn


def _pieces_min(search: _Search, offer: Offer, _demand: Demand) -> Iterator[Change]:
    present = offer.pieces_min
    yield from search.nearest(
        lambda pieces: _change(Changed.PIECES_MIN, offer, present, pieces), fails=present, wins=min(1, present)
    )


def _pieces_max(search: _Search, offer: Offer, _demand: Demand) -> Iterator[Change]:
    present = offer.pieces_max
    yield from search.nearest(
        lambda pieces: _change(Changed.PIECES_MAX, offer, present, pieces),
        fails=present,
        wins=max(offer.run.pieces, present),
    )


def _sizes(search: _Search, offer: Offer, demand: Demand) -> Iterator[Change]:
    """All cells that are asked; then one after another that it does not take stays as it was offered."""

    def change(run: SizeRun) -> Change:
        return replace(_change(Changed.SIZES, offer, offer.run.pieces, run.pieces), run=run)

    own, asked = dict(offer.run.cells), dict(demand.run.cells)
    cells = {size: max(own.get(size, 0), asked.get(size, 0)) for size in (*own, *asked)}
    best = search.tried(change(SizeRun.of(offer.run.grid, cells))) if cells != own else None
    if best is None:
        return
    for size in [size for size in cells if cells[size] > own.get(size, 0)]:
        fewer = cells | {size: own.get(size, 0)}
        found = search.tried(change(SizeRun.of(offer.run.grid, fewer))) if fewer != own else None
        if found is not None:
            best, cells = found, fewer
    yield replace(best, smallest=search.runs < search.runs_max)


def _minutes(search: _Search, offer: Offer, demand: Demand) -> Iterator[Change]:
    """In whole minutes, at most as many as all that he offers would take."""
    if search.problem.capacity is None:
        return
    free = search.problem.capacity.get(str(offer.bidder_id), ())
    present = max((each.minutes for each in free if each.until <= demand.due_on), default=Decimal(0))
    lines = {(each.lot, each.line): each.standard_minutes for each in search.problem.demands}
    all_of_his = sum(
        (
            lines[each.lot, each.line] * each.pieces_max
            for each in search.problem.offers
            if each.bidder_id == offer.bidder_id and (each.lot, each.line) in lines
        ),
        Decimal(0),
    )
    yield from search.nearest(
        lambda more: _change(Changed.MINUTES, offer, present, present + more), fails=0, wins=int(all_of_his) + 1
    )


def _units(search: _Search, offer: Offer, demand: Demand) -> Iterator[Change]:
    present = search.problem.units.get(f"{offer.bidder_id}/{demand.product}")
    if present is None:
        return
    his = sum(each.pieces_max for each in search.problem.offers if each.bidder_id == offer.bidder_id)
    yield from search.nearest(
        lambda pieces: _change(Changed.DECLARED_CAPACITY, offer, present, pieces),
        fails=present,
        wins=max(present, 0) + his,
    )


def _change(changed: Changed, offer: Offer, present: Decimal | int, needed: Decimal | int) -> Change:
    return Change(
        changed=changed,
        line=offer.line,
        bidder_id=offer.bidder_id,
        present=Decimal(present),
        needed=Decimal(needed),
        pieces=0,
    )


def _tiyn(money: Money) -> int:
    return int(money.amount.scaleb(2))
