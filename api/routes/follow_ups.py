"""A tender that comes to nothing, and the one that follows it."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import App, Reader, Version, Writing, answered
from api.due import touch
from api.preconditions import etag
from api.problems import responses
from api.routes.tenders import SOURCE_REFUSALS
from api.routing import step
from api.schemas import Incoming, Strict
from api.views.tenders import TenderView
from domain.actors import Action
from domain.awards.failing import LotToAward
from domain.awards.model import BiddersNotChecked
from domain.complaints.refusals import ComplaintOpen, DecisionNotFollowed
from domain.errors import StaleVersion
from domain.ids import OrganizationId, PrequalificationId, TenderId
from domain.pools.model import PoolPublished
from domain.procedures.package import ParameterRefused, UnknownMethod, UnknownProcedure
from domain.procedures.vocabulary import Method
from domain.tenders.follow_up import AlreadyFollowed, AttemptsSpent, FollowUpUnclear, NoFollowUp, TenderNotFailed
from domain.tenders.following import FollowUpForm
from domain.tenders.model import StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["tenders"])


class FailureBody(Strict):
    """Nothing to say: the evaluation gives the reason."""


class FollowUpBody(Strict):
    """Everything is optional. ``postponed_days`` moves all delivery days; ``method`` chooses where the lots failed for
    reasons that different methods follow; ``invited`` names the single source where the bids do not;
    ``prequalification_id`` replaces the failed tender's list.
    """

    postponed_days: Annotated[int, Field(ge=0, le=730)] = 0
    method: Method | None = None
    invited: OrganizationId | None = None
    prequalification_id: PrequalificationId | None = None

    def form(self) -> FollowUpForm:
        return FollowUpForm(
            postponed_days=self.postponed_days,
            method=self.method,
            invited=self.invited,
            prequalification_id=self.prequalification_id,
        )


@step(
    router,
    "/tenders/{id}/failure",
    action=Action.TENDER_FAIL,
    answers=TenderView,
    refusals=(
        TenderNotFound,
        StepNotAllowed,
        LotToAward,
        BiddersNotChecked,
        ComplaintOpen,
        DecisionNotFollowed,
        StaleVersion,
        "precondition-required",
    ),
)
async def fail_tender(
    id: TenderId, _body: Incoming[FailureBody], app: App, write: Writing, version: Version
) -> Response:
    """Give up an evaluated tender none of whose lots can be awarded, instead of evaluating it once more."""
    command = write.command(TenderView.of)
    await app.failing.fail(id, version=version, command=command)
    return answered(command)


@step(
    router,
    "/tenders/{id}/follow-up",
    action=Action.TENDER_FOLLOW_UP,
    answers=TenderView,
    refusals=(
        TenderNotFound,
        TenderNotFailed,
        NoFollowUp,
        AttemptsSpent,
        AlreadyFollowed,
        FollowUpUnclear,
        ComplaintOpen,
        DecisionNotFollowed,
        PoolPublished,
        UnknownProcedure,
        UnknownMethod,
        ParameterRefused,
        StaleVersion,
        *SOURCE_REFUSALS,
    ),
)
async def follow_tender_up(id: TenderId, body: Incoming[FollowUpBody], app: App, write: Writing) -> Response:
    """Draft the tender that repeats the failed lots, by the method that the package names for their failure, once."""
    command = write.command(TenderView.of)
    await app.following.draft(id, body.form(), command=command)
    return answered(command)


@router.get(
    "/tenders/{id}/follow-up",
    responses=responses("not-authenticated", TenderNotFound),
    openapi_extra={"x-public": True},
)
async def read_follow_up(id: TenderId, app: App, reader: Reader, response: Response) -> TenderView:
    """The tender that repeats this one: published, or your own draft."""
    found = await app.tenders.follow_up(reader, id)
    tender = await touch(app, reader, found.id)
    response.headers["ETag"] = etag(tender.version)
    return TenderView.of(tender)
