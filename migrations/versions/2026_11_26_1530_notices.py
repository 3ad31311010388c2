"""Notices, their deliveries, subscriptions, watches, webhook endpoints. What happened before is told to nobody, but
whoever takes part in a tender follows it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from adapters.postgres.rows.columns import Xid8

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_index("ix_events_sealed", "events", ["xid", "seq"], unique=False, postgresql_where="sealed")
    op.create_table(
        "outbox_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("xid", Xid8(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_outbox_cursor")),
    )
    op.execute("INSERT INTO outbox_cursor VALUES ('notices', pg_snapshot_xmin(pg_current_snapshot()), 0)")
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=True),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_notices_event_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_notices_organization_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_notices_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "event_id", "organization_id", "kind", name=op.f("uq_notices_event_id_organization_id_kind")
        ),
    )
    op.create_index("ix_notices_inbox", "notices", ["organization_id", "id"], unique=False)
    op.create_index(
        "ix_notices_unread", "notices", ["organization_id", "id"], unique=False, postgresql_where="read_at IS NULL"
    )
    op.create_table(
        "notice_deliveries",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_deliveries_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "channel", name=op.f("pk_notice_deliveries")),
    )
    op.create_index(
        "ix_notice_deliveries_due", "notice_deliveries", ["next_at"], unique=False, postgresql_where="state = 'waiting'"
    )
    op.create_index(
        "ix_notice_deliveries_open",
        "notice_deliveries",
        ["channel"],
        unique=False,
        postgresql_where="state IN ('waiting', 'parked')",
    )
    op.create_table(
        "watches",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_watches_tender_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_watches_organization_id")),
        sa.PrimaryKeyConstraint("tender_id", "organization_id", name=op.f("pk_watches")),
    )
    op.execute("""
        INSERT INTO watches
        SELECT took.tender_id, took.organization_id, now() FROM (
          SELECT tender_id, bidder_id AS organization_id FROM bids
          UNION SELECT tender_id, organization_id FROM verdicts
          UNION SELECT tender_id, complainant_id FROM complaints) took
        JOIN organizations o ON o.id = took.organization_id AND o.kind = 'supplier'
    """)
    op.create_table(
        "matchings",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_matchings_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_matchings")),
    )
    op.create_index("ix_matchings_open", "matchings", ["event_id"], unique=False, postgresql_where="NOT done")
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("interest", JSONB, nullable=False),
        sa.Column("only_eligible", sa.Boolean(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_subscriptions_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index("ix_subscriptions_owner", "subscriptions", ["organization_id", "id"], unique=False)
    op.create_table(
        "notice_preferences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("mail", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["organizations.id"], name=op.f("fk_notice_preferences_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_preferences")),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("secrets", sa.Integer(), nullable=False),
        sa.Column("parked_at", INSTANT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_webhook_endpoints_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_index(
        op.f("ix_webhook_endpoints_organization_id"), "webhook_endpoints", ["organization_id"], unique=False
    )


def downgrade() -> None:
    for table in (
        "webhook_endpoints",
        "notice_preferences",
        "subscriptions",
        "matchings",
        "watches",
        "notice_deliveries",
        "notices",
        "outbox_cursor",
    ):
        op.drop_table(table)
    op.drop_index("ix_events_sealed", table_name="events", postgresql_where="sealed")
