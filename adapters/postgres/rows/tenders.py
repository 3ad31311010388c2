"""Rows of the tenders room; those of bids are in ``bids.py``."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import blob, instant, key, nested, refers, text


class NeedRow(SQLModel, table=True):
    __tablename__ = "needs"

    id: UUID = key()
    buyer_id: UUID = refers("organizations.id", index=True)
    name: str = text()
    grid: str = text()
    entries: list[Any] = nested()
    imported_at: datetime = instant()
    source_sha256: str = text()
    version: int


class TenderRow(SQLModel, table=True):
    """A tender is followed once; a draft that was cancelled unpublished followed nothing."""

    __tablename__ = "tenders"
    __table_args__ = (
        Index("ix_tenders_published", "published_at", "id", postgresql_where="published_at IS NOT NULL"),
        Index("ix_tenders_due", "closes_at", postgresql_where="status IN ('published', 'closed')"),
        Index("ix_tenders_buyer", "buyer_id", "drafted_at", "id"),
        Index(
            "uq_tenders_follows",
            "follows",
            unique=True,
            postgresql_where="NOT (status = 'cancelled' AND published_at IS NULL)",
        ),
    )

    id: UUID = key()
    number: str = text(unique=True)
    buyer_id: UUID = refers("organizations.id")
    title: str = text()
    procedure: dict[str, Any] = nested()
    lots: list[Any] = nested()
    status: str = text()
    drafted_at: datetime = instant()
    published_at: datetime | None = instant(nullable=True)
    opens_at: datetime | None = instant(nullable=True)
    closes_at: datetime | None = instant(nullable=True)
    opened_at: datetime | None = instant(nullable=True)
    awarded_at: datetime | None = instant(nullable=True)
    reason: str | None = text(nullable=True)
    terms: int
    ground: str | None = text(nullable=True)
    invited: list[Any] = nested()
    prequalification_id: UUID | None = refers("prequalifications.id", nullable=True)
    follows: UUID | None = refers("tenders.id", nullable=True)
    attempt: int
    complaints_until: datetime | None = instant(nullable=True)
    sealing_key_id: UUID | None
    public_key: bytes | None = blob(nullable=True)
    opening_approved_by: list[Any] = nested()
    criteria: list[Any] = nested()
    version: int


class AmendmentRow(SQLModel, table=True):
    """Written once; ``uq_amendments_tender_id_number`` is also what the list is read by."""

    __tablename__ = "amendments"
    __table_args__ = (UniqueConstraint("tender_id", "number"),)

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    number: int
    kind: str = text()
    reason: str = text()
    changes: list[Any] = nested()
    terms_before: int
    terms_after: int
    opens_at_before: datetime = instant()
    opens_at_after: datetime = instant()
    closes_at_before: datetime = instant()
    closes_at_after: datetime = instant()
    amended_at: datetime = instant()
    version: int
