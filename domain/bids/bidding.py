"""Bidding: a bid comes in, is replaced, confirmed or withdrawn, until the deadline by the database's clock.

Everything is checked and the bid is sealed first; one call of the store then shares the tender's row, reads the clock
after that, and keeps envelope and event if the bid is in time and under the tender's present terms (see DECISIONS).
Whoever closes the tender takes the row FOR UPDATE and so waits for us, or we for him.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.bids.documents import check_documents, check_uploaded
from domain.bids.eligibility import require_eligible
from domain.bids.envelope import (
    BidConfirmed,
    BidReplaced,
    BidSubmitted,
    BidWithdrawn,
    Envelope,
    EnvelopeEvent,
    Outcome,
)
from domain.bids.model import (
    BidNotFound,
    CopyRefused,
    LotOffer,
    NamedDocument,
    NotEligible,
    check_offers,
    check_terms,
)
from domain.bids.sealing import Seals, Submission
from domain.errors import StaleVersion
from domain.events import By
from domain.ids import BidId, NewId, TenderId
from domain.organizations.facts import Stage
from domain.organizations.producing import keep, reach
from domain.organizations.verdict import Verdict
from domain.sealing.bids import committed
from domain.sealing.content import BidContent, read_canonical
from domain.tenders.model import Tender, TenderNotFound, TenderStatus
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class BidCopy:
    """What a bidder was given with his bid and brings back: the canonical text and the nonce."""

    text: bytes = field(repr=False)
    nonce: bytes = field(repr=False)

    def content(self, envelope: Envelope) -> BidContent:
        """Refuses (``copy-refused``) what is not, byte for byte, what ``envelope`` holds."""
        if committed(self.text, self.nonce) != envelope.commitment:
            raise CopyRefused(
                "Copy and nonce do not make the commitment of this bid",
                passes="copy and nonce as they were answered with the bid's present revision, or a replacement",
            )
        return read_canonical(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Posting:
    """One attempt: ``verdicts`` fills as they are reached; ``before`` is the revision that this one replaces."""

    work: Work
    command: Command
    verdicts: list[Verdict]
    at: datetime
    because: type[EnvelopeEvent]
    before: Envelope | None = None


class Bidding:
    def __init__(self, begin: Begin, seals: Seals, *, new_id: NewId, new_bid_id: NewId) -> None:
        """``new_bid_id`` makes ids that tell neither order nor time."""
        self._begin = begin
        self._seals = seals
        self._new_id = new_id
        self._new_bid_id = new_bid_id

    async def submit(
        self,
        tender_id: TenderId,
        offers: tuple[LotOffer, ...],
        documents: tuple[NamedDocument, ...] = (),
        *,
        terms: int | None = None,
        command: Command,
    ) -> Submission:
        """The caller's bid. One per tender (``bid-already-submitted``); a withdrawn one is replaced instead.

        It agrees to the tender's present terms; ``terms`` says which ones the bidder has read, if he says so.
        Refused bids leave no bid; an eligibility refusal leaves its verdicts, which tell why.
        """
        async with self._judging(command) as (work, verdicts):
            tender, at = await _bidding_open(work, tender_id)
            content = BidContent(
                bid_id=BidId(self._new_bid_id()),
                tender_id=tender_id,
                bidder_id=command.by.organization_id,
                revision=1,
                terms=tender.terms if terms is None else terms,
                offers=offers,
                documents=documents,
            )
            posting = _Posting(work=work, command=command, verdicts=verdicts, at=at, because=BidSubmitted)
            return work.answers(await self._post(posting, content, tender, follows=terms is None))

    async def replace(
        self,
        id: BidId,
        offers: tuple[LotOffer, ...],
        documents: tuple[NamedDocument, ...] = (),
        *,
        terms: int | None = None,
        version: int,
        command: Command,
    ) -> Submission:
        """The next revision of the caller's bid; also brings a withdrawn bid back. Exactly the last one counts."""
        async with self._judging(command) as (work, verdicts):
            before, tender, at = await self._own(work, id, version, command)
            content = _next_revision(before, command, tender.terms if terms is None else terms, offers, documents)
            posting = _Posting(work=work, command=command, verdicts=verdicts, at=at, because=BidReplaced, before=before)
            return work.answers(await self._post(posting, content, tender, follows=terms is None))

    async def confirm(self, id: BidId, copy: BidCopy, *, terms: int, version: int, command: Command) -> Submission:
        """The bidder agrees to the amended ``terms``, those that he has read, with the same offers.

        He brings them, because nobody else can read them. They are checked as a bid is: an amendment may have made them
        too high, too large, or him ineligible. The bid keeps its time of receipt.
        """
        async with self._judging(command) as (work, verdicts):
            before, tender, at = await self._own(work, id, version, command)
            check_terms(tender, terms)
            before.may_be_confirmed(terms=terms)
            brought = copy.content(before)
            content = _next_revision(before, command, terms, brought.offers, brought.documents or ())
            posting = _Posting(
                work=work, command=command, verdicts=verdicts, at=at, because=BidConfirmed, before=before
            )
            return work.answers(await self._post(posting, content, tender, follows=False))

    async def withdraw(self, id: BidId, *, version: int, command: Command) -> Envelope:
        async with self._begin(command) as work:
            envelope, _, _ = await self._own(work, id, version, command)
            withdrawn = envelope.withdrawn()
            posted = await work.envelopes.post(withdrawn, because=BidWithdrawn)
            return work.answers(posted.kept(withdrawn))

    async def _own(self, work: Work, id: BidId, version: int, command: Command) -> tuple[Envelope, Tender, datetime]:
        """The caller's bid as he has read it; the store looks again."""
        envelope = await work.envelopes.get(id)
        if envelope.bidder_tag != self._seals.tags.of(envelope.tender_id, command.by.organization_id):
            raise BidNotFound("There is no such bid")
        tender, at = await _bidding_open(work, envelope.tender_id)
        if envelope.version != version:
            raise StaleVersion(f"You read version {version}, it is {envelope.version} now", passes="a fresh read")
        return envelope, tender, at

    async def _post(self, posting: "_Posting", content: BidContent, tender: Tender, *, follows: bool) -> Submission:
        """Check, seal, store. ``follows``: the bidder takes the terms as they are, so where the tender was amended
        since it was read here, all is done once more; the tender is shared by then, so the second time is the last.
        """
        await self._check(posting, content, tender)
        person_id, before = posting.command.by.person_id, posting.before
        unsent = self._seals.seal(content, tender, person_id=person_id, verdicts=posting.verdicts)
        sealed, record = unsent.sealed, unsent.record
        if before is None:
            envelope = Envelope.of(sealed, terms=content.terms, record=record, at=posting.at)
        else:
            envelope = before.resealed(sealed, terms=content.terms, record=record)
        posted = await posting.work.envelopes.post(envelope, because=posting.because)
        if posted.outcome is Outcome.TERMS and follows:
            posting.verdicts.clear()
            amended = await posting.work.tenders.get(tender.id)
            return await self._post(posting, replace(content, terms=amended.terms), amended, follows=False)
        return self._seals.acknowledged(unsent, posted.kept(envelope))

    async def _check(self, posting: "_Posting", content: BidContent, tender: Tender) -> None:
        """Terms, offers, documents, and a verdict per lot; refuses (``not-eligible``) if any says no."""
        check_terms(tender, content.terms)
        check_offers(tender, content.offers)
        if content.documents:
            check_documents(content.documents)
            tag = self._seals.tags.of(tender.id, content.bidder_id)
            uploaded = await posting.work.documents.of_bidder(tender.id, tag)
            check_uploaded(content.documents, frozenset(each.id for each in uploaded))
        for offer in content.offers:
            lot = tender.lots[offer.lot - 1]
            verdict = await reach(
                posting.work,
                supplier_id=content.bidder_id,
                tender=tender,
                lot=lot,
                pieces=offer.pieces(lot),
                stage=Stage.BID,
                at=posting.at,
                new_id=self._new_id,
            )
            posting.verdicts.append(verdict)
        require_eligible(posting.verdicts)

    @asynccontextmanager
    async def _judging(self, command: Command) -> AsyncIterator[tuple[Work, list[Verdict]]]:
        """A transaction with the verdicts that are reached in it. Those of a bid are sealed with it; those that refuse
        one are stored on their own, because its transaction was rolled back.
        """
        verdicts: list[Verdict] = []
        try:
            async with self._begin(command) as work:
                yield work, verdicts
        except NotEligible:
            await keep(self._begin, verdicts, by=By.actor(command.by))
            raise


async def _bidding_open(work: Work, tender_id: TenderId) -> tuple[Tender, datetime]:
    """A first look, which spares the work for a bid that comes too late anyway."""
    tender = await work.tenders.get(tender_id)
    if tender.status is TenderStatus.DRAFT:
        raise TenderNotFound("There is no such tender")
    at = await work.now()
    tender.admits_bids(at=at)
    return tender, at


def _next_revision(
    envelope: Envelope,
    command: Command,
    terms: int,
    offers: tuple[LotOffer, ...],
    documents: tuple[NamedDocument, ...],
) -> BidContent:
    return BidContent(
        bid_id=envelope.id,
        tender_id=envelope.tender_id,
        bidder_id=command.by.organization_id,
        revision=envelope.revision + 1,
        terms=terms,
        offers=offers,
        documents=documents,
    )
