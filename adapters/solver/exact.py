"""The exact engine for small problems: all constraints as one program in whole numbers, solved by HiGHS with proof."""

from dataclasses import dataclass
from decimal import Decimal

from adapters.solver.formulation import Formulation
from adapters.solver.milp import minimise
from domain.awards.allocation import Allocation
from domain.awards.checker import violations
from domain.awards.greedy import allocate
from domain.awards.problem import Problem
from domain.awards.settling import settle, worth
from domain.awards.solution import Proof, Solution, Watch
from domain.money import Money


@dataclass(frozen=True, slots=True)
class Exact:
    """``effort`` counts the solver's steps; with none the greedy answers. Never worse than the greedy.

    The solver counts in floating point. So its answer is rounded to whole pieces, judged by the checker and priced
    anew in whole tiyn; only where the bound that is left after rounding says so is it called the best.
    """

    @property
    def name(self) -> str:
        return "exact/1"

    def solve(self, problem: Problem, watch: Watch, *, effort: int | None = None) -> Solution:
        best = allocate(problem)
        cost = worth(problem, best)
        bound, steps = None, 0
        if effort != 0 and not watch.stopped():
            formulation = Formulation(problem)
            answer = minimise(formulation.program, watch, steps=effort)
            steps = answer.steps
            found = None if answer.values is None else _sound(problem, formulation, answer.values)
            if found is not None and worth(problem, found) < cost:
                best, cost = found, worth(problem, found)
            if answer.bound is not None:
                bound = min(Money(Decimal(answer.bound).scaleb(-2)), cost)
        proof = Proof.NONE if bound is None else Proof.OPTIMAL if bound == cost else Proof.BOUNDED
        return Solution(allocation=best, engine=self.name, worth=cost, proof=proof, bound=bound, effort=steps)


def _sound(problem: Problem, formulation: Formulation, values: tuple[int, ...]) -> Allocation | None:
    """The allocation that the numbers mean, if it stands: rounding may have broken a rule."""
    allocation = settle(problem, formulation.given(values))
    return None if violations(problem, allocation) else allocation
