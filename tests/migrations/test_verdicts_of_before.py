"""Verdicts that were stored without their facts stay what they were, and say that they cannot be replayed."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest
from alembic import command

from adapters.postgres.migrate import config
from adapters.postgres.producers import PostgresVerdicts
from domain.organizations.replaying import NotReplayable, replay
from domain.organizations.verdict import Result, Verdict
from tests.conftest import fresh_database
from tests.domain.suppliers import CATEGORY

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
OUTCOME = (
    '[{"rule": "organization_confirmed", "result": "%s", "data": {}, "line": null, "reason": null, "passes": null}]'
)


async def test_an_old_verdict_is_accepted_where_it_was_eligible_and_has_no_facts(server_dsn: str) -> None:
    async with fresh_database(server_dsn, "oimaq_verdicts") as dsn:
        settings = config(dsn)
        await asyncio.to_thread(command.upgrade, settings, "0009")
        connection = await asyncpg.connect(dsn)
        organization, tender = uuid4(), uuid4()
        await connection.execute(
            "INSERT INTO organizations (id, bin, kind, name, kato, address, phone, email, registered_at, status,"
            " version) VALUES ($1, '1', 'buyer', 'B', '631010000', 'A', '1', 'e', $2, 'confirmed', 1)",
            organization,
            AT,
        )
        await connection.execute(
            "INSERT INTO tenders (id, number, buyer_id, title, procedure, lots, status, drafted_at, terms, invited,"
            " attempt, version) VALUES ($1, 'T-1', $2, 'T', '{}', '[]', 'published', $3, 1, '[]', 1, 2)",
            tender,
            organization,
            AT,
        )
        for eligible in (True, False):
            await connection.execute(
                "INSERT INTO verdicts VALUES ($1, $2, $3, 1, 'bid', $4, 'p@1', $5, $6, '{}', '{}', $7, 1)",
                uuid4(),
                organization,
                tender,
                AT.date(),
                eligible,
                OUTCOME % ("passed" if eligible else "failed"),
                AT,
            )
        await asyncio.to_thread(command.upgrade, settings, "head")
        rows = [dict(row) for row in await connection.fetch("SELECT * FROM verdicts ORDER BY eligible")]
        await connection.close()
    for row, (eligible, result) in zip(rows, ((False, Result.FAILED), (True, Result.PASSED)), strict=True):
        nested = {name: json.loads(row[name]) for name in ("outcomes", "local_content", "evidence")}
        verdict: Verdict = PostgresVerdicts.codec.entity(row | nested)
        assert (verdict.eligible, verdict.accepted, verdict.outcomes[0].result) == (eligible, eligible, result)
        with pytest.raises(NotReplayable):
            replay(verdict, CATEGORY)
