"""Rows of the consortia room. Nothing here says who agreed to whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import blob, instant, key, refers, text


class ConsentRow(SQLModel, table=True):
    """The partial unique index holds what the service checks: one standing consent per member, leader and tender."""

    __tablename__ = "consents"
    __table_args__ = (
        Index(
            "uq_consents_standing",
            "tender_id",
            "leader_tag",
            "member_tag",
            unique=True,
            postgresql_where="status = 'granted'",
        ),
        Index("ix_consents_member", "tender_id", "member_tag"),
    )

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    leader_tag: bytes = blob()
    member_tag: bytes = blob()
    letter: bytes = blob()
    granted_at: datetime = instant()
    status: str = text()
    revoked_at: datetime | None = instant(nullable=True)
    version: int
