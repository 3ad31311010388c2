"""Contracts and opened bids from before there were bookings: they bind and hold the same minutes afterwards."""

import asyncio
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from alembic import command

from adapters.postgres.codec import to_json
from adapters.postgres.contracts import MINUTES, PostgresContracts
from adapters.postgres.migrate import config
from domain.contracts.model import Contract
from domain.contracts.parts import Call, CalledGoods, ContractKind, ContractStatus
from domain.ids import ContractId
from tests.conftest import fresh_database
from tests.domain.test_contract import BUYER, NOON, SUPPLIER, contract, run

TENDER = UUID(int=4)
DUE = date(2027, 8, 20)
MONDAY = date(2027, 8, 16)
BEFORE = """
SELECT coalesce((SELECT sum((line->>'standard_minutes')::numeric * (cell->>1)::numeric)
  FROM contracts c, jsonb_array_elements(c.lines) line, jsonb_array_elements(line->'run'->'cells') cell
  WHERE c.supplier_id = $1 AND c.status IN ('awaiting_signatures', 'in_force')), 0)
- coalesce((SELECT sum((line->>'standard_minutes')::numeric * (cell->>1)::numeric)
  FROM contracts c, jsonb_array_elements(c.lines) line, jsonb_array_elements(c.calls) call,
    jsonb_array_elements(call->'goods') goods, jsonb_array_elements(goods->'run'->'cells') cell
  WHERE c.supplier_id = $1 AND c.status IN ('awaiting_signatures', 'in_force')
    AND goods->'lot' = line->'lot' AND goods->'line' = line->'line'), 0)
"""
"""How bound minutes were computed before bookings."""
ROWS = """
INSERT INTO organizations (id, bin, kind, name, kato, address, phone, email, registered_at, status, version)
VALUES ($1, '1', 'buyer', 'B', '631010000', 'A', '1', 'b', now(), 'confirmed', 1),
  ($2, '2', 'supplier', 'S', '631010000', 'A', '1', 's', now(), 'confirmed', 1)
"""


def contracts() -> list[Contract]:
    """In all statuses; of 300 minutes each, but for the framework, of whose 300 its call-off has taken 140."""
    (line,) = contract().lines
    called = CalledGoods(lot=1, line=1, place=1, run=run(6, 1))
    call = Call(contract_id=ContractId(uuid4()), number="C-9", goods=(called,), due_on=DUE, called_at=NOON)
    more: list[dict[str, Any]] = [{"status": status} for status in ContractStatus]
    more.append({"status": ContractStatus.IN_FORCE, "kind": ContractKind.FRAMEWORK, "calls": (call,)})
    ordered = replace(line, run=called.run, places=(replace(line.places[0], run=called.run),))
    more.append({"status": ContractStatus.IN_FORCE, "kind": ContractKind.CALL_OFF, "lines": (ordered,)})
    return [
        replace(contract(), id=ContractId(uuid4()), number=f"C-{number}", version=1, **each)
        for number, each in enumerate(more)
    ]


async def stored(connection: asyncpg.Connection, each: Contract) -> None:
    values = PostgresContracts.codec.values(each)
    names = [name for name, value in values.items() if value is not None]
    nested = set(PostgresContracts.codec.nested)
    marks = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    given = [json.dumps(to_json(values[name])) if name in nested else values[name] for name in names]
    await connection.execute(f"INSERT INTO contracts ({', '.join(names)}) VALUES ({marks})", *given)  # noqa: S608 - our names


async def test_what_contracts_bind_is_the_same_before_and_after(server_dsn: str) -> None:
    async with fresh_database(server_dsn, "oimaq_capacity") as dsn:
        settings = config(dsn)
        await asyncio.to_thread(command.upgrade, settings, "0018")
        connection = await asyncpg.connect(dsn)
        await connection.execute(ROWS, BUYER, SUPPLIER)
        await connection.execute(
            "INSERT INTO tenders (id, number, buyer_id, title, procedure, lots, status, drafted_at, terms, invited,"
            " attempt, opening_approved_by, version)"
            " VALUES ($1, 'T-1', $2, 'T', '{}', $3, 'opened', now(), 1, '[]', 1, '[]', 1)",
            TENDER,
            BUYER,
            json.dumps([_lot()]),
        )
        await connection.execute(
            "INSERT INTO workshops VALUES ($1, '631010000', NULL, '[]', 1, 60, 1, 1, 0.5, now(), 1)", SUPPLIER
        )
        await connection.execute(
            "INSERT INTO bids (id, tender_id, bidder_id, offers, received_at, status, revision, terms, version)"
            " VALUES ($1, $2, $3, $4, now(), 'opened', 1, 1, 1)",
            UUID(int=7),
            TENDER,
            SUPPLIER,
            json.dumps([{"lot": 1, "lines": [_offer(1, []), _offer(2, ["122"]), _offer(3, [], pieces_max=4)]}]),
        )
        for each in contracts():
            await stored(connection, each)
        before = await connection.fetchval(BEFORE, SUPPLIER)
        assert before == 300 + 300 + 160 + 140
        await asyncio.to_thread(command.upgrade, settings, "head")
        row = await connection.fetchrow(f"SELECT {MINUTES} FROM workshops w WHERE w.id = $1", SUPPLIER)  # noqa: S608 - our text
        assert (row["per_week"], row["booked"]) == (30, before)
        weeks = await connection.fetch("SELECT DISTINCT week, minutes FROM capacity_bookings")
        assert [(each["week"], each["minutes"]) for each in weeks] == [(MONDAY, 0)]
        (hold,) = await connection.fetch("SELECT * FROM capacity_holds")
        expected = Decimal("2.5") * (10 + 6 + 4)
        assert (hold["supplier_id"], hold["due_on"], hold["minutes"]) == (SUPPLIER, DUE, expected)
        await asyncio.to_thread(command.downgrade, settings, "0018")
        await connection.close()


def _lot() -> dict[str, Any]:
    lines = [
        {"number": number, "standard_minutes": "2.5", "run": {"grid": "child", "cells": [["122", 6], ["128", 4]]}}
        for number in (1, 2, 3)
    ]
    days = (DUE - timedelta(days=9), DUE)
    return {"number": 1, "lines": lines, "places": [{"due_on": day.isoformat()} for day in days]}


def _offer(line: int, sizes: list[str], pieces_max: int | None = None) -> dict[str, Any]:
    return {"line": line, "sizes": sizes, "pieces_max": pieces_max}
