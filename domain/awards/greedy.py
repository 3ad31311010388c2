"""The legal default: a greedy by price, as a pure and deterministic rule that can be explained to everybody.

Lots and lines in their order; within a line the lowest compared price first (of the tier that the offer could reach),
ties by the package's rank, then by earlier receipt and bid id; each offer takes as much as demand, its own most, the
sewer's minutes until the day, his declared capacity, and the buyer's limits leave. Sizes are filled in grid order.

* An offer that could not get its least number is passed over, unless in the end those before it can give pieces back
  without falling under their own least.
* When the first offer of a consortium is reached, every member is given his least number, or the bid stays out.
* A bid with fewer pieces of a lot than the buyer allows leaves it, and the lot is filled anew without it. So does,
  where the number of winners keeps a lot from being filled, the winner with the fewest pieces.
* Quotas are met lot by lot: what has to go to their bidders is not given to others.
* A lot that is not filled gets nothing, unless it may be awarded in part, and what it took is free for the next.
* Packages lower the price of what was won; they never change a rank.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR

from domain.awards.allocation import Allocation, Bound, TraceStep
from domain.awards.filling import Cells, Filling, LotOffers
from domain.awards.ledger import Ledger
from domain.awards.problem import Demand, LotLimits, Offer, Problem
from domain.awards.settling import OfferKey, in_order, settle, worth
from domain.awards.solution import Progress, Proof, Solution, Watch
from domain.garments import SizeRun
from domain.ids import BidId


@dataclass(frozen=True, slots=True)
class Greedy:
    """``effort`` counts lots."""

    @property
    def name(self) -> str:
        return "greedy/2"

    def solve(self, problem: Problem, watch: Watch, *, effort: int | None = None) -> Solution:
        filler, done = _Filler(problem), 0
        for lot in filler.lots:
            if done == effort or watch.stopped():
                break
            filler.fill(lot)
            done += 1
            watch.told(Progress(effort=done, worth=None, bound=None))
        allocation = filler.allocation()
        return Solution(
            allocation=allocation, engine=self.name, worth=worth(problem, allocation), proof=Proof.NONE, effort=done
        )


def allocate(problem: Problem) -> Allocation:
    """The greedy award; the same problem gives the same allocation, in whatever order the offers stand."""
    filler = _Filler(problem)
    for lot in filler.lots:
        filler.fill(lot)
    return filler.allocation()


class _Filler:
    def __init__(self, problem: Problem) -> None:
        self.lots = tuple(_lots(problem))
        self._problem = problem
        self._ledger = Ledger(problem)
        self._given: dict[OfferKey, Cells] = {}
        self._trace: list[TraceStep] = []

    def fill(self, lot: LotOffers) -> None:
        """Try until the lot is filled by the rules; every further try leaves a bid out or reserves more."""
        out: dict[BidId, Bound] = {}
        reserved = {index: self._ledger.outsiders_allow(index, lot.pieces) for index in lot.quotas}
        while True:
            attempt = Filling(self._ledger, lot, dict(out), reserved)
            attempt.run()
            if not self._corrected(attempt, out, reserved):
                break
            attempt.undo()
        if not attempt.filled and not lot.partial:
            attempt.undo()
        else:
            self._close(attempt)
        self._trace += attempt.steps()

    def allocation(self) -> Allocation:
        grids = {(demand.lot, demand.line): demand.run.grid for demand in self._problem.demands}
        given = {key: SizeRun.of(grids[key[0], key[1]], cells) for key, cells in self._given.items()}
        return settle(self._problem, given, tuple(self._trace))

    def _corrected(self, attempt: Filling, out: dict[BidId, Bound], reserved: dict[int, int]) -> bool:
        """Whether another try is due, for which ``out`` or ``reserved`` were changed."""
        lot = attempt.lot
        winners = sorted(attempt.winners, key=lambda bid_id: (attempt.pieces[bid_id], str(bid_id)))
        if winners and attempt.pieces[winners[0]] < lot.limits.pieces_min:
            out[winners[0]] = Bound.LOT_MINIMUM
            return True
        if not lot.partial and not attempt.filled:
            if not winners or Bound.WINNERS_MAX not in attempt.bounds.values():
                return False
            out[winners[0]] = Bound.WINNERS_MAX
            return True
        for index, (members, everybody) in _quotas(attempt).items():
            if not self._ledger.holds(index, members, everybody):
                fewer = self._ledger.outsiders_beside(index, members)
                reserved[index] = min(fewer, attempt.outsiders[index] - 1)
                return True
        return False

    def _close(self, attempt: Filling) -> None:
        self._given.update({key: cells for key, cells in attempt.taken.items() if any(cells.values())})
        self._ledger.close(attempt.lot.number, attempt.pieces, _quotas(attempt))


def _quotas(attempt: Filling) -> dict[int, tuple[int, int]]:
    """Per quota of the lot what its bidders and what all were given."""
    everybody = attempt.pieces.total()
    return {index: (everybody - attempt.outsiders[index], everybody) for index in attempt.lot.quotas}


def _lots(problem: Problem) -> Iterator[LotOffers]:
    demands: dict[int, list[Demand]] = {}
    for demand in in_order(problem):
        demands.setdefault(demand.lot, []).append(demand)
    offers: dict[int, dict[int, list[Offer]]] = {}
    for offer in problem.offers:
        offers.setdefault(offer.lot, {}).setdefault(offer.line, []).append(offer)
    limits = {each.lot: each for each in problem.limits}
    joints: dict[int, set[BidId]] = {}
    for joint in problem.joints:
        joints.setdefault(joint.lot, set()).add(joint.bid_id)
    for number, lines in demands.items():
        mine = limits.get(number, LotLimits(lot=number))
        pieces = sum(demand.run.pieces for demand in lines)
        percent = mine.share_percent_max
        yield LotOffers(
            number=number,
            demands=tuple(lines),
            offers={line: tuple(each) for line, each in offers.get(number, {}).items()},
            limits=mine,
            share_max=None if percent is None else int((pieces * percent / 100).to_integral_value(ROUND_FLOOR)),
            joints=frozenset(joints.get(number, ())),
            quotas={index: quota for index, quota in enumerate(problem.quotas) if number in quota.lots},
        )
