"""The manifest: what is about to be opened, published before anything is decrypted.

Who holds a receipt finds his bid in it; who holds the manifest sees that no bid came, went or changed after it.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from domain.errors import MalformedValue
from domain.ids import BidId, TenderId
from domain.sealing.bids import SealedBid
from domain.sealing.canonical import Json, canonical_json, read_json, written_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """The last revision of a bid."""

    bid_id: BidId
    revision: int
    ciphertext_hash: bytes
    commitment: bytes
    received_at: datetime

    @classmethod
    def of(cls, sealed: SealedBid, *, received_at: datetime) -> "ManifestEntry":
        return cls(
            bid_id=sealed.bid_id,
            revision=sealed.revision,
            ciphertext_hash=sealed.ciphertext_hash,
            commitment=sealed.commitment,
            received_at=received_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Entries in the order of their ids, which is the same for everybody and tells nothing; a bid stands once."""

    tender_id: TenderId
    entries: tuple[ManifestEntry, ...]

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.entries, key=lambda entry: entry.bid_id))
        if len({entry.bid_id for entry in ordered}) != len(ordered):
            raise MalformedValue("A bid stands twice in the manifest", passes="its last revision")
        object.__setattr__(self, "entries", ordered)

    def bids(self) -> tuple[dict[str, Json], ...]:
        """Hashes in small hexadecimal, instants in UTC with microseconds."""
        return tuple(
            {
                "bid_id": str(entry.bid_id),
                "revision": entry.revision,
                "ciphertext_sha256": entry.ciphertext_hash.hex(),
                "commitment": entry.commitment.hex(),
                "received_at": written_instant(entry.received_at),
            }
            for entry in self.entries
        )

    def canonical(self) -> bytes:
        """RFC 8785 JSON."""
        return canonical_json(
            {"format": "oimaq-manifest/1", "tender_id": str(self.tender_id), "bids": list(self.bids())}
        )

    @classmethod
    def read(cls, text: bytes) -> "Manifest":
        """The manifest of a canonical text, which is ours. Refuses (``not-canonical``) what is not written just so."""
        value: Any = read_json(text)
        entries = tuple(
            ManifestEntry(
                bid_id=BidId(UUID(each["bid_id"])),
                revision=each["revision"],
                ciphertext_hash=bytes.fromhex(each["ciphertext_sha256"]),
                commitment=bytes.fromhex(each["commitment"]),
                received_at=datetime.fromisoformat(each["received_at"]),
            )
            for each in value["bids"]
        )
        return cls(tender_id=TenderId(UUID(value["tender_id"])), entries=entries)

    def hash(self) -> bytes:
        """SHA-256 of the canonical text."""
        return sha256(self.canonical()).digest()
