"""Criteria of tenders; committees with their scores; papers that bidders complete after the opening."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("tenders", sa.Column("criteria", JSONB, nullable=False, server_default="[]"))
    op.alter_column("tenders", "criteria", server_default=None)
    op.create_table(
        "committees",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("members", JSONB, nullable=False),
        sa.Column("appointed_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_committees_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committees")),
        sa.UniqueConstraint("tender_id", name=op.f("uq_committees_tender_id")),
    )
    op.create_table(
        "score_sheets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("scores", JSONB, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("scored_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_score_sheets_bid_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_score_sheets_person_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_score_sheets_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheets")),
        sa.UniqueConstraint(
            "tender_id",
            "person_id",
            "bid_id",
            "revision",
            name=op.f("uq_score_sheets_tender_id_person_id_bid_id_revision"),
        ),
    )
    op.create_index("ix_score_sheets_tender", "score_sheets", ["tender_id", "id"], unique=False)
    op.create_table(
        "paper_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("bidder_id", sa.Uuid(), nullable=False),
        sa.Column("papers", JSONB, nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("due_by", INSTANT, nullable=False),
        sa.Column("handed_in", JSONB, nullable=False),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_paper_requests_bid_id")),
        sa.ForeignKeyConstraint(["bidder_id"], ["organizations.id"], name=op.f("fk_paper_requests_bidder_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_paper_requests_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_requests")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_paper_requests_bid_id")),
    )
    op.create_index("ix_paper_requests_tender", "paper_requests", ["tender_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("paper_requests")
    op.drop_table("score_sheets")
    op.drop_table("committees")
    op.drop_column("tenders", "criteria")
