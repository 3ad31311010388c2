"""Rows of the evaluating room."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import instant, key, nested, refers, text


class CommitteeRow(SQLModel, table=True):
    __tablename__ = "committees"
    __table_args__ = (UniqueConstraint("tender_id"),)

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    members: list[Any] = nested()
    appointed_at: datetime = instant()
    version: int


class ScoreSheetRow(SQLModel, table=True):
    """Written once; a correction is another revision. The list of a tender is read by its own index."""

    __tablename__ = "score_sheets"
    __table_args__ = (
        UniqueConstraint("tender_id", "person_id", "bid_id", "revision"),
        Index("ix_score_sheets_tender", "tender_id", "id"),
    )

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    bid_id: UUID = refers("bids.id")
    person_id: UUID = refers("people.id")
    member: int
    revision: int
    scores: list[Any] = nested()
    reason: str | None = text(nullable=True)
    scored_at: datetime = instant()
    version: int


class PaperRequestRow(SQLModel, table=True):
    """A bidder is asked once."""

    __tablename__ = "paper_requests"
    __table_args__ = (UniqueConstraint("bid_id"), Index("ix_paper_requests_tender", "tender_id", "id"))

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    bid_id: UUID = refers("bids.id")
    bidder_id: UUID = refers("organizations.id")
    papers: list[Any] = nested()
    requested_at: datetime = instant()
    due_by: datetime = instant()
    handed_in: list[Any] = nested()
    completed_at: datetime | None = instant(nullable=True)
    version: int
