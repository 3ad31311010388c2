"""Capacity: minutes of contracts booked into weeks, a wall that keeps weeks from being overbooked, soft holds of bids.

Contracts that bind minutes bind the same minutes afterwards. In which weeks nobody has written down, so all of it
stands beyond the weeks (``excess``) and is owed by the end of the week of each delivery.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

COUNT = """
CREATE FUNCTION count_capacity() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
-- Keeps capacity_weeks, whose CHECK refuses an overbooked week. Whoever books a week holds its row until the end of his
-- transaction, so that two at once are counted one after the other even if neither has locked the workshop.
BEGIN
  IF TG_OP = 'DELETE' THEN
    UPDATE capacity_weeks w SET booked = w.booked - freed.minutes
    FROM (SELECT supplier_id, week, sum(minutes) AS minutes FROM gone GROUP BY supplier_id, week) freed
    WHERE (w.supplier_id, w.week) = (freed.supplier_id, freed.week);
  ELSE
    INSERT INTO capacity_weeks AS w (supplier_id, week, minutes, booked)
    SELECT added.supplier_id, added.week, coalesce(max(
      trunc(s.operators * s.shift_minutes * s.shifts * s.working_days * s.efficiency, 2)), 0), sum(added.minutes)
    FROM added LEFT JOIN workshops s ON s.id = added.supplier_id
    WHERE added.minutes > 0
    GROUP BY added.supplier_id, added.week ORDER BY added.supplier_id, added.week
    ON CONFLICT (supplier_id, week) DO UPDATE SET minutes = excluded.minutes, booked = w.booked + excluded.booked;
  END IF;
  RETURN NULL;
END
$$
"""
TRIGGER = """
CREATE TRIGGER {name} AFTER {event} ON capacity_bookings REFERENCING {rows}
FOR EACH STATEMENT EXECUTE FUNCTION count_capacity()
"""
BOOK_CONTRACTS = """
INSERT INTO capacity_bookings (supplier_id, week, contract_id, minutes, excess)
SELECT supplier_id, date_trunc('week', due_on)::date, id, 0, ceil(sum(minutes) * 100) / 100 FROM (
  SELECT c.supplier_id, c.id, (place->>'due_on')::date AS due_on,
    (line->>'standard_minutes')::numeric * (
      coalesce((SELECT sum((cell->>1)::numeric) FROM jsonb_array_elements(place->'run'->'cells') cell), 0)
      - coalesce((SELECT sum((cell->>1)::numeric) FROM jsonb_array_elements(c.calls) call,
          jsonb_array_elements(call->'goods') goods, jsonb_array_elements(goods->'run'->'cells') cell
        WHERE goods->'lot' = line->'lot' AND goods->'line' = line->'line' AND goods->'place' = place->'place'), 0)
    ) AS minutes
  FROM contracts c, jsonb_array_elements(c.lines) line, jsonb_array_elements(line->'places') place
  WHERE c.status IN ('awaiting_signatures', 'in_force')) bound
GROUP BY supplier_id, date_trunc('week', due_on)::date, id HAVING sum(minutes) > 0
"""
HOLD_BIDS = """
INSERT INTO capacity_holds (bid_id, due_on, supplier_id, tender_id, minutes)
SELECT id, due_on, bidder_id, tender_id, sum(minutes) FROM (
  SELECT b.id, b.bidder_id, b.tender_id,
    (SELECT max((place->>'due_on')::date) FROM jsonb_array_elements(lot->'places') place) AS due_on,
    (line->>'standard_minutes')::numeric * least((offered->>'pieces_max')::numeric, (
      SELECT coalesce(sum((cell->>1)::numeric), 0) FROM jsonb_array_elements(line->'run'->'cells') cell
      WHERE jsonb_array_length(offered->'sizes') = 0 OR offered->'sizes' @> jsonb_build_array(cell->0))) AS minutes
  FROM bids b JOIN tenders t ON t.id = b.tender_id, jsonb_array_elements(b.offers) offer,
    jsonb_array_elements(offer->'lines') offered, jsonb_array_elements(t.lots) lot,
    jsonb_array_elements(lot->'lines') line
  WHERE t.status IN ('opened', 'evaluated') AND lot->'number' = offer->'lot' AND line->'number' = offered->'line') held
WHERE due_on IS NOT NULL GROUP BY id, due_on, bidder_id, tender_id HAVING sum(minutes) > 0
"""
MINUTES = sa.Numeric(18, 2)


def upgrade() -> None:
    op.create_table(
        "capacity_bookings",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", MINUTES, nullable=False),
        sa.Column("excess", MINUTES, nullable=False),
        sa.CheckConstraint(
            "minutes >= 0 AND excess >= 0 AND minutes + excess > 0", name=op.f("ck_capacity_bookings_positive")
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_capacity_bookings_contract_id")),
        sa.ForeignKeyConstraint(["supplier_id"], ["organizations.id"], name=op.f("fk_capacity_bookings_supplier_id")),
        sa.PrimaryKeyConstraint("supplier_id", "week", "contract_id", name=op.f("pk_capacity_bookings")),
    )
    op.create_index("ix_capacity_bookings_contract", "capacity_bookings", ["contract_id"], unique=False)
    op.create_table(
        "capacity_weeks",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("minutes", MINUTES, nullable=False),
        sa.Column("booked", MINUTES, nullable=False),
        sa.CheckConstraint("booked BETWEEN 0 AND minutes", name=op.f("ck_capacity_weeks_booked")),
        sa.ForeignKeyConstraint(["supplier_id"], ["organizations.id"], name=op.f("fk_capacity_weeks_supplier_id")),
        sa.PrimaryKeyConstraint("supplier_id", "week", name=op.f("pk_capacity_weeks")),
    )
    op.create_table(
        "capacity_holds",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", MINUTES, nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_capacity_holds_bid_id")),
        sa.ForeignKeyConstraint(["supplier_id"], ["organizations.id"], name=op.f("fk_capacity_holds_supplier_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_capacity_holds_tender_id")),
        sa.PrimaryKeyConstraint("bid_id", "supplier_id", "due_on", name=op.f("pk_capacity_holds")),
    )
    op.create_index("ix_capacity_holds_supplier", "capacity_holds", ["supplier_id"], unique=False)
    op.create_index("ix_capacity_holds_tender", "capacity_holds", ["tender_id"], unique=False)
    op.execute(COUNT)
    op.execute(TRIGGER.format(name="booked", event="INSERT", rows="NEW TABLE AS added"))
    op.execute(TRIGGER.format(name="released", event="DELETE", rows="OLD TABLE AS gone"))
    op.execute(BOOK_CONTRACTS)
    op.execute(HOLD_BIDS)


def downgrade() -> None:
    op.drop_table("capacity_holds")
    op.drop_table("capacity_bookings")
    op.drop_table("capacity_weeks")
    op.execute("DROP FUNCTION count_capacity()")
