"""Rows of the imported registers: the imports, and every record in every form it has had."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel

from adapters.postgres.rows.columns import instant, key, nested, refers, text


def register() -> Any:
    """The column ``register``; an attribute of that name would hide one that every class has."""
    return Field(sa_column=Column("register", Text, nullable=False))


class RegisterImportRow(SQLModel, table=True):
    __tablename__ = "register_imports"
    __table_args__ = (Index("ix_register_imports_register", "register", "id"),)

    id: UUID = key()
    named: str = register()
    file_name: str = text()
    source_sha256: str = text()
    as_of: date
    mode: str = text()
    imported_at: datetime = instant()
    rows: int
    added: int
    changed: int
    removed: int
    unchanged: int
    present: int
    person_id: UUID | None
    organization_id: UUID | None
    version: int


class RegisterRecordRow(SQLModel, table=True):
    """One form of one record. Present are the rows that no import has removed: at most one per register and key."""

    __tablename__ = "register_records"
    __table_args__ = (
        Index("uq_register_records_present", "register", "key", unique=True, postgresql_where="removed_import IS NULL"),
        Index("ix_register_records_bin", "bin", "register", postgresql_where="removed_import IS NULL"),
    )

    id: UUID = key()
    named: str = register()
    key: str = text()
    bin: str | None = text(nullable=True)
    fields: dict[str, Any] = nested()
    valid_from: date | None
    valid_until: date | None
    as_of: date
    added_import: UUID = refers("register_imports.id")
    removed_import: UUID | None = refers("register_imports.id")
