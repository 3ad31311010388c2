"""Tenders and contracts that were published before rule packages were files keep their rules, in the words of today."""

import asyncio
import inspect
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest
from alembic import command

from adapters.postgres.codec import converter
from adapters.postgres.migrate import config
from domain.money import Money
from domain.procedures import pricing, timeline
from domain.procedures.failing import lot_failure
from domain.procedures.period import period
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import TERMS, Failure, Method, PhaseId
from domain.tenders.procedure import PinnedProcedure
from tests.conftest import fresh_database

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PRIVATE = {
    "affiliates_refused": "true",
    "award_rule": "split_lowest_price",
    "bid_period_min": "P3D",
    "capacity_check": "false",
    "code_match_digits": "6",
    "evidence_types": "ct_kz:/2025-12-31 industrial_certificate:/2025-12-31 register_extract:2026-01-01/",
    "local_content_min": "0.00",
    "payment_days": "10",
    "payment_days_kind": "working",
    "producers_only": "false",
    "verifications": "registry_import registry_service document",
}
"""The words that a tender pinned then."""
CATEGORY = PRIVATE | {
    "bid_period_min": "PT10S",
    "capacity_check": "true",
    "payment_days": "30",
    "payment_days_kind": "calendar",
    "producers_only": "true",
}


async def carried_over(server: str, table: str, parameters: dict[str, str]) -> Rules:
    """A row of revision 0003, as head reads it."""
    async with fresh_database(server, "oimaq_rules") as dsn:
        settings = config(dsn)
        await asyncio.to_thread(command.upgrade, settings, "0003")
        connection = await asyncpg.connect(dsn)
        buyer, tender = uuid4(), uuid4()
        procedure = json.dumps({"id": "private", "version": "2026.1", "parameters": parameters})
        await connection.execute(
            "INSERT INTO organizations VALUES ($1, '1', 'buyer', 'B', '631010000', 'A', '1', 'e', $2, 'confirmed', 1)",
            buyer,
            AT,
        )
        await connection.execute(
            "INSERT INTO tenders (id, number, buyer_id, title, procedure, lots, status, drafted_at, version)"
            " VALUES ($1, 'T-2026-000001', $2, 'T', $3, '[]', 'published', $4, 2)",
            tender,
            buyer,
            procedure,
            AT,
        )
        await connection.execute(
            "INSERT INTO contracts VALUES"
            " ($1, 'C-2026-000001', $2, $3, $3, $4, '[]', $5, 'in_force', '[]', '[]', '[]', 1)",
            uuid4(),
            tender,
            buyer,
            procedure,
            AT,
        )
        await asyncio.to_thread(command.upgrade, settings, "head")
        stored = await connection.fetchval(f"SELECT procedure FROM {table}")  # noqa: S608 - a name of ours
        await connection.close()
        return Rules(converter.structure(json.loads(stored), PinnedProcedure))


@pytest.mark.parametrize("table", ["tenders", "contracts"])
@pytest.mark.parametrize("parameters", [PRIVATE, CATEGORY], ids=["private", "category"])
async def test_every_rule_of_an_old_tender_can_be_read_and_says_what_it_said(
    server_dsn: str, table: str, parameters: dict[str, str]
) -> None:
    rules = await carried_over(server_dsn, table, parameters)
    pinned = rules.procedure.parameters
    assert str(rules.procedure) == "private@2026.1"
    assert {name: pinned[name] for name in parameters} == parameters
    assert {name for name, term in TERMS.items() if not term.optional} <= set(pinned)
    closed = parameters["producers_only"] == "true"
    assert rules.method is (Method.PRODUCERS_TENDER if closed else Method.OPEN_TENDER)
    paid = period("P30D" if closed else "10WD")
    assert (rules.payment_period(producer=True), rules.payment_period(producer=False)) == (paid, paid)
    every_accessor_reads(rules)
    every_date_is_reckoned(rules)


def every_accessor_reads(rules: Rules) -> None:
    properties = [name for name, each in inspect.getmembers(type(rules), lambda each: isinstance(each, property))]
    assert properties
    for name in properties:
        getattr(rules, name)
    assert rules.evidence_types(date(2025, 12, 31)) == {"ct_kz", "industrial_certificate"}
    assert [rules.has(phase) for phase in (PhaseId.DISCUSSION, PhaseId.STANDSTILL, PhaseId.BIDDING)] == [
        False,
        False,
        True,
    ]
    assert not any(rules.refuses_unchecked(stage) for stage in ("look", "bid", "award", "signing"))
    assert not any(rules.follow_up(failure) for failure in Failure)
    assert lot_failure(rules, bids=2, admitted=1) is None
    assert (rules.on("vat_rate", date(2026, 3, 2)), rules.on("mci", date(2026, 3, 2))) == (Decimal(16), Decimal(4325))


def every_date_is_reckoned(rules: Rules) -> None:
    assert timeline.earliest_opening(rules, published_at=AT) == AT
    assert timeline.earliest_closing(rules, opens_at=AT) == rules.bid_period_min.after(AT)
    assert timeline.earliest_closing(rules, opens_at=AT, attempt=2) > AT
    assert timeline.questions_until(rules, closes_at=AT) == AT
    assert timeline.answer_by(rules, asked_at=AT) > AT
    assert timeline.complaints_until(rules, awarded_at=AT) == AT
    assert timeline.decide_by(rules, filed_at=AT) > AT
    assert timeline.sign_by(rules, from_at=AT) > AT + timedelta(days=100)
    timeline.check_opening(rules, opens_at=AT, at=AT)
    timeline.check_timeline(rules, opens_at=AT, closes_at=AT + timedelta(days=3))
    assert timeline.payment_due_on(rules, AT.date()) == rules.payment_period(producer=False).due_on(AT.date())
    assert timeline.annual_threshold(rules, AT.date()) is None
    price = Money(Decimal(100))
    assert not pricing.is_dumping(rules, price=Money(Decimal(1)), allocated=price)
    assert pricing.anti_dumping_sum(rules, price=Money(Decimal(1)), allocated=price) is None
    assert pricing.conditional_price(rules, price=price, producer=True) == price
    securities = (
        pricing.bid_security(rules, allocated=price),
        pricing.contract_security(rules, sum=price, producer=False),
    )
    assert {each.amount for each in (*securities, pricing.advance_most(rules, sum=price, producer=True))} == {0}
