"""Views of committees and scores."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from api.schemas import Instant, LongText, Strict
from domain.evaluating.committee import Committee, CommitteeMember
from domain.evaluating.ports import ShownCommittee, ShownSheet
from domain.evaluating.scores import ScoreSheet
from domain.ids import BidId, CommitteeId, OrganizationId, PersonId, ScoreSheetId, TenderId
from domain.tenders.criteria import CRITERIA_MAX, SCALE_MAX


class MemberState(StrEnum):
    AWAITED = "awaited"
    """Has not declared yet."""
    TAKES_PART = "takes_part"
    RECUSED = "recused"
    REPLACED = "replaced"

    @classmethod
    def of(cls, member: CommitteeMember) -> "MemberState":
        if not member.sits:
            return cls.REPLACED
        if member.declaration is None:
            return cls.AWAITED
        return cls.RECUSED if member.recused else cls.TAKES_PART


class MemberView(Strict):
    """``person_id``, ``name``, ``explanation`` and ``replaced`` (why) are null for bidders, ``name`` also in the answer
    to a step. ``conflict`` null: not declared.
    """

    number: int
    state: MemberState
    person_id: PersonId | None
    name: str | None
    conflict: bool | None
    bidders: list[OrganizationId]
    explanation: str | None
    declared_at: Instant | None
    replaced: str | None

    @classmethod
    def of(cls, member: CommitteeMember, *, named: bool, name: str | None) -> Self:
        declaration = member.declaration
        return cls(
            number=member.number,
            state=MemberState.of(member),
            person_id=member.person_id if named else None,
            name=name,
            conflict=declaration.conflict if declaration else None,
            bidders=list(declaration.bidders) if declaration else [],
            explanation=declaration.explanation if declaration and named else None,
            declared_at=declaration.declared_at if declaration else None,
            replaced=member.replaced if named else None,
        )


class CommitteeView(Strict):
    id: CommitteeId
    tender_id: TenderId
    members: list[MemberView]
    appointed_at: Instant

    @classmethod
    def of(cls, shown: ShownCommittee) -> Self:
        named, names = shown.names is not None, shown.names or {}
        committee = shown.committee
        members = [MemberView.of(each, named=named, name=names.get(each.person_id)) for each in committee.members]
        return cls(id=committee.id, tender_id=committee.tender_id, members=members, appointed_at=committee.appointed_at)

    @classmethod
    def of_step(cls, committee: Committee) -> Self:
        """To people of the buyer."""
        return cls.of(ShownCommittee(committee=committee, names={}))


class ScoreBody(Strict):
    criterion: Annotated[int, Field(ge=1, le=CRITERIA_MAX)]
    points: Annotated[int, Field(ge=0, le=SCALE_MAX)]
    comment: LongText


class ScoreView(Strict):
    """``comment`` null: it is about another's bid."""

    criterion: int
    points: int
    comment: str | None


class ScoreSheetView(Strict):
    """``member`` is the number on the committee; of several revisions the last one counts. ``reason`` says why it was
    corrected; like comments, it is null for other bidders.
    """

    id: ScoreSheetId
    tender_id: TenderId
    bid_id: BidId
    member: int
    name: str | None
    revision: int
    scores: list[ScoreView]
    reason: str | None
    scored_at: Instant

    @classmethod
    def of(cls, shown: ShownSheet) -> Self:
        sheet = shown.sheet
        return cls(
            id=sheet.id,
            tender_id=sheet.tender_id,
            bid_id=sheet.bid_id,
            member=sheet.member,
            name=shown.name,
            revision=sheet.revision,
            scores=[
                ScoreView(
                    criterion=each.criterion, points=each.points, comment=each.comment if shown.commented else None
                )
                for each in sheet.scores
            ],
            reason=sheet.reason if shown.commented else None,
            scored_at=sheet.scored_at,
        )

    @classmethod
    def to_scorer(cls, sheet: ScoreSheet) -> Self:
        return cls.of(ShownSheet(sheet=sheet, name=None, commented=True))
