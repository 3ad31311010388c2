"""Rows of the bids room. Before the opening nothing here says whose a bid is, or what it says."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import blob, column, instant, key, nested, refers, text


class SealingKeyRow(SQLModel, table=True):
    """Made by the opener, taken by a publication; the private key only wrapped."""

    __tablename__ = "sealing_keys"
    __table_args__ = (Index("ix_sealing_keys_spare", "id", postgresql_where="tender_id IS NULL"),)

    id: UUID = key()
    public_key: bytes = blob()
    private_key: bytes = blob()
    wrapped_by: str = text()
    tender_id: UUID | None = refers("tenders.id", nullable=True, unique=True)


class EnvelopeRow(SQLModel, table=True):
    """Written by ``store_sealed_bid`` only, which holds the deadline; one per bidder and tender, its last revision."""

    __tablename__ = "sealed_bids"
    __table_args__ = (
        UniqueConstraint("tender_id", "bidder_tag"),
        Index("ix_sealed_bids_received", "tender_id", "received_at"),
    )

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    bidder_tag: bytes = blob()
    revision: int
    terms: int
    status: str = text()
    received_at: datetime = instant()
    ciphertext: bytes = blob()
    ciphertext_hash: bytes = blob()
    commitment: bytes = blob()
    sealed_record: bytes = blob()
    version: int


class SupersededBidRow(SQLModel, table=True):
    """What a bidder replaced or confirmed: what his receipts name, and nothing that could be opened."""

    __tablename__ = "superseded_bids"

    bid_id: UUID = refers("sealed_bids.id", primary_key=True)
    revision: int = key()
    ciphertext_hash: bytes = blob()
    commitment: bytes = blob()
    received_at: datetime = instant()


class ManifestRow(SQLModel, table=True):
    """What was closed, byte for byte as it was hashed and published."""

    __tablename__ = "manifests"

    tender_id: UUID = refers("tenders.id", primary_key=True)
    canonical: bytes = blob()
    sha256: bytes = blob()


class BidRow(SQLModel, table=True):
    """Opened bids; rows of another status are from before bids were sealed."""

    __tablename__ = "bids"
    __table_args__ = (UniqueConstraint("tender_id", "bidder_id"),)

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    bidder_id: UUID = refers("organizations.id", index=True)
    offers: list[Any] = nested()
    received_at: datetime = instant()
    status: str = text()
    revision: int
    terms: int
    nonce: bytes | None = blob(nullable=True)
    documents: list[Any] | None = nested(nullable=True)
    combination: dict[str, Any] = nested()
    without_consent: list[Any] = nested()
    version: int


class UnreadableBidRow(SQLModel, table=True):
    """What the opener could not read, shown beside what it could. The envelope itself may be gone."""

    __tablename__ = "unreadable_bids"

    id: UUID = key()
    tender_id: UUID = refers("tenders.id", index=True)
    revision: int
    received_at: datetime = instant()
    fault: str = text()
    commitment: bytes = blob()
    stored_hash: bytes = blob()
    computed_hash: bytes = blob()
    version: int


class BidDocumentRow(SQLModel, table=True):
    """An uploaded document, sealed in a file of its id; nothing here is of its content but the bucket of its size."""

    __tablename__ = "bid_documents"
    __table_args__ = (Index("ix_bid_documents_bidder", "tender_id", "bidder_tag"),)

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    bidder_tag: bytes = blob()
    ciphertext_hash: bytes = blob()
    ciphertext_bytes: int = column(BigInteger)
    uploaded_at: datetime = instant()
    version: int


class OpenedDocumentRow(SQLModel, table=True):
    """A document that an opened bid names, readable (its content is in a file of its id) or with its fault."""

    __tablename__ = "opened_documents"

    bid_id: UUID = refers("bids.id", primary_key=True)
    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    name: str = text()
    sha256: str = text()
    media_type: str | None = text(nullable=True)
    size: int | None = column(BigInteger, nullable=True)
    fault: str | None = text(nullable=True)
    stored_hash: bytes | None = blob(nullable=True)
    computed_hash: bytes | None = blob(nullable=True)
    version: int
