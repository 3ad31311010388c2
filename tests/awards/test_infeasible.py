"""Why a lot stays open, and what would let it be filled; conflicts of random problems are confirmed by brute force."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapters.solver.exact import Exact
from domain.awards.greedy import Greedy, allocate
from domain.awards.infeasible import Conflict, Feasible, LotNotOpen, Oracle, conflict, scope_of, unpriced
from domain.awards.lifting import Kind, constraints, lifted
from domain.awards.model import LotResult
from domain.awards.open_lots import explain
from domain.awards.problem import EitherOr, Free, Joint, LotLimits, Problem, Quota
from domain.awards.relaxing import Relaxation, Relaxed, relaxations
from domain.money import Money
from tests.awards.brute_force import least_worth
from tests.awards.examples import EARLY, bid, demand, offer, run, sewer
from tests.awards.small_problems import small_problem
from tests.awards.test_letters import evaluation
from tests.awards.watching import Watching

EXACT = Oracle(engine=Exact(), watch=Watching())
TODAY = date(2026, 12, 11)


def why(problem: Problem, lot: int = 1, oracle: Oracle = EXACT) -> Conflict:
    return conflict(problem, allocate(problem), lot, oracle)


def told(found: Conflict) -> list[str]:
    return [each.text.en for each in found.reasons]


def ways(problem: Problem, lot: int = 1) -> dict[Relaxed, Relaxation]:
    found = relaxations(problem, allocate(problem), why(problem, lot), EXACT, on=TODAY)
    assert [each.unfilled for each in found] == sorted(each.unfilled for each in found)
    return {each.relaxed: each for each in found}


def test_conflicts_of_random_problems_are_conflicts_and_minimal_by_brute_force() -> None:
    kinds, together = Counter[Kind](), 0
    for seed in range(250):
        problem = small_problem(seed)
        allocation = allocate(problem)
        for lot in sorted({each.lot for each in allocation.unfilled}):
            found = conflict(problem, allocation, lot, EXACT)
            scope = scope_of(problem, allocation, lot)
            possible = least_worth(unpriced(scope)) == 0
            assert (found.feasible is Feasible.YES) is possible, seed
            assert found.proven
            assert found.minimal
            if possible or found.each_alone:
                continue
            kinds.update(each.kind for each in found.constraints)
            together += len(found.constraints) > 1
            everything = frozenset(constraints(scope, lot)) - frozenset(found.constraints)
            assert least_worth(unpriced(lifted(scope, lot, everything))) > 0, seed
            for each in found.constraints:
                assert least_worth(unpriced(lifted(scope, lot, everything | {each}))) == 0, (seed, each)
    assert together > 10
    assert len(kinds) > 8


def test_relaxations_of_random_problems_fill_the_lot_and_cost_what_they_say() -> None:
    seen = Counter[Relaxed]()
    for seed in range(120):
        problem = small_problem(seed)
        allocation = allocate(problem)
        for lot in sorted({each.lot for each in allocation.unfilled}):
            found = conflict(problem, allocation, lot, EXACT)
            for each in relaxations(problem, allocation, found, EXACT, on=TODAY):
                seen[each.relaxed] += 1
                assert each.sum.amount > 0
                assert (each.unfilled > 0) is (each.relaxed is Relaxed.PARTIAL)
                assert "{" not in each.sentence.text.en + each.sentence.text.ru + each.sentence.text.kk
    assert set(seen) == set(Relaxed)


def test_a_cell_that_is_not_offered_often_enough_is_counted() -> None:
    problem = Problem(demands=(demand(65, 10),), offers=(offer(1, "8.00", run(25, 10)), offer(2, "9.00", run(15))))
    found = why(problem)
    assert told(found) == ["Line 1, size 122: 40 pieces offered, 65 needed."]
    assert found.reasons[0].text.ru == "Позиция 1, размер 122: предложено 40 шт., нужно 65."
    assert found.reasons[0].text.kk == "1-позиция, 122 өлшемі: 40 дана ұсынылды, 65 керек."
    assert (found.feasible, found.each_alone) == (Feasible.NO, True)
    more = ways(problem)[Relaxed.CAPACITY]
    assert more.sentence.data | {"sum": ""} == {"value": "25", "sizes": "122: 25", "sum": ""}
    assert more.sum == Money.of("8.00") * 35 + Money.of("9.00") * 15 + Money.of("20.00") * 25


def test_a_line_that_nobody_offers_is_counted_and_one_workshop_more_would_do() -> None:
    problem = Problem(demands=(demand(3),), offers=())
    assert told(why(problem)) == ["Line 1, size 122: 0 pieces offered, 3 needed."]
    assert set(ways(problem)) == {Relaxed.CAPACITY}


def test_winners_and_shares_conflict_with_what_bidders_offer() -> None:
    offers = tuple(offer(each, f"{each}.00", run(10), most=4) for each in (1, 2, 3))
    problem = Problem(demands=(demand(10),), offers=offers, limits=(LotLimits(lot=1, winners_max=2),))
    found = why(problem)
    assert told(found) == [
        "The most pieces that bidders offer: 12, 10 needed.",
        "At most 2 winners: the largest 2 offers together have 8 pieces, 10 needed.",
    ]
    relaxed = ways(problem)
    assert relaxed[Relaxed.WINNERS_MAX].sentence.data["value"] == "3"
    assert relaxed[Relaxed.WINNERS_MAX].sum == Money.of(4 + 8 + 6)
    assert relaxed[Relaxed.WINNERS_MAX].proven
    assert (relaxed[Relaxed.PARTIAL].unfilled, relaxed[Relaxed.PARTIAL].sum) == (2, Money.of(4 + 8))
    assert Relaxed.CAPACITY not in relaxed, "a third winner is not allowed"


def test_a_share_is_raised_to_the_least_that_does() -> None:
    offers = (offer(1, "8.00", run(10)), offer(2, "9.00", run(10), most=4))
    problem = Problem(demands=(demand(10),), offers=offers, limits=(LotLimits(lot=1, share_percent_max=Decimal(50)),))
    assert {each.kind for each in why(problem).constraints} == {Kind.MOST_PIECES, Kind.SHARE_MAX}
    way = ways(problem)[Relaxed.SHARE_MAX]
    assert (way.sentence.data["present"], way.sentence.data["value"]) == ("50", "60.00")


def test_minutes_that_are_missing_come_with_a_later_day() -> None:
    one = offer(1, "8.00", run(10))
    free: dict[str, tuple[Free, ...]] = {str(one.bidder_id): (Free(until=EARLY, minutes=Decimal(80)),)}
    problem = Problem(demands=(demand(10),), offers=(one,), capacity=free)
    assert told(why(problem)) == ["The workshops' free minutes suffice for at most 8 pieces, 10 needed."]
    way = ways(problem)[Relaxed.LATER]
    assert way.sentence.data["value"] == "10", "80 minutes in 40 days are 100 in 50"


def test_a_quota_is_lowered_to_the_most_that_can_be_held() -> None:
    offers = (offer(1, "8.00", run(10)), offer(2, "9.00", run(10), most=4))
    small = Quota(name="small workshops", lots=(1,), bidders=frozenset({sewer(2)}), percent_min=Decimal(50))
    problem = Problem(demands=(demand(10),), offers=offers, quotas=(small,))
    assert "small workshops: at least 50 % of the pieces; its bidders offer 10 of 10." in told(why(problem))
    assert ways(problem)[Relaxed.QUOTA].sentence.data["value"] == "40"


def test_another_lot_that_takes_the_same_workshop_is_named() -> None:
    first, second = offer(1, "8.00", run(10)), offer(1, "8.00", run(10), lot=2)
    problem = Problem(
        demands=(demand(10), demand(10, lot=2)),
        offers=(first, second),
        units={f"{first.bidder_id}/141413": 15},
    )
    assert told(why(problem, 2)) == [
        "Lot 1 takes what the same workshops can sew.",
        "The declared capacity that is left suffices for at most 10 pieces, 10 needed.",
    ]
    group = EitherOr(bid_id=bid(1), lots=(1, 2))
    assert {each.kind for each in why(replace(problem, units={}, either_or=(group,)), 2).constraints} == {
        Kind.OTHER_LOT,
        Kind.EITHER_OR,
    }


def test_a_consortium_that_cannot_be_seated_is_named() -> None:
    offers = (offer(1, "8.00", run(10), by=1, least=6), offer(1, "8.00", run(10), by=2, least=6))
    problem = Problem(demands=(demand(10),), offers=offers, joints=(Joint(bid_id=bid(1), lot=1),))
    assert {each.kind for each in why(problem).constraints} == {Kind.JOINT, Kind.LEAST_PIECES}


def test_an_engine_that_proves_nothing_says_only_that_it_found_nothing() -> None:
    problem = Problem(
        demands=(demand(10),),
        offers=tuple(offer(each, f"{each}.00", run(10), most=4) for each in (1, 2, 3)),
        limits=(LotLimits(lot=1, winners_max=2),),
    )
    greedy = Oracle(engine=Greedy(), watch=Watching())
    found = why(problem, oracle=greedy)
    assert (found.feasible, found.proven) == (Feasible.NOT_FOUND, False)
    assert told(found) == ["greedy/2 found no way to fill lot 1, and did not prove that there is none."]
    assert relaxations(problem, allocate(problem), found, greedy, on=TODAY) == ()


def test_a_lot_that_the_rule_did_not_fill_and_the_engine_could_is_told_so() -> None:
    found = [
        seen
        for seed in range(250)
        for problem in [small_problem(seed)]
        for lot in sorted({each.lot for each in allocate(problem).unfilled})
        if (seen := why(problem, lot)).feasible is Feasible.YES
    ]
    assert found
    assert told(found[0])[0].endswith(
        f"can be filled: {EXACT.engine.name} found how, and the rule of the award did not."
    )


def test_without_effort_nothing_is_proven() -> None:
    offers = tuple(offer(each, f"{each}.00", run(10), most=4) for each in (1, 2, 3))
    problem = Problem(demands=(demand(10),), offers=offers, limits=(LotLimits(lot=1, winners_max=2),))
    assert why(problem, oracle=replace(EXACT, effort=0)).feasible is Feasible.NOT_FOUND


def test_a_lot_of_an_evaluation_is_explained_unless_it_is_filled() -> None:
    problem = Problem(
        demands=(demand(10), demand(10, lot=2)), offers=(offer(1, "9.00", run(10)), offer(1, "9.00", run(4), lot=2))
    )
    found = evaluation(problem)
    told = explain(found, 2, EXACT)
    assert [each.code for each in told.conflict.reasons] == ["cell_short"]
    assert [each.relaxed for each in told.relaxations] == [Relaxed.CAPACITY, Relaxed.PARTIAL]
    for lot in (1, 3):
        with pytest.raises(LotNotOpen):
            explain(found, lot, EXACT)
    failed = explain(replace(found, results={1: LotResult.FAILED, 2: LotResult.NOT_FILLED}), 1, EXACT)
    assert [each.code for each in failed.conflict.reasons] == ["lot_failed"]
    assert failed.relaxations == ()
