"""Scenarios of an evaluated tender: made by the buyer, solved in the worker, compared, and one of them chosen."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.charts import MEDIA_TYPE, svg
from api.dependencies import App, Signed, Version, Writing, answered
from api.languages import language
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming
from api.views.comparisons import ChartView, ColumnView, ComparisonView
from api.views.evaluations import EvaluationView
from api.views.scenarios import (
    CancellationBody,
    ChoiceBody,
    LotNumber,
    RunView,
    ScenarioBody,
    ScenarioSummary,
    ScenarioView,
)
from domain.actors import Action
from domain.awards.checker import AllocationRefused
from domain.awards.flaws import ProblemRefused
from domain.awards.model import EvaluationNotFound
from domain.complaints.refusals import DecisionNotFollowed
from domain.errors import StaleVersion
from domain.ids import ScenarioId, TenderId
from domain.scenarios.refusals import (
    LotsLeftOpen,
    ScenarioNotFound,
    ScenarioNotSolved,
    ScenarioRefused,
    ScenarioStale,
    TooManyScenarios,
)
from domain.scenarios.side_by_side import charts, columns
from domain.tenders.model import StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["scenarios"])
Lot = Annotated[LotNumber | None, Query(description="Scenarios of this lot; absent: of the whole tender.")]


@step(
    router,
    "/tenders/{tender_id}/scenarios",
    action=Action.SCENARIO_MAKE,
    answers=ScenarioSummary,
    refusals=(TenderNotFound, StepNotAllowed, TooManyScenarios, ScenarioRefused, ProblemRefused),
)
async def make_scenario(tender_id: TenderId, body: Incoming[ScenarioBody], app: App, write: Writing) -> Response:
    """The same bids under other rules, for a worker to solve; five at most side by side, of the tender or of a lot."""
    command = write.command(ScenarioSummary.of)
    await app.comparing.make(tender_id, body.form(), command=command)
    return answered(command)


@router.get(
    "/tenders/{tender_id}/scenarios",
    responses=responses("not-authenticated", "malformed-cursor", EvaluationNotFound),
    response_model=Page[ScenarioSummary],
)
async def list_scenarios(tender_id: TenderId, app: App, caller: Signed, paging: Paging) -> Response:
    """All that were made, whatever became of them: for whoever may read the evaluation."""
    found = await app.scenarios.of_tender(
        caller.actor, tender_id, after=paging.after(ScenarioId), limit=paging.limit + 1
    )
    return paged([ScenarioSummary.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get("/tenders/{tender_id}/scenarios/comparison", responses=responses("not-authenticated", EvaluationNotFound))
async def compare_scenarios(tender_id: TenderId, app: App, caller: Signed, lot: Lot = None) -> ComparisonView:
    """The solved scenarios of the latest evaluation side by side, after the award as the package says."""
    compared = columns(await app.scenarios.side_by_side(caller.actor, tender_id, lot=lot))
    return ComparisonView(
        tender_id=tender_id,
        lot=lot,
        columns=[ColumnView.of(each) for each in compared],
        charts=[ChartView.of(each) for each in charts(compared)],
    )


@router.get(
    "/tenders/{tender_id}/scenarios/comparison.svg",
    response_class=Response,
    responses=responses("not-authenticated", EvaluationNotFound)
    | {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def draw_scenarios(tender_id: TenderId, app: App, caller: Signed, request: Request, lot: Lot = None) -> Response:
    """The same as a drawing, in the reader's language."""
    compared = columns(await app.scenarios.side_by_side(caller.actor, tender_id, lot=lot))
    chosen = language(request.headers.get("accept-language"))
    headers = {"Content-Language": chosen, "Vary": "Accept-Language"}
    return Response(svg(compared, charts(compared), chosen), media_type=MEDIA_TYPE, headers=headers)


@router.get("/scenarios/{id}", responses=responses("not-authenticated", ScenarioNotFound))
async def read_scenario(id: ScenarioId, app: App, caller: Signed, response: Response) -> ScenarioView:
    """With what it awards to whom: for whoever may read the evaluation."""
    scenario = await app.scenarios.scenario(caller.actor, id)
    response.headers["ETag"] = etag(scenario.version)
    return ScenarioView.of(scenario)


@router.get("/scenarios/{id}/progress", responses=responses("not-authenticated", ScenarioNotFound))
async def read_progress(id: ScenarioId, app: App, caller: Signed) -> RunView:
    """How far the solver is, renewed every second; the scenario itself does not change meanwhile."""
    return RunView.of(await app.scenarios.run(caller.actor, id))


@step(
    router,
    "/scenarios/{id}/cancellation",
    action=Action.SCENARIO_CANCEL,
    answers=ScenarioSummary,
    refusals=(ScenarioNotFound, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def cancel_scenario(
    id: ScenarioId, _body: Incoming[CancellationBody], app: App, write: Writing, version: Version
) -> Response:
    """End it: its place is free at once, a solver that is at it ends within about a second."""
    command = write.command(ScenarioSummary.of)
    await app.comparing.cancel(id, version=version, command=command)
    return answered(command)


@step(
    router,
    "/tenders/{tender_id}/scenario-choice",
    action=Action.SCENARIO_CHOOSE,
    answers=EvaluationView,
    refusals=(
        TenderNotFound,
        StepNotAllowed,
        ScenarioNotFound,
        ScenarioNotSolved,
        ScenarioStale,
        LotsLeftOpen,
        AllocationRefused,
        DecisionNotFollowed,
        StaleVersion,
        "precondition-required",
    ),
)
async def choose_scenario(
    tender_id: TenderId, body: Incoming[ChoiceBody], app: App, write: Writing, version: Version
) -> Response:
    """Choose what is to be awarded, and say why; If-Match is the tender's. It is a new evaluation of the same
    admissions, and may be chosen again until the award.
    """
    command = write.command(EvaluationView.of)
    await app.comparing.choose(tender_id, body.form(), version=version, command=command)
    return answered(command)
