"""Which engine is asked whether a lot can be filled: the one that proves, as long as it answers within seconds."""

from adapters.solver.exact import Exact
from domain.awards.greedy import Greedy
from domain.awards.infeasible import Oracle
from domain.awards.problem import Problem
from domain.awards.solution import Progress

OFFERS_MAX = 600
STEPS_MAX = 400
"""Of one question; a lot takes some dozens of them."""


class Unwatched:
    """The effort ends it, and nobody else."""

    def told(self, progress: Progress) -> None: ...
    def stopped(self) -> bool:
        return False


def oracle_of(problem: Problem) -> Oracle:
    if len(problem.offers) > OFFERS_MAX:
        return Oracle(engine=Greedy(), watch=Unwatched())
    return Oracle(engine=Exact(), watch=Unwatched(), effort=STEPS_MAX)
