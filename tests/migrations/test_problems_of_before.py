"""Evaluations from before problems were dated: read in the new form, and what they award still stands when checked."""

import asyncio
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
from alembic import command
from alembic.script import ScriptDirectory

from adapters.postgres.contracts import PostgresEvaluations
from adapters.postgres.migrate import config
from domain.awards.model import Evaluation
from domain.awards.problem import Free
from domain.money import Money
from tests.conftest import fresh_database

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
BUYER, TENDER, EVALUATION = UUID(int=1), UUID(int=2), UUID(int=3)
BID, BIDDER = str(UUID(int=4)), str(UUID(int=5))
PRICE = {"amount": "90.00", "currency": "KZT"}
Json = dict[str, Any]


def run(pieces: int) -> Json:
    return {"grid": "child", "cells": [["122", pieces]]}


def demand(lot: int, pieces: int) -> Json:
    return {"lot": lot, "line": 1, "product": "141413", "run": run(pieces), "standard_minutes": "10"}


def offer(lot: int, pieces: int) -> Json:
    return {
        "bid_id": BID,
        "bidder_id": BIDDER,
        "lot": lot,
        "line": 1,
        "unit_price": PRICE,
        "run": run(pieces),
        "pieces_min": 1,
        "pieces_max": pieces,
        "received_at": AT.isoformat(),
    }


def step(lot: int, pieces: int) -> Json:
    step = {"lot": lot, "line": 1, "rank": 1, "bid_id": BID, "unit_price": PRICE, "asked": pieces, "given": pieces}
    return step | {"bound": "nothing"}


def share(lot: int, pieces: int) -> Json:
    return {"lot": lot, "line": 1, "bid_id": BID, "bidder_id": BIDDER, "unit_price": PRICE, "run": run(pieces)}


PROBLEM: Json = {
    "demands": [demand(1, 6), demand(2, 9)],
    "offers": [offer(1, 6), offer(2, 4)],
    "minutes": {BIDDER: "100.00"},
    "units": {f"{BIDDER}/141413": 12},
}
ALLOCATION: Json = {
    "shares": [share(1, 6), share(2, 4)],
    "unfilled": [{"lot": 2, "line": 1, "run": run(5)}],
    "minutes_used": {BIDDER: "100"},
    "trace": [step(1, 6), step(2, 4)],
}
LOTS = [
    {
        "number": number,
        "lines": [{"number": 1, "planned_price": {"amount": "100.00", "currency": "KZT"}}],
        "places": [{"due_on": "2027-01-10"}, {"due_on": due_on}],
    }
    for number, due_on in ((1, "2027-01-20"), (2, "2027-02-20"))
]


async def store(connection: asyncpg.Connection, problem: Json) -> None:
    await connection.execute(
        "INSERT INTO organizations (id, bin, kind, name, kato, address, phone, email, registered_at, status,"
        " version) VALUES ($1, '1', 'buyer', 'B', '631010000', 'A', '1', 'e', $2, 'confirmed', 1)",
        BUYER,
        AT,
    )
    await connection.execute(
        "INSERT INTO tenders (id, number, buyer_id, title, procedure, lots, status, drafted_at, terms, invited,"
        " attempt, opening_approved_by, version) VALUES ($1, 'T-1', $2, 'T', '{}', $3, 'evaluated', $4, 1, '[]', 1,"
        " '[]', 2)",
        TENDER,
        BUYER,
        json.dumps(LOTS),
        AT,
    )
    await connection.execute(
        "INSERT INTO evaluations (id, tender_id, admissions, problem, allocation, results, failures, set_aside,"
        " evaluated_at, version) VALUES ($1, $2, '[]', $3, $4, $5, '{\"2\": \"not_filled\"}', '[]', $6, 1)",
        EVALUATION,
        TENDER,
        json.dumps(problem),
        json.dumps(ALLOCATION),
        '{"1": "awarded", "2": "not_filled"}',
        AT,
    )


async def stored(connection: asyncpg.Connection) -> dict[str, Any]:
    """As the codec reads it: what later migrations add is not there yet."""
    codec = PostgresEvaluations.codec
    row = dict(await connection.fetchrow("SELECT * FROM evaluations"))
    nested = {name: json.loads(row[name]) for name in codec.nested if row.get(name) is not None}
    return dict.fromkeys(codec.names) | row | nested


async def test_a_stored_evaluation_becomes_dated_and_can_still_be_awarded_as_it_was(server_dsn: str) -> None:
    async with fresh_database(server_dsn, "oimaq_problems") as dsn:
        settings = config(dsn)
        revisions = ScriptDirectory.from_config(settings).walk_revisions()
        (dated,) = [each for each in revisions if each.path.endswith("_problems_dated.py")]
        await asyncio.to_thread(command.upgrade, settings, str(dated.down_revision))
        connection = await asyncpg.connect(dsn)
        await store(connection, PROBLEM)
        await asyncio.to_thread(command.upgrade, settings, "head")
        evaluation: Evaluation = PostgresEvaluations.codec.entity(await stored(connection))
        problem = evaluation.problem
        assert [(each.due_on, each.planned_price) for each in problem.demands] == [
            (date(2027, 1, 20), Money.of("100.00")),
            (date(2027, 2, 20), Money.of("100.00")),
        ]
        assert problem.capacity == {
            BIDDER: tuple(Free(until=each.due_on, minutes=Decimal("100.00")) for each in problem.demands)
        }
        assert {str(each.bidder_id) for each in evaluation.allocation.trace} == {BIDDER}
        assert evaluation.engine == "greedy/1", "found by a rule that is not here any more, and it says so"
        assert [each.lot for each in evaluation.checked().shares(evaluation.awarded_lots)] == [1]
        await asyncio.to_thread(command.downgrade, settings, str(dated.down_revision))
        row = await stored(connection)
        assert (row["problem"], row["allocation"]) == (PROBLEM, ALLOCATION)
        await connection.close()


async def test_where_minutes_were_not_counted_they_are_not(server_dsn: str) -> None:
    async with fresh_database(server_dsn, "oimaq_problems_uncounted") as dsn:
        settings = config(dsn)
        revisions = ScriptDirectory.from_config(settings).walk_revisions()
        (dated,) = [each for each in revisions if each.path.endswith("_problems_dated.py")]
        await asyncio.to_thread(command.upgrade, settings, str(dated.down_revision))
        connection = await asyncpg.connect(dsn)
        await store(connection, PROBLEM | {"minutes": None})
        await asyncio.to_thread(command.upgrade, settings, "head")
        evaluation: Evaluation = PostgresEvaluations.codec.entity(await stored(connection))
        assert evaluation.problem.capacity is None
        assert evaluation.checked().allocation.minutes_used == {BIDDER: Decimal(100)}
        await connection.close()
