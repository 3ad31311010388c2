"""The engine for large problems: prices on what lots share, each lot by itself at those prices, then improved together.

From a few hundred lots on a mixed-integer solver finds less than the greedy in any time that a buyer would wait. With
prices on the sewers' minutes and the other things that lots compete for, each lot is a small problem that is solved
exactly (``line.py``); the same prices give the bound (``relaxing.py``). What it answers is never worse than the greedy.

Optimised line by line and mended where parts do not fit, so not always the cheapest even at the best prices: lots with
several lines, size ranges, consortia. Packages are taken and left lot by lot; a bid in several packages of one lot is
weighed without them, and still paid as they say. The bound stays a bound in all of this.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

import numpy as np

from adapters.solver.arrays import Arrays, Flags, Floats, Ints
from adapters.solver.ascent import Ascent, linear_prices
from adapters.solver.ground import Ground, bare, copied
from adapters.solver.line import TABLE_MAX, desk, size
from adapters.solver.reading import Market, read
from adapters.solver.relaxing import extras, hopeless_lots
from adapters.solver.searching import fill_all, give_all, give_up_for_quotas, improve, standing
from adapters.solver.spreading import sewn_by_cell
from domain.awards.allocation import Allocation
from domain.awards.greedy import allocate
from domain.awards.problem import Problem
from domain.awards.settling import OfferKey, key_of, settle, worth
from domain.awards.solution import Progress, Proof, Solution, Watch
from domain.garments import SizeRun
from domain.money import Money

ROUNDS = ((4_000, 60), (20_000, 30))
"""Up to so many offers so many rounds, unless the caller says how many."""
ROUNDS_MANY = 12
FIRST_STEPS = 10
STEPS = 2
PART = 500
"""So many lots are taken out and put back before somebody is asked whether to go on."""
HEAT, COOLING = 0.003, 0.9
"""Of what a lot is worth on average."""
TOGETHER = 8
"""So many lots at most are taken out together."""
SEED = 20_261_126


@dataclass(frozen=True, slots=True)
class Priced:
    """``effort`` counts rounds: prices adjusted, every lot taken out and put back once. 0 is the greedy itself."""

    @property
    def name(self) -> str:
        return "priced/2"

    def solve(self, problem: Problem, watch: Watch, *, effort: int | None = None) -> Solution:
        greedy = allocate(problem)
        best, bound, done = greedy, None, 0
        watch.told(Progress(effort=0, worth=worth(problem, greedy), bound=None))
        search = _Search(problem, greedy)
        rounds = _rounds(problem) if effort is None else effort
        while done < rounds and not _ended(search.round(), watch):
            done += 1
            bound = search.bound
            watch.told(Progress(effort=done, worth=search.worth, bound=bound))
            if bound == search.worth:
                break
        if done:
            found = search.allocation()
            best = min(greedy, found, key=lambda each: worth(problem, each).amount)
        return _solution(problem, best, self.name, bound, done)


def _ended(parts: Iterator[None], watch: Watch) -> bool:
    """Whether the watch ended the round before it was over; what it had found by then is forgotten."""
    return any(watch.stopped() for _ in parts)


def _rounds(problem: Problem) -> int:
    return next((rounds for offers, rounds in ROUNDS if len(problem.offers) <= offers), ROUNDS_MANY)


def _solution(problem: Problem, allocation: Allocation, engine: str, bound: Money | None, effort: int) -> Solution:
    reached = worth(problem, allocation)
    proof = Proof.NONE if bound is None else Proof.OPTIMAL if bound == reached else Proof.BOUNDED
    return Solution(allocation=allocation, engine=engine, worth=reached, proof=proof, bound=bound, effort=effort)


class _Search:
    """What is kept from round to round."""

    def __init__(self, problem: Problem, greedy: Allocation) -> None:
        self._problem, self._greedy = problem, greedy
        self._seed = SEED
        self._rounds = 0
        self._ascent: Ascent | None = None
        self.bound: Money | None = None

    def _begin(self) -> Ascent:
        self._market: Market = read(self._problem)
        a = self._a = self._market.arrays
        self._desk = desk(a)
        heavy = np.array([size(a, line) > TABLE_MAX for line in range(len(a.line_pieces))], np.bool_)
        hopeless = hopeless_lots(a)
        self._fixed = hopeless.copy()
        np.logical_or.at(self._fixed, np.repeat(np.arange(len(hopeless)), np.diff(a.lot_line_from)), heavy)
        self._marks = np.zeros(len(hopeless) + 1, np.int64)
        self._lots = np.arange(len(hopeless))
        at = {key_of(offer): index for index, offer in enumerate(self._market.offers)}
        self._by_greedy = np.zeros(len(at), np.int64)
        for share in self._greedy.shares:
            self._by_greedy[at[key_of(share)]] = share.run.pieces
        self._ground = self._as_greedy()
        self._best = copied(self._ground)
        self._worth = standing(a, self._ground)[1]
        return Ascent(a, self._desk, heavy, hopeless, linear_prices(a))

    @property
    def worth(self) -> Money:
        return _money(round(self._worth))

    def round(self) -> Iterator[None]:
        """In parts of a fraction of a second; between them it may be left, and then the round does not count."""
        yield
        first = self._ascent is None
        ascent = self._ascent = self._ascent or self._begin()
        if first:
            ascent.step(self._worth)
            yield from self._fill(extras(self._a, ascent.best))
        for _ in range(FIRST_STEPS if first else STEPS):
            yield
            ascent.step(standing(self._a, self._ground)[1])
        extra = extras(self._a, ascent.best)
        yield from self._improve(extra, 1 if first else TOGETHER, 0.0 if first else self._heat())
        if standing(self._a, self._ground)[0]:
            yield from self._improve(extra, 1, 0.0)
            give_up_for_quotas(self._a, self._ground)
        self._rounds += 1
        self.bound = _money(ceil(ascent.bound))  # whole tiyn: what anything costs is
        now = standing(self._a, self._ground)[1]
        if now < self._worth:
            self._best, self._worth = copied(self._ground), now

    def _heat(self) -> float:
        """What may be lost on the way to something better, less with every round."""
        return HEAT * COOLING**self._rounds * standing(self._a, self._ground)[1] / max(len(self._lots), 1)

    def _improve(self, extra: Floats, together: int, heat: float) -> Iterator[None]:
        for begin in range(0, len(self._lots), PART):
            yield
            lots = self._lots[begin : begin + PART]
            self._seed = improve(
                self._a, self._ground, self._desk, lots, extra, self._fixed, together, heat, self._seed, self._marks
            )

    def _fill(self, extra: Floats) -> Iterator[None]:
        """The better of the greedy and of all lots filled at the prices, those first that find it hardest."""
        a = self._a
        order = _hardest_first(a)
        best = standing(a, self._ground)
        for scale in (1.0, 0.5, 0.0):
            yield
            ground = self._as_greedy(only=self._fixed)
            fill_all(a, ground, self._desk, order, extra, scale, self._fixed)
            if standing(a, ground) < best:
                self._ground, best = ground, standing(a, ground)

    def _as_greedy(self, only: Flags | None = None) -> Ground:
        ground = bare(self._a)
        given = self._by_greedy if only is None else np.where(only[self._a.offer_lot], self._by_greedy, 0)
        give_all(self._a, ground, given)
        return ground

    def allocation(self) -> Allocation:
        return settle(self._problem, dict(self._runs()))

    def _runs(self) -> Iterator[tuple[OfferKey, SizeRun]]:
        a, given = self._a, self._best.given
        for line, demand in enumerate(self._market.demands):
            first, last = int(a.line_offer_from[line]), int(a.line_offer_from[line + 1])
            if not given[first:last].any():
                continue
            sewn = sewn_by_cell(a, line, given)
            for offer, cells in zip(self._market.offers[first:last], sewn.tolist(), strict=True):
                pieces = {size: count for size, count in zip(demand.run.sizes, cells, strict=True) if count}
                if pieces:
                    yield key_of(offer), SizeRun.of(demand.run.grid, pieces)


def _money(tiyn: int) -> Money:
    return Money(Decimal(tiyn).scaleb(-2))


def _hardest_first(a: Arrays) -> Ints:
    """Lots by how often their offers, each at its most, would fill the line that is worst off."""
    ease = np.full(len(a.lot_pieces), np.inf)
    for line in range(len(a.line_pieces)):
        first, last = a.line_offer_from[line], a.line_offer_from[line + 1]
        if first < last:
            lot = a.offer_lot[first]
            ease[lot] = min(ease[lot], a.offer_most[first:last].sum() / a.line_pieces[line])
    return np.argsort(ease, kind="stable")
