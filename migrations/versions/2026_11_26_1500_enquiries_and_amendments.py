"""Questions and answers about published tenders; amendments of their documents and extensions of their deadlines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "enquiries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("lots", JSONB, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("answer_by", INSTANT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_enquiries_tender_id")),
        sa.ForeignKeyConstraint(["asker_id"], ["organizations.id"], name=op.f("fk_enquiries_asker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiries")),
        sa.UniqueConstraint("tender_id", "number", name=op.f("uq_enquiries_tender_id_number")),
    )
    op.create_table(
        "amendments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", JSONB, nullable=False),
        sa.Column("terms_before", sa.Integer(), nullable=False),
        sa.Column("terms_after", sa.Integer(), nullable=False),
        sa.Column("opens_at_before", INSTANT, nullable=False),
        sa.Column("opens_at_after", INSTANT, nullable=False),
        sa.Column("closes_at_before", INSTANT, nullable=False),
        sa.Column("closes_at_after", INSTANT, nullable=False),
        sa.Column("amended_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_amendments_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
        sa.UniqueConstraint("tender_id", "number", name=op.f("uq_amendments_tender_id_number")),
    )


def downgrade() -> None:
    op.drop_table("amendments")
    op.drop_table("enquiries")
