"""Rows of the tenders and bids rooms."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import instant, key, nested, refers, text


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


class BidRow(SQLModel, table=True):
    """One row per bid, its last revision; earlier revisions go to ``superseded_bids``."""

    __tablename__ = "bids"
    __table_args__ = (UniqueConstraint("tender_id", "bidder_id"),)

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    bidder_id: UUID = refers("organizations.id", index=True)
    offers: list[Any] = nested()
    received_at: datetime = instant()
    status: str = text()
    revision: int
    terms: int
    version: int


class SupersededBidRow(SQLModel, table=True):
    """What a bidder replaced: kept for the dispute, never opened."""

    __tablename__ = "superseded_bids"

    bid_id: UUID = refers("bids.id", primary_key=True)
    revision: int = key()
    offers: list[Any] = nested()
    received_at: datetime = instant()
