"""Prequalification: lists of buyers, applications of suppliers, who is qualified."""

from fastapi import APIRouter, Response

from api.dependencies import App, Signed, Version, Writing, answered
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming
from api.views.prequalifications import (
    ApplicationBody,
    ApplicationView,
    PrequalificationBody,
    PrequalificationView,
    QualificationBody,
    QualifiedSupplierView,
    RemovalBody,
)
from domain.actors import Action
from domain.errors import MalformedValue, StaleVersion
from domain.ids import ApplicationId, OrganizationId, PrequalificationId
from domain.organizations.model import OrganizationNotConfirmed
from domain.prequalification.application import AlreadyApplied, ApplicationNotFound, QualificationRefused
from domain.prequalification.model import ApplicationsClosed, PrequalificationNotFound
from domain.tenders.model import StepNotAllowed

router = APIRouter(prefix="/v1", tags=["prequalification"])


@step(
    router,
    "/prequalifications",
    action=Action.PREQUALIFICATION_OPEN,
    answers=PrequalificationView,
    refusals=(MalformedValue, OrganizationNotConfirmed),
)
async def open_prequalification(body: Incoming[PrequalificationBody], app: App, write: Writing) -> Response:
    """Open a list: what is asked of suppliers of some goods. It is public and does not change."""
    command = write.command(PrequalificationView.of)
    await app.prequalifying.open(body.form(), command=command)
    return answered(command)


@router.get(
    "/prequalifications",
    responses=responses("malformed-cursor"),
    response_model=Page[PrequalificationView],
    openapi_extra={"x-public": True},
)
async def list_prequalifications(app: App, paging: Paging) -> Response:
    """Every buyer's lists, oldest first."""
    found = await app.prequalifications.page(after=paging.after(PrequalificationId), limit=paging.limit + 1)
    return paged([PrequalificationView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get(
    "/prequalifications/{id}",
    responses=responses(PrequalificationNotFound),
    openapi_extra={"x-public": True},
)
async def read_prequalification(id: PrequalificationId, app: App, response: Response) -> PrequalificationView:
    """A list with its requirements."""
    found = await app.prequalifications.prequalification(id)
    response.headers["ETag"] = etag(found.version)
    return PrequalificationView.of(found)


@router.get(
    "/prequalifications/{id}/suppliers",
    responses=responses("malformed-cursor", PrequalificationNotFound),
    response_model=Page[QualifiedSupplierView],
    openapi_extra={"x-public": True},
)
async def list_qualified_suppliers(id: PrequalificationId, app: App, paging: Paging) -> Response:
    """Who is qualified today."""
    found = await app.prequalifications.suppliers(id, after=paging.after(OrganizationId), limit=paging.limit + 1)
    return paged([QualifiedSupplierView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@step(
    router,
    "/prequalifications/{id}/applications",
    action=Action.PREQUALIFICATION_APPLY,
    answers=ApplicationView,
    refusals=(PrequalificationNotFound, ApplicationsClosed, AlreadyApplied, OrganizationNotConfirmed),
)
async def apply_for_prequalification(
    id: PrequalificationId, body: Incoming[ApplicationBody], app: App, write: Writing
) -> Response:
    """Apply to be on the list, until its last day; after a refusal, a removal or the end of a qualification again."""
    command = write.command(ApplicationView.of)
    await app.prequalifying.apply(id, body.parsed(), command=command)
    return answered(command)


@router.get(
    "/prequalifications/{id}/applications",
    responses=responses("not-authenticated", "malformed-cursor", PrequalificationNotFound),
    response_model=Page[ApplicationView],
)
async def list_applications(id: PrequalificationId, app: App, caller: Signed, paging: Paging) -> Response:
    """The applications to a list: all for its buyer and auditors, a supplier's own."""
    after = paging.after(ApplicationId)
    found = await app.prequalifications.applications(caller.actor, id, after=after, limit=paging.limit + 1)
    return paged([ApplicationView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get("/prequalification-applications/{id}", responses=responses("not-authenticated", ApplicationNotFound))
async def read_application(id: ApplicationId, app: App, caller: Signed, response: Response) -> ApplicationView:
    """For the applicant, the buyer of the list and auditors."""
    found = await app.prequalifications.application(caller.actor, id)
    response.headers["ETag"] = etag(found.version)
    return ApplicationView.of(found)


@step(
    router,
    "/prequalification-applications/{id}/decision",
    action=Action.PREQUALIFICATION_DECIDE,
    answers=ApplicationView,
    refusals=(ApplicationNotFound, QualificationRefused, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def decide_application(
    id: ApplicationId, body: Incoming[QualificationBody], app: App, write: Writing, version: Version
) -> Response:
    """Qualify the supplier until a day, or refuse with a coded reason."""
    command = write.command(ApplicationView.of)
    await app.prequalifying.decide(id, body.form(), version=version, command=command)
    return answered(command)


@step(
    router,
    "/prequalification-applications/{id}/removal",
    action=Action.PREQUALIFICATION_DECIDE,
    answers=ApplicationView,
    refusals=(ApplicationNotFound, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def remove_supplier(
    id: ApplicationId, body: Incoming[RemovalBody], app: App, write: Writing, version: Version
) -> Response:
    """Take a qualified supplier off the list, with a coded reason."""
    command = write.command(ApplicationView.of)
    await app.prequalifying.remove(
        id, reason=body.reason, explanation=body.explanation, version=version, command=command
    )
    return answered(command)
