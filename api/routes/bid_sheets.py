"""Bids as spreadsheets: a template to fill in, one's own opened bid, and what a filled table says as a bid's body."""

from typing import Any, Self

from fastapi import APIRouter, Request, Response

from api.dependencies import App, Signed, Unkept
from api.problems import EdgeRefusal, responses
from api.routing import step
from api.schemas import Strict
from api.views.bid_bodies import CombinationBody, LotOfferBody, combined
from domain.actors import Action
from domain.bids.model import BidNotFound, BidsNotOpened
from domain.bids.refusals import (
    BeyondPackage,
    BidAboveAllocated,
    ConsortiumRefused,
    DeliveryTooLate,
    OfferRefused,
    SpecificationNotMet,
)
from domain.bids.sheet_reading import BidSheetRefused, ReadBid
from domain.errors import Flaw, MalformedValue
from domain.ids import BidId, TenderId
from domain.reports.tables import Export
from domain.tenders.model import TenderNotFound
from domain.tenders.need import SheetUnreadable

router = APIRouter(prefix="/v1", tags=["bids"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The table, as an attachment", "content": {XLSX: BINARY}}
}


class ReadBidView(Strict):
    """What the table says: the body of a bid, to be looked at and then sent to ``/v1/tenders/{tender_id}/bids``, with
    documents and terms where there are any. Nothing was stored.
    """

    lots: list[LotOfferBody]
    combination: CombinationBody | None

    @classmethod
    def of(cls, read: ReadBid) -> Self:
        return cls(lots=[LotOfferBody.of(offer) for offer in read.offers], combination=combined(read.combination))


@router.get(
    "/tenders/{tender_id}/bid-sheet",
    responses=responses("not-authenticated", TenderNotFound) | _FILE,
    response_class=Response,
)
async def read_bid_template(tender_id: TenderId, app: App, caller: Signed) -> Response:
    """A table (XLSX) with a row for every line and requirement of the tender: fill in prices, pieces and answers."""
    return _attached(await app.bid_sheets.template(caller.actor, tender_id), f"bid-{tender_id}")


@router.get(
    "/bids/{id}/sheet",
    responses=responses("not-authenticated", BidNotFound, BidsNotOpened) | _FILE,
    response_class=Response,
)
async def read_bid_sheet(id: BidId, app: App, caller: Signed) -> Response:
    """Your own opened bid as a table (XLSX). Before the opening it is in the copy that you were answered, nowhere
    else.
    """
    return _attached(await app.bid_sheets.opened(caller.actor, id), f"bid-{id}")


@step(
    router,
    "/tenders/{tender_id}/bid-sheet",
    action=Action.BID_SUBMIT,
    answers=ReadBidView,
    refusals=(
        TenderNotFound,
        SheetUnreadable,
        BidSheetRefused,
        OfferRefused,
        BidAboveAllocated,
        BeyondPackage,
        DeliveryTooLate,
        SpecificationNotMet,
        ConsortiumRefused,
        MalformedValue,
        "unsupported-media-type",
    ),
    status=200,
    openapi_extra={"requestBody": {"required": True, "content": {XLSX: BINARY}}},
)
async def preview_bid_sheet(tender_id: TenderId, request: Request, app: App, write: Unkept) -> ReadBidView:
    """Read a filled table (XLSX of the template's columns) into the body of a bid, with the checks of a bid: a refusal
    points to the cells. Nothing is stored; you send the body, so that what is sealed is what you have seen.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != XLSX:
        flaw = Flaw(pointer="header:Content-Type", reason=media_type or "missing", passes=XLSX)
        raise EdgeRefusal("unsupported-media-type", "A bid's table is XLSX", flaws=(flaw,))
    read = await app.bid_sheets.read(write.caller.actor, tender_id, await request.body(), media_type)
    return ReadBidView.of(read)


def _attached(export: Export, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{export.extension}"', "Cache-Control": "no-store"}
    return Response(export.content, media_type=export.media_type, headers=headers)
