"""Rows of the prequalification room."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import instant, key, nested, refers, text


class PrequalificationRow(SQLModel, table=True):
    __tablename__ = "prequalifications"

    id: UUID = key()
    number: str = text(unique=True)
    buyer_id: UUID = refers("organizations.id", index=True)
    title: str = text()
    products: list[Any] = nested()
    requirements: list[Any] = nested()
    valid_from: date
    valid_until: date
    opened_at: datetime = instant()
    version: int


class ApplicationRow(SQLModel, table=True):
    """One per list and supplier: who applies again does so in the same row."""

    __tablename__ = "prequalification_applications"
    __table_args__ = (
        UniqueConstraint("prequalification_id", "supplier_id", name="uq_prequalification_applications_supplier"),
        Index("ix_prequalification_applications_list", "prequalification_id", "id"),
    )

    id: UUID = key()
    prequalification_id: UUID = refers("prequalifications.id")
    supplier_id: UUID = refers("organizations.id")
    documents: list[Any] = nested()
    submitted_at: datetime = instant()
    status: str = text()
    qualified_until: date | None
    reason: str | None = text(nullable=True)
    explanation: str | None = text(nullable=True)
    decided_at: datetime | None = instant(nullable=True)
    version: int
