"""Scenarios of awards, what they ask and how far they are; the choice that an evaluation follows from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("evaluations", sa.Column("chosen", JSONB, nullable=True))
    op.create_table(
        "scenarios",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=True),
        sa.Column("rules", JSONB, nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("reference", JSONB, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("solution", JSONB, nullable=True),
        sa.Column("stated", JSONB, nullable=True),
        sa.Column("figures", JSONB, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_scenarios_tender_id")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], name=op.f("fk_scenarios_evaluation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenarios")),
        sa.UniqueConstraint("evaluation_id", "number", name=op.f("uq_scenarios_evaluation_id_number")),
    )
    op.create_index("ix_scenarios_tender", "scenarios", ["tender_id", "id"])
    op.create_index(
        "ix_scenarios_open",
        "scenarios",
        ["made_at"],
        postgresql_where=sa.text("status IN ('queued', 'solving')"),
    )
    op.create_table(
        "scenario_problems",
        sa.Column("scenario_id", sa.Uuid(), nullable=False),
        sa.Column("problem", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenarios.id"], name=op.f("fk_scenario_problems_scenario_id")),
        sa.PrimaryKeyConstraint("scenario_id", name=op.f("pk_scenario_problems")),
    )
    op.create_table(
        "scenario_runs",
        sa.Column("scenario_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("leased_until", INSTANT, nullable=False),
        sa.Column("effort", sa.BigInteger(), nullable=True),
        sa.Column("worth", sa.Numeric(18, 2), nullable=True),
        sa.Column("bound", sa.Numeric(18, 2), nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenarios.id"], name=op.f("fk_scenario_runs_scenario_id")),
        sa.PrimaryKeyConstraint("scenario_id", name=op.f("pk_scenario_runs")),
    )


def downgrade() -> None:
    """Evaluations that were chosen stay, as any other."""
    op.drop_table("scenario_runs")
    op.drop_table("scenario_problems")
    op.drop_table("scenarios")
    op.drop_column("evaluations", "chosen")
