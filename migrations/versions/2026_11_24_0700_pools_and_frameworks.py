"""Pools of several buyers; frameworks and their call-offs. Contracts of before are orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
RECEIVERS = "jsonb_path_query_array(lines, '$[*].places[*].buyer_id'::jsonpath)"
ADDED = (("kind", sa.Text(), "order"), ("calls", JSONB, "[]"), ("settlement", JSONB, "[]"))


def upgrade() -> None:
    op.execute("CREATE SEQUENCE pool_numbers")
    op.create_table(
        "pools",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("organizer_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("garments", JSONB, nullable=False),
        sa.Column("members", JSONB, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organizer_id"], ["organizations.id"], name=op.f("fk_pools_organizer_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_pools_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
        sa.UniqueConstraint("number", name=op.f("uq_pools_number")),
    )
    op.create_index(op.f("ix_pools_organizer_id"), "pools", ["organizer_id"], unique=False)
    op.create_index(
        "ix_pools_members",
        "pools",
        ["members"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"members": "jsonb_path_ops"},
    )
    for name, kind, before in ADDED:
        op.add_column("contracts", sa.Column(name, kind, nullable=False, server_default=before))
        op.alter_column("contracts", name, server_default=None)
    op.add_column("contracts", sa.Column("framework_id", sa.Uuid(), nullable=True))
    op.add_column("contracts", sa.Column("term_until", sa.Date(), nullable=True))
    op.create_foreign_key(op.f("fk_contracts_framework_id"), "contracts", "contracts", ["framework_id"], ["id"])
    op.create_index(op.f("ix_contracts_framework_id"), "contracts", ["framework_id"], unique=False)
    op.create_index("ix_contracts_receivers", "contracts", [sa.text(RECEIVERS)], unique=False, postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_contracts_receivers", table_name="contracts", postgresql_using="gin")
    op.drop_index(op.f("ix_contracts_framework_id"), table_name="contracts")
    op.drop_constraint(op.f("fk_contracts_framework_id"), "contracts", type_="foreignkey")
    for name in ("term_until", "framework_id", "settlement", "calls", "kind"):
        op.drop_column("contracts", name)
    op.drop_table("pools")
    op.execute("DROP SEQUENCE pool_numbers")
