"""Rows of the enquiries room."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import instant, key, nested, refers, text


class EnquiryRow(SQLModel, table=True):
    """``asker_id`` is for the asker's own reads and the bound on his questions; no other statement selects by it."""

    __tablename__ = "enquiries"
    __table_args__ = (UniqueConstraint("tender_id", "number"),)

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    number: int
    asker_id: UUID = refers("organizations.id")
    lots: list[Any] = nested()
    question: str = text()
    asked_at: datetime = instant()
    answer_by: datetime = instant()
    answer: str | None = text(nullable=True)
    answered_at: datetime | None = instant(nullable=True)
    version: int
