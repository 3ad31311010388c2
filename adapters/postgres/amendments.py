"""Repository and reads of amendments."""

from typing import ClassVar

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.reading import rows_of
from adapters.postgres.rows.tenders import AmendmentRow
from domain.actors import Actor
from domain.ids import TenderId
from domain.tenders.amendment import Amendment
from domain.tenders.ports import TenderQueries

_OF_TENDER = text("""
SELECT * FROM amendments WHERE tender_id = :tender_id AND (CAST(:after AS bigint) IS NULL OR number > :after)
ORDER BY number LIMIT :limit
""")


class PostgresAmendments(Aggregates[Amendment]):
    codec: ClassVar = Codec(Amendment, AmendmentRow)

    async def count(self, tender_id: TenderId) -> int:
        table = self.codec.table
        counted = select(func.count()).select_from(table).where(table.c.tender_id == tender_id)
        found: int = (await self._connection.execute(counted)).scalar_one()
        return found

    async def add(self, amendment: Amendment) -> None:
        await self._connection.execute(self.codec.insert, self.codec.values(amendment))


class PostgresAmendmentQueries:
    def __init__(self, reading: AsyncEngine, tenders: TenderQueries) -> None:
        self._reading = reading
        self._tenders = tenders

    async def of_tender(
        self, actor: Actor | None, tender_id: TenderId, *, after: int | None, limit: int
    ) -> list[Amendment]:
        await self._tenders.tender(actor, tender_id)
        rows = await rows_of(self._reading, _OF_TENDER, tender_id=tender_id, after=after, limit=limit)
        return [PostgresAmendments.codec.entity(row) for row in rows]
