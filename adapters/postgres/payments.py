"""Repositories and reads of the payments room."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.identifiers import uuid7
from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec, converter
from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.payments import InboxRow, LedgerRow, PaymentRow
from domain.actors import Actor
from domain.errors import NotFound
from domain.ids import ContractId, PaymentId
from domain.payments.model import LIVE, LedgerEntry, Outcome, Payment, PaymentNotFound
from domain.payments.ports import InboxItem, IncomingEvent

_inbox = InboxRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to every table class


class PostgresPayments(Aggregates[Payment]):
    codec: ClassVar = Codec(Payment, PaymentRow)
    missing: ClassVar[type[NotFound]] = PaymentNotFound

    async def live(self, contract_id: ContractId, invoice: int) -> Payment | None:
        c = self.codec.table.c
        return await self._first(c.contract_id == contract_id, c.invoice == invoice, c.status.in_(sorted(LIVE)))


class PostgresLedger(Aggregates[LedgerEntry]):
    codec: ClassVar = Codec(LedgerEntry, LedgerRow)
    missing: ClassVar[type[NotFound]] = PaymentNotFound


class PostgresInbox:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def receive(self, event: IncomingEvent, *, at: datetime) -> UUID | None:
        statement = (
            insert(InboxRow)
            .values(
                id=uuid7(),
                source=event.source,
                external_id=event.external_id,
                type=event.type,
                payment_id=event.payment_id,
                outcome=converter.unstructure(event.outcome) if event.outcome else None,
                payload=event.payload,
                received_at=at,
            )
            .on_conflict_do_nothing()
            .returning(_inbox.c.id)
        )
        stored: UUID | None = (await self._connection.execute(statement)).scalar_one_or_none()
        return stored

    async def take(self, id: UUID) -> InboxItem | None:
        mine = select(_inbox).where(_inbox.c.id == id, _inbox.c.handled_at.is_(None)).with_for_update()
        row = (await self._connection.execute(mine)).mappings().one_or_none()
        if row is None:
            return None
        outcome = converter.structure(row["outcome"], Outcome) if row["outcome"] else None
        return InboxItem(id=row["id"], payment_id=row["payment_id"], outcome=outcome)

    async def handled(self, id: UUID, *, at: datetime) -> None:
        await self._connection.execute(update(_inbox).where(_inbox.c.id == id).values(handled_at=at))


_PAYMENT = text("""
SELECT * FROM payments WHERE id = :id AND (:auditor OR :organization_id IN (payer_id, payee_id))
""")
_PAGE = text("""
SELECT * FROM payments WHERE (:auditor OR :organization_id IN (payer_id, payee_id))
  AND (CAST(:after AS uuid) IS NULL OR id > :after) ORDER BY id LIMIT :limit
""")
_WAITING = text("SELECT id FROM payments WHERE status = 'intended' ORDER BY intended_at LIMIT :limit")
_UNHANDLED = text("SELECT id FROM inbox WHERE handled_at IS NULL ORDER BY received_at LIMIT :limit")


class PostgresPaymentQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def payment(self, actor: Actor, id: PaymentId) -> Payment:
        row = await one(self._reading, _PAYMENT, id=id, auditor=actor.is_auditor, organization_id=actor.organization_id)
        if row is None:
            raise PaymentNotFound("There is no such payment")
        payment: Payment = PostgresPayments.codec.entity(row)
        return payment

    async def page(self, actor: Actor, *, after: PaymentId | None, limit: int) -> list[Payment]:
        rows = await rows_of(
            self._reading,
            _PAGE,
            auditor=actor.is_auditor,
            organization_id=actor.organization_id,
            after=after,
            limit=limit,
        )
        return [PostgresPayments.codec.entity(row) for row in rows]

    async def waiting(self, *, limit: int) -> list[PaymentId]:
        return [PaymentId(row["id"]) for row in await rows_of(self._reading, _WAITING, limit=limit)]

    async def unhandled(self, *, limit: int) -> list[UUID]:
        return [row["id"] for row in await rows_of(self._reading, _UNHANDLED, limit=limit)]
