"""Rows of the registries room: what was asked and answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel

from adapters.postgres.rows.columns import instant, key, nested, text


class RegistryAnswerRow(SQLModel, table=True):
    __tablename__ = "registry_answers"
    __table_args__ = (Index("ix_registry_answers_question", "registry", "question", "subject", "id"),)

    id: UUID = key()
    source: str = Field(sa_column=Column("registry", Text, nullable=False))
    """The attribute ``registry`` is SQLAlchemy's own."""
    question: str = text()
    subject: str = text()
    outcome: str = text()
    asked_at: datetime = instant()
    sha256: str | None = text(nullable=True)
    answer: dict[str, Any] | None = nested(nullable=True)
    error: str | None = text(nullable=True)
    version: int
