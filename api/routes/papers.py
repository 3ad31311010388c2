"""Papers that a bidder completes after the opening: asked for by the buyer, handed in within the procedure's time."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from api.dependencies import App, Signed, Writing, answered
from api.paging import Page, Paging, paged
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Instant, Strict, Text
from domain.actors import Action
from domain.evaluating.papers import PAPERS_MAX, HandedPaper, PaperKind, PaperRequest
from domain.evaluating.refusals import (
    PaperRequestNotFound,
    PapersClosed,
    PapersNotCompleted,
    PapersRefused,
    PapersRequested,
)
from domain.ids import BidId, OrganizationId, PaperRequestId, TenderId
from domain.tenders.model import StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["papers"])


class AskedPaperBody(Strict):
    """Which kind of formal paper, and what exactly."""

    kind: PaperKind
    name: Text


class PaperRequestBody(Strict):
    bid_id: BidId
    papers: Annotated[list[AskedPaperBody], Field(min_length=1, max_length=PAPERS_MAX)]


class HandedPaperBody(Strict):
    """``paper`` is the number of what was asked for. You keep the file and send it to the buyer; here it is known by
    its name and the SHA-256 of its bytes.
    """

    paper: Annotated[int, Field(ge=1, le=PAPERS_MAX)]
    name: Text
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class HandedPapersBody(Strict):
    papers: Annotated[list[HandedPaperBody], Field(min_length=1, max_length=PAPERS_MAX)]

    def form(self) -> tuple[HandedPaper, ...]:
        return tuple(HandedPaper(paper=each.paper, name=each.name, sha256=each.sha256) for each in self.papers)


class AskedPaperView(Strict):
    paper: int
    kind: PaperKind
    name: str


class PaperRequestView(Strict):
    """``missing`` are the numbers of papers that are not there. What is missing at ``due_by`` (exclusive) rejects the
    bid: ``papers_missing``. Nothing else of a bid can be completed, its prices and pieces least of all.
    """

    id: PaperRequestId
    tender_id: TenderId
    bid_id: BidId
    bidder_id: OrganizationId
    papers: list[AskedPaperView]
    handed_in: list[HandedPaperBody]
    missing: list[int]
    requested_at: Instant
    due_by: Instant
    completed_at: Instant | None

    @classmethod
    def of(cls, request: PaperRequest) -> Self:
        return cls(
            id=request.id,
            tender_id=request.tender_id,
            bid_id=request.bid_id,
            bidder_id=request.bidder_id,
            papers=[AskedPaperView(paper=each.number, kind=each.kind, name=each.name) for each in request.papers],
            handed_in=[
                HandedPaperBody(paper=each.paper, name=each.name, sha256=each.sha256) for each in request.handed_in
            ],
            missing=[each.number for each in request.missing],
            requested_at=request.requested_at,
            due_by=request.due_by,
            completed_at=request.completed_at,
        )


@step(
    router,
    "/tenders/{tender_id}/paper-requests",
    action=Action.PAPERS_REQUEST,
    answers=PaperRequestView,
    refusals=(TenderNotFound, StepNotAllowed, PapersNotCompleted, PapersRefused, PapersRequested),
)
async def request_papers(tender_id: TenderId, body: Incoming[PaperRequestBody], app: App, write: Writing) -> Response:
    """Ask a bidder of your opened tender, once, to complete formal papers. Nothing is evaluated before he has, or his
    time is over.
    """
    command = write.command(PaperRequestView.of)
    papers = tuple((each.kind, each.name) for each in body.papers)
    await app.supplementing.request(tender_id, body.bid_id, papers, command=command)
    return answered(command)


@router.get(
    "/tenders/{tender_id}/paper-requests",
    responses=responses("not-authenticated", "malformed-cursor"),
    response_model=Page[PaperRequestView],
)
async def list_paper_requests(tender_id: TenderId, app: App, caller: Signed, paging: Paging) -> Response:
    """All of a tender for its buyer and auditors; your own as a bidder, and once the results are out those of all."""
    found = await app.evaluating.paper_requests(
        caller.actor, tender_id, after=paging.after(PaperRequestId), limit=paging.limit + 1
    )
    return paged([PaperRequestView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@step(
    router,
    "/paper-requests/{id}/papers",
    action=Action.PAPERS_HAND_IN,
    answers=PaperRequestView,
    refusals=(PaperRequestNotFound, StepNotAllowed, PapersClosed, PapersRefused),
)
async def hand_in_papers(id: PaperRequestId, body: Incoming[HandedPapersBody], app: App, write: Writing) -> Response:
    """Hand in what you were asked for, all at once or one after another, before ``due_by`` by the database's clock. Of
    two files for one paper the later counts.
    """
    command = write.command(PaperRequestView.of)
    await app.supplementing.hand_in(id, body.form(), command=command)
    return answered(command)
