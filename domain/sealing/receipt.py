"""The receipt: our signed word that we hold this bid since then. ``openapi/verify_receipt.py`` checks it."""

from dataclasses import dataclass
from datetime import datetime

from domain.ids import BidId, TenderId
from domain.sealing.bids import SealedBid
from domain.sealing.canonical import Json, canonical_json, written_instant
from domain.sealing.ports import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """``checkpoint`` is the newest signed state of the log, for whoever compares it later; ``key_id`` the fingerprint
    of the key that signs.
    """

    tender_id: TenderId
    bid_id: BidId
    revision: int
    commitment: bytes
    ciphertext_hash: bytes
    received_at: datetime
    key_id: str
    checkpoint: str | None = None

    def canonical(self) -> bytes:
        """What is signed: RFC 8785 JSON."""
        return canonical_json(self.value())

    def value(self) -> dict[str, Json]:
        return {
            "format": "oimaq-receipt/1",
            "tender_id": str(self.tender_id),
            "bid_id": str(self.bid_id),
            "revision": self.revision,
            "commitment": self.commitment.hex(),
            "ciphertext_sha256": self.ciphertext_hash.hex(),
            "received_at": written_instant(self.received_at),
            "checkpoint": self.checkpoint,
            "key_id": self.key_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReceipt:
    """``text`` is the receipt's canonical text, which ``signature`` signs."""

    receipt: Receipt
    text: bytes
    signature: bytes

    def document(self) -> bytes:
        """What the bidder keeps: ``{"receipt":{…},"signature":"…"}``, canonical as a whole, so that not a byte of it
        can be changed unnoticed.
        """
        return b'{"receipt":%b,"signature":"%b"}' % (self.text, self.signature.hex().encode())


def sign_receipt(sealed: SealedBid, *, received_at: datetime, checkpoint: str | None, signer: Signer) -> SignedReceipt:
    """The receipt for a sealed bid, once its time is known."""
    receipt = Receipt(
        tender_id=sealed.tender_id,
        bid_id=sealed.bid_id,
        revision=sealed.revision,
        commitment=sealed.commitment,
        ciphertext_hash=sealed.ciphertext_hash,
        received_at=received_at,
        key_id=signer.key_id,
        checkpoint=checkpoint,
    )
    text = receipt.canonical()
    return SignedReceipt(receipt=receipt, text=text, signature=signer.sign(text))
