"""The preference ledger: what the domestic rule of a package cost an award, and who gained by it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preference_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("producers_only", sa.Boolean(), nullable=False),
        sa.Column("discount_percent", sa.Numeric(5, 2), nullable=False),
        sa.Column("admitted_more", sa.Integer(), nullable=False),
        sa.Column("lots", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("gains", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("with_rule", sa.Numeric(18, 2), nullable=False),
        sa.Column("without_rule", sa.Numeric(18, 2), nullable=False),
        sa.Column("changed_lots", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_preference_entries_evaluation_id")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_preference_entries_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preference_entries")),
    )
    op.create_index("ix_preference_entries_recorded", "preference_entries", ["recorded_at", "id"], unique=False)
    op.create_index(op.f("ix_preference_entries_tender_id"), "preference_entries", ["tender_id"], unique=False)


def downgrade() -> None:
    op.drop_table("preference_entries")
