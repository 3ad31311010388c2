"""Bidders race the deadline against those who open, with real commits: none is late, none acknowledged is lost."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from uuid import UUID

import httpx

from domain.ids import TenderId
from tests.world import Json, Member, World, bid

BIDDERS = 30
LEAD_SECONDS = 2.0
SPREAD_SECONDS = 0.8
"""Bids start between this long before the deadline and a fifth of it after."""


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def bids_at(moment: float, supplier: Member, path: str, price: str) -> list[httpx.Response]:
    """One bid at this moment of the loop's clock, replaced until the deadline refuses: its answers in their order."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(moment - loop.time())
    answers = [await supplier.post(path, bid(price))]
    while answers[-1].status_code == httpx.codes.CREATED:
        own = f"/v1/bids/{answers[-1].json()['id']}/replacement"
        etag = answers[-1].headers["ETag"]
        answers.append(await supplier.post(own, bid(f"{2000 + len(answers)}.00"), If_Match=etag))
    return answers


async def opens(world: World, tender_id: TenderId) -> None:
    """A worker that cannot wait."""
    while (await world.application.tendering.apply_due(tender_id)).opened_at is None:  # noqa: ASYNC110 - tried here
        await asyncio.sleep(0.002)


async def test_nothing_is_late_and_nothing_acknowledged_is_lost(world: World) -> None:
    suppliers = [await world.supplier() for _ in range(BIDDERS)]
    tender = await world.published(await world.buyer(), seconds=LEAD_SECONDS)
    path = f"/v1/tenders/{tender['id']}/bids"
    closes_at = instant(tender["closes_at"])
    deadline = asyncio.get_running_loop().time() + (closes_at - datetime.now(UTC)).total_seconds()
    moments = [deadline - SPREAD_SECONDS + number * SPREAD_SECONDS * 1.2 / BIDDERS for number in range(BIDDERS)]
    races: list[Awaitable[list[httpx.Response]]] = [
        bids_at(moment, supplier, path, f"{3000 + number}.00")
        for number, (moment, supplier) in enumerate(zip(moments, suppliers, strict=True))
    ]
    closers = [asyncio.create_task(opens(world, TenderId(UUID(tender["id"])))) for _ in range(2)]
    histories = await asyncio.gather(*races)
    await asyncio.gather(*closers)
    page = (await world.public.read(path, limit="100"))["items"]
    _judge(histories, page, closes_at)


def _judge(histories: list[list[httpx.Response]], page: list[Json], closes_at: datetime) -> None:
    opened = {each["id"]: each for each in page}
    assert len(opened) == len(page)
    acknowledged: dict[str, Json] = {}
    for *accepted, last in histories:
        assert last.json()["code"] == "bidding-closed", last.text
        for number, answer in enumerate(accepted, start=1):
            assert answer.json()["revision"] == number
            acknowledged[answer.json()["id"]] = answer.json()
    assert set(opened) == set(acknowledged)
    for id, seen in opened.items():
        assert seen["lots"] == acknowledged[id]["lots"]
        assert seen["revision"] == acknowledged[id]["revision"]
        assert instant(seen["received_at"]) < closes_at
    assert 0 < len(acknowledged) < len(histories), "the race has to have winners and losers"
