"""Frameworks: calling off, settling the rest, and who gets what of a contract."""

from fastapi import APIRouter, Response

from api.dependencies import App, Signed, Version, Writing, answered
from api.paging import Page, Paging, paged
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Strict
from api.views.contracts import ContractView
from api.views.frameworks import CallOffBody, ContractSumsView
from domain.actors import Action
from domain.calendar import CalendarUnknown
from domain.contracts.framework import CallOffRefused
from domain.contracts.parts import AlreadySigned, ContractNotFound
from domain.errors import MalformedValue, StaleVersion
from domain.garments import UnknownSize
from domain.ids import ContractId
from domain.tenders.model import StepNotAllowed

router = APIRouter(prefix="/v1", tags=["frameworks"])


class SettlementBody(Strict):
    """Nothing to say beside the step itself."""


@step(
    router,
    "/contracts/{id}/call-offs",
    action=Action.CONTRACT_CALL_OFF,
    answers=ContractView,
    refusals=(ContractNotFound, CallOffRefused, StepNotAllowed, UnknownSize, MalformedValue, CalendarUnknown),
)
async def call_off(id: ContractId, body: Incoming[CallOffBody], app: App, write: Writing) -> Response:
    """Order a part of a framework: a contract of its own, in force at once, never more than is left, size by size."""
    command = write.command(ContractView.of)
    goods = tuple(each.goods() for each in body.goods)
    await app.calling_off.call(id, goods=goods, due_on=body.due_on, command=command)
    return answered(command)


@router.get(
    "/contracts/{id}/call-offs",
    responses=responses("not-authenticated", "malformed-cursor", ContractNotFound),
    response_model=Page[ContractView],
)
async def list_call_offs(id: ContractId, app: App, caller: Signed, paging: Paging) -> Response:
    """The call-offs of a framework, oldest first."""
    await app.contracts.contract(caller.actor, id)
    found = await app.contracts.page(
        caller.actor, tender_id=None, framework_id=id, after=paging.after(ContractId), limit=paging.limit + 1
    )
    return paged([ContractView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@step(
    router,
    "/contracts/{id}/settlement",
    action=Action.CONTRACT_SIGN,
    answers=ContractView,
    refusals=(ContractNotFound, AlreadySigned, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def settle_framework(
    id: ContractId, _body: Incoming[SettlementBody], app: App, write: Writing, version: Version
) -> Response:
    """Sign for your side that the rest of a framework will not be called off; it ends when both sides have. A call-off
    in between voids the first signature.
    """
    command = write.command(ContractView.of)
    await app.calling_off.settle(id, version=version, command=command)
    return answered(command)


@router.get("/contracts/{id}/sums", responses=responses("not-authenticated", ContractNotFound))
async def read_contract_sums(id: ContractId, app: App, caller: Signed) -> ContractSumsView:
    """Pieces by buyer, site, line and size; a buyer that only receives sees its own."""
    return ContractSumsView.of(await app.contracts.contract(caller.actor, id))
