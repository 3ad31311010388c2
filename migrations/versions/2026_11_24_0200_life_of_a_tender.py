"""The life of a tender in full: amendments, repeats, single sources, complaints.

Tenders and contracts of earlier versions keep the rules they were published under, written in the words of today:
no discussion, no standstill, no list consulted, payment by their own days.
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RULES_BEFORE = {
    "advance_percent_max": "0",
    "advance_percent_producers": "0",
    "amendment_remaining_min": "PT0S",
    "amendment_rule": "none",
    "annual_threshold_mci": "0",
    "answer_period": "2WD",
    "attempts_max": "1",
    "award_period_max": "P180D",
    "bid_replacement": "true",
    "bid_security_exempt": "",
    "bid_security_percent": "0",
    "bids_min": "1",
    "complaint_decision_period": "P3D",
    "complaints_before_opening": "false",
    "contract_security_exempt": "",
    "contract_security_percent": "0",
    "delivery_period_min": "P1D",
    "delivery_period_min_producers": "P1D",
    "discount_producer_percent": "0",
    "discussion_period": "PT0S",
    "dumping_consequence": "none",
    "dumping_percent": "20",
    "dumping_rule": "none",
    "evaluation_period_max": "P180D",
    "follow_up": "",
    "invited_only": "false",
    "mci": "4325:2026-01-01/2026-12-31",
    "minutes_check": "false",
    "opening_delay_max": "PT5M",
    "phases": "bidding opening evaluation award signing execution",
    "prequalification": "none",
    "questions_close_before": "PT0S",
    "register_age_max_days": "90",
    "repeat_bid_period_min": "P3D",
    "results_appealable": "false",
    "security_rounding": "half_up_tenge",
    "signing_notice_period": "PT0S",
    "signing_period": "P180D",
    "single_admitted_of_several": "valid",
    "single_source_grounds": "",
    "standstill_period": "PT0S",
    "tie_breaks": "earlier_receipt bid_id",
    "unchecked": "bid:accept award:accept signing:accept",
    "unreliable_ban_months": "24",
    "unreliable_lists": "",
    "vat_rate": "16:2026-01-01/",
}
_CARRY_OVER = """
UPDATE {table} SET procedure = jsonb_set(
  procedure || jsonb_build_object('method',
    CASE procedure->'parameters'->>'producers_only' WHEN 'true' THEN 'producers_tender' ELSE 'open_tender' END),
  '{{parameters}}',
  CAST(:rules AS jsonb) || (procedure->'parameters') || (
    SELECT jsonb_build_object('payment_period', days, 'payment_period_producers', days) FROM (
      SELECT CASE procedure->'parameters'->>'payment_days_kind'
        WHEN 'working' THEN (procedure->'parameters'->>'payment_days') || 'WD'
        ELSE 'P' || coalesce(procedure->'parameters'->>'payment_days', '30') || 'D' END AS days) AS period))
WHERE NOT procedure->'parameters' ? 'phases'
"""


def upgrade() -> None:
    op.add_column("bids", sa.Column("terms", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("tenders", sa.Column("terms", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("tenders", sa.Column("ground", sa.Text(), nullable=True))
    op.add_column(
        "tenders", sa.Column("invited", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]")
    )
    op.add_column("tenders", sa.Column("prequalification_id", sa.Uuid(), nullable=True))
    op.add_column("tenders", sa.Column("follows", sa.Uuid(), nullable=True))
    op.add_column("tenders", sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("tenders", sa.Column("complaints_until", sa.DateTime(timezone=True), nullable=True))
    for table, column in (("bids", "terms"), ("tenders", "terms"), ("tenders", "invited"), ("tenders", "attempt")):
        op.alter_column(table, column, server_default=None)
    op.create_unique_constraint(op.f("uq_tenders_follows"), "tenders", ["follows"])
    op.create_foreign_key(op.f("fk_tenders_follows"), "tenders", "tenders", ["follows"], ["id"])
    for table in ("tenders", "contracts"):
        op.execute(sa.text(_CARRY_OVER.format(table=table)).bindparams(rules=json.dumps(RULES_BEFORE)))


def downgrade() -> None:
    op.drop_constraint(op.f("fk_tenders_follows"), "tenders", type_="foreignkey")
    op.drop_constraint(op.f("uq_tenders_follows"), "tenders", type_="unique")
    for column in ("complaints_until", "attempt", "follows", "prequalification_id", "invited", "ground", "terms"):
        op.drop_column("tenders", column)
    op.drop_column("bids", "terms")
