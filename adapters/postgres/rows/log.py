"""Rows of the tamper-evident log. Only ever inserted, as events are; a trigger refuses everything else."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, func
from sqlmodel import Field, SQLModel

from adapters.postgres.rows.columns import Xid8, blob, column, instant, text


class LogBatchRow(SQLModel, table=True):
    """A range of the order of events that was numbered: up to (``xid``, ``seq``). The newest one is where to go on."""

    __tablename__ = "log_batches"

    number: int = column(BigInteger, primary_key=True)
    xid: int = Field(sa_column=Column(Xid8, nullable=False))
    seq: int = column(BigInteger)
    public_size: int = column(BigInteger)
    sealed_size: int = column(BigInteger)
    numbered_at: datetime = instant(sa_column_kwargs={"server_default": func.clock_timestamp()})


class LogLeafRow(SQLModel, table=True):
    """``tender_id``: whose opening brings this sealed leaf into the public tree."""

    __tablename__ = "log_leaves"
    __table_args__ = (
        UniqueConstraint("event_id", "tree"),
        Index("ix_log_leaves_tender_id", "tender_id", "index", postgresql_where="tender_id IS NOT NULL"),
    )

    tree: str = text(primary_key=True)
    index: int = column(BigInteger, primary_key=True)
    event_id: UUID
    hash: bytes = blob()
    salt: bytes = blob()
    tender_id: UUID | None


class LogNodeRow(SQLModel, table=True):
    """Hashes of complete subtrees, every fourth level: one row per 15 leaves."""

    __tablename__ = "log_nodes"

    tree: str = text(primary_key=True)
    level: int = Field(primary_key=True)
    index: int = column(BigInteger, primary_key=True)
    hash: bytes = blob()


class LogCheckpointRow(SQLModel, table=True):
    """What was signed. The sealed tree's size and root with the blind under which the note commits to them."""

    __tablename__ = "log_checkpoints"
    __table_args__ = (UniqueConstraint("note"),)

    number: int = column(BigInteger, primary_key=True)
    size: int = column(BigInteger)
    root: bytes = blob()
    sealed_size: int = column(BigInteger)
    sealed_root: bytes = blob()
    blind: bytes = blob()
    note: str = text()
    signed_at: datetime = instant(sa_column_kwargs={"server_default": func.clock_timestamp()})
