"""Scoring: a committee is appointed, its members declare, score, and are replaced.

The tender is locked first; with it everything about its committee is done one after another.
"""

from dataclasses import dataclass

from domain.actors import Action, Actor, may_with
from domain.errors import StaleVersion
from domain.evaluating.committee import Committee, Declaration, refused, seated
from domain.evaluating.refusals import CommitteeAppointed, CommitteeNotFound
from domain.evaluating.scores import Score, ScoreSheet, check_revision, check_scores
from domain.evaluating.scores import refused as scores_refused
from domain.events import By
from domain.ids import BidId, CommitteeId, NewId, OrganizationId, PersonId, ScoreSheetId, TenderId
from domain.procedures.rules import Rules
from domain.tenders.model import StepNotAllowed, Tender, TenderStatus
from domain.tenders.tendering import own_tender
from domain.work import Begin, Command, Work

_BEFORE = frozenset({TenderStatus.DRAFT, TenderStatus.PUBLISHED, TenderStatus.CLOSED})
_SCORED = frozenset({TenderStatus.OPENED, TenderStatus.EVALUATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationForm:
    """``bidders`` and ``explanation`` belong to a conflict."""

    conflict: bool
    bidders: tuple[OrganizationId, ...] = ()
    explanation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreForm:
    """``reason`` belongs to a correction."""

    bid_id: BidId
    scores: tuple[Score, ...]
    reason: str | None = None


class Scoring:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def appoint(self, tender_id: TenderId, people: tuple[PersonId, ...], *, command: Command) -> Committee:
        """The committee of a tender that is not opened: people of the buyer, an odd number, as many as the package
        asks for at least.
        """
        async with self._begin(command) as work:
            tender = await _before_the_opening(work, tender_id, command.by)
            if await work.committees.find(tender_id) is not None:
                raise CommitteeAppointed("The tender has a committee", passes="another one in its place, with If-Match")
            await _may_sit(work, people, command.by)
            at = await work.now()
            committee = Committee(
                id=CommitteeId(self._new_id()),
                tender_id=tender_id,
                members=seated(people, Rules(tender.procedure)),
                appointed_at=at,
            )
            event = committee.appointed(by=By.actor(command.by), at=at)
            return work.answers(await work.committees.save(committee, because=event))

    async def appoint_anew(
        self, tender_id: TenderId, people: tuple[PersonId, ...], *, version: int, command: Command
    ) -> Committee:
        async with self._begin(command) as work:
            tender = await _before_the_opening(work, tender_id, command.by)
            committee = await _committee(work, tender_id, version)
            await _may_sit(work, people, command.by)
            at = await work.now()
            anew, event = committee.appoint(people, Rules(tender.procedure), by=By.actor(command.by), at=at)
            return work.answers(await work.committees.save(anew, because=event))

    async def declare(self, tender_id: TenderId, form: DeclarationForm, *, command: Command) -> Committee:
        """The caller's own, once he knows the bidders; until the evaluation."""
        async with self._begin(command) as work:
            await _opened(work, tender_id, command.by)
            committee = await _committee(work, tender_id)
            if not form.conflict and (form.bidders or form.explanation is not None):
                raise refused("/conflict", "no conflict, and yet one is described", "neither bidders nor explanation")
            if form.conflict and form.explanation is None:
                raise refused("/explanation", "missing", "what the conflict is")
            strangers = set(form.bidders) - {bid.bidder_id for bid in await work.bids.of_tender(tender_id)}
            if strangers:
                raise refused("/bidders", f"{min(map(str, strangers))} is no bidder", "bidders of the tender")
            declaration = Declaration(
                conflict=form.conflict,
                bidders=form.bidders,
                explanation=form.explanation,
                declared_at=await work.now(),
            )
            declared, event = committee.declare(command.by.person_id, declaration, by=By.actor(command.by))
            return work.answers(await work.committees.save(declared, because=event))

    async def substitute(
        self,
        tender_id: TenderId,
        *,
        member: int,
        person_id: PersonId,
        reason: str,
        version: int,
        command: Command,
    ) -> Committee:
        """Somebody else in the place of a member who is recused or absent; one who has scored stays."""
        async with self._begin(command) as work:
            await _opened(work, tender_id, command.by)
            committee = await _committee(work, tender_id, version)
            if not await _able(work, person_id, command.by):
                raise refused("/person_id", *_NOBODY)
            leaving = next((each for each in committee.sitting if each.number == member), None)
            if leaving and not leaving.recused and await work.scores.revisions(tender_id, leaving.person_id):
                raise refused("/member", f"member {member} has scored", "a member who has not, or is recused")
            changed, event = committee.substitute(
                member, person_id, reason=reason, by=By.actor(command.by), at=await work.now()
            )
            return work.answers(await work.committees.save(changed, because=event))

    async def score(self, tender_id: TenderId, form: ScoreForm, *, command: Command) -> ScoreSheet:
        """The caller's own points for one bid. A correction is another sheet, with its reason, before the evaluation;
        a bid that he has not scored may be scored after it too, because another evaluation may admit it.
        """
        async with self._begin(command) as work:
            tender = await own_tender(work, tender_id, command.by, None)
            if tender.status not in _SCORED:
                raise StepNotAllowed(f"Bids of a {tender.status} tender are not scored", passes="an opened tender")
            member = (await _committee(work, tender_id)).scorer(command.by.person_id)
            if all(bid.id != form.bid_id for bid in await work.bids.of_tender(tender_id)):
                raise scores_refused("/bid_id", "no bid of this tender that can be read", "one of its bids")
            check_scores(tender.criteria, form.scores)
            earlier = (await work.scores.revisions(tender_id, command.by.person_id)).get(form.bid_id, 0)
            check_revision(earlier, form.reason)
            if earlier and tender.status is not TenderStatus.OPENED:
                raise StepNotAllowed("The bids have been evaluated", passes="a correction before the evaluation")
            sheet = ScoreSheet(
                id=ScoreSheetId(self._new_id()),
                tender_id=tender_id,
                bid_id=form.bid_id,
                person_id=command.by.person_id,
                member=member.number,
                revision=earlier + 1,
                scores=tuple(sorted(form.scores, key=lambda score: score.criterion)),
                reason=form.reason,
                scored_at=await work.now(),
            )
            return work.answers(await work.scores.save(sheet, because=sheet.scored(by=By.actor(command.by))))


async def _before_the_opening(work: Work, id: TenderId, by: Actor) -> Tender:
    tender = await own_tender(work, id, by, None)
    if tender.status not in _BEFORE:
        raise StepNotAllowed(f"A {tender.status} tender has its committee", passes="a tender before its opening")
    return tender


async def _opened(work: Work, id: TenderId, by: Actor) -> None:
    tender = await own_tender(work, id, by, None)
    if tender.status is not TenderStatus.OPENED:
        raise StepNotAllowed(f"The tender is {tender.status}", passes="a tender after its opening, before the award")


async def _committee(work: Work, tender_id: TenderId, version: int | None = None) -> Committee:
    committee = await work.committees.find(tender_id)
    if committee is None:
        raise CommitteeNotFound("The tender has no committee")
    if version is not None and version != committee.version:
        raise StaleVersion(f"You read version {version}, it is {committee.version} now", passes="a fresh read")
    return committee


_NOBODY = ("not one of your people who may sit", "an officer, approver or receiver")


async def _may_sit(work: Work, people: tuple[PersonId, ...], by: Actor) -> None:
    for index, person_id in enumerate(people):
        if not await _able(work, person_id, by):
            raise refused(f"/members/{index}", *_NOBODY)


async def _able(work: Work, person_id: PersonId, by: Actor) -> bool:
    """Members are people of the buyer, in a role that may score."""
    membership = await work.memberships.of(person_id, by.organization_id)
    return membership is not None and may_with(membership.roles, Action.COMMITTEE_SIT)
