"""Enquiries: questions about a published tender and their answers, published without who asked."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import App, Reader, Version, Writing, answered
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Instant, LongText, Strict
from domain.actors import Action
from domain.enquiries.enquiring import EnquiryForm
from domain.enquiries.model import Enquiry
from domain.enquiries.ports import ShownEnquiry
from domain.enquiries.refusals import EnquiriesClosed, EnquiriesExhausted, EnquiryNotFound, EnquiryRefused
from domain.errors import StaleVersion
from domain.ids import EnquiryId, TenderId
from domain.organizations.model import OrganizationNotConfirmed
from domain.tenders.model import StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["enquiries"])


class EnquiryBody(Strict):
    """``lots`` empty means the whole tender."""

    lots: Annotated[list[Annotated[int, Field(ge=1, le=50)]], Field(max_length=50)] = []
    question: LongText

    def form(self) -> EnquiryForm:
        return EnquiryForm(lots=tuple(self.lots), question=self.question)


class AnswerBody(Strict):
    answer: LongText


class EnquiryView(Strict):
    """``own`` tells you, and nobody else, that you have asked it. ``late`` says that the answer came after
    ``answer_by``.
    """

    id: EnquiryId
    tender_id: TenderId
    number: int
    lots: list[int]
    question: str
    asked_at: Instant
    answer_by: Instant
    answer: str | None
    answered_at: Instant | None
    late: bool
    own: bool

    @classmethod
    def of(cls, shown: ShownEnquiry) -> Self:
        enquiry = shown.enquiry
        return cls(
            id=enquiry.id,
            tender_id=enquiry.tender_id,
            number=enquiry.number,
            lots=list(enquiry.lots),
            question=enquiry.question,
            asked_at=enquiry.asked_at,
            answer_by=enquiry.answer_by,
            answer=enquiry.answer,
            answered_at=enquiry.answered_at,
            late=enquiry.late,
            own=shown.own,
        )

    @classmethod
    def to_asker(cls, enquiry: Enquiry) -> Self:
        return cls.of(ShownEnquiry(enquiry=enquiry, own=True))

    @classmethod
    def to_buyer(cls, enquiry: Enquiry) -> Self:
        return cls.of(ShownEnquiry(enquiry=enquiry, own=False))


@step(
    router,
    "/tenders/{tender_id}/enquiries",
    action=Action.ENQUIRY_ASK,
    answers=EnquiryView,
    refusals=(TenderNotFound, EnquiriesClosed, EnquiriesExhausted, EnquiryRefused, OrganizationNotConfirmed),
)
async def ask_enquiry(tender_id: TenderId, body: Incoming[EnquiryBody], app: App, write: Writing) -> Response:
    """Ask about a published tender, also before bids are taken. Nobody else learns who has asked."""
    command = write.command(EnquiryView.to_asker)
    await app.enquiring.ask(tender_id, body.form(), command=command)
    return answered(command)


@router.get(
    "/tenders/{tender_id}/enquiries",
    responses=responses("not-authenticated", "malformed-cursor", TenderNotFound),
    response_model=Page[EnquiryView],
    openapi_extra={"x-public": True},
)
async def list_enquiries(tender_id: TenderId, app: App, reader: Reader, paging: Paging) -> Response:
    """The answered questions of a tender by number; your own, and the buyer's to answer, among them."""
    position = paging.position(int)
    found = await app.enquiries.of_tender(
        reader, tender_id, after=position[0] if position else None, limit=paging.limit + 1
    )
    return paged([EnquiryView.of(each) for each in found], paging, key=lambda view: [view.number])


@router.get(
    "/enquiries/{id}", responses=responses("not-authenticated", EnquiryNotFound), openapi_extra={"x-public": True}
)
async def read_enquiry(id: EnquiryId, app: App, reader: Reader, response: Response) -> EnquiryView:
    """An answered question for anybody; another for who asked it and for the buyer."""
    shown = await app.enquiries.enquiry(reader, id)
    response.headers["ETag"] = etag(shown.enquiry.version)
    return EnquiryView.of(shown)


@step(
    router,
    "/enquiries/{id}/answer",
    action=Action.ENQUIRY_ANSWER,
    answers=EnquiryView,
    refusals=(EnquiryNotFound, EnquiriesClosed, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def answer_enquiry(
    id: EnquiryId, body: Incoming[AnswerBody], app: App, write: Writing, version: Version
) -> Response:
    """Answer for everybody to read, once, before the tender's deadline. A late answer stands and is marked."""
    command = write.command(EnquiryView.to_buyer)
    await app.enquiring.answer(id, answer=body.answer, version=version, command=command)
    return answered(command)
