"""Sealing a bid in memory, before anything of it is stored; and what its bidder is given for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.bids.envelope import BidRecord, Envelope
from domain.bids.ports import BidRecords
from domain.ids import PersonId
from domain.organizations.verdict import Verdict
from domain.sealing.bids import SealedBid
from domain.sealing.content import BidContent, canonical
from domain.sealing.keys import PublicKey
from domain.sealing.ports import BidderTags, NewNonce, Sealer, Signer
from domain.sealing.receipt import sign_receipt
from domain.sealing.tender_keys import NoSealingKey
from domain.tenders.model import Tender


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A bid as its bidder gets it back, once: we cannot read it any more than others can."""

    envelope: Envelope
    content: BidContent
    copy: bytes
    nonce: bytes
    receipt: bytes
    public_key: bytes

    @property
    def version(self) -> int:
        return self.envelope.version


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """A bid that is sealed and not stored yet."""

    content: BidContent
    text: bytes
    nonce: bytes
    sealed: SealedBid
    record: bytes
    public_key: bytes


class Seals:
    """What sealing takes; none of it opens anything."""

    def __init__(
        self,
        *,
        sealer: Sealer,
        new_nonce: NewNonce,
        signer: Signer,
        tags: BidderTags,
        records: BidRecords,
        checkpoint: Callable[[], str | None],
    ) -> None:
        """``checkpoint`` is the newest one of the log that is known, signed: each receipt hands it out."""
        self._sealer = sealer
        self._new_nonce = new_nonce
        self._signer = signer
        self._records = records
        self._checkpoint = checkpoint
        self.tags = tags

    def seal(self, content: BidContent, tender: Tender, *, person_id: PersonId, verdicts: Sequence[Verdict]) -> Unsent:
        """Refuses (``no-sealing-key``) a tender that was published before bids were sealed and has no key yet."""
        if tender.public_key is None:
            raise NoSealingKey("The tender has no key yet", passes="the same request once the opener has given it one")
        key, nonce, text = PublicKey(tender.public_key), self._new_nonce(), canonical(content)
        record = BidRecord(person_id=person_id, verdicts=tuple(verdicts))
        return Unsent(
            content=content,
            text=text,
            nonce=nonce,
            sealed=SealedBid.of(content, nonce=nonce, key=key, sealer=self._sealer, tags=self.tags, text=text),
            record=self._records.sealed(record, nonce),
            public_key=key.raw,
        )

    def acknowledged(self, unsent: Unsent, envelope: Envelope) -> Submission:
        """With the signed receipt, once the time is known."""
        signed = sign_receipt(
            unsent.sealed, received_at=envelope.received_at, checkpoint=self._checkpoint(), signer=self._signer
        )
        return Submission(
            envelope=envelope,
            content=unsent.content,
            copy=unsent.text,
            nonce=unsent.nonce,
            receipt=signed.document(),
            public_key=unsent.public_key,
        )
