"""A package from the deployment's folder works without code; a package that is changed changes no published tender."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from adapters.postgres.engine import Database
from api.deployment import packages
from api.settings import Settings
from domain.calendar import legal_day
from domain.procedures.catalogue import Procedures
from domain.procedures.period import period
from domain.procedures.rules import Rules
from domain.tenders.model import Tender
from tests.world import Json, Member, World, bid, built, tender

OURS = 'source = "For tests", confidence = "MEM", in_force_from = 2026-01-01'
FIRST = {
    "discussion_period": "PT1S",
    "bid_period_min": "PT2S",
    "repeat_bid_period_min": "PT1S",
    "standstill_period": "PT1S",
    "payment_period_producers": "10WD",
}
SECOND = FIRST | {
    "discussion_period": "PT0S",
    "bid_period_min": "P9D",
    "standstill_period": "PT2H",
    "payment_period_producers": "P3D",
    "local_content_min": "99.00",
    "capacity_check": "false",
}


def swift(version: str, figures: dict[str, str]) -> str:
    """State procurement in seconds."""
    lines = [f'{name} = {{ value = "{value}", {OURS} }}' for name, value in figures.items()]
    return "\n".join(
        [
            'id = "swift-state"',
            f'version = "{version}"',
            'extends = "state-tender-2025"',
            "in_force_from = 2026-01-01",
            'titles = { en = "Swift", ru = "Быстрая", kk = "Жылдам" }',
            "[parameters]",
            *lines,
        ]
    )


@asynccontextmanager
async def deployed(database: Database, folder: Path, text: str) -> AsyncIterator[World]:
    """The application as it starts with this file in ``OIMAQ_PROCEDURES``."""
    (folder / "swift.toml").write_text(text, encoding="utf-8")
    procedures = Procedures(packages(Settings(procedures=folder)))
    async with built(database, procedures=procedures) as world:
        yield world


def moved(member: Member, world: World) -> Member:
    """The same person, who now speaks to another process."""
    same = Member(world.http, None, member.id, member.bin)
    same.headers = member.headers
    return same


def later(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


async def published(buyer: Member) -> Json:
    draft = await buyer.made("/v1/tenders", tender(procedure="swift-state"))
    path = f"/v1/tenders/{draft['id']}"
    times = {"opens_at": later(1.3), "closes_at": later(5.0)}
    return await buyer.step(f"{path}/publication", times, of=path)


async def bid_made(supplier: Member, path: str) -> None:
    """Bid as soon as the discussion is over."""
    while (answer := await supplier.post(f"{path}/bids", bid())).status_code == httpx.codes.CONFLICT:
        assert answer.json()["code"] == "bidding-closed"
        await asyncio.sleep(0.1)
    assert answer.status_code == httpx.codes.CREATED, answer.text


async def stored(world: World, id: str) -> Tender:
    return await world.application.tenders.tender(None, UUID(id))  # type: ignore[arg-type]  # an id is a UUID


async def test_a_package_of_the_deployments_own_works_from_draft_to_award(database: Database, tmp_path: Path) -> None:
    async with deployed(database, tmp_path, swift("1", FIRST)) as world:
        assert "swift-state" in [each["id"] for each in (await world.public.read("/v1/procedures"))["items"]]
        await world.lists()
        buyer, supplier = await world.buyer(), await world.supplier()
        draft = await buyer.made("/v1/tenders", tender(procedure="swift-state"))
        path = f"/v1/tenders/{draft['id']}"
        tag = (await buyer.get(path)).headers["ETag"]
        hasty = await buyer.post(f"{path}/publication", {"closes_at": later(60)}, If_Match=tag)
        assert (hasty.json()["code"], hasty.json()["errors"][0]["rule"]) == ("timeline-refused", "discussion_period")
        short = {"opens_at": later(1.5), "closes_at": later(2.5)}
        refused = await buyer.post(f"{path}/publication", short, If_Match=tag)
        assert (refused.json()["code"], refused.json()["errors"][0]["rule"]) == ("timeline-refused", "bid_period_min")
        made = await published(buyer)
        assert made["procedure"]["id"] == "swift-state"
        await bid_made(supplier, f"/v1/tenders/{made['id']}")
        opened = await world.opened(made)
        assert opened["status"] == "opened"
        await buyer.made(f"/v1/tenders/{made['id']}/evaluation")
        await buyer.step(f"/v1/tenders/{made['id']}/award", of=f"/v1/tenders/{made['id']}")
        awarded = await stored(world, made["id"])
        assert awarded.complaints_until is not None
        assert awarded.awarded_at is not None
        assert awarded.complaints_until - awarded.awarded_at == timedelta(seconds=1)


def timeless(verdict: Json) -> Json:
    return {name: value for name, value in verdict.items() if name not in {"id", "judged_at"}}


async def test_a_tender_keeps_its_verdicts_and_dates_when_its_package_is_changed(
    database: Database, tmp_path: Path
) -> None:
    async with deployed(database, tmp_path, swift("1", FIRST)) as world:
        await world.lists()
        buyer, supplier = await world.buyer(), await world.supplier()
        made = await published(buyer)
        question = {"tender_id": made["id"], "lot": 1}
        before = await supplier.made("/v1/verdicts", question)
        assert before["eligible"], before
        pinned = (await stored(world, made["id"])).procedure
    async with deployed(database, tmp_path, swift("2", SECOND)) as world:
        buyer, supplier = moved(buyer, world), moved(supplier, world)
        path = f"/v1/tenders/{made['id']}"
        assert (await stored(world, made["id"])).procedure == pinned
        assert timeless(await supplier.made("/v1/verdicts", question)) == timeless(before)
        seen = await buyer.read(path)
        assert (seen["opens_at"], seen["closes_at"]) == (made["opens_at"], made["closes_at"])
        await bid_made(supplier, path)
        await world.opened(made)
        await buyer.made(f"{path}/evaluation")
        award = await buyer.step(f"{path}/award", of=path)
        awarded = await stored(world, made["id"])
        assert awarded.complaints_until == (awarded.awarded_at or datetime.now(UTC)) + timedelta(seconds=1)
        invoice = await delivered_and_invoiced(buyer, supplier, award["contracts"][0]["id"])
        today = legal_day(datetime.now(UTC))
        assert invoice["due_on"] == period("10WD").due_on(today).isoformat()
        await a_new_draft_gets_the_new_rules(world, buyer, supplier)


async def delivered_and_invoiced(buyer: Member, supplier: Member, contract: str) -> Json:
    path = f"/v1/contracts/{contract}"
    await asyncio.sleep(1.1)  # the standstill
    for side in (supplier, buyer):
        await side.step(f"{path}/signatures", of=path)
    goods = [{"lot": 1, "line": 1, "grid": "child", "sizes": {"122": 50}}]
    await supplier.made(f"{path}/deliveries", {"place": 1, "goods": goods, "waybill": "W1"})
    await buyer.made(f"{path}/deliveries/1/acceptance")
    invoiced = await supplier.made(f"{path}/invoices", {"document": "INV", "deliveries": [1]})
    invoice: Json = invoiced["invoices"][0]
    return invoice


async def a_new_draft_gets_the_new_rules(world: World, buyer: Member, supplier: Member) -> None:
    draft = await buyer.made("/v1/tenders", tender(procedure="swift-state"))
    path = f"/v1/tenders/{draft['id']}"
    tag = (await buyer.get(path)).headers["ETag"]
    refused = await buyer.post(f"{path}/publication", {"closes_at": later(3600)}, If_Match=tag)
    assert refused.json()["errors"][0]["reason"] == "swift-state@2 gives bidders at least P9D"
    now: Any = await buyer.step(f"{path}/publication", {"closes_at": later(10 * 86400)}, of=path)
    assert now["procedure"]["version"] == "2"
    verdict = await supplier.made("/v1/verdicts", {"tender_id": draft["id"], "lot": 1})
    assert not verdict["eligible"]
    rules = Rules((await stored(world, draft["id"])).procedure)
    assert (rules.text("standstill_period"), rules.text("payment_period_producers")) == ("PT2H", "P3D")
