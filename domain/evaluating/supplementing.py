"""Supplementing: the buyer asks a bidder for papers after the opening, and the bidder hands them in."""

from domain.errors import Flaw
from domain.evaluating.papers import AskedPaper, HandedPaper, PaperKind, PaperRequest
from domain.evaluating.refusals import PaperRequestNotFound, PapersNotCompleted, PapersRefused, PapersRequested
from domain.events import By
from domain.ids import BidId, NewId, PaperRequestId, TenderId
from domain.procedures.rules import Rules
from domain.tenders.model import StepNotAllowed, Tender, TenderStatus
from domain.tenders.tendering import own_tender
from domain.work import Begin, Command

Papers = tuple[tuple[PaperKind, str], ...]
"""What is asked for: the kind, and what exactly, in words."""


class Supplementing:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def request(self, tender_id: TenderId, bid_id: BidId, papers: Papers, *, command: Command) -> PaperRequest:
        """Ask a bidder, once and for everything; the package says until when. Before the evaluation only."""
        async with self._begin(command) as work:
            tender = await own_tender(work, tender_id, command.by, None)
            _must_be_opened(tender)
            period = Rules(tender.procedure).completion_period
            if period is None:
                raise PapersNotCompleted(f"{tender.procedure} lets nobody complete papers", passes="the bid as it is")
            bid = next((bid for bid in await work.bids.of_tender(tender_id) if bid.id == bid_id), None)
            if bid is None:
                flaw = Flaw(
                    pointer="/bid_id", reason="no bid of this tender that can be read", passes="one of its bids"
                )
                raise PapersRefused("The tender has no such bid", flaws=(flaw,))
            if any(each.bid_id == bid_id for each in await work.paper_requests.of_tender(tender_id)):
                raise PapersRequested("A bidder is asked once", passes="what he hands in")
            at = await work.now()
            request = PaperRequest(
                id=PaperRequestId(self._new_id()),
                tender_id=tender_id,
                bid_id=bid_id,
                bidder_id=bid.bidder_id,
                papers=tuple(
                    AskedPaper(number=number, kind=kind, name=name)
                    for number, (kind, name) in enumerate(papers, start=1)
                ),
                requested_at=at,
                due_by=period.through(at),
            )
            event = request.requested(by=By.actor(command.by))
            return work.answers(await work.paper_requests.save(request, because=event))

    async def hand_in(self, id: PaperRequestId, papers: tuple[HandedPaper, ...], *, command: Command) -> PaperRequest:
        """The bidder's files, all at once or one after another, while his time runs by the database's clock."""
        async with self._begin(command) as work:
            seen = await work.paper_requests.get(id)
            if seen.bidder_id != command.by.organization_id:
                raise PaperRequestNotFound("There is no such request")
            _must_be_opened(await work.tenders.lock(seen.tender_id))
            request = await work.paper_requests.lock(id)
            handed, event = request.hand_in(papers, by=By.actor(command.by), at=await work.now())
            return work.answers(await work.paper_requests.save(handed, because=event))


def _must_be_opened(tender: Tender) -> None:
    if tender.status is not TenderStatus.OPENED:
        raise StepNotAllowed(f"Papers of a {tender.status} tender are not completed", passes="an opened tender")
