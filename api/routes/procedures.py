"""Procedures: the rule packages in full, each figure with its source, and a buyer's own values for the open ones."""

from fastapi import APIRouter, Response

from api.dependencies import App, Signed, Unkept, Version, answered
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming
from api.views.procedures import ProcedureLine, ProceduresView, ProcedureView, SettingsBody, SettingsView
from domain.actors import Action
from domain.errors import StaleVersion
from domain.procedures.package import ParameterRefused, UnknownProcedure

router = APIRouter(prefix="/v1", tags=["procedures"])


@router.get("/procedures", openapi_extra={"security": []})
async def list_procedures(app: App) -> ProceduresView:
    """The rule packages that tenders can be published under."""
    return ProceduresView(items=[ProcedureLine.of(package) for package in app.procedures.all()])


@router.get("/procedures/{id}", responses=responses(UnknownProcedure), openapi_extra={"security": []})
async def read_procedure(id: str, app: App) -> ProcedureView:
    """A package in full: figures with sources, methods, phases, documents, texts, worked examples."""
    return ProcedureView.of(app.procedures.find(id))


@router.get("/procedures/{id}/settings", responses=responses("not-authenticated", UnknownProcedure))
async def read_settings(id: str, app: App, caller: Signed, response: Response) -> SettingsView:
    """What your organisation has set."""
    package = app.procedures.find(id)
    settings = await app.procedure_settings.settings(caller.actor, package.id)
    response.headers["ETag"] = etag(settings.version if settings else 0)
    return SettingsView.of(settings) if settings else SettingsView(procedure=id, values={}, configured_at=None)


@step(
    router,
    "/procedures/{id}/settings",
    action=Action.PROCEDURE_CONFIGURE,
    answers=SettingsView,
    method="PUT",
    status=200,
    refusals=(UnknownProcedure, ParameterRefused, StaleVersion, "precondition-required"),
)
async def configure_procedure(
    id: str, body: Incoming[SettingsBody], app: App, write: Unkept, version: Version
) -> Response:
    """Set unverified figures within their bounds, for tenders to come. If-Match is ``"0"`` the first time."""
    command = write.command(SettingsView.of, status=200)
    await app.configuring.configure(id, body.values, version=version, command=command)
    return answered(command)
