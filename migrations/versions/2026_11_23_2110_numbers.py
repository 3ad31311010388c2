"""Human numbers of tenders and contracts: gaps are possible, repetition is not."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE tender_numbers")
    op.execute("CREATE SEQUENCE contract_numbers")


def downgrade() -> None:
    op.execute("DROP SEQUENCE contract_numbers")
    op.execute("DROP SEQUENCE tender_numbers")
