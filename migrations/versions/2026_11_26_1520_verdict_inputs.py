"""Verdicts keep their facts; evidence remembers its warnings; organisations may name a director and a bank account.

A verdict of before has no facts, so it cannot be replayed; what it decided stands: it was accepted where it was
eligible. Its event is left as it is: history is not rewritten.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verdicts", sa.Column("accepted", sa.Boolean(), nullable=True))
    op.execute("UPDATE verdicts SET accepted = eligible")
    op.alter_column("verdicts", "accepted", nullable=False)
    op.add_column("verdicts", sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("verdicts", sa.Column("rules_sha256", sa.Text(), nullable=True))
    op.add_column("evidence", sa.Column("warned_days", sa.Integer(), nullable=True))
    op.create_index(
        "ix_evidence_valid_until",
        "evidence",
        ["valid_until", "id"],
        unique=False,
        postgresql_where=sa.text("revoked_on IS NULL"),
    )
    op.add_column("organizations", sa.Column("director", sa.Text(), nullable=True))
    op.add_column("organizations", sa.Column("bank_account", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("organizations", "bank_account")
    op.drop_column("organizations", "director")
    op.drop_index("ix_evidence_valid_until", table_name="evidence")
    op.drop_column("evidence", "warned_days")
    for name in ("rules_sha256", "inputs", "accepted"):
        op.drop_column("verdicts", name)
