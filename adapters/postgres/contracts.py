"""Repositories of awards and contracts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import select, text

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.capacity import BOUND, PER_WEEK
from adapters.postgres.codec import Codec
from adapters.postgres.rows.contracts import ContractRow, EvaluationRow
from domain.awards.model import Evaluation, EvaluationNotFound
from domain.contracts.model import Contract
from domain.contracts.parts import ContractNotFound
from domain.errors import NotFound
from domain.ids import ContractId, OrganizationId, TenderId

_NEXT_NUMBER = text("SELECT nextval('contract_numbers')")
MINUTES = f"{PER_WEEK} AS per_week, {BOUND} AS booked"
"""For a select list over ``workshops w``: minutes in a week, and those that its contracts bind."""
_MINUTES = text(f"""
SELECT w.id, {MINUTES}
FROM workshops w WHERE w.id = ANY(:bidders) ORDER BY w.id FOR UPDATE
""")  # noqa: S608 - our text
_UNFINISHED = text("""
SELECT count(*) FROM contracts WHERE tender_id = :tender_id
  AND (status NOT IN ('completed', 'lapsed', 'annulled') OR leftover->>'state' = 'waiting')
  AND (CAST(:framework_id AS uuid) IS NULL OR framework_id = :framework_id)
""")


class PostgresEvaluations(Aggregates[Evaluation]):
    codec: ClassVar = Codec(Evaluation, EvaluationRow)
    missing: ClassVar[type[NotFound]] = EvaluationNotFound

    async def latest(self, tender_id: TenderId) -> Evaluation | None:
        table = self.codec.table
        mine = select(table).where(table.c.tender_id == tender_id, table.c.replaces.is_(None))
        found = await self._all(mine.order_by(table.c.evaluated_at.desc(), table.c.id.desc()).limit(1))
        return found[0] if found else None

    async def minutes(self, bidders: tuple[OrganizationId, ...]) -> Mapping[OrganizationId, tuple[Decimal, Decimal]]:
        """The workshops are locked."""
        rows = (await self._connection.execute(_MINUTES, {"bidders": list(bidders)})).mappings().all()
        return {OrganizationId(row["id"]): (row["per_week"], row["booked"]) for row in rows}


class PostgresContracts(Aggregates[Contract]):
    codec: ClassVar = Codec(Contract, ContractRow)
    missing: ClassVar[type[NotFound]] = ContractNotFound

    async def next_number(self, year: int) -> str:
        number: int = (await self._connection.execute(_NEXT_NUMBER)).scalar_one()
        return f"C-{year}-{number:06d}"

    async def of_tender(self, tender_id: TenderId) -> tuple[Contract, ...]:
        table = self.codec.table
        mine = select(table).where(table.c.tender_id == tender_id)
        return await self._all(mine.order_by(table.c.number).with_for_update())

    async def unfinished(self, tender_id: TenderId, *, framework_id: ContractId | None = None) -> int:
        where = {"tender_id": tender_id, "framework_id": framework_id}
        count: int = (await self._connection.execute(_UNFINISHED, where)).scalar_one()
        return count
