"""Bids: submitted, replaced and withdrawn until the deadline; seen by nobody else before the opening."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import App, Reader, Signed, Version, Writing, answered
from api.due import touch
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Instant, MoneyText, Pieces, Strict
from domain.actors import Action
from domain.bids.model import (
    Bid,
    BidAboveAllocated,
    BidExists,
    BidNotFound,
    BidsNotOpened,
    BidStatus,
    EligibilityNotChecked,
    LineOffer,
    LotOffer,
    NotEligible,
    OfferRefused,
    TermsChanged,
)
from domain.errors import MalformedValue, StaleVersion
from domain.garments import Size
from domain.ids import BidId, OrganizationId, TenderId
from domain.tenders.model import BiddingClosed, StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["bids"])

LotNumber = Annotated[int, Field(ge=1, le=50)]
LineNumber = Annotated[int, Field(ge=1, le=20)]
Terms = Annotated[int, Field(ge=1, le=10_000)]
SizeLabel = Annotated[str, Field(max_length=20)]
_CONTENT = (
    TermsChanged,
    OfferRefused,
    BidAboveAllocated,
    MalformedValue,
    NotEligible,
    EligibilityNotChecked,
    BiddingClosed,
    TenderNotFound,
)


class LineOfferBody(Strict):
    """``unit_price`` without VAT; ``sizes`` empty means all; ``pieces_max`` null means all pieces of those sizes."""

    line: LineNumber
    unit_price: MoneyText
    sizes: Annotated[list[SizeLabel], Field(max_length=100)] = []
    pieces_min: Pieces = 1
    pieces_max: Pieces | None = None

    @classmethod
    def of(cls, offer: LineOffer) -> Self:
        return cls(
            line=offer.line,
            unit_price=offer.unit_price,
            sizes=list(offer.sizes),
            pieces_min=offer.pieces_min,
            pieces_max=offer.pieces_max,
        )


class LotOfferBody(Strict):
    lot: LotNumber
    lines: Annotated[list[LineOfferBody], Field(min_length=1, max_length=20)]

    @classmethod
    def of(cls, offer: LotOffer) -> Self:
        return cls(lot=offer.lot, lines=[LineOfferBody.of(line) for line in offer.lines])

    def offer(self) -> LotOffer:
        return LotOffer(
            lot=self.lot,
            lines=tuple(
                LineOffer(
                    line=line.line,
                    unit_price=line.unit_price,
                    sizes=tuple(Size(size) for size in line.sizes),
                    pieces_min=line.pieces_min,
                    pieces_max=line.pieces_max,
                )
                for line in self.lines
            ),
        )


class BidBody(Strict):
    """``terms`` are the tender's terms that you have read: others by now are refused; null takes them as they are."""

    lots: Annotated[list[LotOfferBody], Field(min_length=1, max_length=50)]
    terms: Terms | None = None

    def offers(self) -> tuple[LotOffer, ...]:
        return tuple(lot.offer() for lot in self.lots)


class ConfirmationBody(Strict):
    """``terms`` are the tender's terms that you have read and agree to."""

    terms: Terms


class WithdrawalBody(Strict):
    """Nothing to say: a withdrawal needs no reason."""


class BidView(Strict):
    """A bid as its bidder sees it at any time. ``revision`` counts what was submitted; ``terms`` are those he agreed
    to: behind the tender's, the bid waits for its confirmation or replacement.
    """

    id: BidId
    tender_id: TenderId
    status: BidStatus
    revision: int
    terms: int
    currency: str = "KZT"
    lots: list[LotOfferBody]
    received_at: Instant

    @classmethod
    def of(cls, bid: Bid) -> Self:
        return cls(
            id=bid.id,
            tender_id=bid.tender_id,
            status=bid.status,
            revision=bid.revision,
            terms=bid.terms,
            lots=[LotOfferBody.of(offer) for offer in bid.offers],
            received_at=bid.received_at,
        )


class OpenedBidView(Strict):
    """A bid as everybody sees it after the opening; ``terms`` behind the tender's keep it from being admitted."""

    id: BidId
    bidder_id: OrganizationId
    bidder_name: str
    bidder_bin: str
    revision: int
    terms: int
    currency: str = "KZT"
    lots: list[LotOfferBody]
    received_at: Instant

    @classmethod
    def of(cls, bid: Bid, name: str, bin: str) -> Self:
        return cls(
            id=bid.id,
            bidder_id=bid.bidder_id,
            bidder_name=name,
            bidder_bin=bin,
            revision=bid.revision,
            terms=bid.terms,
            lots=[LotOfferBody.of(offer) for offer in bid.offers],
            received_at=bid.received_at,
        )


@step(
    router,
    "/tenders/{tender_id}/bids",
    action=Action.BID_SUBMIT,
    answers=BidView,
    refusals=(*_CONTENT, BidExists),
)
async def submit_bid(tender_id: TenderId, body: Incoming[BidBody], app: App, write: Writing) -> Response:
    """Submit your bid before the deadline. What was answered 201 is in the opening."""
    command = write.command(BidView.of)
    await app.bidding.submit(tender_id, body.offers(), terms=body.terms, command=command)
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
    views = [OpenedBidView.of(bid, name, bin) for bid, name, bin in found]
    return paged(views, paging, key=lambda view: [str(view.id)])


@router.get("/bids", responses=responses("not-authenticated", "malformed-cursor"), response_model=Page[BidView])
async def list_own_bids(app: App, caller: Signed, paging: Paging) -> Response:
    """Your own bids."""
    found = await app.bids.own_page(caller.actor, after=paging.after(BidId), limit=paging.limit + 1)
    return paged([BidView.of(bid) for bid in found], paging, key=lambda view: [str(view.id)])


@router.get("/bids/{id}", responses=responses("not-authenticated", BidNotFound))
async def read_own_bid(id: BidId, app: App, caller: Signed, response: Response) -> BidView:
    """Your own bid; another's is not found, before and after the opening."""
    bid = await app.bids.own(caller.actor, id)
    response.headers["ETag"] = etag(bid.version)
    return BidView.of(bid)


@step(
    router,
    "/bids/{id}/replacement",
    action=Action.BID_SUBMIT,
    answers=BidView,
    refusals=(*_CONTENT, BidNotFound, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def replace_bid(id: BidId, body: Incoming[BidBody], app: App, write: Writing, version: Version) -> Response:
    """Replace your bid before the deadline, also one that you have withdrawn. Exactly the last revision counts."""
    command = write.command(BidView.of)
    await app.bidding.replace(id, body.offers(), terms=body.terms, version=version, command=command)
    return answered(command)


@step(
    router,
    "/bids/{id}/confirmation",
    action=Action.BID_SUBMIT,
    answers=BidView,
    refusals=(*_CONTENT, BidNotFound, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def confirm_bid(
    id: BidId, body: Incoming[ConfirmationBody], app: App, write: Writing, version: Version
) -> Response:
    """Agree to the terms of an amended tender with the same offers, which are checked again. A bid that was neither
    confirmed nor replaced is opened with the others, and not admitted.
    """
    command = write.command(BidView.of)
    await app.bidding.confirm(id, terms=body.terms, version=version, command=command)
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
    """Withdraw your bid before the deadline."""
    command = write.command(BidView.of)
    await app.bidding.withdraw(id, version=version, command=command)
    return answered(command)
