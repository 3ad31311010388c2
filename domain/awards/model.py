"""An evaluation: who was admitted and why, the problem that followed, the allocation that solves it.

Problem and result are stored whole, so that anybody can run the award again and compare.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.awards.allocation import Allocation
from domain.awards.checker import Checked
from domain.awards.problem import Problem
from domain.bids.checking import check_bid
from domain.bids.model import Bid, NotEligible
from domain.bids.refusals import BeyondPackage, BidAboveAllocated, DeliveryTooLate, OfferRefused, SpecificationNotMet
from domain.errors import Conflict, NotFound, Refusal, Titles
from domain.evaluating.dumping import DumpingCheck
from domain.events import By, Event
from domain.ids import BidId, ContractId, EvaluationId, OrganizationId, ScenarioId, TenderId, VerdictId
from domain.organizations.verdict import RuleOutcome, Verdict
from domain.procedures.failing import lot_failure, whole_failure
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Failure
from domain.tenders.model import Tender


class EvaluationNotFound(NotFound):
    code = "evaluation-not-found"
    titles = Titles("There is no evaluation", "Оценки нет", "Бағалау жоқ")


class NothingToAward(Conflict):
    code = "nothing-to-award"
    titles = Titles("No lot can be awarded", "Нет лотов для присуждения", "Беруге болатын лот жоқ")


class BiddersNotChecked(Conflict):
    """Nothing can be awarded now, and nothing has failed for good: some bidder could not be checked."""

    code = "bidders-not-checked"
    titles = Titles(
        "Some bidders could not be checked",
        "Некоторых участников не удалось проверить",
        "Кейбір қатысушыларды тексеру мүмкін болмады",
    )


class RejectionReason(StrEnum):
    """Coded, so that rejections can be counted and compared."""

    NOT_ELIGIBLE = "not_eligible"
    PRICE_ABOVE_ALLOCATED = "price_above_allocated"
    NOT_CHECKED = "not_checked"
    """Some rule could not be checked, and the package lets nobody win unchecked: to be evaluated again."""
    OFFER_DOES_NOT_FIT = "offer_does_not_fit"
    BEYOND_PACKAGE = "beyond_package"
    """The rule package does not take such an offer."""
    DELIVERY_TOO_LATE = "delivery_too_late"
    SPECIFICATION_NOT_MET = "specification_not_met"
    CONSENT_MISSING = "consent_missing"
    """A member of the consortium took his consent back before the closing."""
    IN_ANOTHER_BID = "in_another_bid"
    """Who sews for it sits in another bid for the same lot."""
    PARTNER_NOT_ADMITTED = "partner_not_admitted"
    """Another sewer of the consortium was not admitted to the lot."""
    EXCLUDED_BY_DECISION = "excluded_by_decision"
    """By the decision on a complaint."""
    SIGNING_EVADED = "signing_evaded"
    """A contract of this tender lapsed because he did not sign it."""
    UNREADABLE = "unreadable"
    """Its seal was broken."""
    TERMS_NOT_ACCEPTED = "terms_not_accepted"
    """The tender was amended, and he neither confirmed nor replaced his bid."""
    PAPERS_MISSING = "papers_missing"
    """He was asked to complete his papers, and did not in time."""
    DUMPING = "dumping"
    """The price is dumping, and the package rejects that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The trace of one bid on one lot: the verdict's rules at award, and the reason where it was rejected. Of a
    consortium there is one for each who sews in the lot; ``bidder_id`` is who was judged. ``dumping`` None: the package
    knows none, or the bid was rejected before it was judged.
    """

    bid_id: BidId
    bidder_id: OrganizationId
    lot: int
    admitted: bool
    reason: RejectionReason | None
    detail: str | None
    verdict_id: VerdictId
    rules: tuple[RuleOutcome, ...]
    dumping: DumpingCheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A bid that nobody could judge. Its bidder is not known: only the bid would have told."""

    bid_id: BidId
    reason: RejectionReason
    detail: str


class LotResult(StrEnum):
    AWARDED = "awarded"
    NO_ADMITTED_BIDS = "no_admitted_bids"
    FAILED = "failed"
    """Some bid was admitted, and still the package lets nobody be awarded: too few bids, or one of several."""
    NOT_FILLED = "not_filled"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRecorded(Event):
    type: ClassVar[str] = "evaluation.recorded"
    subject: ClassVar[str] = "evaluation"
    tender_id: TenderId
    lots: dict[str, str]
    failures: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the buyer chose instead of, or beside, the award as the package says, which is ``evaluation_id``.
    ``scenario_id`` None: that award itself.
    """

    scenario_id: ScenarioId | None
    evaluation_id: EvaluationId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationChosen(Event):
    type: ClassVar[str] = "evaluation.chosen"
    subject: ClassVar[str] = "evaluation"
    tender_id: TenderId
    choice: Choice
    lots: dict[str, str]


BY_LOT = "by-lot/1"
"""In the place of an engine's name: some lots were chosen from scenarios of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """``engine`` with its version and ``effort`` find the allocation again; ``BY_LOT``: it was chosen lot by lot, and
    stands as it is. ``results`` is per lot number, ``failures`` gives the reason of each that is not awarded.
    ``replaces`` is the contract whose lines this one gives to the next best; ``chosen`` says that the buyer chose it
    among scenarios.
    """

    id: EvaluationId
    tender_id: TenderId
    admissions: tuple[Admission, ...]
    problem: Problem
    allocation: Allocation
    engine: str
    effort: int
    results: dict[int, LotResult]
    failures: dict[int, Failure] = field(default_factory=dict)
    set_aside: tuple[SetAside, ...] = ()
    evaluated_at: datetime
    replaces: ContractId | None = None
    chosen: Choice | None = None
    version: int = 0

    def recorded(self, *, by: By) -> EvaluationRecorded:
        return EvaluationRecorded(
            subject_id=self.id,
            by=by,
            at=self.evaluated_at,
            tender_id=self.tender_id,
            lots={str(lot): str(result) for lot, result in sorted(self.results.items())},
            failures={str(lot): str(failure) for lot, failure in sorted(self.failures.items())},
        )

    def as_chosen(self, *, by: By) -> EvaluationChosen:
        if self.chosen is None:
            raise ValueError("nobody chose it")
        return EvaluationChosen(
            subject_id=self.id,
            by=by,
            at=self.evaluated_at,
            tender_id=self.tender_id,
            choice=self.chosen,
            lots={str(lot): str(result) for lot, result in sorted(self.results.items())},
        )

    @property
    def unchecked(self) -> tuple[Admission, ...]:
        return tuple(each for each in self.admissions if each.reason is RejectionReason.NOT_CHECKED)

    def checked(self) -> Checked:
        """What may be awarded; refuses (``allocation-refused``) an allocation that breaks its problem."""
        return Checked(problem=self.problem, allocation=self.allocation)

    @property
    def awarded_lots(self) -> tuple[int, ...]:
        return tuple(lot for lot, result in sorted(self.results.items()) if result is LotResult.AWARDED)

    @property
    def failure(self) -> Failure | None:
        """Why the whole tender comes to nothing; None where a lot can be awarded."""
        return whole_failure(self.failures.values()) if self.failures and not self.awarded_lots else None

    @property
    def final_failure(self) -> Failure | None:
        """``failure`` where neither other capacity nor another answer of a register could make a lot awardable."""
        return None if self.failure is Failure.NOT_FILLED or self.unchecked else self.failure


_REASONS: dict[type[Refusal], RejectionReason] = {
    NotEligible: RejectionReason.NOT_ELIGIBLE,
    BidAboveAllocated: RejectionReason.PRICE_ABOVE_ALLOCATED,
    OfferRefused: RejectionReason.OFFER_DOES_NOT_FIT,
    BeyondPackage: RejectionReason.BEYOND_PACKAGE,
    DeliveryTooLate: RejectionReason.DELIVERY_TOO_LATE,
    SpecificationNotMet: RejectionReason.SPECIFICATION_NOT_MET,
}


def admit(
    tender: Tender, bid: Bid, verdict: Verdict, *, barred: tuple[RejectionReason, str] | None = None
) -> Admission:
    """Admission of one bid on the verdict's lot: not barred, agreed to the present terms, eligible on this day, and an
    offer that fits the lot.
    """
    reason, detail = barred or (None, None)
    if reason is None and bid.terms < tender.terms:
        reason = RejectionReason.TERMS_NOT_ACCEPTED
        detail = f"agreed to the terms {bid.terms}, those of the tender are {tender.terms}"
    try:
        if reason is None:
            check_bid(tender, bid)
    except Refusal as refusal:
        reason = next((code for kind, code in _REASONS.items() if isinstance(refusal, kind)), None)
        reason, detail = reason or RejectionReason.OFFER_DOES_NOT_FIT, refusal.detail
    if reason is None and not verdict.accepted:
        reason = RejectionReason.NOT_CHECKED if verdict.eligible else RejectionReason.NOT_ELIGIBLE
        told = verdict.failed or verdict.unchecked
        detail = "; ".join(f"{outcome.rule}: {outcome.reason}" for outcome in told)
    return Admission(
        bid_id=bid.id,
        bidder_id=verdict.organization_id,
        lot=verdict.lot,
        admitted=reason is None,
        reason=reason,
        detail=detail,
        verdict_id=verdict.id,
        rules=verdict.outcomes,
    )


def unawardable(tender: Tender, admissions: tuple[Admission, ...]) -> dict[int, Failure]:
    """Per lot, why its bids do not let it be awarded, whatever they offer."""
    rules = Rules(tender.procedure)
    found = {}
    for lot in tender.lots:
        mine = {each.bid_id: each.admitted for each in admissions if each.lot == lot.number}  # of a bid all or none
        failure = lot_failure(rules, bids=len(mine), admitted=sum(mine.values()))
        if failure is not None:
            found[lot.number] = failure
    return found


def lot_results(
    tender: Tender,
    admissions: tuple[Admission, ...],
    allocation: Allocation,
    *,
    unawardable: Mapping[int, Failure] | None = None,
) -> dict[int, LotResult]:
    """What becomes of each lot: demand per size is met exactly, unless the lot allows a partial award. A lot that is
    ``unawardable`` is not awarded, whoever was admitted.
    """
    failed = unawardable or {}
    results: dict[int, LotResult] = {}
    for lot in tender.lots:
        if not any(each.admitted and each.lot == lot.number for each in admissions):
            results[lot.number] = LotResult.NO_ADMITTED_BIDS
        elif lot.number in failed:
            results[lot.number] = LotResult.FAILED
        elif allocation.fills(lot.number) or (
            lot.partial_award and any(share.lot == lot.number for share in allocation.shares)
        ):
            results[lot.number] = LotResult.AWARDED
        else:
            results[lot.number] = LotResult.NOT_FILLED
    return results


def failures(results: Mapping[int, LotResult], unawardable: Mapping[int, Failure]) -> dict[int, Failure]:
    """The reason of each lot that is not awarded; what the bids alone do not explain was not filled."""
    return {
        lot: unawardable.get(lot, Failure.NOT_FILLED)
        for lot, result in sorted(results.items())
        if result is not LotResult.AWARDED
    }
