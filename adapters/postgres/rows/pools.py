"""Rows of the pools room."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import instant, key, nested, refers, text


class PoolRow(SQLModel, table=True):
    """``members`` is searched for a buyer and for a need."""

    __tablename__ = "pools"
    __table_args__ = (
        Index("ix_pools_members", "members", postgresql_using="gin", postgresql_ops={"members": "jsonb_path_ops"}),
    )

    id: UUID = key()
    number: str = text(unique=True)
    organizer_id: UUID = refers("organizations.id", index=True)
    title: str = text()
    grid: str = text()
    garments: list[Any] = nested()
    members: list[Any] = nested()
    opened_at: datetime = instant()
    status: str = text()
    tender_id: UUID | None = refers("tenders.id", nullable=True)
    version: int
