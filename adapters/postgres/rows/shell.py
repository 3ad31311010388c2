"""Rows that serve every room: the events, and the answers kept for retries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, func
from sqlmodel import Field, SQLModel

from adapters.postgres.rows.columns import Xid8, blob, instant, key, nested, text


class EventRow(SQLModel, table=True):
    """Audit trail, outbox and feed. ``xid`` orders the feed without loss; ``sealed`` rows never enter it."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_feed", "xid", "seq", postgresql_where="NOT sealed"),
        Index("ix_events_sealed", "xid", "seq", postgresql_where="sealed"),
        Index("ix_events_subject_id", "subject_id"),
    )

    id: UUID = key()
    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    xid: int = Field(sa_column=Column(Xid8, server_default=func.pg_current_xact_id(), nullable=False))
    type: str = text()
    subject: str = text()
    subject_id: UUID
    sealed: bool
    person_id: UUID | None
    organization_id: UUID | None
    at: datetime = instant()
    data: dict[str, Any] = nested()


class KeptAnswerRow(SQLModel, table=True):
    """The answer of a command, written in the command's own transaction; repeated to a retry, the only one who can read
    it: name, fingerprint and key come from the idempotency key, which is stored nowhere.
    """

    __tablename__ = "kept_answers"

    name: bytes = blob(primary_key=True)
    fingerprint: bytes = blob()
    answer: bytes = blob()
    kept_at: datetime = instant(index=True)
