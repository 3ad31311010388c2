"""Attaching: documents come in before the bid that names them, and are sealed as they stream in.

    look whether uploads are taken (one transaction) -> seal to a file (none) -> look again and store the row (one)

Nothing is in clear on a disk or whole in memory. Sealing blocks and waits for the client, so it has threads of its own:
whoever uploads slowly holds up uploads and nothing else, and not for long.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from domain.actors import Actor
from domain.bids.document_types import Inspection, MediaType
from domain.bids.documents import DOCUMENTS_MAX, DocumentRefused, DocumentsExhausted, UploadedDocument
from domain.bids.ports import DocumentFiles
from domain.errors import Refusal, Unavailable
from domain.ids import BidDocumentId, NewId, OrganizationId, TenderId
from domain.sealing.documents import DocumentPlace, SealedDocument, seal_document
from domain.sealing.keys import PublicKey
from domain.sealing.ports import BidderTags, Sealer
from domain.sealing.tender_keys import NoSealingKey
from domain.tenders.model import Tender, TenderNotFound, TenderStatus
from domain.work import AlreadyAnswered, Begin, Busy, Command, Work

AT_ONCE = 16
"""Uploads of one process that stream in beside each other; others wait for their turn."""
AT_ONCE_OF_ONE = 4
"""Of them, those of one bidder, so that nobody holds up the others before a deadline."""
PATIENCE_SECONDS, UPLOAD_SECONDS = 20.0, 600.0
"""How long nothing may come, and how long all of it may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedUpload:
    """Sealed in a file and not stored yet; ``sha256``, ``size`` and ``media_type`` are of the content."""

    document: SealedDocument
    sha256: str
    size: int
    media_type: MediaType


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """What the bidder is told of his ``upload``, and what we keep."""

    document: UploadedDocument
    upload: SealedUpload


class Attaching:
    def __init__(
        self,
        begin: Begin,
        files: DocumentFiles,
        *,
        sealer: Sealer,
        tags: BidderTags,
        new_id: NewId,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """``new_id`` makes ids that tell neither order nor time."""
        self._begin = begin
        self._files = files
        self._sealer = sealer
        self._tags = tags
        self._new_id = new_id
        self._patience_seconds = patience_seconds
        self._streaming: Counter[OrganizationId] = Counter()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sealing")

    async def seal(self, tender_id: TenderId, chunks: AsyncIterator[bytes], *, size: int, by: Actor) -> SealedUpload:
        """A document of ``size`` bytes, sealed to the tender's key. Refuses before it takes the first chunk what the
        tender or the bidder may not; ``document-refused`` by content; ``seal-broken`` where it is of another size.
        """
        async with self._begin() as work:
            tender, _ = await self._taken(work, await work.tenders.get(tender_id), by.organization_id)
        if tender.public_key is None:
            raise NoSealingKey("The tender has no key yet", passes="the same request once the opener has given it one")
        place = DocumentPlace(document_id=self._new_id(), tender_id=tender_id, bidder_id=by.organization_id)
        loop = asyncio.get_running_loop()
        pulled = _pulled(chunks, loop, self._patience_seconds)
        with self._turn(by.organization_id):
            return await loop.run_in_executor(
                self._threads, self._sealed, pulled, size, place, PublicKey(tender.public_key)
            )

    async def attach(self, upload: SealedUpload, *, command: Command) -> Attached:
        """Store what was sealed, if the tender still takes it. A retry finds what was answered, and its own file goes.

        Where it is not known whether the transaction was committed the file stays: one that nobody names tells nothing.
        """
        try:
            return await self._attached(upload, command)
        except (AlreadyAnswered, Refusal) as reason:
            if not isinstance(reason, Unavailable):
                await asyncio.to_thread(self._files.remove, BidDocumentId(upload.document.place.document_id))
            raise

    async def _attached(self, upload: SealedUpload, command: Command) -> Attached:
        bidder_id, tender_id = command.by.organization_id, upload.document.place.tender_id
        tag = self._tags.of(tender_id, bidder_id)
        async with self._begin(command) as work:
            _, at = await self._taken(work, await work.tenders.share(tender_id), bidder_id)
            if await work.documents.take(tender_id, tag) >= DOCUMENTS_MAX:
                raise DocumentsExhausted(
                    f"You have uploaded {DOCUMENTS_MAX} documents for this tender",
                    passes=f"a bid that names some of the {DOCUMENTS_MAX}",
                )
            document = UploadedDocument.of(upload.document, bidder_tag=tag, at=at)
            stored = await work.documents.save(document, because=document.uploaded())
            return work.answers(Attached(document=stored, upload=upload))

    async def _taken(self, work: Work, tender: Tender, bidder_id: OrganizationId) -> tuple[Tender, datetime]:
        """Whether it takes documents of this bidder now; the clock is read after the tender."""
        if tender.status is TenderStatus.DRAFT:
            raise TenderNotFound("There is no such tender")
        at = await work.now()
        tender.admits_bids(at=at)
        (await work.organizations.get(bidder_id)).must_be_confirmed()
        return tender, at

    @contextmanager
    def _turn(self, bidder_id: OrganizationId) -> Iterator[None]:
        if self._streaming[bidder_id] >= AT_ONCE_OF_ONE:
            passes = f"at most {AT_ONCE_OF_ONE} documents at once"
            raise Busy("Your other documents are still coming in", passes=passes)
        self._streaming[bidder_id] += 1
        try:
            yield
        finally:
            self._streaming[bidder_id] -= 1
            self._streaming += Counter()  # forgets whoever has none

    def _sealed(self, chunks: Iterator[bytes], size: int, place: DocumentPlace, key: PublicKey) -> SealedUpload:
        inspection = Inspection()
        with self._files.keeping(BidDocumentId(place.document_id)) as write:
            document = seal_document(inspection.watched(chunks), size, write, place=place, key=key, sealer=self._sealer)
            media_type = inspection.found()
        return SealedUpload(document=document, sha256=inspection.sha256, size=inspection.size, media_type=media_type)


def _pulled(chunks: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop, patience_seconds: float) -> Iterator[bytes]:
    """What arrives in the event loop, for a thread."""
    until = loop.time() + UPLOAD_SECONDS

    async def following() -> bytes | None:
        try:
            async with asyncio.timeout_at(min(loop.time() + patience_seconds, until)):
                return await anext(chunks, None)
        except TimeoutError as error:
            raise DocumentRefused("The document comes too slowly", passes="the whole of it in one go") from error

    while (chunk := asyncio.run_coroutine_threadsafe(following(), loop).result()) is not None:
        yield chunk
