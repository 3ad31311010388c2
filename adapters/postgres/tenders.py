"""Repositories of the tenders room."""

from typing import ClassVar

from sqlalchemy import select, text

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.rows.tenders import NeedRow, TenderRow
from domain.errors import NotFound
from domain.ids import NeedId
from domain.tenders.model import Tender, TenderNotFound
from domain.tenders.need import Need, NeedNotFound

_NEXT_NUMBER = text("SELECT nextval('tender_numbers')")


class PostgresNeeds(Aggregates[Need]):
    codec: ClassVar = Codec(Need, NeedRow)
    missing: ClassVar[type[NotFound]] = NeedNotFound

    async def several(self, ids: tuple[NeedId, ...]) -> tuple[Need, ...]:
        return await self._all(select(self.codec.table).where(self.codec.table.c.id.in_(ids)))


class PostgresTenders(Aggregates[Tender]):
    codec: ClassVar = Codec(Tender, TenderRow)
    missing: ClassVar[type[NotFound]] = TenderNotFound

    async def next_number(self, year: int) -> str:
        number: int = (await self._connection.execute(_NEXT_NUMBER)).scalar_one()
        return f"T-{year}-{number:06d}"
