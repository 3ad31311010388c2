"""Bidding: a bid comes in, is replaced, confirmed or withdrawn, until the deadline by the database's clock.

Everything is checked and the bid is sealed first, without a transaction; the store then shares the tender's row, reads
the clock after that, and keeps envelope and event if the bid is in time and under the tender's present terms (see
DECISIONS). Whoever closes the tender takes the row FOR UPDATE and so waits for us, or we for him.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from domain.bids.checking import check_offers
from domain.bids.consortium import judged_members
from domain.bids.documents import check_documents, check_uploaded
from domain.bids.eligibility import require_eligible
from domain.bids.envelope import BidConfirmed, BidReplaced, BidSubmitted, BidWithdrawn, Envelope, EnvelopeEvent
from domain.bids.intake import Glance, Intake, Posting
from domain.bids.model import (
    BidNotFound,
    CopyRefused,
    NamedDocument,
    NotEligible,
    TermsChanged,
    check_terms,
)
from domain.bids.offers import PLAIN, Combination, LotOffer
from domain.bids.sealing import Seals, Submission
from domain.errors import StaleVersion
from domain.events import By
from domain.ids import BidId, NewId, TenderId
from domain.organizations.facts import Stage
from domain.organizations.producing import keep, verdict_of
from domain.organizations.verdict import Verdict
from domain.sealing.bids import committed
from domain.sealing.content import BidContent, read_canonical
from domain.tenders.model import TenderNotFound, TenderStatus
from domain.work import Begin, Command

AMENDMENTS_FOLLOWED_MAX = 2
"""Between the look and the store of one bid."""


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


class Bidding:
    def __init__(self, begin: Begin, intake: Intake, seals: Seals, *, new_id: NewId, new_bid_id: NewId) -> None:
        """``new_bid_id`` makes ids that tell neither order nor time."""
        self._begin = begin
        self._intake = intake
        self._seals = seals
        self._new_id = new_id
        self._new_bid_id = new_bid_id

    async def submit(
        self,
        tender_id: TenderId,
        offers: tuple[LotOffer, ...],
        documents: tuple[NamedDocument, ...] = (),
        combination: Combination = PLAIN,
        *,
        terms: int | None = None,
        command: Command,
    ) -> Submission:
        """The caller's bid. One per tender (``bid-already-submitted``); a withdrawn one is replaced instead.

        It agrees to the tender's present terms; ``terms`` says which ones the bidder has read, if he says so.
        Refused bids leave no bid; an eligibility refusal leaves its verdicts, which tell why.
        """

        async def attempt() -> Submission:
            glance = await self._intake.at_tender(tender_id, command)
            if glance.tender.status is TenderStatus.DRAFT:
                raise TenderNotFound("There is no such tender")
            glance.tender.admits_bids(at=glance.at)
            content = BidContent(
                bid_id=BidId(self._new_bid_id()),
                tender_id=tender_id,
                bidder_id=command.by.organization_id,
                revision=1,
                terms=glance.tender.terms if terms is None else terms,
                offers=offers,
                documents=documents,
                combination=combination,
            )
            return await self._post(glance, content, because=BidSubmitted, command=command)

        return await _agreed(attempt, follows=terms is None)

    async def replace(
        self,
        id: BidId,
        offers: tuple[LotOffer, ...],
        documents: tuple[NamedDocument, ...] = (),
        combination: Combination = PLAIN,
        *,
        terms: int | None = None,
        version: int,
        command: Command,
    ) -> Submission:
        """The next revision of the caller's bid; also brings a withdrawn bid back. Exactly the last one counts."""

        async def attempt() -> Submission:
            glance, before = await self._own(id, version, command)
            agreed = glance.tender.terms if terms is None else terms
            content = _next_revision(before, command, agreed, offers, documents, combination)
            return await self._post(glance, content, because=BidReplaced, command=command)

        return await _agreed(attempt, follows=terms is None)

    async def confirm(self, id: BidId, copy: BidCopy, *, terms: int, version: int, command: Command) -> Submission:
        """The bidder agrees to the amended ``terms``, those that he has read, with the same offers.

        He brings them, because nobody else can read them. They are checked as a bid is: an amendment may have made them
        too high, too large, or him ineligible. The bid keeps its time of receipt.
        """
        glance, before = await self._own(id, version, command)
        check_terms(glance.tender, terms)
        before.may_be_confirmed(terms=terms)
        brought = copy.content(before)
        content = _next_revision(before, command, terms, brought.offers, brought.documents or (), brought.combination)
        return await self._post(glance, content, because=BidConfirmed, command=command)

    async def withdraw(self, id: BidId, *, version: int, command: Command) -> Envelope:
        _, envelope = await self._own(id, version, command)
        withdrawn = envelope.withdrawn()
        posting = Posting(envelope=withdrawn, because=BidWithdrawn, command=command, finished=_as_it_is)
        return await self._intake.post(posting)

    async def _own(self, id: BidId, version: int, command: Command) -> tuple[Glance, Envelope]:
        """The caller's bid as he has read it; the store looks again."""
        glance = await self._intake.at_bid(id, command)
        envelope = glance.envelope
        if envelope is None or envelope.bidder_tag != self._seals.tags.of(
            envelope.tender_id, command.by.organization_id
        ):
            raise BidNotFound("There is no such bid")
        glance.tender.admits_bids(at=glance.at)
        if envelope.version != version:
            raise StaleVersion(f"You read version {version}, it is {envelope.version} now", passes="a fresh read")
        return glance, envelope

    async def _post(
        self, glance: Glance, content: BidContent, *, because: type[EnvelopeEvent], command: Command
    ) -> Submission:
        """Check, seal, store."""
        check_terms(glance.tender, content.terms)
        check_offers(glance.tender, content.offers, content.combination, bidder_id=content.bidder_id)
        if content.documents:
            await self._check_documents(content)
        verdicts = await self._judged(glance, content, command)
        if content.combination.members:
            verdicts += await judged_members(
                self._begin, self._seals.tags, glance, content, new_id=self._new_id, by=By.actor(command.by)
            )
        unsent = self._seals.seal(content, glance.tender, person_id=command.by.person_id, verdicts=verdicts)
        sealed, record, before = unsent.sealed, unsent.record, glance.envelope
        if before is None:
            envelope = Envelope.of(sealed, terms=content.terms, record=record, at=glance.at)
        else:
            envelope = before.resealed(sealed, terms=content.terms, record=record)
        finished = partial(self._seals.acknowledged, unsent)
        return await self._intake.post(Posting(envelope=envelope, because=because, command=command, finished=finished))

    async def _check_documents(self, content: BidContent) -> None:
        """Refuses documents that the bidder did not upload for this tender."""
        check_documents(content.documents or ())
        async with self._begin() as work:
            tag = self._seals.tags.of(content.tender_id, content.bidder_id)
            uploaded = await work.documents.of_bidder(content.tender_id, tag)
        check_uploaded(content.documents or (), frozenset(each.id for each in uploaded))

    async def _judged(self, glance: Glance, content: BidContent, command: Command) -> list[Verdict]:
        """A verdict per lot; refuses (``not-eligible``) if any says no. Those of a bid are sealed with it; those that
        refuse one are stored on their own.
        """
        verdicts = []
        for offer in content.offers:
            lot = glance.tender.lots[offer.lot - 1]
            verdict = verdict_of(
                glance.supplier,
                tender=glance.tender,
                lot=lot,
                pieces=offer.pieces(lot),
                stage=Stage.BID,
                at=glance.at,
                prequalified=glance.prequalified,
                new_id=self._new_id,
            )
            verdicts.append(verdict)
        try:
            require_eligible(verdicts)
        except NotEligible:
            await keep(self._begin, verdicts, by=By.actor(command.by))
            raise
        return verdicts


async def _agreed(attempt: Callable[[], Awaitable[Submission]], *, follows: bool) -> Submission:
    """``follows``: the bidder takes the terms as they are, so where the tender was amended between the look and the
    store, all is done once more.
    """
    for _ in range(AMENDMENTS_FOLLOWED_MAX if follows else 0):
        try:
            return await attempt()
        except TermsChanged:
            continue
    return await attempt()


def _as_it_is(envelope: Envelope) -> Envelope:
    return envelope


def _next_revision(
    envelope: Envelope,
    command: Command,
    terms: int,
    offers: tuple[LotOffer, ...],
    documents: tuple[NamedDocument, ...],
    combination: Combination,
) -> BidContent:
    return BidContent(
        bid_id=envelope.id,
        tender_id=envelope.tender_id,
        bidder_id=command.by.organization_id,
        revision=envelope.revision + 1,
        terms=terms,
        offers=offers,
        documents=documents,
        combination=combination,
    )
