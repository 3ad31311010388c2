"""Row-level policies: what the roles of ``adapters/postgres/roles.py`` see and store of the rows they may touch.

They name who is exempt, not who is meant: whoever has privileges by another way (a login that inherits several roles)
meets the strictest. Roles, privileges and owners are made after every migration, by ``adapters/postgres/walls.py``.
The owner of the tables is not bound, because who may drop a wall is not held by it.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_CLOSED = "EXISTS (SELECT FROM manifests m WHERE m.tender_id = {table}.tender_id)"
"""Which bids there are was published. Nobody changes or deletes a manifest, and the opener cannot write one."""

POLICIES = {
    "sealed_bids": {
        # The exempt may not read what is sealed (columns), or write it and nothing else (the function's owner).
        "opened_when_closed": f"""FOR SELECT USING (
          current_user IN ('oimaq_api', 'oimaq_worker', 'oimaq_auditor', 'oimaq_sealer')
          OR {_CLOSED.format(table="sealed_bids")})""",
        "kept_by_the_function": "FOR INSERT WITH CHECK (current_user = 'oimaq_sealer')",
        "changed_by_the_function": "FOR UPDATE USING (current_user = 'oimaq_sealer')",
    },
    "bids": {
        "stored_when_closed": f"FOR INSERT WITH CHECK ({_CLOSED.format(table='bids')})",
        "seen_when_opened": """FOR SELECT USING (EXISTS (
          SELECT FROM tenders t WHERE t.id = bids.tender_id AND t.status NOT IN ('published', 'closed')))""",
    },
    "sealing_keys": {
        "known": "FOR SELECT USING (true)",
        "made_for_nobody": "FOR INSERT WITH CHECK (tender_id IS NULL)",
        "taken_once": "FOR UPDATE USING (tender_id IS NULL) WITH CHECK (tender_id IS NOT NULL)",
    },
}


def upgrade() -> None:
    for table, policies in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for name, policy in policies.items():
            op.execute(f"CREATE POLICY {name} ON {table} {policy}")


def downgrade() -> None:
    """Roles, privileges and the functions' owner stay: the version before works with them as its own login."""
    for table, policies in POLICIES.items():
        for name in policies:
            op.execute(f"DROP POLICY {name} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
