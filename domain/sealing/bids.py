"""A sealed bid: what is stored until the opening, and what the opener makes of it.

    BidContent -> canonical text -> | nonce | text | padded to a bucket -> sealed to the tender's public key
    SealedBid  -> unsealed -> the same checks in reverse -> OpenedBid, or Unreadable with the reason

Which key sealed a bid follows from its tender. But a seal does not know its place: whoever has the public key can seal
anything. What binds a ciphertext is the canonical text inside, which names tender, bid, bidder and revision and is held
against the place where the ciphertext was found (the bidder against a tag that only we can compute), and the
commitment, which the receipt signs.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Self
from uuid import UUID

from domain.errors import MalformedValue
from domain.ids import BidId, TenderId
from domain.sealing.content import BidContent, canonical, read_canonical
from domain.sealing.keys import PrivateKey, PublicKey
from domain.sealing.padding import padded, unpadded
from domain.sealing.ports import BidderTags, Sealer, Unsealer
from domain.sealing.refusals import NotCanonical, SealBroken

NONCE_BYTES = 32
_COMMITMENT = b"oimaq-bid-commitment/1\n"


def committed(text: bytes, nonce: bytes) -> bytes:
    """SHA-256 of a purpose, the nonce and the canonical text. The nonce hides the text: prices could be guessed."""
    if len(nonce) != NONCE_BYTES:
        raise MalformedValue(f"A nonce has {NONCE_BYTES} bytes, not {len(nonce)}")
    return sha256(_COMMITMENT + nonce + text).digest()


class Fault(StrEnum):
    """Why a sealed bid or document cannot be read."""

    MISSING = "missing"
    """It was published at the closing, or uploaded by this bidder, as his bid says; and it is not there any more."""
    CHANGED = "changed"
    """Its hash is not the one that was stored, or published."""
    NOT_OPENED = "not_opened"
    """Sealed to another key, or not a seal."""
    COMMITMENT = "commitment"
    """It opens, and holds something else than was committed to."""
    NOT_CANONICAL = "not_canonical"
    OTHER_BID = "other_bid"
    """The text inside is of another tender, bid, bidder or revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Shown in the place of the bid or document ``id``; nothing is dropped. The hashes are of the ciphertext."""

    id: UUID
    fault: Fault
    stored_hash: bytes
    computed_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBid:
    """What the opener gets. ``bidder_tag`` is what the bidder in the opened text is held against: it stands beside the
    ciphertext, so it must not tell who has bid.
    """

    bid_id: BidId
    tender_id: TenderId
    bidder_tag: bytes
    revision: int
    ciphertext: bytes = field(repr=False)
    ciphertext_hash: bytes
    commitment: bytes

    @classmethod
    def of(
        cls,
        content: BidContent,
        *,
        nonce: bytes,
        key: PublicKey,
        sealer: Sealer,
        tags: BidderTags,
        text: bytes | None = None,
    ) -> Self:
        """``text`` is the content's canonical text, for who has it already. Refuses (``too-large-to-seal``) a bid that
        no bucket holds.
        """
        text = canonical(content) if text is None else text
        commitment = committed(text, nonce)
        ciphertext = sealer.seal(key, padded(nonce + text))
        return cls(
            bid_id=content.bid_id,
            tender_id=content.tender_id,
            bidder_tag=tags.of(content.tender_id, content.bidder_id),
            revision=content.revision,
            ciphertext=ciphertext,
            ciphertext_hash=sha256(ciphertext).digest(),
            commitment=commitment,
        )

    def unsealed(self, *, key: PrivateKey, unsealer: Unsealer, tags: BidderTags) -> "OpenedBid | Unreadable":
        """Whatever was done to the ciphertext, an answer."""
        computed = sha256(self.ciphertext).digest()
        if computed != self.ciphertext_hash:
            return self._unreadable(Fault.CHANGED, computed)
        try:
            inside = unpadded(unsealer.unseal(key, self.ciphertext))
        except SealBroken:
            return self._unreadable(Fault.NOT_OPENED, computed)
        nonce, text = inside[:NONCE_BYTES], inside[NONCE_BYTES:]
        if len(nonce) != NONCE_BYTES or committed(text, nonce) != self.commitment:
            return self._unreadable(Fault.COMMITMENT, computed)
        try:
            content = read_canonical(text)
        except NotCanonical:
            return self._unreadable(Fault.NOT_CANONICAL, computed)
        named = (content.tender_id, content.bid_id, content.revision, tags.of(content.tender_id, content.bidder_id))
        if named != (self.tender_id, self.bid_id, self.revision, self.bidder_tag):
            return self._unreadable(Fault.OTHER_BID, computed)
        return OpenedBid(content=content, nonce=nonce)

    def _unreadable(self, fault: Fault, computed: bytes) -> Unreadable:
        return Unreadable(id=self.bid_id, fault=fault, stored_hash=self.ciphertext_hash, computed_hash=computed)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedBid:
    """With its nonce, published at the opening so that everybody can check the commitment."""

    content: BidContent
    nonce: bytes
