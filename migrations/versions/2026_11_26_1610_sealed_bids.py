"""Sealed bids: keys that wait for their tenders, envelopes that only the opener can read, and answers kept unreadably.

Bids that nobody has opened yet lie in clear and cannot be made unseen, so this refuses to run beside them: open or
cancel their tenders first. Replaced revisions, which were never to be opened, are deleted. So are the answers that were
kept for retries: a request that was carried out before and is repeated after is decided anew.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)

_IN_CLEAR = """
SELECT count(*) FROM bids b JOIN tenders t ON t.id = b.tender_id WHERE t.status IN ('published', 'closed')
"""
_NO_APPROVALS = """
UPDATE {table} SET procedure = jsonb_set(procedure, '{{parameters,opening_approvals}}', '"0"')
WHERE NOT procedure->'parameters' ? 'opening_approvals'
"""
ARGUMENTS = """
  p_id uuid, p_tender_id uuid, p_bidder_tag bytea, p_revision int, p_terms int, p_status text, p_ciphertext bytea,
  p_ciphertext_hash bytea, p_commitment bytea, p_sealed_record bytea, p_version int, p_event_id uuid, p_event_type text
"""
STORE_SEALED_BID = f"""
CREATE FUNCTION store_sealed_bid({ARGUMENTS})
RETURNS TABLE (
  outcome text, received_at timestamptz, at timestamptz, terms int, opens_at timestamptz, closes_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
-- The only way into sealed_bids. A new bid (p_version 0) or the next state of the one whose p_version was read, with
-- its event; in the caller's transaction. Nothing is stored unless the outcome is 'kept'. The others: 'no_tender';
-- 'closed', it takes no bids at this moment; 'terms', it has others by now; 'exists', the bidder has a bid; 'stale'.
--
-- What holds the deadline: the tender is shared first and the clock read after that, so whoever closes it (FOR UPDATE)
-- comes before us and is seen, or waits for us. The time never runs backwards within a tender. A confirmation and a
-- withdrawal keep the bid's time of receipt.
#variable_conflict use_column
DECLARE
  tender record;
  before record;
BEGIN
  SELECT t.status, t.terms, t.opens_at, t.closes_at INTO tender FROM tenders t WHERE t.id = p_tender_id FOR SHARE;
  IF NOT FOUND THEN
    outcome := 'no_tender';
    RETURN NEXT;
    RETURN;
  END IF;
  terms := tender.terms;
  opens_at := tender.opens_at;
  closes_at := tender.closes_at;
  SELECT greatest(clock_timestamp(), max(b.received_at)) INTO at FROM sealed_bids b WHERE b.tender_id = p_tender_id;
  received_at := at;
  outcome := 'kept';
  IF tender.status <> 'published' OR NOT coalesce(tender.opens_at <= at AND at < tender.closes_at, false) THEN
    outcome := 'closed';
  ELSIF p_status = 'submitted' AND p_terms <> tender.terms THEN
    outcome := 'terms';
  ELSIF p_version = 0 THEN
    INSERT INTO sealed_bids (id, tender_id, bidder_tag, revision, terms, status, received_at, ciphertext,
      ciphertext_hash, commitment, sealed_record, version)
    VALUES (p_id, p_tender_id, p_bidder_tag, p_revision, p_terms, p_status, received_at, p_ciphertext,
      p_ciphertext_hash, p_commitment, p_sealed_record, 1)
    ON CONFLICT (tender_id, bidder_tag) DO NOTHING;
    IF NOT FOUND THEN
      outcome := 'exists';
    END IF;
  ELSE
    SELECT b.* INTO before FROM sealed_bids b
    WHERE b.id = p_id AND b.tender_id = p_tender_id AND b.bidder_tag = p_bidder_tag AND b.version = p_version
    FOR UPDATE;
    IF NOT FOUND THEN
      outcome := 'stale';
    ELSE
      IF p_event_type <> 'bid.replaced' THEN
        received_at := before.received_at;
      END IF;
      IF p_revision <> before.revision THEN
        INSERT INTO superseded_bids (bid_id, revision, ciphertext_hash, commitment, received_at)
        VALUES (p_id, before.revision, before.ciphertext_hash, before.commitment, before.received_at);
      END IF;
      UPDATE sealed_bids SET revision = p_revision, terms = p_terms, status = p_status,
        received_at = store_sealed_bid.received_at, ciphertext = p_ciphertext, ciphertext_hash = p_ciphertext_hash,
        commitment = p_commitment, sealed_record = p_sealed_record, version = p_version + 1
      WHERE id = p_id;
    END IF;
  END IF;
  IF outcome = 'kept' THEN
    INSERT INTO events (id, type, subject, subject_id, sealed, at, data)
    VALUES (p_event_id, p_event_type, 'bid', p_id, true, store_sealed_bid.at,
      jsonb_build_object('tender_id', p_tender_id, 'revision', p_revision, 'terms', p_terms));
  END IF;
  RETURN NEXT;
END
$$
"""  # noqa: S608 - constants of this module only


def upgrade() -> None:
    if op.get_bind().scalar(sa.text(_IN_CLEAR)):
        raise RuntimeError("There are bids in clear that nobody has opened: open or cancel their tenders first")
    op.create_table(
        "sealing_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.Text(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_sealing_keys_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealing_keys")),
        sa.UniqueConstraint("tender_id", name=op.f("uq_sealing_keys_tender_id")),
    )
    op.create_index(
        "ix_sealing_keys_spare", "sealing_keys", ["id"], unique=False, postgresql_where=sa.text("tender_id IS NULL")
    )
    op.create_table(
        "sealed_bids",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("bidder_tag", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("terms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext_hash", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_record", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_sealed_bids_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_bids")),
        sa.UniqueConstraint("tender_id", "bidder_tag", name=op.f("uq_sealed_bids_tender_id_bidder_tag")),
    )
    op.create_index("ix_sealed_bids_received", "sealed_bids", ["tender_id", "received_at"], unique=False)
    op.drop_table("superseded_bids")
    op.create_table(
        "superseded_bids",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ciphertext_hash", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["sealed_bids.id"], name=op.f("fk_superseded_bids_bid_id")),
        sa.PrimaryKeyConstraint("bid_id", "revision", name=op.f("pk_superseded_bids")),
    )
    op.create_table(
        "manifests",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_manifests_tender_id")),
        sa.PrimaryKeyConstraint("tender_id", name=op.f("pk_manifests")),
    )
    op.create_table(
        "unreadable_bids",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("stored_hash", sa.LargeBinary(), nullable=False),
        sa.Column("computed_hash", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_unreadable_bids_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreadable_bids")),
    )
    op.create_index(op.f("ix_unreadable_bids_tender_id"), "unreadable_bids", ["tender_id"], unique=False)
    op.execute(STORE_SEALED_BID)
    op.execute(f"REVOKE ALL ON FUNCTION store_sealed_bid({ARGUMENTS}) FROM PUBLIC")
    op.add_column("bids", sa.Column("nonce", sa.LargeBinary(), nullable=True))
    op.add_column("tenders", sa.Column("sealing_key_id", sa.Uuid(), nullable=True))
    op.add_column("tenders", sa.Column("public_key", sa.LargeBinary(), nullable=True))
    op.add_column("tenders", sa.Column("opening_approved_by", JSONB, nullable=False, server_default="[]"))
    op.add_column("evaluations", sa.Column("set_aside", JSONB, nullable=False, server_default="[]"))
    op.alter_column("tenders", "opening_approved_by", server_default=None)
    op.alter_column("evaluations", "set_aside", server_default=None)
    for table in ("tenders", "contracts"):
        op.execute(_NO_APPROVALS.format(table=table))
    op.drop_table("kept_answers")
    op.create_table(
        "kept_answers",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kept_answers")),
    )
    op.create_index(op.f("ix_kept_answers_kept_at"), "kept_answers", ["kept_at"], unique=False)


def downgrade() -> None:
    """Opened bids keep what they say; what is still sealed is lost to the version before."""
    op.drop_table("kept_answers")
    op.create_table(
        "kept_answers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "key", name=op.f("pk_kept_answers")),
    )
    op.create_index(op.f("ix_kept_answers_kept_at"), "kept_answers", ["kept_at"], unique=False)
    op.drop_column("evaluations", "set_aside")
    for column in ("opening_approved_by", "public_key", "sealing_key_id"):
        op.drop_column("tenders", column)
    op.drop_column("bids", "nonce")
    op.execute(f"DROP FUNCTION store_sealed_bid({ARGUMENTS})")
    op.drop_table("unreadable_bids")
    op.drop_table("manifests")
    op.drop_table("superseded_bids")
    op.create_table(
        "superseded_bids",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("offers", JSONB, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_superseded_bids_bid_id")),
        sa.PrimaryKeyConstraint("bid_id", "revision", name=op.f("pk_superseded_bids")),
    )
    op.drop_table("sealed_bids")
    op.drop_table("sealing_keys")
