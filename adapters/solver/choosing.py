"""Which engine solves a problem: by the buyer's choice and the problem's size."""

from domain.awards.greedy import Greedy
from domain.awards.problem import Problem
from domain.awards.solution import Engine
from domain.scenarios.model import EngineChoice

EXACT_OFFERS_MAX = 600
"""Up to so many offers the exact engine is done, or has a close bound, within seconds."""


def engine_for(choice: EngineChoice, problem: Problem) -> Engine:
    if choice is EngineChoice.GREEDY or (choice is EngineChoice.AUTOMATIC and len(problem.offers) > EXACT_OFFERS_MAX):
        return Greedy()
    from adapters.solver.exact import Exact  # noqa: PLC0415 - its library takes long to load

    return Exact()
