"""Tenders: drafting, publication, cancellation, opening, and how they are read."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import App, Reader, Unkept, Version, Writing, answered
from api.due import touch
from api.paging import Paging, page_of_json
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Instant, LongText, Strict
from api.views.tenders import TenderBody, TenderPage, TenderView
from domain.actors import Action
from domain.errors import StaleVersion
from domain.evaluating.refusals import CommitteeMissing
from domain.garments import SizeRunMismatch, UnknownSize
from domain.ids import TenderId, WrongEnsTru, WrongKato
from domain.organizations.model import OrganizationNotConfirmed
from domain.pools.model import PoolNotCovered, PoolNotFound, PoolPublished, PoolTaken
from domain.prequalification.model import PrequalificationNotFound
from domain.procedures.package import ParameterRefused, UnknownMethod, UnknownProcedure
from domain.sealing.tender_keys import NoSealingKey
from domain.tenders.criteria import CriteriaRefused
from domain.tenders.drafting import LotRefused
from domain.tenders.events import CancellationReason
from domain.tenders.follow_up import FollowUpFixed
from domain.tenders.lot import AllocatedSumMismatch
from domain.tenders.model import BiddingStillOpen, StepNotAllowed, TenderNotFound, TenderStatus, TimelineRefused
from domain.tenders.need import GarmentNotInNeed, NeedNotFound
from domain.tenders.ports import TenderFilter, TenderPlace
from domain.tenders.sourcing import GroundRefused, InvitationRefused, PrequalificationRefused
from domain.tenders.thresholds import ThresholdExceeded, ThresholdUnknown

router = APIRouter(prefix="/v1", tags=["tenders"])

SOURCE_REFUSALS = (GroundRefused, InvitationRefused, PrequalificationRefused, PrequalificationNotFound)
DRAFT_REFUSALS = (
    UnknownProcedure,
    UnknownMethod,
    ParameterRefused,
    NeedNotFound,
    LotRefused,
    AllocatedSumMismatch,
    SizeRunMismatch,
    UnknownSize,
    WrongEnsTru,
    WrongKato,
    GarmentNotInNeed,
    PoolNotFound,
    PoolPublished,
    PoolTaken,
    CriteriaRefused,
    *SOURCE_REFUSALS,
)


class PublicationBody(Strict):
    """``opens_at`` null means at once."""

    closes_at: Instant
    opens_at: Instant | None = None


class CancellationBody(Strict):
    reason: CancellationReason
    explanation: LongText


class OpeningBody(Strict):
    """Nothing to say: the deadline decides."""


@step(router, "/tenders", action=Action.TENDER_DRAFT, answers=TenderView, refusals=DRAFT_REFUSALS)
async def draft_tender(body: Incoming[TenderBody], app: App, write: Writing) -> Response:
    """Draft a tender: lots, garment lines, size runs, delivery places, allocated sums."""
    command = write.command(TenderView.of)
    await app.tendering.draft(body.form(), command=command)
    return answered(command)


@step(
    router,
    "/tenders/{id}",
    action=Action.TENDER_DRAFT,
    answers=TenderView,
    method="PUT",
    status=200,
    refusals=(*DRAFT_REFUSALS, TenderNotFound, StepNotAllowed, FollowUpFixed, StaleVersion, "precondition-required"),
)
async def revise_tender(
    id: TenderId, body: Incoming[TenderBody], app: App, write: Unkept, version: Version
) -> Response:
    """Replace a draft as a whole."""
    command = write.command(TenderView.of, status=200)
    await app.tendering.revise(id, body.form(), version=version, command=command)
    return answered(command)


@router.get(
    "/tenders",
    response_model=TenderPage,
    responses=responses("not-authenticated", "malformed-cursor"),
    openapi_extra={"x-public": True},
)
async def list_tenders(
    app: App,
    reader: Reader,
    paging: Paging,
    status: Annotated[TenderStatus | None, Query()] = None,
    mine: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query flag
) -> Response:
    """Published tenders, newest first; ``mine=true`` lists your own, drafts included."""
    after = paging.position(datetime, TenderId)
    place = TenderPlace(at=after[0], id=after[1]) if after else None
    rows = await app.tenders.page(reader, TenderFilter(status=status, mine=mine), after=place, limit=paging.limit + 1)
    return page_of_json([(text, [at.at.isoformat(), str(at.id)]) for text, at in rows], paging)


@router.get("/tenders/{id}", responses=responses("not-authenticated", TenderNotFound), openapi_extra={"x-public": True})
async def read_tender(id: TenderId, app: App, reader: Reader, response: Response) -> TenderView:
    """A published tender, or your own draft. What the deadline has made due is applied before it is shown."""
    tender = await touch(app, reader, id)
    response.headers["ETag"] = etag(tender.version)
    return TenderView.of(tender)


@step(
    router,
    "/tenders/{id}/publication",
    action=Action.TENDER_PUBLISH,
    answers=TenderView,
    refusals=(
        TenderNotFound,
        StepNotAllowed,
        TimelineRefused,
        OrganizationNotConfirmed,
        UnknownProcedure,
        ParameterRefused,
        StaleVersion,
        "precondition-required",
        PoolNotCovered,
        PoolPublished,
        PoolTaken,
        *SOURCE_REFUSALS,
        ThresholdExceeded,
        ThresholdUnknown,
        CriteriaRefused,
        CommitteeMissing,
        NoSealingKey,
    ),
)
async def publish_tender(
    id: TenderId, body: Incoming[PublicationBody], app: App, write: Writing, version: Version
) -> Response:
    """Publish: the rule package is pinned for life and the deadline fixed, by the database's clock.

    Where the method has a limit for a year, ``GET /v1/tenders/{id}/threshold-check`` says beforehand what is left.
    """
    command = write.command(TenderView.of)
    await app.tendering.publish(id, closes_at=body.closes_at, opens_at=body.opens_at, version=version, command=command)
    return answered(command)


@step(
    router,
    "/tenders/{id}/cancellation",
    action=Action.TENDER_CANCEL,
    answers=TenderView,
    refusals=(TenderNotFound, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def cancel_tender(
    id: TenderId, body: Incoming[CancellationBody], app: App, write: Writing, version: Version
) -> Response:
    """Cancel with a coded reason, before the deadline."""
    command = write.command(TenderView.of)
    await app.tendering.cancel(id, reason=body.reason, explanation=body.explanation, version=version, command=command)
    return answered(command)


@step(
    router,
    "/tenders/{id}/opening",
    action=Action.TENDER_OPEN,
    answers=TenderView,
    refusals=(TenderNotFound, BiddingStillOpen, StepNotAllowed),
)
async def open_tender(id: TenderId, _body: Incoming[OpeningBody], app: App, write: Writing) -> Response:
    """Open the bids after the deadline, if the opener has not done so: all at once, the same for every reader. Where
    the procedure asks for approvals (``opening_approvals``), this is yours; the opener opens after the last one.
    """
    command = write.command(TenderView.of)
    await app.tendering.open(id, command=command)
    return answered(command)
