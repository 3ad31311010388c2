"""Bids: sealed, replaced, confirmed and withdrawn until the deadline; seen by nobody else before the opening."""

from fastapi import APIRouter, Response

from api.dependencies import App, Reader, Signed, Version, Writing, answered
from api.due import touch
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming
from api.short_way import ShortWay
from api.views.bid_bodies import BidBody, ConfirmationBody, WithdrawalBody
from api.views.bids import (
    BidView,
    KeysView,
    KeyView,
    ManifestView,
    OpenedBidView,
    SubmissionView,
)
from domain.actors import Action
from domain.bids.documents import DocumentsRefused
from domain.bids.model import (
    BidExists,
    BidNotFound,
    BidsNotOpened,
    CopyRefused,
    EligibilityNotChecked,
    ManifestNotFound,
    NotEligible,
    TermsChanged,
)
from domain.bids.refusals import (
    BeyondPackage,
    BidAboveAllocated,
    ConsentMissing,
    ConsortiumRefused,
    DeliveryTooLate,
    OfferRefused,
    SpecificationNotMet,
)
from domain.errors import MalformedValue, StaleVersion
from domain.ids import BidId, TenderId
from domain.sealing.refusals import NotCanonical, TooLargeToSeal
from domain.sealing.tender_keys import NoSealingKey
from domain.tenders.model import BiddingClosed, StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["bids"], route_class=ShortWay)

_CONTENT = (
    TermsChanged,
    OfferRefused,
    BidAboveAllocated,
    BeyondPackage,
    DeliveryTooLate,
    SpecificationNotMet,
    ConsortiumRefused,
    ConsentMissing,
    MalformedValue,
    NotEligible,
    EligibilityNotChecked,
    BiddingClosed,
    TenderNotFound,
    TooLargeToSeal,
    NoSealingKey,
    DocumentsRefused,
)


@step(
    router,
    "/tenders/{tender_id}/bids",
    action=Action.BID_SUBMIT,
    answers=SubmissionView,
    refusals=(*_CONTENT, BidExists),
)
async def submit_bid(tender_id: TenderId, body: Incoming[BidBody], app: App, write: Writing) -> Response:
    """Submit your bid before the deadline. Sealed before it is stored; what was answered 201 is in the opening."""
    command = write.command(SubmissionView.of)
    await app.bidding.submit(tender_id, body.offers(), body.named(), body.combined(), terms=body.terms, command=command)
    return answered(command)


@router.get(
    "/tenders/{tender_id}/bids",
    responses=responses("not-authenticated", "malformed-cursor", TenderNotFound, BidsNotOpened),
    openapi_extra={"x-public": True},
    response_model=Page[OpenedBidView],
)
async def list_opened_bids(tender_id: TenderId, app: App, reader: Reader, paging: Paging) -> Response:
    """The bids, for everybody, after the opening; before it this answers the same whether there are any or none."""
    await touch(app, reader, tender_id)
    found = await app.bids.opened(reader, tender_id, after=paging.after(BidId), limit=paging.limit + 1)
    return paged([OpenedBidView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get(
    "/tenders/{tender_id}/manifest",
    responses=responses("not-authenticated", TenderNotFound, ManifestNotFound),
    openapi_extra={"x-public": True},
    response_model=ManifestView,
)
async def read_manifest(tender_id: TenderId, app: App, reader: Reader) -> Response:
    """Which bids there are, for everybody, after the closing and before anything is opened: the exact bytes whose
    SHA-256 the event ``tender.closed`` names. Your receipt names one of its entries.
    """
    await touch(app, reader, tender_id)
    canonical = await app.bids.manifest(reader, tender_id)
    return Response(canonical, media_type="application/json")


@router.get("/keys", responses=responses("not-authenticated"), openapi_extra={"x-public": True})
async def read_public_keys(app: App, _reader: Reader) -> KeysView:
    """The public keys of the platform: those that sign receipts."""
    signer = app.signer
    return KeysView(receipts=[KeyView(key_id=signer.key_id, public_key=signer.public_key.hex())])


@router.get("/bids", responses=responses("not-authenticated", "malformed-cursor"), response_model=Page[BidView])
async def list_own_bids(app: App, caller: Signed, paging: Paging) -> Response:
    """Your own bids, one for each tender."""
    found = await app.bids.own_page(caller.actor, after=paging.after(TenderId), limit=paging.limit + 1)
    return paged([BidView.of(each) for each in found], paging, key=lambda view: [str(view.tender_id)])


@router.get("/bids/{id}", responses=responses("not-authenticated", BidNotFound))
async def read_own_bid(id: BidId, app: App, caller: Signed, response: Response) -> BidView:
    """Your own bid; another's is not found, before and after the opening."""
    own = await app.bids.own(caller.actor, id)
    known = own.envelope or own.bid
    response.headers["ETag"] = etag(known.version if known else 0)
    return BidView.of(own)


@step(
    router,
    "/bids/{id}/replacement",
    action=Action.BID_SUBMIT,
    answers=SubmissionView,
    refusals=(*_CONTENT, BidNotFound, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def replace_bid(id: BidId, body: Incoming[BidBody], app: App, write: Writing, version: Version) -> Response:
    """Replace your bid before the deadline, also one that you have withdrawn. Exactly the last revision counts."""
    command = write.command(SubmissionView.of)
    await app.bidding.replace(
        id, body.offers(), body.named(), body.combined(), terms=body.terms, version=version, command=command
    )
    return answered(command)


@step(
    router,
    "/bids/{id}/confirmation",
    action=Action.BID_SUBMIT,
    answers=SubmissionView,
    refusals=(*_CONTENT, BidNotFound, CopyRefused, NotCanonical, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def confirm_bid(
    id: BidId, body: Incoming[ConfirmationBody], app: App, write: Writing, version: Version
) -> Response:
    """Agree to the terms of an amended tender with the same offers, which you bring and which are checked again. A bid
    that was neither confirmed nor replaced is opened with the others, and not admitted.
    """
    command = write.command(SubmissionView.of)
    await app.bidding.confirm(id, body.copy_of_bid(), terms=body.terms, version=version, command=command)
    return answered(command)


@step(
    router,
    "/bids/{id}/withdrawal",
    action=Action.BID_WITHDRAW,
    answers=BidView,
    refusals=(BidNotFound, BiddingClosed, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def withdraw_bid(
    id: BidId, _body: Incoming[WithdrawalBody], app: App, write: Writing, version: Version
) -> Response:
    """Withdraw your bid before the deadline; nobody will ever read it."""
    command = write.command(BidView.sealed)
    await app.bidding.withdraw(id, version=version, command=command)
    return answered(command)
