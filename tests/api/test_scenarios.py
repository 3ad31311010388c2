"""Scenarios as the buyer meets them: made, solved by the worker, compared, chosen, awarded."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from xml.etree import ElementTree as ET

import httpx
import pytest
from sqlalchemy import text

from adapters.solver.process import ProcessSolver
from api.worker import solve_all
from domain.actors import OrganizationKind, Role
from domain.ids import ScenarioId
from tests.api.test_contracts_flow import counted
from tests.api.test_market import code_of
from tests.world import Databases, Json, Member, World, bid, built

HALVES = {"limits": [{"share_percent_max": "50"}]}
REASON = "Two workshops carry less risk than one"


class Market:
    """An evaluated tender: the cheapest of three bidders takes all of it, as the package says."""

    def __init__(self, world: World, buyer: Member, bidders: tuple[Member, ...], path: str) -> None:
        self.world, self.buyer, self.bidders, self.path = world, buyer, bidders, path

    @classmethod
    async def open(cls, world: World, *, lots: int = 1) -> "Market":
        buyer = await world.buyer()
        bidders = [await world.supplier() for _ in range(3)]
        await moves(bidders[2], "790000000")
        published = await world.published(buyer, seconds=2, procedure="among-producers", lots=lots)
        path = f"/v1/tenders/{published['id']}"
        for bidder, price in zip(bidders, ("3000.00", "3100.00", "3200.00"), strict=True):
            line = bid(price)["lots"][0]
            await bidder.made(f"{path}/bids", {"lots": [line | {"lot": number + 1} for number in range(lots)]})
        await world.opened(published)
        await buyer.made(f"{path}/evaluation")
        return cls(world, buyer, tuple(bidders), path)

    async def scenario(self, rules: Json | None = None, **more: object) -> Json:
        body = {"title": "Halves", "rules": HALVES if rules is None else rules, "engine": "greedy", **more}
        return await self.buyer.made(f"{self.path}/scenarios", body)

    async def solved(self, rules: Json | None = None, **more: object) -> Json:
        made = await self.scenario(rules, **more)
        assert await self.world.worker.solving.solve(ScenarioId(made["id"]))
        return await self.seen(made)

    async def seen(self, scenario: Json) -> Json:
        return await self.buyer.read(f"/v1/scenarios/{scenario['id']}")

    async def until(self, scenario: Json, *statuses: str) -> Json:
        while True:
            seen = await self.seen(scenario)
            if seen["scenario"]["status"] in statuses:
                return seen
            await asyncio.sleep(0.05)

    async def choose(self, scenario: Json | None, reason: str = REASON) -> httpx.Response:
        etag = (await self.buyer.get(self.path)).headers["ETag"]
        body = {"scenario_id": scenario and scenario["id"], "reason": reason}
        return await self.buyer.post(f"{self.path}/scenario-choice", body, If_Match=etag)


async def moves(supplier: Member, kato: str, *, version: int = 1, operators: int = 50) -> None:
    """To a place, with so many operators."""
    profile = {
        "kato": kato, "products": ["school_shirt"], "operators": operators, "shift_minutes": 480, "shifts": 1,
        "working_days": 5, "efficiency": "0.50",
    }  # fmt: skip
    described = await supplier.put("/v1/workshop", profile, If_Match=f'"{version}"')
    assert described.status_code == httpx.codes.OK, described.text


@asynccontextmanager
async def misfortune(database: Databases, name: str) -> AsyncIterator[World]:
    async with built(database, solver=ProcessSolver(choosing=f"tests.awards.misfortune:{name}", grace=0.5)) as world:
        yield world


async def nothing_waits(database: Databases) -> None:
    """What other tests have left queued is nobody's to solve."""
    async with database.owner.engine.begin() as connection:
        await connection.execute(
            text("UPDATE scenarios SET status = 'cancelled' WHERE status IN ('queued', 'solving')")
        )


async def test_a_scenario_is_solved_compared_chosen_and_awarded(world: World, database: Databases) -> None:
    await nothing_waits(database)
    market = await Market.open(world)
    made = await market.scenario()
    assert (made["status"], made["number"], made["figures"]) == ("queued", 1, None)
    stop = asyncio.Event()
    working = asyncio.create_task(solve_all(world.worker, stop=stop))
    seen = await market.until(made, "solved", "failed")
    stop.set()
    await working
    scenario = seen["scenario"]
    assert (scenario["status"], scenario["stated"]["engine"], scenario["figures"]["winners"]) == (
        "solved",
        "greedy/2",
        2,
    )
    assert [(share["bidder_id"], share["pieces"]) for share in seen["shares"]] == [
        (market.bidders[0].id, 50),
        (market.bidders[1].id, 50),
    ]
    compared = await market.buyer.read(f"{market.path}/scenarios/comparison")
    reference, other = compared["columns"]
    assert (reference["number"], reference["figures"]["cost"], reference["saving"]) == (0, "300000.00", "0.00")
    assert (other["figures"]["cost"], other["saving"], other["saving_percent"]) == ("305000.00", "-5000.00", "-1.67")
    assert other["figures"]["regions"] == {"63": {"pieces": 100, "percent": "100.00"}}
    free, left = Decimal(other["figures"]["minutes_free"]), Decimal(other["figures"]["minutes_left"])
    assert free - left == Decimal(100 * 20)
    cost = next(chart for chart in compared["charts"] if chart["kind"] == "cost")
    assert cost["series"] == [{"name": "", "values": ["300000.00", "305000.00"]}]
    chosen = await market.choose(made)
    assert chosen.status_code == httpx.codes.CREATED, chosen.text
    assert chosen.json()["chosen"]["scenario_id"] == made["id"]
    award = await market.buyer.step(f"{market.path}/award", of=market.path)
    assert sorted(each["supplier_id"] for each in award["contracts"]) == sorted(b.id for b in market.bidders[:2])
    told = await market.bidders[2].read(f"{market.path}/evaluation")
    assert told["chosen"] == {
        "scenario_id": made["id"],
        "evaluation_id": scenario["evaluation_id"],
        "reason": REASON,
    }


async def test_the_regions_and_the_new_and_the_small_are_those_of_the_day_it_was_made(world: World) -> None:
    market = await Market.open(world)
    far = await market.scenario({"quotas": [{"preferred": "region", "kato": "79", "percent_min": "40"}]})
    await moves(market.bidders[2], "631010000", version=2, operators=500)
    assert await world.worker.solving.solve(ScenarioId(far["id"]))
    figures = (await market.seen(far))["scenario"]["figures"]
    assert figures["regions"] == {
        "63": {"pieces": 60, "percent": "60.00"},
        "79": {"pieces": 40, "percent": "40.00"},
    }
    assert (figures["small"]["percent"], figures["new"]["percent"]) == ("100.00", "100.00")
    known = (await market.seen(far))["bidders"][market.bidders[2].id]
    assert known == {"kato": "790000000", "small": True, "new": True}
    later = await market.solved({"quotas": [{"preferred": "small", "percent_min": "40"}]}, title="Later")
    assert later["scenario"]["figures"]["regions"] == {"63": {"pieces": 100, "percent": "100.00"}}


async def test_contradicting_rules_are_refused_with_every_flaw(world: World) -> None:
    market = await Market.open(world)
    path = f"{market.path}/scenarios"
    never = {"title": "One with half", "rules": {"limits": [{"winners_max": 1, "share_percent_max": "50"}]}}
    refused = await market.buyer.post(path, never)
    assert code_of(refused) == (422, "problem-contradictory")
    assert "never fill" in refused.json()["errors"][0]["reason"]
    nowhere = {"title": "Lot 7", "lot": 7}
    assert code_of(await market.buyer.post(path, nowhere)) == (422, "scenario-refused")
    regions = {
        "quotas": [
            {"preferred": "region", "percent_min": "10"},
            {"preferred": "new", "percent_min": "10", "kato": "63"},
        ]
    }
    refused = await market.buyer.post(path, {"title": "Regions", "rules": regions})
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/rules/quotas/0/kato", "/rules/quotas/1/kato"]
    assert (await market.buyer.read(path))["items"] == []


async def test_five_stand_side_by_side_and_a_cancelled_one_leaves_its_place(world: World) -> None:
    market = await Market.open(world, lots=2)
    path = f"{market.path}/scenarios"
    sixth = {"title": "Sixth"}
    answers = await asyncio.gather(*(market.buyer.post(path, sixth) for _ in range(6)))
    assert counted(list(answers)) == {"created": 5, "too-many-scenarios": 1}
    made = (await market.buyer.read(path))["items"]
    of_lot = await market.scenario(lot=2)
    assert (of_lot["lot"], of_lot["number"]) == (2, 6), "another scope has places of its own"
    own = f"/v1/scenarios/{made[0]['id']}"
    cancelled = await market.buyer.post(f"{own}/cancellation", If_Match='"1"')
    assert cancelled.json()["status"] == "cancelled"
    assert code_of(await market.buyer.post(f"{own}/cancellation", If_Match='"2"')) == (409, "step-not-allowed")
    assert not await world.worker.solving.solve(ScenarioId(made[0]["id"]))
    await market.buyer.made(path, sixth)
    told = [each["number"] for each in (await market.buyer.read(path))["items"]]
    assert told == [1, 2, 3, 4, 5, 6, 7]


async def test_the_drawing_is_text_and_bars_in_the_readers_language(world: World) -> None:
    market = await Market.open(world)
    await market.solved(title="</text><script>alert('&')")
    headers = market.buyer.headers | {"Accept-Language": "kk"}
    answer = await world.http.get(f"{market.path}/scenarios/comparison.svg", headers=headers)
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, "kk")
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    drawing = ET.fromstring(answer.text)  # noqa: S314 - our own answer
    tags = {element.tag.rpartition("}")[2] for element in drawing.iter()}
    assert tags == {"svg", "rect", "text"}
    texts = [element.text or "" for element in drawing.iter()]
    assert "Құны, теңге" in texts
    assert any(text.startswith("1. </text><script>") for text in texts)
    assert len(answer.content) < 64 * 1024
    empty = await world.http.get(f"{market.path}/scenarios/comparison.svg?lot=1", headers=headers)
    assert ET.fromstring(empty.text) is not None  # noqa: S314 - our own answer


async def test_a_scenario_of_one_lot_changes_that_lot_only_and_choices_add_up(world: World) -> None:
    market = await Market.open(world, lots=2)
    first, second = await market.solved(lot=1), await market.solved({"limits": [{"share_percent_max": "60"}]}, lot=2)
    assert first["scenario"]["figures"]["lots"] == 1
    await market.choose(first["scenario"])
    chosen = (await market.choose(second["scenario"])).json()
    by_lot = {
        lot: [(share["bidder_id"], share["pieces"]) for share in chosen["shares"] if share["lot"] == lot]
        for lot in (1, 2)
    }
    cheap, dear, _ = (bidder.id for bidder in market.bidders)
    assert by_lot == {1: [(cheap, 50), (dear, 50)], 2: [(cheap, 60), (dear, 40)]}
    back = (await market.choose(None, "The cheapest after all")).json()
    assert [(share["bidder_id"], share["pieces"]) for share in back["shares"]] == [(cheap, 100), (cheap, 100)]
    assert back["chosen"]["scenario_id"] is None


async def test_what_is_stale_unsolved_or_leaves_a_lot_open_is_not_chosen(world: World) -> None:
    market = await Market.open(world)
    waiting = await market.scenario()
    assert code_of(await market.choose(waiting)) == (409, "scenario-not-solved")
    nobody = await market.solved({"quotas": [{"preferred": "region", "kato": "10", "percent_min": "10"}]})
    assert nobody["scenario"]["figures"]["lots_filled"] == 0
    assert code_of(await market.choose(nobody["scenario"])) == (409, "lots-left-open")
    solved = await market.solved()
    await market.buyer.made(f"{market.path}/evaluation")
    assert code_of(await market.choose(solved["scenario"])) == (409, "scenario-stale")
    assert (await market.buyer.read(f"{market.path}/scenarios/comparison"))["columns"] == []
    other = await Market.open(world)
    assert code_of(await other.choose(solved["scenario"])) == (404, "scenario-not-found")


async def test_two_approvers_at_once_choose_once_and_never_beside_an_award(world: World) -> None:
    market = await Market.open(world)
    one, other = await market.solved(), await market.solved({"limits": [{"share_percent_max": "70"}]})
    etag = (await market.buyer.get(market.path)).headers["ETag"]
    path = f"{market.path}/scenario-choice"
    bodies = [{"scenario_id": each["scenario"]["id"], "reason": REASON} for each in (one, other)]
    answers = await asyncio.gather(
        *(market.buyer.post(path, body, If_Match=etag) for body in bodies),
        market.buyer.post(f"{market.path}/award", If_Match=etag),
    )
    told = counted(list(answers))
    assert told["created"] == 1
    assert set(told) <= {"created", "stale-version", "step-not-allowed"}


async def test_scenarios_are_read_as_the_evaluation_is(world: World) -> None:
    market = await Market.open(world)
    solved = await market.solved()
    auditor = await world.member(OrganizationKind.AUDITOR)
    bidder, stranger = market.bidders[0], await world.buyer()
    paths = [
        f"{market.path}/scenarios",
        f"{market.path}/scenarios/comparison",
        f"{market.path}/scenarios/comparison.svg",
    ]
    paths += [f"/v1/scenarios/{solved['scenario']['id']}", f"/v1/scenarios/{solved['scenario']['id']}/progress"]

    async def statuses(reader: Member) -> set[int]:
        return {(await reader.get(path)).status_code for path in paths}

    assert [await statuses(reader) for reader in (market.buyer, auditor, bidder, stranger)] == [
        {200}, {200}, {404}, {404},
    ]  # fmt: skip
    await market.buyer.step(f"{market.path}/award", of=market.path)
    assert [await statuses(reader) for reader in (bidder, stranger)] == [{200}, {404}]
    foreign = await stranger.post(f"/v1/scenarios/{solved['scenario']['id']}/cancellation", If_Match='"3"')
    assert code_of(foreign) == (404, "scenario-not-found")
    assert code_of(await stranger.post(f"{market.path}/scenarios", {"title": "Mine"})) == (404, "tender-not-found")


async def test_what_was_done_is_in_the_feed(world: World) -> None:
    market = await Market.open(world)
    solved = await market.solved()
    await market.choose(solved["scenario"])
    auditor = await world.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    told: list[Json] = []
    page = await auditor.read("/v1/events", limit=100)
    while page["items"]:
        told += page["items"]
        page = await auditor.read("/v1/events", limit=100, after=page["next"])
    mine = [each for each in told if each["data"].get("tender_id") == solved["scenario"]["tender_id"]]
    kinds = [each["type"] for each in mine if each["type"].startswith(("scenario.", "evaluation."))]
    assert kinds == ["evaluation.recorded", "scenario.made", "scenario.started", "scenario.solved", "evaluation.chosen"]
    assert mine[-1]["data"]["choice"]["reason"] == REASON


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("hangs", "time_limit"),
        ("crashes", "solver_crashed"),
        ("is_killed", "solver_killed"),
        ("raises", "engine_failed"),
        ("lies", "solution_refused"),
    ],
)
async def test_a_solver_that_comes_to_grief_fails_its_scenario_and_not_the_worker(
    database: Databases, name: str, failure: str
) -> None:
    async with misfortune(database, name) as world:
        market = await Market.open(world)
        seen = (await market.solved(seconds=1))["scenario"]
        assert (seen["status"], seen["failure"], seen["figures"]) == ("failed", failure, None)
        assert code_of(await market.choose(seen)) == (409, "scenario-not-solved")


async def _first_progress(market: Market, path: str) -> Json:
    while True:
        run = await market.buyer.read(f"{path}/progress")
        if run["worth"] is not None:
            return run
        await asyncio.sleep(0.05)


async def test_a_cancelled_solve_ends_within_about_a_second_and_tells_its_progress_before(database: Databases) -> None:
    async with misfortune(database, "hangs") as world:
        market = await Market.open(world)
        made = await market.scenario(seconds=600)
        path = f"/v1/scenarios/{made['id']}"
        solving = asyncio.create_task(world.worker.solving.solve(ScenarioId(made["id"])))
        run = await _first_progress(market, path)
        assert (run["status"], run["worth"], run["attempt"]) == ("solving", "12.50", 1)
        assert not await world.worker.solving.solve(ScenarioId(made["id"])), "another worker leaves it alone"
        cancelled = await market.buyer.step(f"{path}/cancellation", of=path)
        began = time.monotonic()
        assert await solving
        assert time.monotonic() - began < 3
        assert cancelled["status"] == (await market.seen(made))["scenario"]["status"] == "cancelled"


async def test_a_worker_that_stops_leaves_its_scenario_to_the_next_at_once(database: Databases) -> None:
    await nothing_waits(database)
    async with misfortune(database, "hangs") as world:
        market = await Market.open(world)
        made = await market.scenario(seconds=600)
        stop = asyncio.Event()
        working = asyncio.create_task(solve_all(world.worker, stop=stop))
        await market.until(made, "solving")
        stop.set()
        await working
        async with built(database) as after:
            assert await after.worker.solving.solve(ScenarioId(made["id"]))
        seen = (await market.seen(made))["scenario"]
        assert (seen["status"], seen["stated"]["engine"]) == ("solved", "greedy/2")
