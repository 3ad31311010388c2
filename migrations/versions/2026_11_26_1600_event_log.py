"""The tamper-evident log: leaves, nodes, checkpoints; events and log are only ever inserted."""

import sqlalchemy as sa
from alembic import op

from adapters.postgres.rows.columns import Xid8

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WALLED = ("events", "log_batches", "log_leaves", "log_nodes", "log_checkpoints")
REFUSES = """
CREATE FUNCTION only_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is only ever inserted into', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "log_batches",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("xid", Xid8(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("public_size", sa.BigInteger(), nullable=False),
        sa.Column("sealed_size", sa.BigInteger(), nullable=False),
        sa.Column(
            "numbered_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_batches")),
    )
    op.create_table(
        "log_leaves",
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tree", "index", name=op.f("pk_log_leaves")),
        sa.UniqueConstraint("event_id", "tree", name=op.f("uq_log_leaves_event_id_tree")),
    )
    op.create_index(
        "ix_log_leaves_tender_id",
        "log_leaves",
        ["tender_id", "index"],
        unique=False,
        postgresql_where="tender_id IS NOT NULL",
    )
    op.create_table(
        "log_nodes",
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tree", "level", "index", name=op.f("pk_log_nodes")),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_size", sa.BigInteger(), nullable=False),
        sa.Column("sealed_root", sa.LargeBinary(), nullable=False),
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_checkpoints")),
        sa.UniqueConstraint("note", name=op.f("uq_log_checkpoints_note")),
    )
    op.execute(REFUSES)
    for table in WALLED:
        op.execute(
            f"CREATE TRIGGER {table}_only_inserted BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION only_inserted()"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER events_only_inserted ON events")
    for table in reversed(WALLED[1:]):
        op.drop_table(table)
    op.execute("DROP FUNCTION only_inserted()")
