"""Registers that come as files: their imports, and their records with history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_imports")),
    )
    op.create_index("ix_register_imports_register", "register_imports", ["register", "id"])
    op.create_table(
        "register_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("bin", sa.Text(), nullable=True),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("added_import", sa.Uuid(), nullable=False),
        sa.Column("removed_import", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_import"], ["register_imports.id"], name=op.f("fk_register_records_added_import")
        ),
        sa.ForeignKeyConstraint(
            ["removed_import"], ["register_imports.id"], name=op.f("fk_register_records_removed_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_records")),
    )
    present = sa.text("removed_import IS NULL")
    op.create_index(
        "uq_register_records_present", "register_records", ["register", "key"], unique=True, postgresql_where=present
    )
    op.create_index("ix_register_records_bin", "register_records", ["bin", "register"], postgresql_where=present)


def downgrade() -> None:
    op.drop_table("register_records")
    op.drop_table("register_imports")
