"""Engines against brute force and the checker: 2,000 random small problems in which every kind of constraint binds."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.solver.exact import Exact
from domain.awards.allocation import Allocation, Bound
from domain.awards.checker import AllocationRefused, Checked, misstatements, violations
from domain.awards.flaws import problem_flaws
from domain.awards.greedy import Greedy
from domain.awards.problem import Problem
from domain.awards.settling import key_of, settle
from domain.awards.solution import Engine, Proof
from domain.garments import SizeRun
from domain.money import Money
from tests.awards.brute_force import least_worth, stands
from tests.awards.mutations import mutants
from tests.awards.small_problems import small_problem
from tests.awards.watching import Watching

SEEDS = range(2_000)
KINDS, COMMON = 25, 100
"""Ways to spoil an allocation, and how often each must have been tried."""
GREEDY, EXACT = Greedy(), Exact()


def test_the_exact_engine_finds_what_brute_force_finds_and_the_greedy_nothing_better() -> None:
    for seed in SEEDS:
        problem = small_problem(seed)
        greedy, exact = GREEDY.solve(problem, Watching()), EXACT.solve(problem, Watching())
        least = least_worth(problem)
        assert misstatements(problem, greedy) == misstatements(problem, exact) == (), seed
        assert (exact.worth.amount, exact.proof, exact.gap_percent) == (least, Proof.OPTIMAL, Decimal(0)), seed
        assert greedy.worth.amount >= least, seed
        assert greedy.proof is Proof.NONE


def test_every_spoiled_allocation_is_refused() -> None:
    refused = Counter[str]()
    for seed in SEEDS:
        problem = small_problem(seed)
        allocation = GREEDY.solve(problem, Watching()).allocation
        for name, other, spoiled in mutants(problem, allocation):
            with pytest.raises(AllocationRefused):
                pytest.fail(f"{seed}: {name}: {Checked(problem=other, allocation=spoiled)}")
            refused[name] += 1
    assert len(refused) == KINDS
    assert min(refused.values()) >= COMMON, refused


def test_the_checker_and_brute_force_agree_on_every_piece_that_is_moved() -> None:
    """A piece goes from one offer to another, or to nobody, with prices and accounts in order: right or wrong, both say
    the same.
    """
    agreed = Counter[bool]()
    for seed in SEEDS[::20]:
        problem = small_problem(seed)
        allocation = GREEDY.solve(problem, Watching()).allocation
        for moved in moves(problem, allocation):
            given = {key_of(share): share.run.pieces for share in moved.shares}
            numbers = {i: given[key_of(each)] for i, each in enumerate(problem.offers) if key_of(each) in given}
            right = stands(problem, numbers) and sizes_are_offered(problem, moved)
            assert (violations(problem, moved) == ()) is right, seed
            agreed[right] += 1
    assert min(agreed[True], agreed[False]) > 100


def moves(problem: Problem, allocation: Allocation) -> Iterator[Allocation]:
    runs = {key_of(share): share.run for share in allocation.shares}
    for giver in allocation.shares:
        size = giver.run.sizes[0]
        piece = SizeRun.of(giver.run.grid, {size: 1})
        without = runs | {key_of(giver): giver.run - piece}
        yield settle(problem, without)
        for offer in problem.offers:
            if (offer.lot, offer.line) == (giver.lot, giver.line) and key_of(offer) != key_of(giver):
                had = runs.get(key_of(offer), SizeRun(piece.grid))
                yield settle(problem, without | {key_of(offer): had + piece})


def sizes_are_offered(problem: Problem, allocation: Allocation) -> bool:
    offers = {key_of(offer): offer for offer in problem.offers}
    return all(share.run.within(offers[key_of(share)].run) for share in allocation.shares)


@pytest.mark.parametrize("engine", [GREEDY, EXACT], ids=lambda engine: engine.name)
def test_the_same_problem_gives_the_same_solution_in_whatever_order_it_stands(engine: Engine) -> None:
    for seed in range(60):
        problem = small_problem(seed)
        turned = replace(
            problem,
            demands=problem.demands[::-1],
            offers=problem.offers[::-1],
            limits=problem.limits[::-1],
            units=dict(reversed(problem.units.items())),
        )
        first = engine.solve(problem, Watching())
        assert engine.solve(problem, Watching(), effort=first.effort) == first, seed
        assert engine.solve(turned, Watching()) == first, seed


def test_what_a_solution_says_of_itself_is_checked() -> None:
    problem = small_problem(1)
    solution = EXACT.solve(problem, Watching())
    tiyn = Money(Decimal("0.01"))
    for lie in (
        replace(solution, worth=solution.worth + tiyn),
        replace(solution, bound=solution.worth + tiyn),
        replace(solution, bound=solution.worth - tiyn),
        replace(solution, bound=None),
        replace(solution, bound=None, proof=Proof.BOUNDED),
    ):
        assert misstatements(problem, lie)


def test_the_problems_are_sound_and_every_bound_occurs_among_them() -> None:
    bounds = Counter[Bound]()
    for seed in SEEDS[::4]:
        problem = small_problem(seed)
        bounds.update(step.bound for step in GREEDY.solve(problem, Watching()).allocation.trace)
        assert [flaw for flaw in problem_flaws(problem) if not flaw.pointer.startswith(CONTRADICTING)] == [], seed
    assert set(bounds) == set(Bound) - {Bound.SOLVED, Bound.OFFER}, "an offer that got all it asked is bound by nothing"


CONTRADICTING = ("/limits/", "/quotas/", "/packages/")
"""Random limits contradict each other now and then: engines answer them all the same, with open lots."""
