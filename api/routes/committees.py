"""Committees: who scores bids beside their price, what each declared, and each one's scores."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import App, Signed, Unkept, Version, Writing, answered
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, LongText, Strict
from api.views.committees import CommitteeView, ScoreBody, ScoreSheetView
from domain.actors import Action
from domain.errors import StaleVersion
from domain.evaluating.committee import MEMBERS_MAX
from domain.evaluating.refusals import (
    CommitteeAppointed,
    CommitteeNotFound,
    CommitteeRefused,
    DeclarationMade,
    DeclarationMissing,
    MemberRecused,
    NotOnCommittee,
    ScoresNotFound,
    ScoresRefused,
)
from domain.evaluating.scores import Score
from domain.evaluating.scoring import DeclarationForm, ScoreForm
from domain.ids import BidId, OrganizationId, PersonId, ScoreSheetId, TenderId
from domain.tenders.criteria import CRITERIA_MAX
from domain.tenders.model import StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["committees"])


class CommitteeBody(Strict):
    """People of yours who are officers, approvers or receivers; their ids stand in ``GET /v1/members``."""

    members: Annotated[list[PersonId], Field(min_length=1, max_length=MEMBERS_MAX)]


class DeclarationBody(Strict):
    """``bidders`` are those with whom you have a conflict; they and ``explanation`` belong to a conflict only."""

    conflict: bool
    bidders: Annotated[list[OrganizationId], Field(max_length=100)] = []
    explanation: LongText | None = None

    def form(self) -> DeclarationForm:
        return DeclarationForm(
            conflict=self.conflict, bidders=tuple(dict.fromkeys(self.bidders)), explanation=self.explanation
        )


class SubstitutionBody(Strict):
    """``member`` is the number of the one who goes, ``person_id`` the one who comes."""

    member: Annotated[int, Field(ge=1, le=999)]
    person_id: PersonId
    reason: LongText


class ScoresBody(Strict):
    """Points by every criterion of the tender for one bid; ``reason`` belongs to a correction."""

    bid_id: BidId
    scores: Annotated[list[ScoreBody], Field(min_length=1, max_length=CRITERIA_MAX)]
    reason: LongText | None = None

    def form(self) -> ScoreForm:
        return ScoreForm(
            bid_id=self.bid_id,
            scores=tuple(
                Score(criterion=each.criterion, points=each.points, comment=each.comment) for each in self.scores
            ),
            reason=self.reason,
        )


@step(
    router,
    "/tenders/{tender_id}/committee",
    action=Action.COMMITTEE_APPOINT,
    answers=CommitteeView,
    refusals=(TenderNotFound, StepNotAllowed, CommitteeAppointed, CommitteeRefused),
)
async def appoint_committee(tender_id: TenderId, body: Incoming[CommitteeBody], app: App, write: Writing) -> Response:
    """Appoint the committee of your tender before its opening: an odd number of people, as many at least as the
    procedure asks for. A tender with criteria is published with its committee.
    """
    command = write.command(CommitteeView.of_step)
    await app.scoring.appoint(tender_id, tuple(body.members), command=command)
    return answered(command)


@step(
    router,
    "/tenders/{tender_id}/committee",
    action=Action.COMMITTEE_APPOINT,
    answers=CommitteeView,
    method="PUT",
    status=200,
    refusals=(
        TenderNotFound,
        StepNotAllowed,
        CommitteeNotFound,
        CommitteeRefused,
        StaleVersion,
        "precondition-required",
    ),
)
async def appoint_committee_anew(
    tender_id: TenderId, body: Incoming[CommitteeBody], app: App, write: Unkept, version: Version
) -> Response:
    """Appoint others, as a whole, before the opening."""
    command = write.command(CommitteeView.of_step, status=200)
    await app.scoring.appoint_anew(tender_id, tuple(body.members), version=version, command=command)
    return answered(command)


@router.get("/tenders/{tender_id}/committee", responses=responses("not-authenticated", CommitteeNotFound))
async def read_committee(tender_id: TenderId, app: App, caller: Signed, response: Response) -> CommitteeView:
    """For the buyer and auditors; for bidders once the results are out, without names and explanations."""
    shown = await app.evaluating.committee(caller.actor, tender_id)
    response.headers["ETag"] = etag(shown.committee.version)
    return CommitteeView.of(shown)


@step(
    router,
    "/tenders/{tender_id}/committee/declarations",
    action=Action.COMMITTEE_SIT,
    answers=CommitteeView,
    refusals=(TenderNotFound, StepNotAllowed, CommitteeNotFound, CommitteeRefused, NotOnCommittee, DeclarationMade),
)
async def declare_conflict(tender_id: TenderId, body: Incoming[DeclarationBody], app: App, write: Writing) -> Response:
    """Declare, once the bidders are known, whether you have a conflict of interest. A conflict recuses you: your scores
    are not taken and do not count. One that you learn of later is declared then.
    """
    command = write.command(CommitteeView.of_step)
    await app.scoring.declare(tender_id, body.form(), command=command)
    return answered(command)


@step(
    router,
    "/tenders/{tender_id}/committee/substitutions",
    action=Action.COMMITTEE_APPOINT,
    answers=CommitteeView,
    refusals=(
        TenderNotFound,
        StepNotAllowed,
        CommitteeNotFound,
        CommitteeRefused,
        StaleVersion,
        "precondition-required",
    ),
)
async def substitute_member(
    tender_id: TenderId, body: Incoming[SubstitutionBody], app: App, write: Writing, version: Version
) -> Response:
    """Put somebody in the place of a member who is recused, or absent and has not scored. Both stay on record."""
    command = write.command(CommitteeView.of_step)
    await app.scoring.substitute(
        tender_id,
        member=body.member,
        person_id=body.person_id,
        reason=body.reason,
        version=version,
        command=command,
    )
    return answered(command)


@step(
    router,
    "/tenders/{tender_id}/scores",
    action=Action.COMMITTEE_SIT,
    answers=ScoreSheetView,
    refusals=(
        TenderNotFound,
        StepNotAllowed,
        CommitteeNotFound,
        NotOnCommittee,
        DeclarationMissing,
        MemberRecused,
        ScoresRefused,
    ),
)
async def score_bid(tender_id: TenderId, body: Incoming[ScoresBody], app: App, write: Writing) -> Response:
    """Score one bid by every criterion, each with a comment. What you have submitted stays; a correction is another
    revision with its reason, before the evaluation.
    """
    command = write.command(ScoreSheetView.to_scorer)
    await app.scoring.score(tender_id, body.form(), command=command)
    return answered(command)


@router.get(
    "/tenders/{tender_id}/scores",
    responses=responses("not-authenticated", "malformed-cursor", ScoresNotFound),
    response_model=Page[ScoreSheetView],
)
async def list_scores(tender_id: TenderId, app: App, caller: Signed, paging: Paging) -> Response:
    """Every member's scores with all revisions, for the buyer and auditors; for bidders once the results are out,
    without names, and with the comments on their own bids. Until the evaluation people of the buyer see their own only.
    """
    found = await app.evaluating.sheets(
        caller.actor, tender_id, after=paging.after(ScoreSheetId), limit=paging.limit + 1
    )
    return paged([ScoreSheetView.of(each) for each in found], paging, key=lambda view: [str(view.id)])
