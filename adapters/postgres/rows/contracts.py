"""Rows of awards and contracts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy import text as expression
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import instant, key, nested, refers, text


class EvaluationRow(SQLModel, table=True):
    __tablename__ = "evaluations"
    __table_args__ = (Index("ix_evaluations_tender", "tender_id", "evaluated_at"),)

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    admissions: list[Any] = nested()
    problem: dict[str, Any] = nested()
    allocation: dict[str, Any] = nested()
    engine: str = text()
    effort: int
    results: dict[str, Any] = nested()
    failures: dict[str, Any] = nested()
    set_aside: list[Any] = nested()
    evaluated_at: datetime = instant()
    replaces: UUID | None = refers("contracts.id", nullable=True, index=True)
    chosen: dict[str, Any] | None = nested(nullable=True)
    version: int


RECEIVERS = "jsonb_path_query_array(lines, '$[*].places[*].buyer_id'::jsonpath)"
"""Every buyer that a place of the contract names."""


class ContractRow(SQLModel, table=True):
    __tablename__ = "contracts"
    __table_args__ = (
        Index("ix_contracts_supplier", "supplier_id", "id"),
        Index("ix_contracts_buyer", "buyer_id", "id"),
        Index("ix_contracts_concluded", "concluded_at"),
        Index("ix_contracts_receivers", expression(RECEIVERS), postgresql_using="gin"),
    )

    id: UUID = key()
    number: str = text(unique=True)
    tender_id: UUID = refers("tenders.id", index=True)
    buyer_id: UUID = refers("organizations.id")
    supplier_id: UUID = refers("organizations.id")
    procedure: dict[str, Any] = nested()
    lines: list[Any] = nested()
    concluded_at: datetime = instant()
    status: str = text()
    signatures: list[Any] = nested()
    deliveries: list[Any] = nested()
    invoices: list[Any] = nested()
    standstill_until: datetime | None = instant(nullable=True)
    sign_by: datetime | None = instant(nullable=True)
    declination: dict[str, Any] | None = nested(nullable=True)
    lapse: dict[str, Any] | None = nested(nullable=True)
    leftover: dict[str, Any] | None = nested(nullable=True)
    replaces: UUID | None = refers("contracts.id", nullable=True)
    kind: str = text()
    framework_id: UUID | None = refers("contracts.id", nullable=True, index=True)
    term_until: date | None
    calls: list[Any] = nested()
    settlement: list[Any] = nested()
    version: int
