"""Amendments: documents that change before the deadline, deadlines that are put off, and what was changed."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import App, Reader, Version, Writing, answered
from api.paging import Page, Paging, paged
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Instant, LongText, Strict
from api.views.criteria import CriteriaBody, criteria_of
from api.views.tenders import LotBody, TenderView
from domain.actors import Action
from domain.errors import StaleVersion
from domain.evaluating.refusals import CommitteeMissing
from domain.garments import SizeRunMismatch, UnknownSize
from domain.ids import AmendmentId, TenderId, WrongEnsTru, WrongKato
from domain.organizations.model import OrganizationNotConfirmed
from domain.pools.model import PoolNotFound
from domain.tenders.amending import AmendmentForm
from domain.tenders.amendment import Amendment, AmendmentKind, AmendmentNotAllowed, AmendmentRefused
from domain.tenders.criteria import CriteriaRefused
from domain.tenders.difference import Change, Operation
from domain.tenders.drafting import LotRefused
from domain.tenders.lot import AllocatedSumMismatch
from domain.tenders.model import StepNotAllowed, TenderNotFound, TimelineRefused
from domain.tenders.need import GarmentNotInNeed, NeedNotFound
from domain.tenders.thresholds import ThresholdExceeded, ThresholdUnknown

router = APIRouter(prefix="/v1", tags=["amendments"])

_REFUSALS = (
    TenderNotFound,
    StepNotAllowed,
    AmendmentNotAllowed,
    TimelineRefused,
    OrganizationNotConfirmed,
    StaleVersion,
    "precondition-required",
)


class AmendmentBody(Strict):
    """Title and lots as they are to be, whole; ``closes_at`` null is the earliest deadline that the package allows,
    ``criteria`` null that they stay.
    """

    title: LongText
    lots: Annotated[list[LotBody], Field(min_length=1, max_length=50)]
    reason: LongText
    closes_at: Instant | None = None
    criteria: CriteriaBody | None = None

    def form(self) -> AmendmentForm:
        return AmendmentForm(
            title=self.title,
            lots=tuple(lot.form() for lot in self.lots),
            reason=self.reason,
            closes_at=self.closes_at,
            criteria=None if self.criteria is None else criteria_of(self.criteria),
        )


class ExtensionBody(Strict):
    closes_at: Instant
    reason: LongText


class ChangeView(Strict):
    """As in RFC 6902, with what was there: ``path`` is a JSON pointer into title, dates and lots of the tender."""

    op: Operation
    path: str
    before: Any
    after: Any

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(op=change.op, path=change.path, before=change.before, after=change.after)


class AmendmentView(Strict):
    """``number`` counts the amendments and extensions of the tender. Bidders agree to the terms after an amendment by
    confirming or replacing their bids; an extension leaves the terms as they are.
    """

    id: AmendmentId
    tender_id: TenderId
    number: int
    kind: AmendmentKind
    reason: str
    changes: list[ChangeView]
    terms_before: int
    terms_after: int
    opens_at_before: Instant
    opens_at_after: Instant
    closes_at_before: Instant
    closes_at_after: Instant
    amended_at: Instant

    @classmethod
    def of(cls, amendment: Amendment) -> Self:
        return cls(
            id=amendment.id,
            tender_id=amendment.tender_id,
            number=amendment.number,
            kind=amendment.kind,
            reason=amendment.reason,
            changes=[ChangeView.of(change) for change in amendment.changes],
            terms_before=amendment.terms_before,
            terms_after=amendment.terms_after,
            opens_at_before=amendment.opens_at_before,
            opens_at_after=amendment.opens_at_after,
            closes_at_before=amendment.closes_at_before,
            closes_at_after=amendment.closes_at_after,
            amended_at=amendment.amended_at,
        )


@step(
    router,
    "/tenders/{tender_id}/amendments",
    action=Action.TENDER_AMEND,
    answers=TenderView,
    refusals=(
        *_REFUSALS,
        AmendmentRefused,
        NeedNotFound,
        PoolNotFound,
        LotRefused,
        AllocatedSumMismatch,
        SizeRunMismatch,
        UnknownSize,
        WrongEnsTru,
        WrongKato,
        GarmentNotInNeed,
        ThresholdExceeded,
        ThresholdUnknown,
        CriteriaRefused,
        CommitteeMissing,
    ),
)
async def amend_tender(
    tender_id: TenderId, body: Incoming[AmendmentBody], app: App, write: Writing, version: Version
) -> Response:
    """Change title, lots and criteria of a published tender before its deadline. The package says whether the periods
    run anew or some time must remain. The number of lots and the rule package stay.
    """
    command = write.command(TenderView.of)
    await app.amending.amend(tender_id, body.form(), version=version, command=command)
    return answered(command)


@step(
    router,
    "/tenders/{tender_id}/extension",
    action=Action.TENDER_EXTEND,
    answers=TenderView,
    refusals=_REFUSALS,
)
async def extend_tender(
    tender_id: TenderId, body: Incoming[ExtensionBody], app: App, write: Writing, version: Version
) -> Response:
    """Put the deadline off before it passes. Bids stay as they are."""
    command = write.command(TenderView.of)
    await app.amending.extend(tender_id, closes_at=body.closes_at, reason=body.reason, version=version, command=command)
    return answered(command)


@router.get(
    "/tenders/{tender_id}/amendments",
    responses=responses("not-authenticated", "malformed-cursor", TenderNotFound),
    response_model=Page[AmendmentView],
    openapi_extra={"x-public": True},
)
async def list_amendments(tender_id: TenderId, app: App, reader: Reader, paging: Paging) -> Response:
    """The amendments and extensions of a tender, oldest first, each with its difference."""
    position = paging.position(int)
    found = await app.amendments.of_tender(
        reader, tender_id, after=position[0] if position else None, limit=paging.limit + 1
    )
    return paged([AmendmentView.of(each) for each in found], paging, key=lambda view: [view.number])
