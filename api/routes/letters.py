"""Explanations of an award: a loser's letter, why a lot is open, the preference ledger."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import App, Signed
from api.languages import language
from api.paging import Page, Paging, paged
from api.problems import responses
from api.schemas import Day
from api.views.letters import LetterView, LoserView, OpenLotView
from api.views.preferences import PreferenceReportView
from domain.awards.infeasible import LotNotOpen
from domain.awards.letters import Letter, LetterNotFound, in_words
from domain.awards.open_lots import OpenLot
from domain.errors import NotPermitted
from domain.ids import OrganizationId, TenderId
from domain.reports.shares import Period, PeriodRefused, ReportTooLarge

router = APIRouter(prefix="/v1", tags=["awards and contracts"])


def _etag(explained: Letter | OpenLot) -> str:
    """What follows from an evaluation changes with the next one only."""
    return f'"{explained.evaluation_id}"'


TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/tenders/{tender_id}/letter", responses=responses("not-authenticated", LetterNotFound))
async def read_own_letter(tender_id: TenderId, app: App, caller: Signed, response: Response) -> LetterView:
    """Why you were given nothing of a lot, or less than you offered: rank, what bound you, and what would have won,
    confirmed by awarding again. After the award or the failure.
    """
    letter = await app.explanations.letter(caller.actor, tender_id, caller.actor.organization_id)
    response.headers["ETag"] = _etag(letter)
    return LetterView.of(letter)


@router.get(
    "/tenders/{tender_id}/letter/text",
    response_class=Response,
    responses=responses("not-authenticated", LetterNotFound) | TEXT,
)
async def read_own_letter_as_text(tender_id: TenderId, app: App, caller: Signed, request: Request) -> Response:
    """The same in words, in the language of ``Accept-Language`` (kk, ru, en)."""
    letter = await app.explanations.letter(caller.actor, tender_id, caller.actor.organization_id)
    chosen = language(request.headers.get("accept-language"))
    headers = {"Content-Language": chosen, "Vary": "Accept-Language"}
    return Response(in_words(letter, chosen), media_type="text/plain; charset=utf-8", headers=headers)


@router.get(
    "/tenders/{tender_id}/letters",
    response_model=Page[LoserView],
    responses=responses("not-authenticated", "malformed-cursor", LetterNotFound),
)
async def list_letters(tender_id: TenderId, app: App, caller: Signed, paging: Paging) -> Response:
    """Who is owed a letter, for the buyer and auditors."""
    found = await app.explanations.losers(caller.actor, tender_id)
    after = paging.after(OrganizationId)
    rest = [each for each in found if after is None or each.int > after.int]
    views = [LoserView(bidder_id=each) for each in rest[: paging.limit + 1]]
    return paged(views, paging, key=lambda view: [str(view.bidder_id)])


@router.get("/tenders/{tender_id}/letters/{organization_id}", responses=responses("not-authenticated", LetterNotFound))
async def read_letter(
    tender_id: TenderId, organization_id: OrganizationId, app: App, caller: Signed, response: Response
) -> LetterView:
    """A bidder's letter: for that bidder, the buyer and auditors."""
    letter = await app.explanations.letter(caller.actor, tender_id, organization_id)
    response.headers["ETag"] = _etag(letter)
    return LetterView.of(letter)


@router.get("/tenders/{tender_id}/lots/{number}/conflict", responses=responses("not-authenticated", LotNotOpen))
async def read_conflict(
    tender_id: TenderId, number: Annotated[int, Path(ge=1, le=50)], app: App, caller: Signed, response: Response
) -> OpenLotView:
    """Why a lot is open after the latest evaluation: a minimal set of conflicting constraints, and the cheapest ways
    to fill it. For the buyer and auditors.
    """
    found = await app.explanations.open_lot(caller.actor, tender_id, number)
    response.headers["ETag"] = _etag(found)
    return OpenLotView.of(found)


@router.get(
    "/reports/preferences",
    responses=responses("not-authenticated", "invalid-request", NotPermitted, PeriodRefused, ReportTooLarge),
)
async def report_preferences(
    app: App,
    caller: Signed,
    begins_on: Annotated[Day | None, Query(alias="from")] = None,
    ends_on: Annotated[Day | None, Query(alias="to", description="The day itself does not count.")] = None,
) -> PreferenceReportView:
    """What the domestic rules of packages cost, award by award and in sum, and who gained. Auditors see everybody's
    awards, buyers their own.
    """
    period = Period(begins_on=begins_on, ends_on=ends_on)
    return PreferenceReportView.of(await app.preferences.report(caller.actor, period))
