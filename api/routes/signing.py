"""Contracts that do not come into force: declined, lapsed, awarded to the next best."""

from fastapi import APIRouter, Response

from api.dependencies import App, Signed, Version, Writing, answered
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, LongText, Strict
from api.views.contracts import AwardView, ContractView
from api.views.evaluations import EvaluationView
from domain.actors import Action
from domain.awards.checker import AllocationRefused
from domain.awards.flaws import ProblemRefused
from domain.awards.model import BiddersNotChecked, EvaluationNotFound, NothingToAward
from domain.capacity.model import CapacityTaken
from domain.complaints.refusals import ComplaintOpen
from domain.contracts.parts import AlreadySigned, ContractNotFound
from domain.contracts.unsigned import DeclineReason, SigningPeriodRunning
from domain.errors import StaleVersion
from domain.ids import ContractId
from domain.tenders.model import StepNotAllowed

router = APIRouter(prefix="/v1", tags=["awards and contracts"])


class RefusalBody(Strict):
    reason: DeclineReason
    explanation: LongText


class LapseBody(Strict):
    """Nothing to say: the time or the winner's refusal decides."""


class NextBestBody(Strict):
    """Nothing to say: the bids decide."""


@step(
    router,
    "/contracts/{id}/refusal",
    action=Action.CONTRACT_DECLINE,
    answers=ContractView,
    refusals=(ContractNotFound, AlreadySigned, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def decline_contract(
    id: ContractId, body: Incoming[RefusalBody], app: App, write: Writing, version: Version
) -> Response:
    """Say that you will not sign the contract that you won. It cannot be taken back, and counts as evasion."""
    command = write.command(ContractView.of)
    await app.signing.decline(id, reason=body.reason, explanation=body.explanation, version=version, command=command)
    return answered(command)


@step(
    router,
    "/contracts/{id}/lapse",
    action=Action.CONTRACT_LAPSE,
    answers=ContractView,
    refusals=(
        ContractNotFound,
        AlreadySigned,
        SigningPeriodRunning,
        ComplaintOpen,
        StepNotAllowed,
        StaleVersion,
        "precondition-required",
    ),
)
async def lapse_contract(
    id: ContractId, _body: Incoming[LapseBody], app: App, write: Writing, version: Version
) -> Response:
    """End a contract whose winner declined, or did not sign before ``sign_by``; never one that he has signed.

    The winner is marked for the register of unreliable participants.
    """
    command = write.command(ContractView.of)
    await app.signing.lapse(id, version=version, command=command)
    return answered(command)


@step(
    router,
    "/contracts/{id}/next-best",
    action=Action.CONTRACT_NEXT_BEST,
    answers=AwardView,
    refusals=(
        ContractNotFound,
        NothingToAward,
        AllocationRefused,
        CapacityTaken,
        ProblemRefused,
        BiddersNotChecked,
        ComplaintOpen,
        StepNotAllowed,
        StaleVersion,
        "precondition-required",
    ),
)
async def award_next_best(
    id: ContractId, _body: Incoming[NextBestBody], app: App, write: Writing, version: Version
) -> Response:
    """Award the lines of a contract that did not come into force to the other bidders; If-Match is the tender's.

    When nobody is left this is refused, and the lots of the contract have failed.
    """
    command = write.command(AwardView.of)
    await app.reawarding.next_best(id, version=version, command=command)
    return answered(command)


@router.get("/contracts/{id}/next-best", responses=responses("not-authenticated", EvaluationNotFound))
async def read_next_best(id: ContractId, app: App, caller: Signed, response: Response) -> EvaluationView:
    """How the lines of a contract were awarded to the next best, or why nobody was left: for the buyer, auditors and
    the bidders of the tender.
    """
    evaluation = await app.evaluations.next_best(caller.actor, id)
    response.headers["ETag"] = etag(evaluation.version)
    return EvaluationView.of(evaluation)
