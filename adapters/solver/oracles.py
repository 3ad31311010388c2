"""Which engine is asked whether a lot can be filled: the one that proves, as long as it answers within seconds."""

from adapters.solver.exact import Exact
from adapters.solver.priced import Priced
from domain.awards.counterfactual import Rerun
from domain.awards.greedy import Greedy
from domain.awards.infeasible import Oracle
from domain.awards.model import Evaluation
from domain.awards.problem import Problem
from domain.awards.solution import Engine, Progress

OFFERS_MAX = 600
RERUN_OFFERS_MAX = 80
STEPS_MAX = 400
"""Of one question; a lot takes some dozens of them."""


class Unwatched:
    """The effort ends it, and nobody else."""

    def told(self, progress: Progress) -> None: ...
    def stopped(self) -> bool:
        return False


def rerun_of(evaluation: Evaluation) -> Rerun | None:
    """The engine that found the award, where it finds another one within a second or so."""
    engines: dict[str, Engine] = {engine.name: engine for engine in (Exact(), Priced())}
    engine = engines.get(evaluation.engine)
    if engine is None or len(evaluation.problem.offers) > RERUN_OFFERS_MAX:
        return None
    return lambda problem: engine.solve(problem, Unwatched()).allocation


def oracle_of(problem: Problem) -> Oracle:
    if len(problem.offers) > OFFERS_MAX:
        return Oracle(engine=Greedy(), watch=Unwatched())
    return Oracle(engine=Exact(), watch=Unwatched(), effort=STEPS_MAX)
