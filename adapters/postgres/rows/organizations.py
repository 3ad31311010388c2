"""Rows of the organisations room."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import blob, instant, key, nested, refers, text


class OrganizationRow(SQLModel, table=True):
    __tablename__ = "organizations"

    id: UUID = key()
    bin: str = text(unique=True)
    kind: str = text()
    name: str = text()
    kato: str = text()
    address: str = text()
    phone: str = text()
    email: str = text()
    registered_at: datetime = instant()
    director: str | None = text(nullable=True)
    bank_account: str | None = text(nullable=True)
    status: str = text()
    version: int


class PersonRow(SQLModel, table=True):
    __tablename__ = "people"

    id: UUID = key()
    email: str = text(unique=True)
    name: str = text()
    password_hash: str = text()
    registered_at: datetime = instant()
    version: int


class MembershipRow(SQLModel, table=True):
    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("person_id", "organization_id"),)

    id: UUID = key()
    person_id: UUID = refers("people.id")
    organization_id: UUID = refers("organizations.id", index=True)
    roles: list[Any] = nested()
    added_at: datetime = instant()
    version: int


class CredentialRow(SQLModel, table=True):
    __tablename__ = "credentials"

    id: UUID = key()
    kind: str = text()
    membership_id: UUID = refers("memberships.id", index=True)
    name: str = text()
    roles: list[Any] = nested()
    token_sha256: bytes = blob(unique=True)
    issued_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)
    version: int
