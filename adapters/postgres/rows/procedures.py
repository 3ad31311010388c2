"""Rows of the procedures room."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import instant, key, nested, refers, text


class ProcedureSettingsRow(SQLModel, table=True):
    __tablename__ = "procedure_settings"
    __table_args__ = (UniqueConstraint("buyer_id", "procedure"),)

    id: UUID = key()
    buyer_id: UUID = refers("organizations.id")
    procedure: str = text()
    configured_at: datetime = instant()
    values: dict[str, Any] = nested()
    version: int
