"""The opener's part in documents: what opened bids name is unsealed into files in clear, before anything is stored.

It may be done twice, or by two at once: the same content is written under the same id. One that cannot be read keeps
its place with the reason; the bid stands either way.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from domain.bids.document_types import Inspection
from domain.bids.documents import DocumentRefused, OpenedDocument, UploadedDocument
from domain.bids.model import Bid
from domain.bids.ports import Vault
from domain.sealing.bids import Fault, Unreadable
from domain.sealing.documents import SealedDocument
from domain.sealing.keys import PrivateKey
from domain.sealing.ports import BidderTags, Unsealer

NOTHING = sha256().digest()
UNKNOWN_TYPE = "application/octet-stream"
"""Of content that no upload would have taken: it is kept and shown all the same."""


class _NotKept(Exception):  # noqa: N818 - a signal within this module
    """Throws away what was written; ``instead`` is shown in the document's place."""

    def __init__(self, instead: OpenedDocument) -> None:
        super().__init__("not kept")
        self.instead = instead


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealing:
    vault: Vault
    unsealer: Unsealer
    tags: BidderTags

    def opened(self, bids: Iterable[Bid], uploads: Iterable[UploadedDocument], key: PrivateKey) -> list[OpenedDocument]:
        """Every document that a bid names, once. Blocks: use it in a thread."""
        known = {(upload.id, upload.bidder_tag): upload for upload in uploads}
        found = []
        for bid in bids:
            tag = self.tags.of(bid.tender_id, bid.bidder_id)
            for named in {each.id: each for each in bid.documents or ()}.values():
                shown = OpenedDocument.of(bid, named)
                upload = known.get((named.id, tag))
                if upload is None:
                    found.append(replace(shown, fault=Fault.MISSING))
                else:
                    found.append(self._opened(shown, upload, upload.sealed(bid.bidder_id), key))
        return found

    def _opened(
        self, shown: OpenedDocument, upload: UploadedDocument, sealed: SealedDocument, key: PrivateKey
    ) -> OpenedDocument:
        inspection = Inspection()
        try:
            with self.vault.opened.keeping(upload.id) as write:
                broken = sealed.unsealed(
                    lambda: self.vault.sealed.chunks(upload.id),
                    lambda content: write(inspection.seen(content)),
                    key=key,
                    unsealer=self.unsealer,
                )
                _keep_if_whole(shown, inspection, sealed, broken)
        except _NotKept as reason:
            return reason.instead
        return replace(shown, media_type=_media_type(inspection), size=inspection.size)


def _keep_if_whole(
    shown: OpenedDocument, inspection: Inspection, sealed: SealedDocument, broken: Unreadable | None
) -> None:
    hashed = sealed.ciphertext_hash
    if broken is not None:
        fault = Fault.MISSING if broken.computed_hash == NOTHING else broken.fault
        raise _NotKept(replace(shown, fault=fault, stored_hash=hashed, computed_hash=broken.computed_hash))
    if inspection.sha256 != shown.sha256:
        raise _NotKept(replace(shown, fault=Fault.COMMITMENT, stored_hash=hashed, computed_hash=hashed))


def _media_type(inspection: Inspection) -> str:
    try:
        return inspection.found()
    except DocumentRefused:
        return UNKNOWN_TYPE
