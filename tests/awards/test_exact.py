"""The exact engine beyond small numbers: prices far apart, many cells, little patience, no capacity."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from adapters.solver.exact import Exact
from adapters.solver.priced import Priced
from domain.awards.checker import misstatements
from domain.awards.flaws import problem_flaws
from domain.awards.greedy import Greedy
from domain.awards.problem import Free, LotLimits, Problem
from domain.awards.solution import Proof
from domain.garments import GRIDS, GridId, SizeRun
from domain.money import Money
from tests.awards.brute_force import least_worth
from tests.awards.examples import EARLY, demand, offer, run
from tests.awards.small_problems import far_apart, small_problem
from tests.awards.watching import Watching
from tests.bench.market import market as everything

EXACT, GREEDY = Exact(), Greedy()


def test_prices_a_million_times_apart_are_solved_to_the_tiyn() -> None:
    for seed in range(150):
        problem = far_apart(small_problem(seed))
        solution = EXACT.solve(problem, Watching())
        assert misstatements(problem, solution) == (), seed
        least = least_worth(problem)
        assert solution.worth.amount == least, seed
        assert solution.bound is not None
        assert solution.bound.amount <= least, seed


def market(lots: int, sewers: int, *, seed: int = 1) -> Problem:
    """Lots of 35 cells; nobody can fill one alone, and everybody's minutes are wanted in many."""
    random = Random(seed)  # noqa: S311 - the same from the same seed
    adult = GRIDS[GridId.ADULT]
    demands, offers = [], []
    for lot in range(1, lots + 1):
        sizes = SizeRun.of(GridId.ADULT, {size: random.randint(1, 60) for size in adult})
        demands.append(replace(demand(1, lot=lot, planned_price=Money.of(120)), run=sizes))
        for who in random.sample(range(1, sewers + 1), k=8):
            part = sizes if random.random() < 0.6 else sizes.only(adult[5:25])
            most = random.randint(part.pieces // 5, part.pieces // 2)
            price = str(random.randint(60, 110))
            offers.append(offer(who, price, part, lot=lot, most=most, least=random.choice([1, 50])))
    limits = tuple(LotLimits(lot=lot, winners_max=5) for lot in range(1, lots + 1))
    return with_minutes(Problem(demands=tuple(demands), offers=tuple(offers), limits=limits), 25_000)


def with_minutes(problem: Problem, minutes: int) -> Problem:
    free = (Free(until=EARLY, minutes=Decimal(minutes)),)
    return replace(problem, capacity={str(each.bidder_id): free for each in problem.offers})


def hard() -> Problem:
    """Few minutes, and offers that want nearly all or nothing: thousands of steps."""
    easy = market(6, 10)
    offers = tuple(replace(each, pieces_min=max(1, each.pieces_max * 9 // 10)) for each in easy.offers)
    return with_minutes(replace(easy, offers=offers), 9_000)


def test_from_what_prices_find_it_comes_to_the_same_answers_and_no_bound_on_the_way_is_wrong() -> None:
    for seed in range(40):
        problem = small_problem(seed)
        watching = Watching()
        solution = Exact(alone=0).solve(problem, watching)
        least = least_worth(problem)
        assert misstatements(problem, solution) == (), seed
        assert (solution.worth.amount, solution.proof) == (least, Proof.OPTIMAL), seed
        assert all(each.bound.amount <= least for each in watching.told_of if each.bound), seed
        assert all(each.worth.amount >= least for each in watching.told_of if each.worth), seed


def test_from_what_prices_find_it_goes_on_and_the_same_effort_ends_at_the_same() -> None:
    problem = everything(14, 16, seed=2)
    assert len(problem.offers) > EXACT.alone
    priced, solution = Priced().solve(problem, Watching()), EXACT.solve(problem, Watching(), effort=60)
    assert misstatements(problem, solution) == ()
    assert solution.gap_percent is not None
    assert priced.gap_percent is not None
    assert solution.gap_percent < priced.gap_percent
    assert EXACT.solve(problem, Watching(), effort=60) == solution
    early = EXACT.solve(problem, Watching(patience=20))
    assert (early.effort, early.allocation) == (0, GREEDY.solve(problem, Watching()).allocation)
    assert EXACT.solve(problem, Watching(), effort=0) == early


def test_twenty_lots_and_thirty_sewers_are_proven() -> None:
    problem = market(20, 30)
    solution = EXACT.solve(problem, Watching())
    assert misstatements(problem, solution) == ()
    assert solution.proof is Proof.OPTIMAL
    assert solution.worth < GREEDY.solve(problem, Watching()).worth


def test_ten_thousand_cells_are_counted_in_classes_and_given_back_in_cells() -> None:
    problem = market(300, 300)
    assert sum(len(each.run.cells) for each in problem.demands) == 10_500
    solution = EXACT.solve(problem, Watching(), effort=3)
    greedy = GREEDY.solve(problem, Watching())
    assert misstatements(problem, solution) == misstatements(problem, greedy) == ()
    assert solution.worth <= greedy.worth


@pytest.mark.parametrize("patience", [0, 1, 20, 60])
def test_whoever_stops_gets_an_answer_that_stands_and_can_be_had_again(patience: int) -> None:
    problem = hard()
    stopped = EXACT.solve(problem, Watching(patience=patience))
    assert misstatements(problem, stopped) == ()
    assert stopped.worth <= GREEDY.solve(problem, Watching()).worth
    assert (stopped.effort, stopped.proof) == (patience, Proof.BOUNDED if patience > 1 else Proof.NONE)
    assert EXACT.solve(problem, Watching(), effort=stopped.effort) == stopped


def test_zero_capacity_leaves_everything_open_and_says_that_it_is_best() -> None:
    problem = Problem(demands=(demand(10),), offers=(offer(1, "8", run(10)),), capacity={})
    assert problem_flaws(problem) == ()
    solution = EXACT.solve(problem, Watching())
    assert (solution.allocation.shares, solution.proof, solution.worth) == ((), Proof.OPTIMAL, Money.of(2000))


def test_a_problem_without_anything_is_solved() -> None:
    for engine in (EXACT, GREEDY):
        assert engine.solve(Problem(demands=(), offers=()), Watching()).worth == Money.of(0)


def test_who_waits_is_told_of_worth_and_bound() -> None:
    watching = Watching(patience=60)
    solution = EXACT.solve(hard(), watching)
    bounds = [each.bound for each in watching.told_of if each.bound is not None]
    worths = [each.worth for each in watching.told_of if each.worth is not None]
    assert bounds == sorted(bounds)
    assert worths == sorted(worths, reverse=True)
    assert bounds[-1] <= solution.worth <= worths[-1]
    assert bounds[0] < bounds[-1]
