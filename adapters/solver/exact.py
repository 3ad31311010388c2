"""The exact engine for small problems: all constraints as one program in whole numbers, solved by HiGHS with proof."""

from dataclasses import dataclass, replace
from decimal import Decimal

from adapters.solver.formulation import Formulation
from adapters.solver.milp import minimise
from adapters.solver.priced import Priced
from domain.awards.allocation import Allocation
from domain.awards.checker import violations
from domain.awards.greedy import allocate
from domain.awards.problem import Problem
from domain.awards.settling import settle, worth
from domain.awards.solution import Progress, Proof, Solution, Watch
from domain.money import Money

OFFERS_ALONE = 80
"""Beyond so many offers the solver finds no first answer of use by itself, and is given what prices find in so many
rounds. From there it ends after so many steps: what is left of the gap then takes very long to close.
"""
ROUNDS = 30
STEPS = 5_000


@dataclass(frozen=True, slots=True)
class Exact:
    """``effort`` counts the solver's steps; with none the greedy answers. Never worse than the greedy.

    The solver counts in floating point. So its answer is rounded to whole pieces, judged by the checker and priced
    anew in whole tiyn; only where the bound that is left after rounding says so is it called the best.
    """

    alone: int = OFFERS_ALONE

    @property
    def name(self) -> str:
        return "exact/2"

    def solve(self, problem: Problem, watch: Watch, *, effort: int | None = None) -> Solution:
        greedy = allocate(problem)
        nothing = Solution(
            allocation=greedy, engine=self.name, worth=worth(problem, greedy), proof=Proof.NONE, bound=None, effort=0
        )
        if effort == 0 or watch.stopped():
            return nothing
        formulation, known, start = Formulation(problem), nothing, None
        if len(problem.offers) > self.alone:
            beforehand = _Beforehand(watch)
            known = Priced().solve(problem, beforehand, effort=ROUNDS)
            if beforehand.ended:
                return nothing
            start = formulation.start(known.allocation)
            effort = STEPS if effort is None else effort
        answer = minimise(formulation.program, watch, steps=effort, start=start)
        best, cost, bound = known.allocation, known.worth, known.bound
        found = None if answer.values is None else _sound(problem, formulation, answer.values)
        if found is not None and worth(problem, found) < cost:
            best, cost = found, worth(problem, found)
        if answer.bound is not None:
            bound = min(max(Money(Decimal(answer.bound).scaleb(-2)), bound or Money(Decimal(0))), cost)
        proof = Proof.NONE if bound is None else Proof.OPTIMAL if bound == cost else Proof.BOUNDED
        return Solution(allocation=best, engine=self.name, worth=cost, proof=proof, bound=bound, effort=answer.steps)


@dataclass(slots=True)
class _Beforehand:
    """What comes before the first step is told as such. Who ends it then has the greedy's answer, which no effort at
    all repeats.
    """

    watch: Watch
    ended: bool = False

    def told(self, progress: Progress) -> None:
        self.watch.told(replace(progress, effort=0))

    def stopped(self) -> bool:
        self.ended = self.watch.stopped()
        return self.ended


def _sound(problem: Problem, formulation: Formulation, values: tuple[int, ...]) -> Allocation | None:
    """The allocation that the numbers mean, if it stands: rounding may have broken a rule."""
    allocation = settle(problem, formulation.given(values))
    return None if violations(problem, allocation) else allocation
