"""Bids that come at one moment are stored in one transaction; all processes are told at once who loses a credential."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ARGUMENTS = """
  p_names bytea[], p_ids uuid[], p_tender_ids uuid[], p_bidder_tags bytea[], p_revisions int[], p_terms int[],
  p_statuses text[], p_ciphertexts bytea[], p_ciphertext_hashes bytea[], p_commitments bytea[],
  p_sealed_records bytea[], p_versions int[], p_event_ids uuid[], p_event_types text[]
"""
STORE_SEALED_BIDS = f"""
CREATE FUNCTION store_sealed_bids({ARGUMENTS})
RETURNS TABLE (
  outcome text, received_at timestamptz, at timestamptz, terms int, opens_at timestamptz, closes_at timestamptz,
  fingerprint bytea, answer bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
-- Many bids at once, one row for each in their order: 'answered', its request was carried out before, with what was
-- kept for it; 'in_flight', somebody is carrying it out; 'held', its tender is locked by somebody who changes it;
-- otherwise what store_sealed_bid says, which stores each of them. They come ordered by tender and bidder, so that two
-- of us never wait for each other.
--
-- A tender that is held would hold up its neighbours, so its bids are left for later; one bid alone waits for its own.
-- The kept answer is looked for after the lock of its name, in a statement, and so a snapshot, of its own.
#variable_conflict use_column
DECLARE
  many boolean := cardinality(p_ids) > 1;
  free uuid[];
BEGIN
  IF many THEN
    SELECT array_agg(t.id) INTO free FROM (
      SELECT id FROM tenders WHERE id = ANY (p_tender_ids) ORDER BY id FOR SHARE SKIP LOCKED) t;
  END IF;
  FOR i IN 1 .. cardinality(p_ids) LOOP
    outcome := NULL;
    received_at := NULL; at := NULL; terms := NULL; opens_at := NULL; closes_at := NULL;
    fingerprint := NULL; answer := NULL;
    IF p_names[i] IS NOT NULL THEN
      IF p_names[i] = ANY (p_names[1 : i - 1]) THEN
        outcome := 'in_flight';
      ELSIF NOT pg_try_advisory_xact_lock(
        ('x' || encode(substr(p_names[i], 1, 8), 'hex'))::bit(64)::bigint
      ) THEN
        outcome := 'in_flight';
      ELSE
        SELECT k.fingerprint, k.answer INTO fingerprint, answer FROM kept_answers k WHERE k.name = p_names[i];
        IF FOUND THEN
          outcome := 'answered';
        END IF;
      END IF;
    END IF;
    IF outcome IS NULL AND many AND NOT p_tender_ids[i] = ANY (free) IS TRUE THEN
      outcome := 'held';
    ELSIF outcome IS NULL THEN
      SELECT s.outcome, s.received_at, s.at, s.terms, s.opens_at, s.closes_at
      INTO outcome, received_at, at, terms, opens_at, closes_at
      FROM store_sealed_bid(p_ids[i], p_tender_ids[i], p_bidder_tags[i], p_revisions[i], p_terms[i], p_statuses[i],
        p_ciphertexts[i], p_ciphertext_hashes[i], p_commitments[i], p_sealed_records[i], p_versions[i],
        p_event_ids[i], p_event_types[i]) s;
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$
"""  # noqa: S608 - constants of this module only
TELL = """
CREATE FUNCTION tell_credentials_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NOTIFY credentials_changed;
  RETURN NULL;
END $$
"""
CHANGES = {
    "credentials": "NEW.revoked_at IS DISTINCT FROM OLD.revoked_at OR NEW.expires_at <> OLD.expires_at"
    " OR NEW.roles <> OLD.roles OR NEW.token_sha256 <> OLD.token_sha256",
    "memberships": "NEW.roles <> OLD.roles",
    "organizations": "NEW.status <> OLD.status OR NEW.kind <> OLD.kind",
}
"""What a caller is made of; new rows change nobody's rights."""


def upgrade() -> None:
    op.execute(STORE_SEALED_BIDS)
    op.execute(f"REVOKE ALL ON FUNCTION store_sealed_bids({ARGUMENTS}) FROM PUBLIC")
    op.execute(TELL)
    for table, change in CHANGES.items():
        op.execute(
            f"CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} FOR EACH ROW WHEN ({change})"
            " EXECUTE FUNCTION tell_credentials_changed()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_removed AFTER DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT"
            " EXECUTE FUNCTION tell_credentials_changed()"
        )


def downgrade() -> None:
    for table in CHANGES:
        op.execute(f"DROP TRIGGER {table}_changed ON {table}")
        op.execute(f"DROP TRIGGER {table}_removed ON {table}")
    op.execute("DROP FUNCTION tell_credentials_changed()")
    op.execute(f"DROP FUNCTION store_sealed_bids({ARGUMENTS})")
