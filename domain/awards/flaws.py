"""What no allocation could honour: problems that contradict themselves are refused before anybody solves them.

A problem that merely cannot be filled (no offers, no minutes) is sound: its lots stay open.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise

from domain.awards.problem import Demand, Free, LotLimits, Offer, Problem
from domain.errors import Flaw, Invalid, Titles

_HUNDRED = Decimal(100)


class ProblemRefused(Invalid):
    code = "problem-contradictory"
    titles = Titles(
        "The award's conditions contradict each other",
        "Условия распределения противоречат друг другу",
        "Бөлу шарттары бір-біріне қайшы",
    )


def must_be_sound(problem: Problem) -> None:
    """Refuse (``problem-contradictory``) with every flaw that is found."""
    found = problem_flaws(problem)
    if found:
        raise ProblemRefused(f"{len(found)} conditions cannot hold: {found[0].reason}", flaws=found)


def problem_flaws(problem: Problem) -> tuple[Flaw, ...]:
    return (
        *_demands(problem),
        *_offers(problem),
        *_capacity(problem),
        *_groups(problem),
        *_limits(problem),
        *_quotas(problem),
    )


def _demands(problem: Problem) -> Iterator[Flaw]:
    seen: set[tuple[int, int]] = set()
    lots: dict[int, Demand] = {}
    for index, demand in enumerate(problem.demands):
        at = f"/demands/{index}"
        first = lots.setdefault(demand.lot, demand)
        if (demand.lot, demand.line) in seen:
            yield Flaw(
                pointer=at, reason=f"line {demand.line} of lot {demand.lot} stands twice", passes="each line once"
            )
        seen.add((demand.lot, demand.line))
        if first.partial is not demand.partial:
            yield Flaw(pointer=f"{at}/partial", reason="differs within the lot", passes="the same for all its lines")
        if demand.standard_minutes <= 0:
            yield Flaw(pointer=f"{at}/standard_minutes", reason="not positive", passes="more than 0")
        if demand.planned_price.amount <= 0:
            yield Flaw(pointer=f"{at}/planned_price", reason="not positive", passes='"0.01" or more')


def _offers(problem: Problem) -> Iterator[Flaw]:
    lines = {(demand.lot, demand.line): demand for demand in problem.demands}
    seen: set[tuple[object, ...]] = set()
    for index, offer in enumerate(problem.offers):
        at, key = f"/offers/{index}", (offer.lot, offer.line, offer.bid_id, offer.bidder_id)
        demand = lines.get((offer.lot, offer.line))
        if key in seen:
            yield Flaw(
                pointer=at, reason="the sewer stands twice on the line", passes="one offer of each sewer of a bid"
            )
        seen.add(key)
        if demand is None or demand.run.grid != offer.run.grid:
            yield Flaw(pointer=at, reason="nobody asked for this line in this grid", passes="an offer for a line")
        elif demand.planned_price.currency != offer.unit_price.currency:
            yield Flaw(pointer=f"{at}/unit_price", reason="another currency", passes=demand.planned_price.currency)
        if not 1 <= offer.pieces_min <= min(offer.pieces_max, offer.run.pieces):
            yield Flaw(
                pointer=f"{at}/pieces_min",
                reason=f"{offer.pieces_min} can never be given",
                passes=f"1 to {min(offer.pieces_max, offer.run.pieces)}",
            )
        yield from _prices(at, offer)


def _prices(at: str, offer: Offer) -> Iterator[Flaw]:
    if offer.unit_price.amount < 0:
        yield Flaw(pointer=f"{at}/unit_price", reason="negative", passes='"0.00" or more')
    if not 0 <= offer.discount_percent <= _HUNDRED:
        yield Flaw(pointer=f"{at}/discount_percent", reason="out of range", passes="0 to 100")
    steps = [(1, offer.unit_price), *((each.pieces_from, each.unit_price) for each in offer.breaks)]
    for number, ((low, dear), (high, cheap)) in enumerate(pairwise(steps)):
        if high <= low or cheap > dear or cheap.amount < 0:
            yield Flaw(
                pointer=f"{at}/breaks/{number}",
                reason="a break that does not rise in pieces, or rises in price",
                passes=f"from {low + 1} pieces on, at most {dear.amount}",
            )


def _capacity(problem: Problem) -> Iterator[Flaw]:
    days = {demand.due_on for demand in problem.demands}
    for bidder, free in (problem.capacity or {}).items():
        at = f"/capacity/{bidder}"
        if not days <= {each.until for each in free}:
            yield Flaw(pointer=at, reason="a delivery day is missing", passes="minutes until every delivery day")
        for number, (one, other) in enumerate(
            pairwise([Free(until=free[0].until, minutes=Decimal(0)), *free]) if free else ()
        ):
            if (number and other.until <= one.until) or other.minutes < one.minutes:
                yield Flaw(pointer=f"{at}/{number}", reason="falls", passes="later days with as many minutes or more")


def _groups(problem: Problem) -> Iterator[Flaw]:
    offered = Counter((offer.bid_id, offer.lot) for offer in problem.offers)
    excluded = {(group.bid_id, lot): set(group.lots) for group in problem.either_or for lot in group.lots}
    for index, group in enumerate(problem.either_or):
        if len(set(group.lots)) < 2:  # noqa: PLR2004 - either and or
            yield Flaw(pointer=f"/either_or/{index}", reason="excludes nothing", passes="two lots or more")
    for index, joint in enumerate(problem.joints):
        if not offered[joint.bid_id, joint.lot]:
            yield Flaw(pointer=f"/joints/{index}", reason="the bid offers nothing there", passes="a lot of the bid")
    for index, package in enumerate(problem.packages):
        at = f"/packages/{index}"
        if not package.lots or package.pieces_min < 1 or not 0 <= package.percent <= _HUNDRED:
            yield Flaw(pointer=at, reason="out of range", passes="lots, 1 piece or more, 0 to 100 percent")
        for lot in package.lots:
            if not offered[package.bid_id, lot]:
                yield Flaw(pointer=at, reason=f"the bid offers nothing in lot {lot}", passes="lots of the bid")
            if len(excluded.get((package.bid_id, lot), set()) & set(package.lots)) > 1:
                yield Flaw(
                    pointer=at, reason="wants lots of which the bid may win one", passes="lots it may win together"
                )
                break


def _limits(problem: Problem) -> Iterator[Flaw]:
    pieces: Counter[int] = Counter()
    whole: set[int] = set()
    seen: set[int] = set()
    for demand in problem.demands:
        pieces[demand.lot] += demand.run.pieces
        if not demand.partial:
            whole.add(demand.lot)
    for index, limits in enumerate(problem.limits):
        at = f"/limits/{index}"
        if not pieces[limits.lot] or limits.lot in seen:
            yield Flaw(
                pointer=at, reason=f"lot {limits.lot} is not there, or stands twice", passes="limits of a lot, once"
            )
        elif limits.winners_max is not None and limits.winners_max < 1:
            yield Flaw(pointer=f"{at}/winners_max", reason="nobody could win", passes="1 or more")
        else:
            yield from _limits_of(at, limits, pieces[limits.lot], whole=limits.lot in whole)
        seen.add(limits.lot)


def _limits_of(at: str, limits: LotLimits, pieces: int, *, whole: bool) -> Iterator[Flaw]:
    most = pieces
    if limits.share_percent_max is not None:
        most = int((pieces * limits.share_percent_max / _HUNDRED).to_integral_value(ROUND_FLOOR))
    if not 1 <= limits.pieces_min <= most:
        yield Flaw(
            pointer=f"{at}/pieces_min", reason=f"a winner may have at most {most} pieces", passes=f"1 to {max(most, 1)}"
        )
    elif whole and limits.winners_max is not None and limits.winners_max * most < pieces:
        yield Flaw(
            pointer=f"{at}/winners_max",
            reason=f"{limits.winners_max} winners with at most {most} pieces each never fill {pieces}",
            passes=f"{-(-pieces // most)} winners, or a larger share",
        )


def _quotas(problem: Problem) -> Iterator[Flaw]:
    for index, quota in enumerate(problem.quotas):
        at = f"/quotas/{index}"
        if not 0 <= quota.percent_min <= _HUNDRED:
            yield Flaw(pointer=f"{at}/percent_min", reason="out of range", passes="0 to 100")
        for other in problem.quotas[:index]:
            same = set(other.lots) == set(quota.lots) and not other.bidders & quota.bidders
            if same and other.percent_min + quota.percent_min > _HUNDRED:
                yield Flaw(
                    pointer=f"{at}/percent_min",
                    reason=f"with {other.name} more than everything is reserved",
                    passes=f"at most {_HUNDRED - other.percent_min}",
                )
