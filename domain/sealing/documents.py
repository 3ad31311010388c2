"""A bid's documents, sealed as streams: nothing is held whole in memory.

A random content key seals the frames in order and is itself sealed to the tender's key. Each frame is bound to the
tender, the bidder and the document, so that no document opens in another's place.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from domain.ids import OrganizationId, TenderId
from domain.sealing.bids import Fault, Unreadable
from domain.sealing.canonical import canonical_json
from domain.sealing.keys import PrivateKey, PublicKey
from domain.sealing.padding import framed, unframed
from domain.sealing.ports import Sealer, Unsealer
from domain.sealing.refusals import SealBroken

Write = Callable[[bytes], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPlace:
    """Whose document it is. Uploaded before the bid is submitted, so it names no bid."""

    document_id: UUID
    tender_id: TenderId
    bidder_id: OrganizationId

    def context(self) -> bytes:
        """What its frames are bound to."""
        return canonical_json(
            {
                "format": "oimaq-document/1",
                "document_id": str(self.document_id),
                "tender_id": str(self.tender_id),
                "bidder_id": str(self.bidder_id),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDocument:
    """``ciphertext_bytes`` tells the bucket, not the size."""

    place: DocumentPlace
    ciphertext_hash: bytes
    ciphertext_bytes: int

    def unsealed(
        self, read: Callable[[], Iterable[bytes]], write: Write, *, key: PrivateKey, unsealer: Unsealer
    ) -> Unreadable | None:
        """Write the content; None: all of it was. ``read`` gives the ciphertext from its beginning and is asked twice:
        nothing is written before the whole hash was right. What was written before an ``Unreadable`` is thrown away.
        """
        digest = sha256()
        for chunk in read():
            digest.update(chunk)
        computed = digest.digest()
        if computed != self.ciphertext_hash:
            return self._unreadable(Fault.CHANGED, computed)
        try:
            for content in unframed(unsealer.unseal_frames(key, read(), context=self.place.context())):
                write(content)
        except SealBroken:
            return self._unreadable(Fault.NOT_OPENED, computed)
        return None

    def _unreadable(self, fault: Fault, computed: bytes) -> Unreadable:
        return Unreadable(
            id=self.place.document_id, fault=fault, stored_hash=self.ciphertext_hash, computed_hash=computed
        )


def seal_document(
    chunks: Iterable[bytes], size: int, write: Write, *, place: DocumentPlace, key: PublicKey, sealer: Sealer
) -> SealedDocument:
    """Seal a document of ``size`` bytes as its chunks come. Refuses as ``framed`` does, the size before anything is
    written; what was written before a refusal is thrown away.
    """
    digest, length = sha256(), 0
    for sealed in sealer.seal_frames(key, framed(chunks, size), context=place.context()):
        digest.update(sealed)
        length += len(sealed)
        write(sealed)
    return SealedDocument(place=place, ciphertext_hash=digest.digest(), ciphertext_bytes=length)
