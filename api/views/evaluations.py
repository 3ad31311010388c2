"""Views of evaluations: who was admitted and why, who was awarded what, and how it came to that."""

from typing import Self

from api.schemas import DecimalText, Instant, MoneyText, SizesMap, Strict
from api.views.verdicts import RuleView
from domain.awards.allocation import Bound, Share, TraceStep
from domain.awards.model import Admission, Choice, Evaluation, LotResult, RejectionReason, SetAside
from domain.evaluating.dumping import DumpingCheck
from domain.ids import BidId, ContractId, EvaluationId, OrganizationId, ScenarioId, TenderId, VerdictId
from domain.procedures.vocabulary import Failure


class DumpingView(Strict):
    """The price against the least one that is no dumping, both for what the bid offers. ``anti_dumping_sum`` is due
    beside the contract security, in proportion where part of it is awarded.
    """

    price: MoneyText
    planned: MoneyText
    threshold: MoneyText
    dumping: bool
    consequence: str
    anti_dumping_sum: MoneyText | None

    @classmethod
    def of(cls, check: DumpingCheck) -> Self:
        return cls(
            price=check.price,
            planned=check.planned,
            threshold=check.threshold,
            dumping=check.dumping,
            consequence=check.consequence,
            anti_dumping_sum=check.anti_dumping_sum,
        )


class AdmissionView(Strict):
    bid_id: BidId
    bidder_id: OrganizationId
    lot: int
    admitted: bool
    reason: RejectionReason | None
    detail: str | None
    verdict_id: VerdictId
    rules: list[RuleView]
    dumping: DumpingView | None

    @classmethod
    def of(cls, admission: Admission) -> Self:
        return cls(
            bid_id=admission.bid_id,
            bidder_id=admission.bidder_id,
            lot=admission.lot,
            admitted=admission.admitted,
            reason=admission.reason,
            detail=admission.detail,
            verdict_id=admission.verdict_id,
            rules=[RuleView.of(rule) for rule in admission.rules],
            dumping=DumpingView.of(admission.dumping) if admission.dumping else None,
        )


class SetAsideView(Strict):
    """A bid that could not be read; ``detail`` is the fault that is shown with it at the opening."""

    bid_id: BidId
    reason: RejectionReason
    detail: str

    @classmethod
    def of(cls, each: SetAside) -> Self:
        return cls(bid_id=each.bid_id, reason=each.reason, detail=each.detail)


class ShareView(Strict):
    lot: int
    line: int
    bid_id: BidId
    bidder_id: OrganizationId
    unit_price: MoneyText
    sizes: SizesMap
    pieces: int
    sum: MoneyText

    @classmethod
    def of(cls, share: Share) -> Self:
        return cls(
            lot=share.lot,
            line=share.line,
            bid_id=share.bid_id,
            bidder_id=share.bidder_id,
            unit_price=share.unit_price,
            sizes=dict(share.run.cells),
            pieces=share.run.pieces,
            sum=share.sum,
        )


class TraceView(Strict):
    """``bound`` says what kept the offer from getting all that it ``asked`` for."""

    lot: int
    line: int
    rank: int
    bid_id: BidId
    bidder_id: OrganizationId
    unit_price: MoneyText
    asked: int
    given: int
    bound: Bound

    @classmethod
    def of(cls, step: TraceStep) -> Self:
        return cls(
            lot=step.lot,
            line=step.line,
            rank=step.rank,
            bid_id=step.bid_id,
            bidder_id=step.bidder_id,
            unit_price=step.unit_price,
            asked=step.asked,
            given=step.given,
            bound=step.bound,
        )


class UnfilledView(Strict):
    lot: int
    line: int
    sizes: SizesMap


class ChoiceView(Strict):
    """What the buyer chose and why; without ``scenario_id``: the award as the package says, ``evaluation_id``."""

    scenario_id: ScenarioId | None
    evaluation_id: EvaluationId
    reason: str

    @classmethod
    def of(cls, choice: Choice) -> Self:
        return cls(scenario_id=choice.scenario_id, evaluation_id=choice.evaluation_id, reason=choice.reason)


class EvaluationView(Strict):
    """Who was admitted and why, what each lot comes to, and the trace of the allocation. ``failures`` gives the reason
    of each lot that is not awarded. ``engine`` with its version and ``effort`` find the shares again. ``replaces`` is
    the contract whose lines it gives to the next best; ``chosen`` says that the buyer chose this award among scenarios.
    """

    id: EvaluationId
    tender_id: TenderId
    results: dict[str, LotResult]
    failures: dict[str, Failure]
    currency: str = "KZT"
    total: MoneyText
    admissions: list[AdmissionView]
    set_aside: list[SetAsideView]
    shares: list[ShareView]
    unfilled: list[UnfilledView]
    minutes_used: dict[str, DecimalText]
    trace: list[TraceView]
    engine: str
    effort: int
    evaluated_at: Instant
    replaces: ContractId | None
    chosen: ChoiceView | None

    @classmethod
    def of(cls, evaluation: Evaluation) -> Self:
        allocation = evaluation.allocation
        return cls(
            id=evaluation.id,
            tender_id=evaluation.tender_id,
            results={str(lot): result for lot, result in sorted(evaluation.results.items())},
            failures={str(lot): failure for lot, failure in sorted(evaluation.failures.items())},
            total=allocation.total,
            admissions=[AdmissionView.of(each) for each in evaluation.admissions],
            set_aside=[SetAsideView.of(each) for each in evaluation.set_aside],
            shares=[ShareView.of(each) for each in allocation.shares],
            unfilled=[
                UnfilledView(lot=each.lot, line=each.line, sizes=dict(each.run.cells)) for each in allocation.unfilled
            ],
            minutes_used=allocation.minutes_used,
            trace=[TraceView.of(each) for each in allocation.trace],
            engine=evaluation.engine,
            effort=evaluation.effort,
            evaluated_at=evaluation.evaluated_at,
            replaces=evaluation.replaces,
            chosen=None if evaluation.chosen is None else ChoiceView.of(evaluation.chosen),
        )
