"""Awards and contracts: evaluation, award, signature, delivery, acceptance, invoice."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import App, Signed, Version, Writing, answered
from api.due import touch
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Strict
from api.views.contracts import (
    AcceptanceBody,
    AwardView,
    ContractView,
    DispatchBody,
    InvoiceBody,
)
from api.views.evaluations import EvaluationView
from domain.actors import Action
from domain.awards.checker import AllocationRefused
from domain.awards.flaws import ProblemRefused
from domain.awards.judging import WinnerNotEligible
from domain.awards.model import EvaluationNotFound, NothingToAward
from domain.bids.model import EligibilityNotChecked, NotEligible
from domain.calendar import CalendarUnknown
from domain.capacity.model import CapacityTaken
from domain.complaints.refusals import ComplaintOpen, DecisionNotFollowed
from domain.contracts.parts import (
    AlreadySigned,
    ContractNotFound,
    DeliveryMismatch,
    DeliveryNotFound,
    NothingToInvoice,
    NotTheReceiver,
)
from domain.contracts.unsigned import SigningPeriodOver, Standstill
from domain.errors import MalformedValue, StaleVersion
from domain.evaluating.refusals import (
    CommitteeMissing,
    DeclarationMissing,
    MemberRecused,
    NoQuorum,
    PapersAwaited,
    ScoresMissing,
)
from domain.garments import UnknownSize
from domain.ids import ContractId, TenderId
from domain.tenders.model import StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["awards and contracts"])


class StepBody(Strict):
    """Nothing to say beside the step itself."""


@step(
    router,
    "/tenders/{tender_id}/evaluation",
    action=Action.TENDER_EVALUATE,
    answers=EvaluationView,
    refusals=(
        TenderNotFound,
        StepNotAllowed,
        ProblemRefused,
        AllocationRefused,
        CommitteeMissing,
        DeclarationMissing,
        MemberRecused,
        NoQuorum,
        ScoresMissing,
        PapersAwaited,
    ),
)
async def evaluate_tender(tender_id: TenderId, _body: Incoming[StepBody], app: App, write: Writing) -> Response:
    """Evaluate the opened bids: admission rule by rule, then the split award with its trace. May be repeated."""
    command = write.command(EvaluationView.of)
    await touch(app, write.caller.actor, tender_id)
    await app.awarding.evaluate(tender_id, command=command)
    return answered(command)


@router.get("/tenders/{tender_id}/evaluation", responses=responses("not-authenticated", EvaluationNotFound))
async def read_evaluation(tender_id: TenderId, app: App, caller: Signed, response: Response) -> EvaluationView:
    """The latest evaluation: for the buyer and auditors, and for the tender's bidders once it is awarded or failed."""
    evaluation = await app.evaluations.of_tender(caller.actor, tender_id)
    response.headers["ETag"] = etag(evaluation.version)
    return EvaluationView.of(evaluation)


@step(
    router,
    "/tenders/{tender_id}/award",
    action=Action.TENDER_AWARD,
    answers=AwardView,
    refusals=(
        TenderNotFound,
        StepNotAllowed,
        NothingToAward,
        AllocationRefused,
        CapacityTaken,
        WinnerNotEligible,
        MemberRecused,
        ComplaintOpen,
        DecisionNotFollowed,
        StaleVersion,
        "precondition-required",
    ),
)
async def award_tender(
    tender_id: TenderId, _body: Incoming[StepBody], app: App, write: Writing, version: Version
) -> Response:
    """Award as evaluated; If-Match is the tender's. One contract per winner awaits its signatures."""
    command = write.command(AwardView.of)
    await app.awarding.award(tender_id, version=version, command=command)
    return answered(command)


@router.get(
    "/contracts", responses=responses("not-authenticated", "malformed-cursor"), response_model=Page[ContractView]
)
async def list_contracts(
    app: App, caller: Signed, paging: Paging, tender_id: Annotated[TenderId | None, Query()] = None
) -> Response:
    """Your contracts, on either side or as a receiving buyer; auditors see all."""
    found = await app.contracts.page(
        caller.actor, tender_id=tender_id, after=paging.after(ContractId), limit=paging.limit + 1
    )
    return paged([ContractView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get("/contracts/{id}", responses=responses("not-authenticated", ContractNotFound))
async def read_contract(id: ContractId, app: App, caller: Signed, response: Response) -> ContractView:
    contract = await app.contracts.contract(caller.actor, id)
    response.headers["ETag"] = etag(contract.version)
    return ContractView.of(contract)


@step(
    router,
    "/contracts/{id}/signatures",
    action=Action.CONTRACT_SIGN,
    answers=ContractView,
    refusals=(
        ContractNotFound,
        AlreadySigned,
        Standstill,
        SigningPeriodOver,
        ComplaintOpen,
        StepNotAllowed,
        NotEligible,
        EligibilityNotChecked,
        StaleVersion,
        "precondition-required",
    ),
)
async def sign_contract(
    id: ContractId, _body: Incoming[StepBody], app: App, write: Writing, version: Version
) -> Response:
    """Sign for your side, after the standstill and while no complaint awaits its decision; the winner before his time
    is over. In force when both have signed. A supplier's verdict is reached once more today.
    """
    command = write.command(ContractView.of)
    await app.contracting.sign(id, version=version, command=command)
    return answered(command)


@step(
    router,
    "/contracts/{id}/deliveries",
    action=Action.DELIVERY_DISPATCH,
    answers=ContractView,
    refusals=(
        ContractNotFound,
        DeliveryMismatch,
        DeliveryNotFound,
        StepNotAllowed,
        UnknownSize,
        MalformedValue,
        StaleVersion,
    ),
)
async def dispatch_delivery(id: ContractId, body: Incoming[DispatchBody], app: App, write: Writing) -> Response:
    """Dispatch a delivery to one place; never more than is outstanding there, size by size."""
    command = write.command(ContractView.of)
    await app.contracting.dispatch(id, body.form(), command=command)
    return answered(command)


@step(
    router,
    "/contracts/{id}/deliveries/{number}/acceptance",
    action=Action.DELIVERY_ACCEPT,
    answers=ContractView,
    refusals=(
        ContractNotFound,
        DeliveryNotFound,
        DeliveryMismatch,
        StepNotAllowed,
        UnknownSize,
        StaleVersion,
        NotTheReceiver,
    ),
)
async def accept_delivery(
    id: ContractId, number: int, body: Incoming[AcceptanceBody], app: App, write: Writing
) -> Response:
    """Accept a delivery, wholly or except for its defects, which then are to be made again. The place's buyer does."""
    command = write.command(ContractView.of)
    await app.contracting.accept(
        id,
        number,
        defects=tuple(defect.defect() for defect in body.defects),
        remake_due_on=body.remake_due_on,
        command=command,
    )
    return answered(command)


@step(
    router,
    "/contracts/{id}/invoices",
    action=Action.INVOICE_ISSUE,
    answers=ContractView,
    refusals=(ContractNotFound, DeliveryNotFound, NothingToInvoice, CalendarUnknown, StaleVersion),
)
async def issue_invoice(id: ContractId, body: Incoming[InvoiceBody], app: App, write: Writing) -> Response:
    """Invoice what was accepted. The payment clock has run since the acceptance."""
    command = write.command(ContractView.of)
    await app.contracting.invoice(id, document=body.document, deliveries=tuple(body.deliveries), command=command)
    return answered(command)
