"""Why a lot stays open: constraints that cannot all hold, of which none can be left out.

First what can be counted: lines that nobody offers, cells that are not offered often enough. Then a deletion filter:
one constraint after another is lifted, and stays lifted while the lot still cannot be filled; what is left conflicts,
and lifting any one of it (with what was lifted before) lets the lot be filled. Prices are of no concern: the engine is
asked with all of them zero, so that its bound says whether every lot that has to be filled can be.

Only an engine that proves can say that a lot cannot be filled; the others have merely not found how, and so it is told.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from domain.awards.allocation import Allocation
from domain.awards.checker import violations
from domain.awards.lifting import Constraint, Kind, constraints, lifted, together, within
from domain.awards.problem import LotLimits, Offer, Problem
from domain.awards.sentences import Sentence, said
from domain.awards.solution import Engine, Watch
from domain.errors import NotFound, Titles
from domain.garments import SizeRun, summed
from domain.money import Money


class LotNotOpen(NotFound):
    code = "lot-not-open"
    titles = Titles("There is no such open lot", "Такого незакрытого лота нет", "Мұндай ашық лот жоқ")


class Feasible(StrEnum):
    YES = "yes"
    """A way was found, and the checker lets it stand."""
    NO = "no"
    """Proven."""
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracle:
    """An engine that is asked whether, and within which effort."""

    engine: Engine
    watch: Watch
    effort: int | None = None

    def fills(self, problem: Problem) -> Feasible:
        """Whether all lots that must be filled can be, all at once."""
        free = unpriced(problem)
        solution = self.engine.solve(free, self.watch, effort=self.effort)
        required = {each.lot for each in free.demands if not each.partial}
        if required.isdisjoint(each.lot for each in solution.allocation.unfilled):
            return Feasible.NOT_FOUND if violations(free, solution.allocation) else Feasible.YES
        return Feasible.NO if solution.bound is not None and solution.bound.amount > 0 else Feasible.NOT_FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Why ``lot`` is open. ``reasons`` conflict together, or (``each_alone``) each of them suffices. ``proven``: by
    counting or by the engine; ``minimal``: without any one of them the lot could be filled.
    """

    lot: int
    feasible: Feasible
    reasons: tuple[Sentence, ...]
    constraints: tuple[Constraint, ...] = ()
    each_alone: bool = False
    minimal: bool = True
    engine: str

    @property
    def proven(self) -> bool:
        return self.feasible is not Feasible.NOT_FOUND


def conflict(problem: Problem, allocation: Allocation, lot: int, oracle: Oracle) -> Conflict:
    """Why ``allocation`` leaves the lot open, while the lots that it fills stay filled."""
    name = oracle.engine.name
    short = tuple(_short_cells(problem, lot))
    if short:
        return Conflict(lot=lot, feasible=Feasible.NO, reasons=short, each_alone=True, engine=name)
    scope = scope_of(problem, allocation, lot)
    feasible = oracle.fills(scope)
    if feasible is not Feasible.NO:
        code = "fillable" if feasible is Feasible.YES else "not_found"
        return Conflict(lot=lot, feasible=feasible, reasons=(said(code, lot=lot, engine=name),), engine=name)
    left, minimal = _filtered(scope, lot, oracle)
    return Conflict(
        lot=lot,
        feasible=Feasible.NO,
        reasons=tuple(_told(scope, lot, each) for each in left),
        constraints=left,
        minimal=minimal,
        engine=name,
    )


def scope_of(problem: Problem, allocation: Allocation, lot: int) -> Problem:
    """The lot with the filled lots whose awards can touch it; all of them are to be filled whole."""
    lots = frozenset(each for each in together(problem, lot) if each == lot or allocation.fills(each))
    scope = within(problem, lots)
    return replace(scope, demands=tuple(replace(each, partial=False) for each in scope.demands))


def unpriced(problem: Problem) -> Problem:
    zero = Money(Decimal(0))
    return replace(
        problem, packages=(), offers=tuple(replace(each, unit_price=zero, breaks=()) for each in problem.offers)
    )


def _filtered(scope: Problem, lot: int, oracle: Oracle) -> tuple[tuple[Constraint, ...], bool]:
    left = list(constraints(scope, lot))
    gone: frozenset[Constraint] = frozenset()
    minimal = True
    for each in tuple(left):
        answer = oracle.fills(lifted(scope, lot, gone | {each}))
        if answer is Feasible.NO:
            gone |= {each}
            left.remove(each)
        minimal &= answer is not Feasible.NOT_FOUND
    return tuple(left), minimal


def _short_cells(problem: Problem, lot: int) -> Iterator[Sentence]:
    """Each cell counts every offer of it, whatever else binds them: an exact count, and no engine is needed."""
    for demand in sorted((each for each in problem.demands if each.lot == lot), key=lambda each: each.line):
        offers = [each for each in problem.offers if (each.lot, each.line) == (lot, demand.line)]
        for size, needed in demand.run.cells:
            offered = sum(min(dict(each.run.cells).get(size, 0), each.pieces_max) for each in offers)
            if offered < needed:
                yield said("cell_short", line=demand.line, size=size, offered=offered, needed=needed)


def _told(scope: Problem, lot: int, constraint: Constraint) -> Sentence:
    lots = _Lot(
        scope=scope,
        number=lot,
        offers=[each for each in scope.offers if each.lot == lot],
        needed=sum(each.run.pieces for each in scope.demands if each.lot == lot),
        limits=next((each for each in scope.limits if each.lot == lot), LotLimits(lot=lot)),
    )
    figures = _FIGURES.get(constraint.kind)
    return said(f"conflict_{constraint.kind}", **(figures(lots, constraint.number) if figures else {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lot:
    scope: Problem
    number: int
    offers: list[Offer]
    needed: int
    limits: LotLimits


def _winners(lot: _Lot, _: int) -> dict[str, object]:
    largest = sorted(_of_bids(lot.offers).values(), reverse=True)[: lot.limits.winners_max]
    return {"winners": lot.limits.winners_max, "offered": min(sum(largest), lot.needed), "needed": lot.needed}


def _share(lot: _Lot, _: int) -> dict[str, object]:
    percent = lot.limits.share_percent_max or Decimal(0)
    most = int((lot.needed * percent / 100).to_integral_value(ROUND_FLOOR))
    return {"percent": percent, "most": most, "needed": lot.needed}


def _quota(lot: _Lot, number: int) -> dict[str, object]:
    quota = lot.scope.quotas[number]
    his = [each for each in lot.offers if each.bidder_id in quota.bidders]
    offered = _offered(lot.scope, lot.number, his)
    return {"name": quota.name, "percent": quota.percent_min, "offered": offered, "needed": lot.needed}


_FIGURES: dict[Kind, Callable[[_Lot, int], dict[str, object]]] = {
    Kind.SIZES: lambda lot, _: {"offered": _offered(lot.scope, lot.number, lot.offers), "needed": lot.needed},
    Kind.MOST_PIECES: lambda lot, _: {"offered": sum(each.pieces_max for each in lot.offers), "needed": lot.needed},
    Kind.LEAST_PIECES: lambda lot, _: {"least": max(each.pieces_min for each in lot.offers), "needed": lot.needed},
    Kind.MINUTES: lambda lot, _: {"offered": _by_minutes(lot.scope, lot.offers), "needed": lot.needed},
    Kind.DECLARED_CAPACITY: lambda lot, _: {"offered": _by_units(lot.scope, lot.offers), "needed": lot.needed},
    Kind.WINNERS_MAX: _winners,
    Kind.SHARE_MAX: _share,
    Kind.LOT_MINIMUM: lambda lot, _: {"least": lot.limits.pieces_min},
    Kind.QUOTA: _quota,
    Kind.OTHER_LOT: lambda _, number: {"other": number},
}


def _offered(scope: Problem, lot: int, offers: list[Offer]) -> int:
    """Pieces of the demand that these offers cover, cell by cell."""
    covered = 0
    for demand in scope.demands:
        if demand.lot == lot:
            runs: list[SizeRun] = [each.run for each in offers if each.line == demand.line]
            covered += demand.run.common(summed(demand.run.grid, runs)).pieces
    return covered


def _of_bids(offers: list[Offer]) -> Counter[object]:
    found: Counter[object] = Counter()
    for each in offers:
        found[each.bid_id] += min(each.pieces_max, each.run.pieces)
    return found


def _by_minutes(scope: Problem, offers: list[Offer]) -> int:
    """Each sewer alone, all his minutes for his quickest line: never less than what is possible."""
    lines = {(each.lot, each.line): each for each in scope.demands}
    total = 0
    for bidder in sorted({each.bidder_id for each in offers}, key=str):
        his = [each for each in offers if each.bidder_id == bidder]
        due = max(lines[each.lot, each.line].due_on for each in his)
        free = (scope.capacity or {}).get(str(bidder), ())
        minutes = max((each.minutes for each in free if each.until <= due), default=Decimal(0))
        quickest = min(lines[each.lot, each.line].standard_minutes for each in his)
        total += min(int(minutes // quickest), sum(each.pieces_max for each in his))
    return total


def _by_units(scope: Problem, offers: list[Offer]) -> int:
    products = {(each.lot, each.line): each.product for each in scope.demands}
    asked: Counter[str] = Counter()
    for each in offers:
        asked[f"{each.bidder_id}/{products[each.lot, each.line]}"] += each.pieces_max
    return sum(min(pieces, max(scope.units.get(key, pieces), 0)) for key, pieces in asked.items())
