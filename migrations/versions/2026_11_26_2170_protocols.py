"""Which engine found an evaluation's allocation, with its version, and with how much effort.

Those of before were found by the greedy's first form, which nothing here can run any more: they say so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evaluations", sa.Column("engine", sa.Text(), nullable=False, server_default="greedy/1"))
    op.add_column("evaluations", sa.Column("effort", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("evaluations", "engine", server_default=None)
    op.alter_column("evaluations", "effort", server_default=None)


def downgrade() -> None:
    op.drop_column("evaluations", "effort")
    op.drop_column("evaluations", "engine")
