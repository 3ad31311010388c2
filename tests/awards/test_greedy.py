"""The legal default, constraint by constraint: who gets what, and what the trace says bound the others."""

from dataclasses import replace
from decimal import Decimal

from domain.awards.allocation import Bound
from domain.awards.checker import violations
from domain.awards.greedy import Greedy, allocate
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
from domain.money import Money
from tests.awards.examples import EARLY, LATE, bid, demand, offer, run, sewer
from tests.awards.watching import Watching


def problem(demands: tuple[Demand, ...], *offers: Offer, **rules: object) -> Problem:
    return Problem(demands=demands, offers=offers, **rules)  # type: ignore[arg-type]  # a test names fields


def given(problem: Problem) -> dict[tuple[int, int], int]:
    """Pieces by lot and sewer, of an allocation that stands."""
    allocation = allocate(problem)
    assert violations(problem, allocation) == ()
    return {(share.lot, share.bidder_id.int - 1000): share.run.pieces for share in allocation.shares}


def bounds(problem: Problem) -> dict[tuple[int, int], Bound]:
    return {(step.lot, step.bidder_id.int - 1000): step.bound for step in allocate(problem).trace}


def test_a_lot_that_is_not_filled_gets_nothing_and_frees_what_it_took_for_the_next() -> None:
    both = (demand(10), demand(8, lot=2))
    only = (offer(1, "8", run(9)), offer(1, "8", run(8), lot=2))
    capacity = {str(sewer(1)): (Free(until=EARLY, minutes=Decimal(90)),)}
    case = problem(both, *only, capacity=capacity)
    assert given(case) == {(2, 1): 8}
    assert bounds(case) == {(1, 1): Bound.LOT_NOT_FILLED, (2, 1): Bound.NOTHING}
    assert [(each.lot, each.run.pieces) for each in allocate(case).unfilled] == [(1, 10)]
    in_part = replace(case, demands=(demand(10, partial=True), both[1]))
    assert given(in_part) == {(1, 1): 9}


def test_minutes_count_until_each_lots_own_day() -> None:
    both = (demand(10, due_on=LATE), demand(10, lot=2))
    capacity = {str(sewer(1)): (Free(until=EARLY, minutes=Decimal(60)), Free(until=LATE, minutes=Decimal(160)))}
    cheap = (offer(1, "8", run(10)), offer(1, "8", run(10), lot=2))
    case = problem(
        both, *cheap, offer(2, "9", run(10), lot=2), capacity=capacity | {str(sewer(2)): capacity[str(sewer(1))]}
    )
    assert given(case) == {(1, 1): 10, (2, 1): 6, (2, 2): 4}
    assert bounds(case)[2, 1] is Bound.MINUTES


def test_who_has_no_minutes_gets_nothing() -> None:
    case = problem((demand(10),), offer(1, "8", run(10)), offer(2, "9", run(10)), capacity={})
    assert given(case) == {}
    assert bounds(case) == {(1, 1): Bound.MINUTES, (1, 2): Bound.MINUTES}


def test_ranks_go_by_the_price_of_the_tier_that_can_be_reached() -> None:
    cheaper = (PriceBreak(pieces_from=8, unit_price=Money.of(7)),)
    case = problem((demand(10),), offer(1, "8", run(10)), offer(2, "9", run(10), breaks=cheaper))
    assert given(case) == {(1, 2): 10}
    assert allocate(case).shares[0].unit_price == Money.of(7)
    short = problem((demand(10),), offer(1, "8", run(10)), offer(2, "9", run(7), breaks=cheaper))
    assert given(short) == {(1, 1): 10}


def test_a_comparison_discount_ranks_and_is_not_paid() -> None:
    preferred = offer(2, "8.50", run(10), discount_percent=Decimal(10))
    case = problem((demand(10),), offer(1, "8", run(10)), preferred)
    assert [(share.bid_id, share.unit_price) for share in allocate(case).shares] == [(bid(2), Money.of("8.50"))]


def test_a_package_that_is_reached_lowers_the_price_in_all_its_lots() -> None:
    both = (demand(10), demand(10, lot=2))
    package = PackageDiscount(bid_id=bid(1), lots=(1, 2), percent=Decimal("12.5"), pieces_min=10)
    case = problem(both, offer(1, "8.05", run(10)), offer(1, "9", run(10), lot=2), packages=(package,))
    assert [share.unit_price for share in allocate(case).shares] == [Money.of("7.04"), Money.of("7.87")]
    missed = replace(case, packages=(replace(package, pieces_min=11),))
    assert [share.unit_price for share in allocate(missed).shares] == [Money.of("8.05"), Money.of(9)]


def test_who_won_one_of_either_or_is_out_of_the_other() -> None:
    both = (demand(10), demand(10, lot=2))
    cheap = (offer(1, "8", run(10)), offer(1, "8", run(10), lot=2))
    case = problem(both, *cheap, offer(2, "9", run(10), lot=2), either_or=(EitherOr(bid_id=bid(1), lots=(1, 2)),))
    assert given(case) == {(1, 1): 10, (2, 2): 10}
    assert bounds(case)[2, 1] is Bound.EITHER_OR


def test_every_member_of_a_consortium_gets_his_least_or_the_bid_stays_out() -> None:
    members = (offer(1, "8", run(10), by=1, least=4), offer(1, "9.50", run(10), by=3, least=4))
    rival = offer(2, "9", run(10))
    joint = (Joint(bid_id=bid(1), lot=1),)
    case = problem((demand(10),), *members, rival, joints=joint)
    assert given(case) == {(1, 1): 6, (1, 3): 4}
    assert bounds(replace(case, offers=(*members, offer(2, "7", run(10)))))[1, 3] is Bound.DEMAND
    tired = replace(case, units={f"{sewer(3)}/141413": 3})
    assert given(tired) == {(1, 2): 10}
    assert bounds(tired)[1, 1] is bounds(tired)[1, 3] is Bound.JOINT


def test_a_lot_has_no_more_winners_than_the_buyer_allows() -> None:
    small, middle, large = offer(1, "7", run(2)), offer(2, "8", run(6)), offer(3, "9", run(10), most=8)
    limits = (LotLimits(lot=1, winners_max=2),)
    case = problem((demand(10),), small, middle, large, limits=limits)
    assert given(case) == {(1, 2): 6, (1, 3): 4}, "the smallest made way, for else the lot would not be filled"
    assert bounds(case)[1, 1] is Bound.WINNERS_MAX


def test_no_bid_has_more_than_the_largest_share_with_all_its_members() -> None:
    members = (offer(1, "7", run(10), by=1), offer(1, "7", run(10), by=3))
    limits = (LotLimits(lot=1, share_percent_max=Decimal(65)),)
    case = problem((demand(10),), *members, offer(2, "9", run(10)), limits=limits)
    assert given(case) == {(1, 1): 6, (1, 2): 4}
    assert bounds(case)[1, 3] is Bound.SHARE_MAX


def test_a_bid_under_the_buyers_least_leaves_the_lot() -> None:
    limits = (LotLimits(lot=1, pieces_min=3),)
    case = problem((demand(10),), offer(1, "7", run(2)), offer(2, "8", run(10)), limits=limits)
    assert given(case) == {(1, 2): 10}
    two_lines = (demand(5), demand(5, line=2))
    spread = (offer(1, "7", run(1)), offer(1, "7", run(1), line=2))
    rest = (offer(2, "8", run(5)), offer(2, "8", run(5), line=2))
    assert {share.bid_id for share in allocate(problem(two_lines, *spread, *rest, limits=limits)).shares} == {bid(2)}
    assert bounds(problem(two_lines, *spread, *rest, limits=limits))[1, 1] is Bound.LOT_MINIMUM


def test_what_a_quota_reserves_is_not_given_to_others() -> None:
    quota = (Quota(name="region", lots=(1, 2), bidders=frozenset({sewer(2)}), percent_min=Decimal(25)),)
    both = (demand(10), demand(10, lot=2, partial=True))
    cheap = (offer(1, "7", run(10)), offer(1, "7", run(10), lot=2))
    members = (offer(2, "9", run(10)), offer(2, "9", run(1), lot=2))
    case = problem(both, *cheap, *members, quotas=quota)
    assert given(case) == {(1, 1): 7, (1, 2): 3, (2, 1): 5, (2, 2): 1}, "the part that is awarded holds its own quota"
    assert bounds(case)[1, 1] is Bound.QUOTA


def test_lots_are_effort_and_whoever_stops_gets_what_is_done() -> None:
    both = (demand(10), demand(10, lot=2))
    case = problem(both, offer(1, "7", run(10)), offer(1, "7", run(10), lot=2))
    watching = Watching(patience=1)
    stopped = Greedy().solve(case, watching)
    assert (stopped.effort, [share.lot for share in stopped.allocation.shares]) == (1, [1])
    assert stopped == Greedy().solve(case, Watching(), effort=1)
    assert [each.effort for each in watching.told_of] == [1]
    assert violations(case, stopped.allocation) == ()
