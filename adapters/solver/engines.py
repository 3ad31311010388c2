"""Which engine answers a buyer's choice."""

from domain.awards.greedy import Greedy
from domain.awards.problem import Problem
from domain.awards.solution import Engine
from domain.scenarios.model import EngineChoice


def engine_for(choice: EngineChoice, _problem: Problem) -> Engine:
    """The greedy by name; otherwise the best for the problem's size."""
    if choice is EngineChoice.GREEDY:
        return Greedy()
    from adapters.solver.choosing import Choosing  # noqa: PLC0415 - its libraries take long to load

    return Choosing()
