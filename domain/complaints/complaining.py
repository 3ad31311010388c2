"""Complaining: a complaint is filed, withdrawn, decided, and what follows from the decision is carried out.

The tender is locked first, before any contract or complaint of it, so that nothing is awarded or signed meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.actors import Actor
from domain.complaints.model import Complaint, ComplaintStage, Exhibit, Remedy
from domain.complaints.refusals import ComplaintExists, ComplaintNotFound, ComplaintRefused, NotABidder
from domain.complaints.remedying import resume, uphold
from domain.complaints.rules import must_be_taken
from domain.errors import Flaw, StaleVersion
from domain.events import By
from domain.ids import ComplaintId, NewId, OrganizationId, TenderId
from domain.procedures.rules import Rules
from domain.procedures.timeline import decide_by
from domain.tenders.closing import close_due
from domain.tenders.model import Tender, TenderNotFound, TenderStatus
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintForm:
    """``lots`` empty means the whole tender; ``against`` names the winner whose exclusion is asked for."""

    stage: ComplaintStage
    lots: tuple[int, ...]
    objection: str
    evidence: tuple[Exhibit, ...]
    remedy: Remedy
    against: OrganizationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionForm:
    """``remedy`` and ``excluded_id`` belong to an upheld complaint; None means what was asked for."""

    upheld: bool
    decision: str
    remedy: Remedy | None = None
    excluded_id: OrganizationId | None = None


class Complaining:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def file(self, tender_id: TenderId, form: ComplaintForm, *, command: Command) -> Complaint:
        """A complaint of the caller; one open complaint per supplier, tender and stage.

        About the documents any confirmed supplier may complain until the deadline, about the results a bidder of the
        tender while the standstill runs, both by the database's clock, and where the procedure allows it.
        """
        async with self._begin(command) as work:
            (await work.organizations.get(command.by.organization_id)).must_be_confirmed()
            tender = await work.tenders.lock(tender_id)
            if tender.status is TenderStatus.DRAFT:
                raise TenderNotFound("There is no such tender")
            at = await work.now()
            must_be_taken(tender, form.stage, at=at)
            await self._may_complain(work, tender, form, command.by)
            complaint = Complaint(
                id=ComplaintId(self._new_id()),
                number=await work.complaints.next_number(at.year),
                tender_id=tender_id,
                complainant_id=command.by.organization_id,
                stage=form.stage,
                lots=form.lots,
                objection=form.objection,
                evidence=form.evidence,
                remedy=form.remedy,
                against=form.against,
                filed_at=at,
                decide_by=decide_by(Rules(tender.procedure), filed_at=at),
            )
            event = complaint.filed(by=By.actor(command.by))
            return work.answers(await work.complaints.save(complaint, because=event))

    async def withdraw(self, id: ComplaintId, *, version: int, command: Command) -> Complaint:
        """The complainant takes it back; what it held up goes on."""
        async with self._begin(command) as work:
            complaint, tender, at = await self._locked(work, id, version, command.by, own=True)
            by = By.actor(command.by)
            withdrawn, event = complaint.withdraw(by=by, at=at)
            stored = await work.complaints.save(withdrawn, because=event)
            await resume(work, tender, by=by, at=at)
            return work.answers(stored)

    async def decide(self, id: ComplaintId, form: DecisionForm, *, version: int, command: Command) -> Complaint:
        """The control service decides; a late decision stands and is marked. What follows is done with it.

        An upheld complaint about the results annuls what was awarded; one about the documents leaves it to the buyer
        to amend or to cancel, and nothing is awarded before.
        """
        async with self._begin(command) as work:
            complaint, tender, at = await self._locked(work, id, version, command.by, own=False)
            by = By.actor(command.by)
            remedy = form.remedy or complaint.remedy
            excluded_id = form.excluded_id or (complaint.against if remedy is Remedy.EXCLUDE_WINNER else None)
            if not form.upheld:
                rejected, event = complaint.reject(decision=form.decision, by=by, at=at)
                stored = await work.complaints.save(rejected, because=event)
                await resume(work, tender, by=by, at=at)
                return work.answers(stored)
            if excluded_id is not None and excluded_id not in await _bidders(work, tender):
                raise _stranger("/excluded_id")
            upheld, upholding = complaint.uphold(
                decision=form.decision,
                remedy=remedy,
                excluded_id=excluded_id,
                terms=tender.terms,
                by=by,
                at=at,
            )
            stored = await work.complaints.save(upheld, because=upholding)
            if stored.stage is ComplaintStage.RESULTS:
                await uphold(work, tender, stored, by=by, at=at)
            return work.answers(stored)

    async def _may_complain(self, work: Work, tender: Tender, form: ComplaintForm, by: Actor) -> None:
        unknown = [number for number in form.lots if tender.lot(number) is None]
        if unknown:
            flaw = Flaw(pointer="/lots", reason=f"no lot {unknown[0]}", passes=f"1 to {len(tender.lots)}")
            raise ComplaintRefused("The tender has no such lot", flaws=(flaw,))
        if form.stage is ComplaintStage.RESULTS:
            bidders = await _bidders(work, tender)
            if by.organization_id not in bidders:
                raise NotABidder("Bidders of the tender complain about its results", passes="a bid of yours")
            if form.against is not None and form.against not in bidders:
                raise _stranger("/against")
        for each in await work.complaints.standing(tender.id):
            if each.is_open and (each.complainant_id, each.stage) == (by.organization_id, form.stage):
                raise ComplaintExists(
                    f"Your complaint {each.number} awaits its decision",
                    passes="another complaint after its decision or withdrawal",
                    complaint=each.number,
                )

    async def _locked(
        self, work: Work, id: ComplaintId, version: int, by: Actor, *, own: bool
    ) -> tuple[Complaint, Tender, datetime]:
        """The complaint, locked after its tender, which is closed first if that is due."""
        seen = await work.complaints.get(id)
        if own and seen.complainant_id != by.organization_id:
            raise ComplaintNotFound("There is no such complaint")
        tender = await work.tenders.lock(seen.tender_id)
        complaint = await work.complaints.lock(id)
        if complaint.version != version:
            raise StaleVersion(f"You read version {version}, it is {complaint.version} now", passes="a fresh read")
        at = await work.now()
        return complaint, await close_due(work, tender, at=at), at


async def _bidders(work: Work, tender: Tender) -> frozenset[OrganizationId]:
    bids = await work.bids.of_tender(tender.id)
    return frozenset(id for bid in bids for id in bid.sewers)


def _stranger(pointer: str) -> ComplaintRefused:
    flaw = Flaw(pointer=pointer, reason="not a bidder of this tender", passes="one of its bidders")
    return ComplaintRefused("Only a bidder of the tender can be excluded", flaws=(flaw,))
