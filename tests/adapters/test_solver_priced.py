"""The engine for large problems: always valid, never worse than the greedy, bounded, and the same each time."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.solver.choosing import LOTS_MAX, OFFERS_MAX, Choosing
from adapters.solver.compiled import packed
from adapters.solver.exact import Exact
from adapters.solver.line import desk, size, solve_line
from adapters.solver.priced import Priced
from adapters.solver.reading import read
from domain.awards.checker import misstatements
from domain.awards.greedy import Greedy
from domain.awards.problem import LotLimits, Problem
from domain.awards.solution import Proof, Solution
from tests.awards.brute_force import least_worth
from tests.awards.examples import demand, offer, run
from tests.awards.small_problems import small_problem
from tests.awards.watching import Watching
from tests.bench.market import market

SEEDS = range(150)
ENGINE, GREEDY = Priced(), Greedy()


def test_small_problems_are_solved_validly_between_the_greedy_and_brute_force() -> None:
    met = Counter[str]()
    for seed in SEEDS:
        problem = small_problem(seed)
        solution, greedy = ENGINE.solve(problem, Watching(), effort=8), GREEDY.solve(problem, Watching())
        least = least_worth(problem)
        assert misstatements(problem, solution) == (), seed
        assert least <= solution.worth.amount <= greedy.worth.amount, seed
        assert solution.bound is not None
        assert solution.bound.amount <= least, seed
        met["least"] += solution.worth.amount == least
        met["proven"] += solution.proof is Proof.OPTIMAL
        met["better than the greedy"] += solution.worth < greedy.worth
    assert met["least"] > 0.85 * len(SEEDS), met
    assert met["proven"] > 0.4 * len(SEEDS), met
    assert met["better than the greedy"] > 0.08 * len(SEEDS), met


@pytest.mark.parametrize("seed", range(4))
def test_a_market_is_solved_validly_and_the_bound_comes_close(seed: int) -> None:
    problem = market(60, 60, seed=seed)
    watching = Watching()
    solution = ENGINE.solve(problem, watching, effort=15)
    greedy = GREEDY.solve(problem, Watching())
    assert misstatements(problem, solution) == ()
    assert solution.worth < greedy.worth
    assert solution.gap_percent is not None
    assert solution.gap_percent < 100 * (greedy.worth.amount - solution.worth.amount) / greedy.worth.amount
    assert [each.effort for each in watching.told_of] == list(range(16))
    assert worths(watching) == sorted(worths(watching), reverse=True)
    assert bounds(watching) == sorted(bounds(watching))


def test_the_bound_is_below_what_the_exact_engine_proves() -> None:
    problem = market(8, 12, seed=3)
    exact, solution = Exact().solve(problem, Watching()), ENGINE.solve(problem, Watching(), effort=20)
    assert solution.bound is not None
    assert exact.bound is not None
    assert solution.bound <= exact.worth
    assert exact.bound <= solution.worth


def test_the_same_problem_and_effort_give_the_same_solution_here_and_in_another_process() -> None:
    problem = market(40, 40, seed=7)
    solution = ENGINE.solve(problem, Watching(), effort=3)
    assert ENGINE.solve(problem, Watching(), effort=3) == solution
    turned = replace(problem, offers=problem.offers[::-1], demands=problem.demands[::-1])
    assert ENGINE.solve(turned, Watching(), effort=3).allocation == solution.allocation
    code = "from tests.adapters.test_solver_priced import elsewhere; elsewhere()"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == f"{told(solution)}\n"


def elsewhere() -> None:
    print(told(ENGINE.solve(market(40, 40, seed=7), Watching(), effort=3)))


def told(solution: Solution) -> str:
    return f"{solution.worth} {solution.bound} {solution.effort} {solution.allocation.shares}"


def test_on_request_it_stops_with_the_best_so_far_which_its_effort_repeats() -> None:
    problem = market(40, 40, seed=8)
    everything = Watching()
    ENGINE.solve(problem, everything, effort=3)
    for patience in range(everything.asked):
        stopped = ENGINE.solve(problem, Watching(patience=patience))
        assert stopped.effort <= 3
        assert misstatements(problem, stopped) == ()
        assert ENGINE.solve(problem, Watching(), effort=stopped.effort) == stopped


def test_without_a_round_the_greedy_answers_and_nothing_is_claimed() -> None:
    problem = market(20, 20, seed=9)
    solution = ENGINE.solve(problem, Watching(patience=0))
    assert solution.allocation == GREEDY.solve(problem, Watching()).allocation
    assert (solution.effort, solution.bound, solution.proof) == (0, None, Proof.NONE)


def test_what_nobody_can_fill_stays_open_and_is_proven_so() -> None:
    problem = Problem(demands=(demand(10), demand(10, lot=2)), offers=(offer(1, "15", run(4)),))
    solution = ENGINE.solve(problem, Watching())
    assert solution.proof is Proof.OPTIMAL
    assert solution.allocation.shares == ()
    assert solution.worth.amount == 2 * 10 * 10 * Decimal(20)
    nothing = Problem(demands=(demand(10),), offers=())
    assert ENGINE.solve(nothing, Watching()).proof is Proof.OPTIMAL


def test_prices_a_million_times_apart_are_still_told_apart_to_the_tiyn() -> None:
    offers = (offer(1, "0.01", run(4)), offer(2, "10000.00", run(10)), offer(3, "9999.99", run(10)))
    problem = Problem(demands=(demand(10, planned_price=offers[1].unit_price),), offers=offers)
    solution = ENGINE.solve(problem, Watching())
    assert solution.worth.amount == 4 * Decimal("0.01") + 6 * Decimal("9999.99")
    assert solution.proof is Proof.OPTIMAL


def test_a_line_alone_is_solved_by_its_minimum_pieces_and_tiers() -> None:
    """Ten pieces of two winners: six from the cheapest leave four, fewer than the second gives; five and five do."""
    offers = (offer(1, "10", run(6)), offer(2, "11", run(9), least=5), offer(3, "19", run(9)))
    limits = (LotLimits(lot=1, winners_max=2),)
    arrays = read(Problem(demands=(demand(10),), offers=offers, limits=limits)).arrays
    table = desk(arrays)
    table.most[:] = arrays.offer_most
    assert solve_line(packed(arrays), packed(table), 0, 2) == 100 * (5 * 10 + 5 * 11)
    assert table.given.tolist() == [5, 5, 0]
    assert size(arrays, 0) == 3 * 3 * 11


def test_small_problems_go_to_the_exact_engine_and_large_ones_to_this() -> None:
    choosing = Choosing()
    small = market(4, 8, seed=1)
    assert choosing.engine_for(small) == Exact()
    assert choosing.engine_for(market(LOTS_MAX + 1, 3, seed=1)) == Priced()
    crowded = replace(small, offers=small.offers * (OFFERS_MAX // len(small.offers) + 1))
    assert choosing.engine_for(crowded) == Priced()
    assert choosing.solve(small_problem(1), Watching()).engine == Exact().name


def worths(watching: Watching) -> list[Decimal]:
    return [each.worth.amount for each in watching.told_of if each.worth is not None]


def bounds(watching: Watching) -> list[Decimal]:
    return [each.bound.amount for each in watching.told_of if each.bound is not None]
