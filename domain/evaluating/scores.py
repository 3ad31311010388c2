"""Scores: one member's points for one bid by every criterion of the tender, with what he has to say.

A sheet is stored once and never changed. A correction is another sheet of the next revision, with its reason; the
latest counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.errors import Flaw
from domain.evaluating.committee import Committee
from domain.evaluating.refusals import ScoresMissing, ScoresRefused
from domain.events import By, Event
from domain.ids import BidId, PersonId, ScoreSheetId, TenderId
from domain.tenders.criteria import Criterion

REVISIONS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresSubmitted(Event):
    """The points are for who may read the sheet."""

    type: ClassVar[str] = "scores.submitted"
    subject: ClassVar[str] = "scores"
    tender_id: TenderId
    bid_id: BidId
    member: int
    revision: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    criterion: int
    points: int
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSheet:
    """``member`` is the number on the committee; ``reason`` belongs to corrections (``revision`` 2 and later)."""

    id: ScoreSheetId
    tender_id: TenderId
    bid_id: BidId
    person_id: PersonId
    member: int
    revision: int
    scores: tuple[Score, ...]
    reason: str | None
    scored_at: datetime
    version: int = 0

    def points(self, criterion: int) -> int:
        return next(score.points for score in self.scores if score.criterion == criterion)

    def scored(self, *, by: By) -> ScoresSubmitted:
        return ScoresSubmitted(
            subject_id=self.id,
            by=by,
            at=self.scored_at,
            tender_id=self.tender_id,
            bid_id=self.bid_id,
            member=self.member,
            revision=self.revision,
            reason=self.reason,
        )


def check_scores(criteria: tuple[Criterion, ...], scores: tuple[Score, ...]) -> None:
    """Refuse (``scores-refused``) unless every criterion has its points, once and within its scale."""
    known = {each.number: each for each in criteria}
    if sorted(score.criterion for score in scores) != sorted(known):
        passes = ", ".join(f"{each.number} ({each.name})" for each in criteria) or "a tender with criteria"
        raise refused("/scores", "not every criterion once", passes)
    for index, score in enumerate(scores):
        scale = known[score.criterion].scale
        if not 0 <= score.points <= scale:
            raise refused(f"/scores/{index}/points", f"{score.points} points", f"0 to {scale}")


def check_revision(earlier: int, reason: str | None) -> None:
    """A first sheet has no reason, a correction has one."""
    if earlier and reason is None:
        raise refused("/reason", "missing: you have scored this bid", "why you correct your scores")
    if not earlier and reason is not None:
        raise refused("/reason", "there is nothing to correct", "no reason")
    if earlier >= REVISIONS_MAX:
        raise refused("/scores", f"{earlier} revisions", f"at most {REVISIONS_MAX}")


def latest(sheets: Iterable[ScoreSheet]) -> dict[tuple[int, BidId], ScoreSheet]:
    """Per member and bid the sheet that counts."""
    return {(each.member, each.bid_id): each for each in sorted(sheets, key=lambda each: each.revision)}


def must_be_scored(
    committee: Committee, bids: Iterable[BidId], sheets: Iterable[ScoreSheet]
) -> dict[BidId, tuple[ScoreSheet, ...]]:
    """Per bid the sheets that count: of every member who takes part. Refuses (``scores-missing``) where one is not
    there.
    """
    known = latest(sheets)
    wanted = [(each.number, bid) for bid in dict.fromkeys(bids) for each in committee.participants]
    missing = [pair for pair in wanted if pair not in known]
    if missing:
        member, bid = missing[0]
        raise ScoresMissing(
            f"Member {member} has not scored bid {bid}",
            passes="scores of every member who takes part for every bid that is admitted",
            missing=len(missing),
            members=", ".join(map(str, sorted({number for number, _ in missing}))),
        )
    found: dict[BidId, tuple[ScoreSheet, ...]] = {}
    for number, bid in wanted:
        found[bid] = (*found.get(bid, ()), known[number, bid])
    return found


def refused(pointer: str, reason: str, passes: str) -> ScoresRefused:
    flaw = Flaw(pointer=pointer, reason=reason, passes=passes)
    return ScoresRefused(f"{pointer}: {reason}", flaws=(flaw,), passes=passes)
