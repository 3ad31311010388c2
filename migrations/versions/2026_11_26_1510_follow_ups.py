"""What follows a failed tender; reasons of lots in evaluations; prequalification lists.

Evaluations of before give the reason that their results say.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)
_REASONS = """
UPDATE evaluations SET failures = (
  SELECT coalesce(jsonb_object_agg(lot, CASE result
    WHEN 'no_admitted_bids' THEN CASE WHEN EXISTS (
      SELECT 1 FROM jsonb_array_elements(admissions) admission WHERE admission->>'lot' = lot)
      THEN 'none_admitted' ELSE 'no_bids' END
    ELSE 'not_filled' END), '{}')
  FROM jsonb_each_text(results) AS each (lot, result) WHERE result <> 'awarded')
"""
_RESULTS_BEFORE = """
UPDATE evaluations SET results = (
  SELECT jsonb_object_agg(lot, CASE result WHEN 'failed' THEN 'not_filled' ELSE result END)
  FROM jsonb_each_text(results) AS each (lot, result)) WHERE jsonb_path_exists(results, '$.* ? (@ == "failed")')
"""
"""A result that earlier versions do not know."""
STANDING = "NOT (status = 'cancelled' AND published_at IS NULL)"


def upgrade() -> None:
    op.add_column("evaluations", sa.Column("failures", JSONB, nullable=False, server_default="{}"))
    op.alter_column("evaluations", "failures", server_default=None)
    op.execute(_REASONS)
    op.drop_constraint(op.f("uq_tenders_follows"), "tenders", type_="unique")
    op.create_index("uq_tenders_follows", "tenders", ["follows"], unique=True, postgresql_where=STANDING)
    op.execute("CREATE SEQUENCE prequalification_numbers")
    op.create_table(
        "prequalifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("products", JSONB, nullable=False),
        sa.Column("requirements", JSONB, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["buyer_id"], ["organizations.id"], name=op.f("fk_prequalifications_buyer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prequalifications")),
        sa.UniqueConstraint("number", name=op.f("uq_prequalifications_number")),
    )
    op.create_index(op.f("ix_prequalifications_buyer_id"), "prequalifications", ["buyer_id"], unique=False)
    applications = "prequalification_applications"
    op.create_table(
        applications,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prequalification_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("documents", JSONB, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("qualified_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prequalification_id"], ["prequalifications.id"], name=op.f(f"fk_{applications}_prequalification_id")
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["organizations.id"], name=op.f(f"fk_{applications}_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{applications}")),
        sa.UniqueConstraint("prequalification_id", "supplier_id", name=op.f(f"uq_{applications}_supplier")),
    )
    op.create_index(f"ix_{applications}_list", applications, ["prequalification_id", "id"], unique=False)
    op.create_foreign_key(
        op.f("fk_tenders_prequalification_id"), "tenders", "prequalifications", ["prequalification_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_tenders_prequalification_id"), "tenders", type_="foreignkey")
    op.execute("UPDATE tenders SET prequalification_id = NULL WHERE prequalification_id IS NOT NULL")
    op.drop_table("prequalification_applications")
    op.drop_table("prequalifications")
    op.execute("DROP SEQUENCE prequalification_numbers")
    op.drop_index("uq_tenders_follows", table_name="tenders", postgresql_where=STANDING)
    op.execute("UPDATE tenders SET follows = NULL WHERE status = 'cancelled' AND published_at IS NULL")
    op.create_unique_constraint(op.f("uq_tenders_follows"), "tenders", ["follows"])
    op.execute(_RESULTS_BEFORE)
    op.drop_column("evaluations", "failures")
