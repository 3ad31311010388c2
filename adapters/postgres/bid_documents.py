"""What is known of bids' documents: as they were uploaded, and as the opener found them."""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import func, select

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.rows.bids import BidDocumentRow, OpenedDocumentRow
from domain.bids.documents import DocumentNotFound, OpenedDocument, UploadedDocument
from domain.errors import NotFound
from domain.events import Event
from domain.ids import TenderId


class PostgresDocuments(Aggregates[UploadedDocument]):
    codec: ClassVar = Codec(UploadedDocument, BidDocumentRow)
    missing: ClassVar[type[NotFound]] = DocumentNotFound

    async def take(self, tender_id: TenderId, bidder_tag: bytes) -> int:
        table = self.codec.table
        await self._connection.execute(select(func.pg_advisory_xact_lock(int.from_bytes(bidder_tag[:8], signed=True))))
        mine = select(func.count()).where(table.c.tender_id == tender_id, table.c.bidder_tag == bidder_tag)
        uploaded: int = (await self._connection.execute(mine)).scalar_one()
        return uploaded

    async def of_bidder(self, tender_id: TenderId, bidder_tag: bytes) -> tuple[UploadedDocument, ...]:
        table = self.codec.table
        return await self._all(select(table).where(table.c.tender_id == tender_id, table.c.bidder_tag == bidder_tag))

    async def of_tender(self, tender_id: TenderId) -> tuple[UploadedDocument, ...]:
        table = self.codec.table
        return await self._all(select(table).where(table.c.tender_id == tender_id))

    async def add_opened(self, documents: Sequence[OpenedDocument], *, because: Sequence[Event]) -> None:
        await PostgresOpenedDocuments(self._connection).add_all(documents, because=because)


class PostgresOpenedDocuments(Aggregates[OpenedDocument]):
    codec: ClassVar = Codec(OpenedDocument, OpenedDocumentRow)
    missing: ClassVar[type[NotFound]] = DocumentNotFound
