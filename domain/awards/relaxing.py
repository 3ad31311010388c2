"""What would let an open lot be filled, from the cheapest: the least of each kind that does it, each solved again.

"Cheapest" counts what the lot would cost and what the other lots would cost more than now; a lot that is given in part
comes last, for its sum is not the lot's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from uuid import UUID

from domain.awards.allocation import Allocation
from domain.awards.checker import violations
from domain.awards.infeasible import Conflict, Feasible, Oracle, scope_of, unpriced
from domain.awards.lifting import Kind
from domain.awards.problem import Demand, Free, LotLimits, Offer, Problem
from domain.awards.sentences import Sentence, said
from domain.garments import SizeRun
from domain.ids import BidId, OrganizationId
from domain.money import Money, total

DAYS_MAX = 180
_HUNDREDTH = Decimal("0.01")
_NOBODY = UUID(int=0)
"""The workshop that is not there yet."""
_LAST = datetime.max.replace(tzinfo=UTC)


class Relaxed(StrEnum):
    WINNERS_MAX = "winners_max"
    SHARE_MAX = "share_max"
    LOT_MINIMUM = "lot_minimum"
    QUOTA = "quota"
    LATER = "later"
    CAPACITY = "capacity"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """``sum`` is what the lot would cost, ``others`` what its neighbours would cost more (or less) than now;
    ``unfilled`` pieces stay open. ``proven``: less of the same was proven not to do.
    """

    relaxed: Relaxed
    sentence: Sentence
    sum: Money
    others: Money
    unfilled: int
    proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """``less(n)`` is the problem with the relaxation by ``n``; ``told(n)`` what to say of it."""

    relaxed: Relaxed
    most: int
    by: Callable[[int], Problem]
    told: Callable[[int], dict[str, object]]


def relaxations(
    problem: Problem, allocation: Allocation, found: Conflict, oracle: Oracle, *, on: date
) -> tuple[Relaxation, ...]:
    """Each alone lets the lot be filled and leaves the lots filled that are; ``on`` is the day of the evaluation."""
    if found.feasible is not Feasible.NO:
        return ()
    scope = scope_of(problem, allocation, found.lot)
    before = total(each.sum for each in allocation.shares if each.lot != found.lot and _has(scope, each.lot))
    kept = []
    for each in _tries(scope, found, on):
        least = _least(oracle, each)
        if least is not None:
            number, proven = least
            kept.append(_priced(found.lot, each, number, before, oracle, proven=proven))
    kept += _with_part(scope, found.lot, before, oracle)
    confirmed = [each for each in kept if each is not None]
    confirmed.sort(key=lambda each: (each.unfilled, each.sum.amount + each.others.amount, each.relaxed))
    return tuple(confirmed)


def _has(scope: Problem, lot: int) -> bool:
    return any(each.lot == lot for each in scope.demands)


def _least(oracle: Oracle, each: _Try) -> tuple[int, bool] | None:
    """The least number that fills the lot, and whether one less was proven not to."""
    if each.most < 1 or oracle.fills(each.by(each.most)) is not Feasible.YES:
        return None
    fails, wins, proven = 0, each.most, True
    while wins - fails > 1:
        middle = (wins + fails) // 2
        answer = oracle.fills(each.by(middle))
        if answer is Feasible.YES:
            wins = middle
        else:
            fails, proven = middle, proven and answer is Feasible.NO
    return wins, proven


def _priced(lot: int, each: _Try, number: int, before: Money, oracle: Oracle, *, proven: bool) -> Relaxation | None:
    """Solved with its prices; None where that does not fill what the question without prices did."""
    other = each.by(number)
    answer = oracle.engine.solve(other, oracle.watch, effort=oracle.effort).allocation
    open_lots = {unfilled.lot for unfilled in answer.unfilled}
    partial = {demand.lot for demand in other.demands if demand.partial}
    if violations(other, answer) or not open_lots <= partial:
        return None
    mine = total(share.sum for share in answer.shares if share.lot == lot)
    others = total(share.sum for share in answer.shares if share.lot != lot)
    left = sum(unfilled.run.pieces for unfilled in answer.unfilled)
    if not mine.amount and left:
        return None
    told = each.told(left if each.relaxed is Relaxed.PARTIAL else number)
    return Relaxation(
        relaxed=each.relaxed,
        sentence=said(f"relax_{each.relaxed}", sum=mine.amount, **told),
        sum=mine,
        others=others - before,
        unfilled=left,
        proven=proven,
    )


def _tries(scope: Problem, found: Conflict, on: date) -> Iterator[_Try]:
    lot = found.lot
    kinds = {each.kind for each in found.constraints}
    limits = next((each for each in scope.limits if each.lot == lot), LotLimits(lot=lot))
    needed = sum(each.run.pieces for each in scope.demands if each.lot == lot)
    if Kind.WINNERS_MAX in kinds and limits.winners_max is not None:
        now = limits.winners_max
        yield _Try(
            relaxed=Relaxed.WINNERS_MAX,
            most=len({each.bid_id for each in scope.offers if each.lot == lot}) - now,
            by=lambda more: _limited(scope, replace(limits, winners_max=now + more)),
            told=lambda more: {"present": now, "value": now + more},
        )
    if Kind.SHARE_MAX in kinds and limits.share_percent_max is not None:
        share = limits.share_percent_max
        most = int((needed * share / 100).to_integral_value(ROUND_FLOOR))

        def percent(more: int) -> Decimal:
            return (Decimal(most + more) * 100 / needed).quantize(_HUNDREDTH, ROUND_CEILING)

        yield _Try(
            relaxed=Relaxed.SHARE_MAX,
            most=needed - most,
            by=lambda more: _limited(scope, replace(limits, share_percent_max=percent(more))),
            told=lambda more: {"present": share, "value": percent(more)},
        )
    if Kind.LOT_MINIMUM in kinds:
        yield _Try(
            relaxed=Relaxed.LOT_MINIMUM,
            most=limits.pieces_min - 1,
            by=lambda less: _limited(scope, replace(limits, pieces_min=limits.pieces_min - less)),
            told=lambda less: {"present": limits.pieces_min, "value": limits.pieces_min - less},
        )
    yield from (_quota(scope, each.number) for each in found.constraints if each.kind is Kind.QUOTA)
    if Kind.MINUTES in kinds:
        yield _Try(
            relaxed=Relaxed.LATER,
            most=DAYS_MAX,
            by=lambda days: later(scope, lot, days, on=on),
            told=lambda days: {"value": days},
        )


def _quota(scope: Problem, number: int) -> _Try:
    quota = scope.quotas[number]

    def lowered(less: int) -> Decimal:
        return max(quota.percent_min - less, Decimal(0))

    return _Try(
        relaxed=Relaxed.QUOTA,
        most=int(quota.percent_min.to_integral_value(ROUND_CEILING)),
        by=lambda less: replace(
            scope,
            quotas=tuple(
                replace(each, percent_min=lowered(less)) if index == number else each
                for index, each in enumerate(scope.quotas)
            ),
        ),
        told=lambda less: {"name": quota.name, "present": quota.percent_min, "value": lowered(less)},
    )


def _with_part(scope: Problem, lot: int, before: Money, oracle: Oracle) -> list[Relaxation | None]:
    """Given in part, and what is then left open given to one more workshop."""
    open_lot = replace(
        scope, demands=tuple(replace(each, partial=True) if each.lot == lot else each for each in scope.demands)
    )
    part = _Try(relaxed=Relaxed.PARTIAL, most=1, by=lambda _: open_lot, told=lambda left: {"value": left})
    free = unpriced(open_lot)
    answer = oracle.engine.solve(free, oracle.watch, effort=oracle.effort).allocation
    missing = {each.line: each.run for each in answer.unfilled if each.lot == lot}
    wider = _with_workshop(scope, lot, missing)
    sizes = ", ".join(f"{size}: {count}" for run in missing.values() for size, count in run.cells)
    pieces = sum(run.pieces for run in missing.values())
    one_more = _Try(
        relaxed=Relaxed.CAPACITY, most=1, by=lambda _: wider, told=lambda _: {"value": pieces, "sizes": sizes}
    )
    return [_priced(lot, each, 1, before, oracle, proven=False) for each in (part, one_more)]


def _limited(scope: Problem, limits: LotLimits) -> Problem:
    return replace(scope, limits=tuple(limits if each.lot == limits.lot else each for each in scope.limits))


def later(scope: Problem, lot: int, days: int, *, on: date) -> Problem:
    """The lot's delivery ``days`` later. A sewer's minutes grow by what is free on an average day until now, which
    leaves out that what he is bound to ends some day; where a later day is known they stay below it.
    """
    due = max(each.due_on for each in scope.demands if each.lot == lot)
    new = due + timedelta(days=days)
    demands = tuple(replace(each, due_on=new) if each.lot == lot else each for each in scope.demands)
    capacity = {
        bidder: _stretched(free, due, new, max((due - on).days, 1)) for bidder, free in (scope.capacity or {}).items()
    }
    return replace(scope, demands=demands, capacity=capacity)


def _stretched(free: tuple[Free, ...], due: date, new: date, span: int) -> tuple[Free, ...]:
    before = [each for each in free if each.until < new]
    after = [each for each in free if each.until > new]
    now = max((each.minutes for each in free if each.until <= due), default=Decimal(0))
    grown = (now * (span + (new - due).days) / span).quantize(_HUNDREDTH, ROUND_FLOOR)
    known = max((each.minutes for each in free if each.until <= new), default=Decimal(0))
    least = min((each.minutes for each in after), default=max(grown, known))
    return (*before, Free(until=new, minutes=min(max(grown, known), least)), *after)


def _with_workshop(scope: Problem, lot: int, missing: dict[int, SizeRun]) -> Problem:
    """One more bid at the planned prices for just these pieces, from nobody who counts for a quota."""
    days = sorted({each.due_on for each in scope.demands})
    demands = {each.line: each for each in scope.demands if each.lot == lot}
    minutes = sum((demands[line].standard_minutes * run.pieces for line, run in missing.items()), Decimal(0))
    capacity = scope.capacity
    if capacity is not None:
        capacity = capacity | {str(_NOBODY): tuple(Free(until=day, minutes=minutes) for day in days)}
    offers = tuple(_offer(demands[line], run) for line, run in missing.items())
    return replace(scope, offers=(*scope.offers, *offers), capacity=capacity)


def _offer(demand: Demand, run: SizeRun) -> Offer:
    return Offer(
        bid_id=BidId(_NOBODY),
        bidder_id=OrganizationId(_NOBODY),
        lot=demand.lot,
        line=demand.line,
        unit_price=demand.planned_price,
        run=run,
        pieces_min=1,
        pieces_max=run.pieces,
        received_at=_LAST,
    )
