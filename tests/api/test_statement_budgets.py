"""How many statements a request may cost. A budget is a design, so that growth is a decision and not an accident.

Statements through SQLAlchemy are counted on the way to the driver, those of the bids in the bare driver; the list of
tenders is one statement of the bare driver beside them.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncpg.connection import LoggedQuery
from sqlalchemy import event

from adapters.postgres.engine import INTAKE_CONNECTIONS, Database
from domain.actors import OrganizationKind
from tests.api.test_scenarios import REASON, Market
from tests.documents import PDF
from tests.world import World, agreement, bid, tender

BUDGETS = {
    "who am I": 2,
    "list tenders": 0,
    "read a tender": 2,
    "draft a tender": 9,
    "publish a tender": 13,
    "submit a bid": 5,
    "upload a document": 14,
    "replace a bid with a document": 8,
    "read own bid": 2,
    "ask for a verdict": 10,
    "feed of events": 3,
    "ask about a tender": 11,
    "answer a question": 10,
    "amend a tender": 13,
    "confirm a bid with a document": 6,
    "read an OCDS record": 6,
    "list enquiries": 3,
    "list amendments": 3,
    "check a threshold": 3,
    "check a price": 2,
    "list own notices": 2,
    "watch a tender": 8,
    "read a bundle": 9,
    "read a protocol": 9,
}
"""Without BEGIN and COMMIT; one of each is the look-up of the credential. A bid's are shared by all that come with it:
a glance, the tender where it is not known, the store, the kept answer.
"""
SCENARIO_BUDGETS = {
    "make a scenario": 12,
    "read progress": 2,
    "cancel a scenario": 10,
    "list scenarios": 3,
    "compare scenarios": 3,
    "choose a scenario": 14,
}
DRIVERS_OWN = ("typeinfo_tree", "current_setting('jit')")
"""What asyncpg asks once on each connection, about types that it has not met."""


@asynccontextmanager
async def counted(database: Database) -> AsyncIterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    def note_bare(record: LoggedQuery) -> None:
        if record.query not in {"BEGIN;", "COMMIT;"} and not any(word in record.query for word in DRIVERS_OWN):
            seen.append(record.query)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    async with AsyncExitStack() as stack:
        lent = [await stack.enter_async_context(database.intake.acquire()) for _ in range(INTAKE_CONNECTIONS)]
        bare = [each._con for each in lent]
        for each in bare:
            each.add_query_logger(note_bare)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
        for each in bare:
            each.remove_query_logger(note_bare)


async def awarded(world: World) -> str:
    buyer, supplier = await world.buyer(), await world.supplier()
    published = await world.published(buyer, seconds=2.0, procedure="among-producers")
    path = f"/v1/tenders/{published['id']}"
    await supplier.made(f"{path}/bids", bid())
    await world.opened(published)
    await buyer.made(f"{path}/evaluation")
    await buyer.step(f"{path}/award", of=path)
    return path


async def test_each_request_keeps_its_budget(world: World, database: Database) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    auditor = await world.member(OrganizationKind.AUDITOR)
    spent: dict[str, int] = {}

    async with counted(database) as seen:
        draft = await buyer.made("/v1/tenders", tender())
    spent["draft a tender"] = len(seen)
    path = f"/v1/tenders/{draft['id']}"
    closes_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert world.application.opening is not None
    await world.application.opening.fill()  # as its process does all the time
    async with counted(database) as seen:
        await buyer.made(f"{path}/publication", {"closes_at": closes_at}, If_Match='"1"')
    spent["publish a tender"] = len(seen)
    async with counted(database) as seen:
        await supplier.made("/v1/verdicts", {"tender_id": draft["id"], "lot": 1})
    spent["ask for a verdict"] = len(seen)
    async with counted(database) as seen:
        made = await supplier.made(f"{path}/bids", bid())
    spent["submit a bid"] = len(seen)
    async with counted(database) as seen:
        document = (await supplier.upload(f"{path}/documents", PDF)).json()
    spent["upload a document"] = len(seen)
    named = {"documents": [{"id": document["id"], "name": "Certificate.pdf", "sha256": document["sha256"]}]}
    async with counted(database) as seen:
        made = await supplier.made(f"/v1/bids/{made['id']}/replacement", bid() | named, If_Match='"1"')
    spent["replace a bid with a document"] = len(seen)
    async with counted(database) as seen:
        asked = await supplier.made(f"{path}/enquiries", {"question": "Which fabric?"})
    spent["ask about a tender"] = len(seen)
    async with counted(database) as seen:
        await buyer.made(f"/v1/enquiries/{asked['id']}/answer", {"answer": "Cotton"}, If_Match='"1"')
    spent["answer a question"] = len(seen)
    body = tender(price="3500.00")
    amendment = {"title": body["title"], "lots": body["lots"], "reason": "The price was wrong"}
    async with counted(database) as seen:
        await buyer.made(f"{path}/amendments", amendment, If_Match='"2"')
    spent["amend a tender"] = len(seen)
    async with counted(database) as seen:
        await supplier.made(f"/v1/bids/{made['id']}/confirmation", agreement(made), If_Match='"2"')
    spent["confirm a bid with a document"] = len(seen)
    async with counted(database) as seen:
        await supplier.made(f"{path}/watch")
    spent["watch a tender"] = len(seen)
    for name, reader, where in (
        ("who am I", buyer, "/v1/me"),
        ("list tenders", world.public, "/v1/tenders"),
        ("read a tender", buyer, path),
        ("read own bid", supplier, f"/v1/bids/{made['id']}"),
        ("list own notices", supplier, "/v1/notices"),
        ("feed of events", auditor, "/v1/events"),
        ("read an OCDS record", world.public, f"/v1/ocds/records/ocds-oimaqkz-{draft['number']}"),
        ("list enquiries", buyer, f"{path}/enquiries"),
        ("list amendments", buyer, f"{path}/amendments"),
        ("check a threshold", buyer, f"{path}/threshold-check"),
    ):
        async with counted(database) as seen:
            await reader.read(where)
        spent[name] = len(seen)
    async with counted(database) as seen:
        await supplier.read(f"{path}/price-check", lot="1", price="1.00")
    spent["check a price"] = len(seen)
    settled = await awarded(world)
    for name in ("bundle", "protocol"):
        async with counted(database) as seen:
            await auditor.read(f"{settled}/{name}")
        spent[f"read a {name}"] = len(seen)
    assert set(spent) == set(BUDGETS)
    over = {name: (count, BUDGETS[name]) for name, count in spent.items() if count > BUDGETS[name]}
    if over:
        pytest.fail(f"over budget (spent, allowed): {over}")


async def test_scenarios_keep_their_budgets(world: World, database: Database) -> None:
    market = await Market.open(world)
    buyer, path = market.buyer, market.path
    solved = (await market.solved())["scenario"]
    spent: dict[str, int] = {}
    async with counted(database) as seen:
        made = await market.scenario()
    spent["make a scenario"] = len(seen)
    async with counted(database) as seen:
        await buyer.made(f"/v1/scenarios/{made['id']}/cancellation", If_Match='"1"')
    spent["cancel a scenario"] = len(seen)
    for name, where in (
        ("read progress", f"/v1/scenarios/{made['id']}/progress"),
        ("list scenarios", f"{path}/scenarios"),
        ("compare scenarios", f"{path}/scenarios/comparison"),
    ):
        async with counted(database) as seen:
            await buyer.read(where)
        spent[name] = len(seen)
    etag = (await buyer.get(path)).headers["ETag"]
    async with counted(database) as seen:
        await buyer.made(f"{path}/scenario-choice", {"scenario_id": solved["id"], "reason": REASON}, If_Match=etag)
    spent["choose a scenario"] = len(seen)
    assert set(spent) == set(SCENARIO_BUDGETS)
    over = {name: (count, SCENARIO_BUDGETS[name]) for name, count in spent.items() if count > SCENARIO_BUDGETS[name]}
    if over:
        pytest.fail(f"over budget (spent, allowed): {over}")
