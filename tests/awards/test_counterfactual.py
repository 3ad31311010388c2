"""What would have won, for losers of random awards: every stated change is applied and the award run again."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from adapters.solver.exact import Exact
from domain.awards.allocation import Allocation
from domain.awards.changes import Changed, applied
from domain.awards.counterfactual import Counterfactual, counterfactual, pieces_of
from domain.awards.greedy import allocate
from domain.awards.problem import Free, PriceBreak, Problem
from domain.garments import SizeRun
from domain.ids import BidId
from domain.money import TIYN, Money
from tests.awards.examples import bid, demand, offer, run
from tests.awards.small_problems import small_problem
from tests.awards.watching import Watching

LOSERS = 500


def losers() -> Iterator[tuple[Problem, Allocation, BidId, int]]:
    """Bids that won nothing of a lot, problem after problem."""
    for seed in range(10_000):
        problem = small_problem(seed)
        allocation = allocate(problem)
        for bid_id, lot in dict.fromkeys((each.bid_id, each.lot) for each in problem.offers):
            if not pieces_of(allocation, bid_id, lot):
                yield problem, allocation, bid_id, lot


def test_for_500_losers_the_stated_change_wins_and_one_tiyn_less_does_not() -> None:
    answered, stated, silent = 0, Counter[Changed](), 0
    for problem, allocation, bid_id, lot in losers():
        found = counterfactual(problem, allocation, bid_id, lot, allocate)
        for change in found.changes:
            with_it = allocate(applied(problem, bid_id, lot, change))
            assert pieces_of(with_it, bid_id, lot) == change.pieces > 0
            assert change.smallest
            stated[change.changed] += 1
            if change.changed is Changed.UNIT_PRICE:
                less = applied(problem, bid_id, lot, replace(change, needed=change.needed + TIYN))
                assert not pieces_of(allocate(less), bid_id, lot)
        answered += bool(found.changes)
        silent += not found.changes and allocation.fills(lot)
        assert not found.cut_short
        if answered == LOSERS:
            break
    assert answered == LOSERS
    assert silent < LOSERS / 4, "where a lot is filled there is nearly always a price that would have won"
    assert set(stated) == set(Changed)


def test_no_nearer_price_of_a_hundred_that_are_tried_wins() -> None:
    """The price told is the highest that wins, and not only one whose neighbour loses."""
    seen = 0
    for problem, allocation, bid_id, lot in losers():
        found = counterfactual(problem, allocation, bid_id, lot, allocate)
        if not found.changes or found.changes[0].changed is not Changed.UNIT_PRICE:
            continue
        (change, *_) = found.changes
        span = change.present - change.needed
        for step in range(1, 100):
            nearer = (change.needed + span * step / 100).quantize(TIYN)
            if change.needed < nearer < change.present:
                other = applied(problem, bid_id, lot, replace(change, needed=nearer))
                assert not pieces_of(allocate(other), bid_id, lot), nearer
        seen += 1
        if seen == 40:
            break


def test_the_exact_engine_is_asked_in_the_same_way() -> None:
    engine, told = Exact(), 0
    for seed in range(25):
        problem = small_problem(seed)

        def rerun(other: Problem) -> Allocation:
            return engine.solve(other, Watching()).allocation

        allocation = rerun(problem)
        for bid_id, lot in dict.fromkeys((each.bid_id, each.lot) for each in problem.offers):
            if pieces_of(allocation, bid_id, lot):
                continue
            for change in counterfactual(problem, allocation, bid_id, lot, rerun).changes:
                assert pieces_of(rerun(applied(problem, bid_id, lot, change)), bid_id, lot) > 0
                told += 1
    assert told > 10


def one(problem: Problem, number: int, lot: int = 1) -> Counterfactual:
    return counterfactual(problem, allocate(problem), bid(number), lot, allocate)


def test_the_price_that_wins_equals_the_others_where_one_came_first_and_undercuts_it_otherwise() -> None:
    early, late = offer(1, "9.00", run(10)), offer(2, "8.00", run(10))
    problem = Problem(demands=(demand(10),), offers=(early, late))
    assert one(problem, 1).changes[0].needed == Decimal("8.00")
    turned = Problem(demands=(demand(10),), offers=(replace(early, unit_price=Money.of(7)), late))
    assert one(turned, 2).changes[0].needed == Decimal("6.99")


def test_a_conditional_discount_counts_in_the_price_that_wins() -> None:
    mine = offer(2, "9.00", run(10), discount_percent=Decimal(3))
    problem = Problem(demands=(demand(10),), offers=(offer(1, "8.00", run(10)), mine))
    (change, *_) = one(problem, 2).changes
    assert (change.needed, change.pieces) == (Decimal("8.24"), 10), "8.24 less 3 % is 7.99, 8.25 is 8.00 and later"


def test_a_tier_never_costs_more_than_the_price_without_it() -> None:
    mine = offer(2, "9.00", run(10), breaks=(PriceBreak(pieces_from=11, unit_price=Money.of("8.50")),))
    problem = Problem(demands=(demand(10),), offers=(offer(1, "8.00", run(10)), mine))
    (change, *_) = one(problem, 2).changes
    (_, changed) = applied(problem, bid(2), 1, change).offers
    assert (changed.unit_price, changed.breaks[0].unit_price) == (Money.of("7.99"), Money.of("7.99"))


def test_a_least_number_that_was_too_large_is_told() -> None:
    problem = Problem(demands=(demand(10),), offers=(offer(1, "8.00", run(6)), offer(2, "9.00", run(10), least=5)))
    told = {change.changed: change.needed for change in one(problem, 2).changes}
    assert pieces_of(allocate(problem), bid(2), 1) == 5, "the first gives one piece back"
    assert told == {Changed.UNIT_PRICE: Decimal("7.99")}


def test_pieces_sizes_minutes_and_declared_capacity_that_were_missing_are_told() -> None:
    asked = demand(6, 4)
    few = offer(1, "8.00", run(6, 4), most=9)
    assert one(Problem(demands=(asked,), offers=(few,)), 1).changes[0].needed == 10
    narrow = offer(1, "8.00", run(6))
    (change,) = one(Problem(demands=(asked,), offers=(narrow,)), 1).changes
    assert (change.changed, change.run, change.pieces) == (Changed.SIZES, run(6, 4), 10)
    full = offer(1, "8.00", run(6, 4))
    busy = Problem(
        demands=(asked,),
        offers=(full,),
        capacity={str(full.bidder_id): (Free(until=asked.due_on, minutes=Decimal("40.5")),)},
    )
    (change,) = one(busy, 1).changes
    assert (change.changed, change.present, change.needed) == (Changed.MINUTES, Decimal("40.5"), Decimal("100.5"))
    small = Problem(demands=(asked,), offers=(full,), units={f"{full.bidder_id}/141413": 3})
    (change,) = one(small, 1).changes
    assert (change.changed, change.present, change.needed) == (Changed.DECLARED_CAPACITY, Decimal(3), Decimal(10))


def test_nothing_is_told_where_no_single_change_helps() -> None:
    mine = offer(2, "9.00", run(2), most=1)
    problem = Problem(demands=(demand(10, 10),), offers=(mine,))
    assert one(problem, 2).changes == ()


def test_the_search_ends_when_its_runs_are_used_up_and_says_so() -> None:
    offers = tuple(offer(each, f"{each}.00", run(1)) for each in range(1, 30))
    problem = Problem(demands=(demand(1),), offers=offers)
    short = counterfactual(problem, allocate(problem), bid(29), 1, allocate, runs_max=3)
    assert short.cut_short
    assert short.runs == 3
    whole = counterfactual(problem, allocate(problem), bid(29), 1, allocate)
    assert (whole.changes[0].needed, whole.changes[0].smallest, whole.cut_short) == (Decimal("0.99"), True, False)


def test_sizes_come_back_to_what_was_offered_where_it_does_not_take_them() -> None:
    partial = demand(6, 4, partial=True)
    mine = offer(2, "9.00", SizeRun.of(run(1).grid, {run(1).sizes[0]: 1}))
    problem = Problem(demands=(partial,), offers=(offer(1, "8.00", run(6)), mine))
    (price, sizes) = one(problem, 2).changes
    assert (price.needed, sizes.run) == (Decimal("7.99"), run(1, 4))
