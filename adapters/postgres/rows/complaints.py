"""Rows of the complaints room."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import instant, key, nested, refers, text


class ComplaintRow(SQLModel, table=True):
    """The partial unique index holds what the service checks: one open complaint per supplier, tender and stage."""

    __tablename__ = "complaints"
    __table_args__ = (
        Index(
            "uq_complaints_open",
            "tender_id",
            "complainant_id",
            "stage",
            unique=True,
            postgresql_where="status = 'filed'",
        ),
        Index("ix_complaints_tender", "tender_id", "id"),
    )

    id: UUID = key()
    number: str = text(unique=True)
    tender_id: UUID = refers("tenders.id")
    complainant_id: UUID = refers("organizations.id")
    stage: str = text()
    lots: list[Any] = nested()
    objection: str = text()
    evidence: list[Any] = nested()
    remedy: str = text()
    against: UUID | None = refers("organizations.id", nullable=True)
    filed_at: datetime = instant()
    decide_by: datetime = instant()
    status: str = text()
    decision: str | None = text(nullable=True)
    decided_remedy: str | None = text(nullable=True)
    excluded_id: UUID | None = refers("organizations.id", nullable=True)
    decided_at: datetime | None = instant(nullable=True)
    terms: int | None
    version: int
