"""A lot that its evaluation left open: why, and what would let it be filled. A pure function of what is stored."""

from dataclasses import dataclass

from domain.awards.infeasible import Conflict, Feasible, LotNotOpen, Oracle, conflict
from domain.awards.model import Evaluation, LotResult
from domain.awards.relaxing import Relaxation, relaxations
from domain.awards.sentences import said
from domain.calendar import legal_day
from domain.ids import EvaluationId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLot:
    evaluation_id: EvaluationId
    conflict: Conflict
    relaxations: tuple[Relaxation, ...]


def explain(evaluation: Evaluation, lot: int, oracle: Oracle) -> OpenLot:
    """Refuses (``lot-not-open``) a lot that is filled or not there."""
    result = evaluation.results.get(lot)
    if result is None or (result is not LotResult.FAILED and evaluation.allocation.fills(lot)):
        raise LotNotOpen("There is no such open lot")
    if result is LotResult.FAILED:
        # Its bids are not in the problem: the package lets nobody be awarded, whatever they offer.
        reasons = (said("lot_failed", lot=lot),)
        failed = Conflict(lot=lot, feasible=Feasible.NO, reasons=reasons, each_alone=True, engine=oracle.engine.name)
        return OpenLot(evaluation_id=evaluation.id, conflict=failed, relaxations=())
    problem, allocation = evaluation.problem, evaluation.allocation
    found = conflict(problem, allocation, lot, oracle)
    ways = relaxations(problem, allocation, found, oracle, on=legal_day(evaluation.evaluated_at))
    return OpenLot(evaluation_id=evaluation.id, conflict=found, relaxations=ways)
