"""Bids in full: consents of consortium members, how a bid's offers hang together, and what packages say of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)
OF_BEFORE = {
    "bid_price_breaks_max": "0",
    "consortium_members_max": "1",
    "either_or_groups_max": "0",
    "package_discounts_max": "0",
    "partial_bids": "true",
    "specification_answers": "optional",
}
"""What tenders and contracts of before say: bids as they were taken then."""
_SAYS = """
UPDATE {table}
SET procedure = jsonb_set(procedure, '{{parameters}}', CAST(:words AS jsonb) || (procedure->'parameters'))
WHERE procedure->'parameters' IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("leader_tag", sa.LargeBinary(), nullable=False),
        sa.Column("member_tag", sa.LargeBinary(), nullable=False),
        sa.Column("letter", sa.LargeBinary(), nullable=False),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_consents_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(
        "uq_consents_standing",
        "consents",
        ["tender_id", "leader_tag", "member_tag"],
        unique=True,
        postgresql_where="status = 'granted'",
    )
    op.create_index("ix_consents_member", "consents", ["tender_id", "member_tag"], unique=False)
    for name, before in (("combination", "{}"), ("without_consent", "[]")):
        op.add_column("bids", sa.Column(name, JSONB, server_default=before, nullable=False))
        op.alter_column("bids", name, server_default=None)
    words = sa.bindparam("words", OF_BEFORE, type_=sa.JSON())
    for table in ("tenders", "contracts"):
        op.execute(sa.text(_SAYS.format(table=table)).bindparams(words))


def downgrade() -> None:
    """Bids that were opened keep their offers and lose how they hang together; the words stay and are not read."""
    op.drop_column("bids", "without_consent")
    op.drop_column("bids", "combination")
    op.drop_table("consents")
