"""Complaints; contracts with a standstill and a time for signing, that lapse, are annulled, or replace another."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("CREATE SEQUENCE complaint_numbers")
    op.create_table(
        "complaints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("complainant_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("lots", JSONB, nullable=False),
        sa.Column("objection", sa.Text(), nullable=False),
        sa.Column("evidence", JSONB, nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("against", sa.Uuid(), nullable=True),
        sa.Column("filed_at", INSTANT, nullable=False),
        sa.Column("decide_by", INSTANT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_remedy", sa.Text(), nullable=True),
        sa.Column("excluded_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("terms", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_complaints_tender_id")),
        sa.ForeignKeyConstraint(["complainant_id"], ["organizations.id"], name=op.f("fk_complaints_complainant_id")),
        sa.ForeignKeyConstraint(["against"], ["organizations.id"], name=op.f("fk_complaints_against")),
        sa.ForeignKeyConstraint(["excluded_id"], ["organizations.id"], name=op.f("fk_complaints_excluded_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("number", name=op.f("uq_complaints_number")),
    )
    op.create_index(
        "uq_complaints_open",
        "complaints",
        ["tender_id", "complainant_id", "stage"],
        unique=True,
        postgresql_where="status = 'filed'",
    )
    op.create_index("ix_complaints_tender", "complaints", ["tender_id", "id"], unique=False)
    op.add_column("contracts", sa.Column("standstill_until", INSTANT, nullable=True))
    op.add_column("contracts", sa.Column("sign_by", INSTANT, nullable=True))
    for name in ("declination", "lapse", "leftover"):
        op.add_column("contracts", sa.Column(name, JSONB, nullable=True))
    op.add_column("contracts", sa.Column("replaces", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_contracts_replaces"), "contracts", "contracts", ["replaces"], ["id"])
    op.add_column("evaluations", sa.Column("replaces", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_evaluations_replaces"), "evaluations", "contracts", ["replaces"], ["id"])
    op.create_index(op.f("ix_evaluations_replaces"), "evaluations", ["replaces"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_evaluations_replaces"), table_name="evaluations")
    op.drop_constraint(op.f("fk_evaluations_replaces"), "evaluations", type_="foreignkey")
    op.drop_column("evaluations", "replaces")
    op.drop_constraint(op.f("fk_contracts_replaces"), "contracts", type_="foreignkey")
    for name in ("replaces", "leftover", "lapse", "declination", "sign_by", "standstill_until"):
        op.drop_column("contracts", name)
    op.drop_table("complaints")
    op.execute("DROP SEQUENCE complaint_numbers")
