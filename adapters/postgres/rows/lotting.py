"""Rows of the lotting room."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import instant, key, nested, refers, text


class LotStudyRow(SQLModel, table=True):
    __tablename__ = "lot_studies"
    __table_args__ = (Index("ix_lot_studies_tender", "tender_id", "id"),)

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    buyer_id: UUID = refers("organizations.id")
    tender_version: int
    package: str = text()
    fixed: bool
    draft: list[Any] = nested()
    market: dict[str, Any] = nested()
    findings: dict[str, Any] = nested()
    studied_at: datetime = instant()
    version: int
