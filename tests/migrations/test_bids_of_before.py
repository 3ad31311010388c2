"""Bids from before they were sealed: opened ones stay as they are, and beside unopened ones nothing is upgraded."""

import asyncio
import os
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from adapters.postgres.migrate import config
from tests.conftest import fresh_database

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORGANIZATION = (
    "INSERT INTO organizations VALUES ($1, '1', 'buyer', 'B', '631010000', 'A', '1', 'e', $2, 'confirmed', 1)"
)
TENDER = """
INSERT INTO tenders (id, number, buyer_id, title, procedure, lots, status, drafted_at, terms, invited, attempt, version)
VALUES ($1, 'T-2026-000001', $2, 'T', '{"id": "private", "parameters": {"bids_min": "1"}}', '[]', $3, $4, 1, '[]', 1, 2)
"""
BID = """
INSERT INTO bids (id, tender_id, bidder_id, offers, received_at, status, revision, terms, version)
VALUES ($1, $2, $3, '[]', $4, $5, 2, 1, 2)
"""


@pytest.mark.parametrize(("tender_status", "bid_status"), [("published", "submitted"), ("opened", "opened")])
async def test_what_is_opened_is_kept_and_what_is_not_stops_the_upgrade(
    server_dsn: str, tender_status: str, bid_status: str
) -> None:
    async with fresh_database(server_dsn, f"oimaq_bids_of_before_{os.getpid()}") as dsn:
        settings = config(dsn)
        revisions = ScriptDirectory.from_config(settings).walk_revisions()
        (sealed,) = [each for each in revisions if each.path.endswith("_sealed_bids.py")]
        await asyncio.to_thread(command.upgrade, settings, str(sealed.down_revision))
        connection = await asyncpg.connect(dsn)
        buyer, tender, bid = uuid4(), uuid4(), uuid4()
        await connection.execute(ORGANIZATION, buyer, AT)
        await connection.execute(TENDER, tender, buyer, tender_status, AT)
        await connection.execute(BID, bid, tender, buyer, AT, bid_status)
        await connection.execute("INSERT INTO superseded_bids VALUES ($1, 1, '[]', $2)", bid, AT)
        if tender_status == "published":
            with pytest.raises(RuntimeError, match="open or cancel their tenders"):
                await asyncio.to_thread(command.upgrade, settings, sealed.revision)
            assert await connection.fetchval("SELECT count(*) FROM bids") == 1
        else:
            await asyncio.to_thread(command.upgrade, settings, sealed.revision)
            assert await connection.fetchrow("SELECT id, status, nonce FROM bids") == (bid, "opened", None)
            assert await connection.fetchval("SELECT count(*) FROM superseded_bids") == 0
            approvals = "SELECT procedure->'parameters'->>'opening_approvals' FROM tenders"
            assert await connection.fetchval(approvals) == "0"
        await connection.close()
