"""Bidders race the deadline, to the millisecond, against those who open: 0 late, 0 lost.

Every tender has 24 bidders, whose first requests are sent around its deadline, two workers that open it when its job
is due, and readers at both API processes whose look opens it too. Deadlines follow each other closely.
"""

import asyncio
import random
from collections.abc import Sequence

import pytest

from tests.faults.history import Law, Outcome, counted, violations
from tests.faults.naive import served
from tests.faults.people import Bidder, Reader
from tests.faults.report import judged, told
from tests.faults.stage import Run, Stage, Tender

pytestmark = pytest.mark.xdist_group("faults")

RACES = 5
RACES_LONG = 200
AT_ONCE = 5
BEFORE_SECONDS = 1.0
AFTER_SECONDS = 0.15
LEAD_SECONDS = 2.0
NAIVE_ROUNDS = 30


async def race(tender: Tender, stage: Stage, ports: Sequence[int], seed: str, opened_within: float = 30.0) -> None:
    """Until everybody was answered and both readers saw the opening."""
    chance = random.Random(seed)  # noqa: S311 - repeatable misfortune

    async def bid(bidder: Bidder, before: float) -> None:
        await asyncio.sleep(max(0.0, tender.seconds_left - before))
        await bidder.bid_until_refused(withdrawals=0.1)

    async def read(port: int) -> None:
        await asyncio.sleep(max(0.0, tender.seconds_left - 0.02))
        await Reader(tender.id, tender.history, port).wait(every=0.01, at_most=opened_within)

    async with asyncio.TaskGroup() as tasks:
        for number, who in enumerate(stage.suppliers):
            bidder = Bidder(who, tender.id, tender.history, ports, seed=f"{seed}/{number}")
            tasks.create_task(bid(bidder, chance.uniform(-AFTER_SECONDS, BEFORE_SECONDS)))
        for port in ports:
            tasks.create_task(read(port))


async def test_nothing_is_late_and_nothing_is_lost_in_raced_deadlines(stage: Stage, run: Run) -> None:
    apis = [await stage.start("serve") for _ in range(2)]
    for _ in range(2):
        await stage.start("work")
    ports = [api.port for api in apis]
    tenders: list[Tender] = []
    lanes = asyncio.Semaphore(AT_ONCE)

    async def lane(number: int) -> None:
        async with lanes:
            lead = LEAD_SECONDS + number % AT_ONCE * LEAD_SECONDS / AT_ONCE
            tender = await stage.published(ports[number % 2], seconds=lead)
            tenders.append(tender)
            await race(tender, stage, ports, f"{run.seed}/{number}")

    await asyncio.gather(*(lane(number) for number in range(RACES_LONG if run.long else RACES)))
    openings = await stage.openings(ports[0])
    operations = [each for tender in tenders for each in tender.history.operations]
    refused = sum(each.outcome is Outcome.REFUSED for each in operations)
    found = judged("races", tenders, seed=run.seed, refused=refused, openers=["2 workers", "2 readers"])
    assert found == []
    assert {tender.id: openings.get(tender.id) for tender in tenders} == {tender.id: 1 for tender in tenders}
    assert 0 < refused < len(operations), "the races have winners and losers"


async def test_the_checker_fails_what_checks_and_then_inserts(stage: Stage, run: Run) -> None:
    """The very same race against the obvious implementation: the harness must be able to lose."""
    found: dict[str, int] = {}
    rounds = 0
    async with served(stage.lease.dsn, stage.suppliers) as naive:
        while not {Law.LOST, Law.LATE} <= found.keys() and rounds < NAIVE_ROUNDS:
            tender = naive.published(seconds=1.0)
            await race(tender, stage, [naive.port, naive.port], f"{run.seed}/{rounds}")
            for law, times in counted(violations(tender.history)).items():
                found[law] = found.get(law, 0) + times
            rounds += 1
    told("races of a naive implementation", seed=run.seed, rounds=rounds, violations=found)
    assert {Law.LOST, Law.LATE} <= found.keys()
