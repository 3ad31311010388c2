"""Which engine is asked whether a lot can be filled: the one that proves, as long as it answers within seconds."""

from adapters.solver.engines import every_engine, proving
from domain.awards.counterfactual import Rerun
from domain.awards.greedy import Greedy
from domain.awards.infeasible import Oracle
from domain.awards.model import Evaluation
from domain.awards.problem import Problem
from domain.awards.solution import Unwatched

OFFERS_MAX = 600
RERUN_OFFERS_MAX = 80
STEPS_MAX = 400
"""Of one question; a lot takes some dozens of them."""


def rerun_of(evaluation: Evaluation) -> Rerun | None:
    """The engine that found the award, where it finds another one within a second or so."""
    if evaluation.engine == Greedy().name or len(evaluation.problem.offers) > RERUN_OFFERS_MAX:
        return None  # the letters know the greedy themselves
    engine = every_engine().get(evaluation.engine)
    if engine is None:
        return None
    return lambda problem: engine.solve(problem, Unwatched()).allocation


def oracle_of(problem: Problem) -> Oracle:
    if len(problem.offers) > OFFERS_MAX:
        return Oracle(engine=Greedy(), watch=Unwatched())
    return Oracle(engine=proving(), watch=Unwatched(), effort=STEPS_MAX)
