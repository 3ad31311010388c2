"""Documents of bids: as they were uploaded, sealed, and as the opener found them; which ones a bid names."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bid_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("bidder_tag", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext_bytes", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_bid_documents_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_documents")),
    )
    op.create_index("ix_bid_documents_bidder", "bid_documents", ["tender_id", "bidder_tag"], unique=False)
    op.create_table(
        "opened_documents",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("stored_hash", sa.LargeBinary(), nullable=True),
        sa.Column("computed_hash", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_opened_documents_bid_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_opened_documents_tender_id")),
        sa.PrimaryKeyConstraint("bid_id", "id", name=op.f("pk_opened_documents")),
    )
    op.add_column("bids", sa.Column("documents", postgresql.JSONB(astext_type=sa.Text()), nullable=True))


def downgrade() -> None:
    """The files stay where they are."""
    op.drop_column("bids", "documents")
    op.drop_table("opened_documents")
    op.drop_table("bid_documents")
