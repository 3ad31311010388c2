"""Rows of producer evidence: profiles, proofs, verdicts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Numeric
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import column, instant, key, nested, refers, text


class WorkshopRow(SQLModel, table=True):
    __tablename__ = "workshops"

    id: UUID = refers("organizations.id", primary_key=True)
    kato: str = text()
    zone: str | None = text(nullable=True)
    products: list[Any] = nested()
    operators: int
    shift_minutes: int
    shifts: int
    working_days: int
    efficiency: Decimal = column(Numeric(4, 3))
    described_at: datetime = instant()
    version: int


class EvidenceRow(SQLModel, table=True):
    __tablename__ = "evidence"
    __table_args__ = (
        Index("ix_evidence_holder", "holder_id", "id"),
        Index("ix_evidence_valid_until", "valid_until", "id", postgresql_where="revoked_on IS NULL"),
    )

    id: UUID = key()
    holder_id: UUID = refers("organizations.id")
    holder_bin: str = text()
    type: str = text()
    number: str = text()
    issuer: str = text()
    product_codes: list[Any] = nested()
    local_content: Decimal = column(Numeric(5, 2))
    declared_capacity: int
    valid_from: date
    valid_until: date
    verification: str = text()
    recorded_at: datetime = instant()
    revoked_on: date | None
    warned_days: int | None
    version: int


class VerdictRow(SQLModel, table=True):
    __tablename__ = "verdicts"
    __table_args__ = (Index("ix_verdicts_tender", "tender_id", "organization_id"),)

    id: UUID = key()
    organization_id: UUID = refers("organizations.id")
    tender_id: UUID = refers("tenders.id")
    lot: int
    stage: str = text()
    on: date
    package: str = text()
    eligible: bool
    accepted: bool
    outcomes: list[Any] = nested()
    local_content: dict[str, Any] = nested()
    evidence: dict[str, Any] = nested()
    judged_at: datetime = instant()
    inputs: dict[str, Any] | None = nested(nullable=True)
    rules_sha256: str | None = text(nullable=True)
    version: int
