"""Rows of the payments room."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import instant, key, money, nested, refers, text


class PaymentRow(SQLModel, table=True):
    """The partial unique index holds what the service checks: at most one payment of an invoice under way."""

    __tablename__ = "payments"
    __table_args__ = (
        Index(
            "uq_payments_live",
            "contract_id",
            "invoice",
            unique=True,
            postgresql_where="status <> 'failed'",
        ),
        Index("ix_payments_intended", "intended_at", postgresql_where="status = 'intended'"),
        Index("ix_payments_payer", "payer_id", "id"),
        Index("ix_payments_payee", "payee_id", "id"),
    )

    id: UUID = key()
    contract_id: UUID = refers("contracts.id")
    invoice: int
    payer_id: UUID = refers("organizations.id")
    payee_id: UUID = refers("organizations.id")
    amount: Decimal = money()
    method: str = text()
    intended_at: datetime = instant()
    status: str = text()
    reference: str | None = text(nullable=True)
    failure: str | None = text(nullable=True)
    settled_at: datetime | None = instant(nullable=True)
    version: int


class LedgerRow(SQLModel, table=True):
    """Its key is the payment's: a payment has at most one entry."""

    __tablename__ = "ledger"

    id: UUID = refers("payments.id", primary_key=True)
    lines: list[Any] = nested()
    recorded_at: datetime = instant()
    version: int


class InboxRow(SQLModel, table=True):
    """Webhooks, verified, stored once, handled later."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_inbox_unhandled", "received_at", postgresql_where="handled_at IS NULL"),
    )

    id: UUID = key()
    source: str = text()
    external_id: str = text()
    type: str = text()
    payment_id: UUID | None
    outcome: dict[str, Any] | None = nested(nullable=True)
    payload: dict[str, Any] = nested()
    received_at: datetime = instant()
    handled_at: datetime | None = instant(nullable=True)
