"""Studies of a draft's lots before the publication, and the cuts that they propose."""

from fastapi import APIRouter, Response

from api.dependencies import App, Signed, Version, Writing, answered
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming
from api.views.lotting import CutApplicationBody, LotStudyBody, LotStudySummary, LotStudyView
from api.views.tenders import TenderView
from domain.actors import Action
from domain.errors import StaleVersion
from domain.ids import LotStudyId, TenderId
from domain.lotting.model import CutNotFound, LotStudy, LotStudyNotFound, StudyOutdated, StudyRefused
from domain.lotting.ports import ShownStudy, StudyHead
from domain.tenders.follow_up import FollowUpFixed
from domain.tenders.model import StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["lot studies"])


def _made(study: LotStudy) -> LotStudyView:
    return LotStudyView.of(ShownStudy(head=StudyHead.of(study), findings=study.findings))


@step(
    router,
    "/tenders/{tender_id}/lot-studies",
    action=Action.TENDER_STUDY,
    answers=LotStudyView,
    refusals=(TenderNotFound, StepNotAllowed, StudyRefused, StaleVersion, "precondition-required"),
)
async def study_lots(
    tender_id: TenderId, body: Incoming[LotStudyBody], app: App, write: Writing, version: Version
) -> Response:
    """Hold a draft's lots against the registered, certified, free capacity: how many workshops could bid on each, what
    share small ones could reach, what keeps out the others, and better cuts with their reasons. Stored with its facts.
    """
    command = write.command(_made)
    await app.studying.study(tender_id, bid_on=body.bid_on, version=version, command=command)
    return answered(command)


@router.get(
    "/tenders/{tender_id}/lot-studies",
    responses=responses("not-authenticated", "malformed-cursor", TenderNotFound),
    response_model=Page[LotStudySummary],
)
async def list_lot_studies(tender_id: TenderId, app: App, caller: Signed, paging: Paging) -> Response:
    """The studies of your tender, newest first."""
    found = await app.lot_studies.of_tender(
        caller.actor, tender_id, after=paging.after(LotStudyId), limit=paging.limit + 1
    )
    return paged([LotStudySummary.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get("/lot-studies/{id}", responses=responses("not-authenticated", LotStudyNotFound))
async def read_lot_study(id: LotStudyId, app: App, caller: Signed, response: Response) -> LotStudyView:
    """For the tender's buyer and auditors."""
    shown = await app.lot_studies.study(caller.actor, id)
    response.headers["ETag"] = etag(shown.head.version)
    return LotStudyView.of(shown)


@step(
    router,
    "/lot-studies/{id}/cuts/{number}/application",
    action=Action.TENDER_DRAFT,
    answers=TenderView,
    refusals=(
        LotStudyNotFound,
        CutNotFound,
        StudyOutdated,
        FollowUpFixed,
        StepNotAllowed,
        StaleVersion,
        "precondition-required",
    ),
)
async def apply_cut(
    id: LotStudyId, number: int, _body: Incoming[CutApplicationBody], app: App, write: Writing, version: Version
) -> Response:
    """Make a proposed cut in the draft; ``If-Match`` names the draft's version, which must be the one that was studied.

    Every piece and tiyn stays, and so do procedure and method. Other cuts take a new study.
    """
    command = write.command(TenderView.of)
    await app.studying.apply(id, number, version=version, command=command)
    return answered(command)
