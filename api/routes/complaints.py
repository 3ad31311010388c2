"""Complaints: filed by suppliers, decided by the control service, read by everybody."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from api.dependencies import App, Reader, Signed, Version, Writing, answered
from api.due import touch
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Instant, LongText, Strict, Text
from domain.actors import Action
from domain.complaints.complaining import ComplaintForm, DecisionForm
from domain.complaints.model import EXHIBITS_MAX, Complaint, ComplaintStage, ComplaintStatus, Exhibit, Remedy
from domain.complaints.ports import ShownComplaint
from domain.complaints.refusals import (
    ComplaintExists,
    ComplaintNotFound,
    ComplaintRefused,
    ComplaintsClosed,
    NotABidder,
)
from domain.errors import StaleVersion
from domain.ids import ComplaintId, OrganizationId, TenderId
from domain.organizations.model import OrganizationNotConfirmed
from domain.tenders.model import StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["complaints"])


class ExhibitBody(Strict):
    """A file that the complainant keeps, by its name and the SHA-256 of its bytes."""

    name: Text
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ComplaintBody(Strict):
    """``lots`` empty means the whole tender; ``against`` names the winner whose exclusion is asked for."""

    stage: ComplaintStage
    lots: Annotated[list[Annotated[int, Field(ge=1, le=50)]], Field(max_length=50)] = []
    objection: LongText
    evidence: Annotated[list[ExhibitBody], Field(max_length=EXHIBITS_MAX)] = []
    remedy: Remedy
    against: OrganizationId | None = None

    def form(self) -> ComplaintForm:
        return ComplaintForm(
            stage=self.stage,
            lots=tuple(self.lots),
            objection=self.objection,
            evidence=tuple(Exhibit(name=each.name, sha256=each.sha256) for each in self.evidence),
            remedy=self.remedy,
            against=self.against,
        )


class ComplaintWithdrawalBody(Strict):
    """Nothing to say: a withdrawal needs no reason."""


class DecisionBody(Strict):
    """``remedy`` and ``excluded_id`` count with ``upheld`` only; without them, what was asked for is granted."""

    outcome: Literal["rejected", "upheld"]
    decision: LongText
    remedy: Remedy | None = None
    excluded_id: OrganizationId | None = None

    def form(self) -> DecisionForm:
        return DecisionForm(
            upheld=self.outcome == "upheld",
            decision=self.decision,
            remedy=self.remedy,
            excluded_id=self.excluded_id,
        )


class ComplainantView(Strict):
    id: OrganizationId
    name: str


class ComplaintSummary(Strict):
    """What everybody sees. ``complainant`` is null before the opening: it would tell who intends to bid. ``late``
    says that the decision came after ``decide_by``.
    """

    id: ComplaintId
    number: str
    tender_id: TenderId
    stage: ComplaintStage
    lots: list[int]
    objection: str
    remedy: Remedy
    against: OrganizationId | None
    complainant: ComplainantView | None
    filed_at: Instant
    decide_by: Instant
    status: ComplaintStatus
    decision: str | None
    decided_remedy: Remedy | None
    excluded_id: OrganizationId | None
    decided_at: Instant | None
    late: bool

    @classmethod
    def of(cls, shown: ShownComplaint) -> Self:
        complaint, complainant = shown.complaint, shown.complainant
        return cls(
            id=complaint.id,
            number=complaint.number,
            tender_id=complaint.tender_id,
            stage=complaint.stage,
            lots=list(complaint.lots),
            objection=complaint.objection,
            remedy=complaint.remedy,
            against=complaint.against,
            complainant=ComplainantView(id=complainant.id, name=complainant.name) if complainant else None,
            filed_at=complaint.filed_at,
            decide_by=complaint.decide_by,
            status=complaint.status,
            decision=complaint.decision,
            decided_remedy=complaint.decided_remedy,
            excluded_id=complaint.excluded_id,
            decided_at=complaint.decided_at,
            late=complaint.late,
        )


class ComplaintView(Strict):
    """What the parties see: the complaint with its evidence."""

    complaint: ComplaintSummary
    evidence: list[ExhibitBody]

    @classmethod
    def of(cls, shown: ShownComplaint) -> Self:
        return cls(complaint=ComplaintSummary.of(shown), evidence=_exhibits(shown.complaint))


class StepOfComplaintView(Strict):
    """What a step answers to the one who made it; it tells nobody's name."""

    id: ComplaintId
    number: str
    tender_id: TenderId
    stage: ComplaintStage
    status: ComplaintStatus
    filed_at: Instant
    decide_by: Instant
    decided_remedy: Remedy | None
    decided_at: Instant | None
    late: bool

    @classmethod
    def of(cls, complaint: Complaint) -> Self:
        return cls(
            id=complaint.id,
            number=complaint.number,
            tender_id=complaint.tender_id,
            stage=complaint.stage,
            status=complaint.status,
            filed_at=complaint.filed_at,
            decide_by=complaint.decide_by,
            decided_remedy=complaint.decided_remedy,
            decided_at=complaint.decided_at,
            late=complaint.late,
        )


def _exhibits(complaint: Complaint) -> list[ExhibitBody]:
    return [ExhibitBody(name=each.name, sha256=each.sha256) for each in complaint.evidence]


@step(
    router,
    "/tenders/{tender_id}/complaints",
    action=Action.COMPLAINT_FILE,
    answers=StepOfComplaintView,
    refusals=(
        TenderNotFound,
        ComplaintsClosed,
        ComplaintExists,
        ComplaintRefused,
        NotABidder,
        OrganizationNotConfirmed,
    ),
)
async def file_complaint(tender_id: TenderId, body: Incoming[ComplaintBody], app: App, write: Writing) -> Response:
    """Complain about the documents until the deadline, or about the results while the standstill runs.

    Until the decision nothing is awarded or signed.
    """
    command = write.command(StepOfComplaintView.of)
    await app.complaining.file(tender_id, body.form(), command=command)
    return answered(command)


@router.get(
    "/tenders/{tender_id}/complaints",
    responses=responses("not-authenticated", "malformed-cursor", TenderNotFound),
    response_model=Page[ComplaintSummary],
    openapi_extra={"x-public": True},
)
async def list_complaints(tender_id: TenderId, app: App, reader: Reader, paging: Paging) -> Response:
    """The complaints of a tender, oldest first; who complains is told after the opening."""
    await touch(app, reader, tender_id)
    found = await app.complaints.of_tender(reader, tender_id, after=paging.after(ComplaintId), limit=paging.limit + 1)
    return paged([ComplaintSummary.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get("/complaints/{id}", responses=responses("not-authenticated", ComplaintNotFound))
async def read_complaint(id: ComplaintId, app: App, caller: Signed, response: Response) -> ComplaintView:
    """With its evidence: for the complainant, the buyer of the tender, auditors and reviewers."""
    shown = await app.complaints.complaint(caller.actor, id)
    response.headers["ETag"] = etag(shown.complaint.version)
    return ComplaintView.of(shown)


@step(
    router,
    "/complaints/{id}/withdrawal",
    action=Action.COMPLAINT_WITHDRAW,
    answers=StepOfComplaintView,
    refusals=(ComplaintNotFound, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def withdraw_complaint(
    id: ComplaintId, _body: Incoming[ComplaintWithdrawalBody], app: App, write: Writing, version: Version
) -> Response:
    """Take your complaint back; what it held up goes on."""
    command = write.command(StepOfComplaintView.of)
    await app.complaining.withdraw(id, version=version, command=command)
    return answered(command)


@step(
    router,
    "/complaints/{id}/decision",
    action=Action.COMPLAINT_DECIDE,
    answers=StepOfComplaintView,
    refusals=(ComplaintNotFound, ComplaintRefused, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def decide_complaint(
    id: ComplaintId, body: Incoming[DecisionBody], app: App, write: Writing, version: Version
) -> Response:
    """Decide for the control service. An upheld complaint about the results annuls what was awarded and is not in
    force; one about the documents obliges the buyer to amend or to cancel. A late decision stands and is marked.
    """
    command = write.command(StepOfComplaintView.of)
    await app.complaining.decide(id, body.form(), version=version, command=command)
    return answered(command)
