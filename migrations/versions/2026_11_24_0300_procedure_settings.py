"""What a buyer has set in a rule package."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "procedure_settings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("configured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["buyer_id"], ["organizations.id"], name=op.f("fk_procedure_settings_buyer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_settings")),
        sa.UniqueConstraint("buyer_id", "procedure", name=op.f("uq_procedure_settings_buyer_id_procedure")),
    )


def downgrade() -> None:
    op.drop_table("procedure_settings")
