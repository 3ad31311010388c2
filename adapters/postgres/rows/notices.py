"""Rows of the notices room."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from adapters.postgres.rows.columns import Xid8, column, instant, key, nested, refers, text


class OutboxCursorRow(SQLModel, table=True):
    """One row: up to where events have become notices. Whoever holds it turns the next ones."""

    __tablename__ = "outbox_cursor"

    name: str = text(primary_key=True)
    xid: int = column(Xid8)
    seq: int = column(BigInteger)


class NoticeRow(SQLModel, table=True):
    """The unique constraint is what makes telling twice harmless."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("event_id", "organization_id", "kind"),
        Index("ix_notices_inbox", "organization_id", "id"),
        Index("ix_notices_unread", "organization_id", "id", postgresql_where="read_at IS NULL"),
    )

    id: UUID = key()
    event_id: UUID = refers("events.id")
    organization_id: UUID = refers("organizations.id")
    kind: str = text()
    subject: str = text()
    subject_id: UUID
    tender_id: UUID | None = refers("tenders.id", nullable=True)
    data: dict[str, Any] = nested()
    at: datetime = instant()
    told_at: datetime = instant()
    read_at: datetime | None = instant(nullable=True)


class NoticeDeliveryRow(SQLModel, table=True):
    """``channel`` is ``mail`` or a webhook endpoint's id as text."""

    __tablename__ = "notice_deliveries"
    __table_args__ = (
        Index("ix_notice_deliveries_due", "next_at", postgresql_where="state = 'waiting'"),
        Index("ix_notice_deliveries_open", "channel", postgresql_where="state IN ('waiting', 'parked')"),
    )

    notice_id: UUID = refers("notices.id", primary_key=True)
    channel: str = text(primary_key=True)
    state: str = text()
    tries: int
    next_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    failure: str | None = text(nullable=True)


class WatchRow(SQLModel, table=True):
    __tablename__ = "watches"

    tender_id: UUID = refers("tenders.id", primary_key=True)
    organization_id: UUID = refers("organizations.id", primary_key=True)
    since: datetime = instant()


class MatchingRow(SQLModel, table=True):
    """``after`` is the last supplier that was looked at."""

    __tablename__ = "matchings"
    __table_args__ = (Index("ix_matchings_open", "event_id", postgresql_where="NOT done"),)

    event_id: UUID = refers("events.id", primary_key=True)
    after: UUID | None
    done: bool = Field(nullable=False)


class SubscriptionRow(SQLModel, table=True):
    __tablename__ = "subscriptions"
    __table_args__ = (Index("ix_subscriptions_owner", "organization_id", "id"),)

    id: UUID = key()
    organization_id: UUID = refers("organizations.id")
    interest: dict[str, Any] = nested()
    only_eligible: bool
    made_at: datetime = instant()
    version: int


class NoticePreferencesRow(SQLModel, table=True):
    __tablename__ = "notice_preferences"

    id: UUID = refers("organizations.id", primary_key=True)
    set_at: datetime = instant()
    language: str = text()
    mail: bool
    version: int


class WebhookEndpointRow(SQLModel, table=True):
    """Holds no secret: secrets are derived from the deployment's key."""

    __tablename__ = "webhook_endpoints"

    id: UUID = key()
    organization_id: UUID = refers("organizations.id", index=True)
    url: str = text()
    added_at: datetime = instant()
    secrets: int
    parked_at: datetime | None = instant(nullable=True)
    failure: str | None = text(nullable=True)
    version: int
