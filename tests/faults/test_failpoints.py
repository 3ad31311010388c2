"""The API or a worker fails at a named place inside submit, replace, withdraw, close and open; nothing is lost.

Each cell has a process of its own with failpoints, a tender, and bidders who know only this process. A cell in which
nothing struck fails: it would test nothing.
"""

import asyncio
import json
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.people import Bidder, Reader
from tests.faults.report import judged
from tests.faults.stage import Run, Running, Stage, Tender

pytestmark = pytest.mark.xdist_group("faults")

PLACES = (
    "intake.begin.after", "commit.before", "commit.after", "tenders.get.after", "tenders.lock.after",
    "envelopes.entries.after", "envelopes.publish.after", "tenders.save.before",
    "tenders.save.after", "sealing_keys.of_tender.after", "envelopes.submitted.after", "bids.add_all.before",
    "bids.add_all.after", "verdicts.add_all.after",
)  # fmt: skip
"""Of submit, replace and withdraw, then of close and open (here by a reader's touch: no worker runs)."""
OPENING_PLACES = (
    "tenders.lock.after", "envelopes.entries.after", "envelopes.publish.after", "tenders.save.before",
    "tenders.save.after", "sealing_keys.of_tender.after", "envelopes.submitted.after", "bids.add_all.before",
    "bids.add_all.after", "verdicts.add_all.after",
)  # fmt: skip
"""Not the commit: a worker commits other things all the time."""
SHORT = (("commit.after", "exit"), ("commit.after", "go on"), ("envelopes.submitted.after", "exit"))
MISHAPS = {"exit": ("exit",), "go on": ("exception", "cut", "delay(0.3)")}
BIDDERS = 5
CELLS_AT_ONCE = 3
LEAD_SECONDS = 3.0
OPENED_WITHIN = 40.0


def strikes(log: Path) -> Counter[str]:
    """How often each effect struck in this process, by its log."""
    lines = [line for line in log.read_text().splitlines() if '"event": "failpoint"' in line]
    return Counter(json.loads(line)["kind"] for line in lines)


async def revived(process: Running) -> None:
    """Start it again, without failpoints, whenever it has died; until cancelled."""
    while True:
        await asyncio.sleep(0.02)
        if not process.alive:
            await process.start(OIMAQ_FAILPOINTS="")


async def cell(stage: Stage, clean: Running, place: str, mishap: str, seed: str) -> tuple[Tender, Counter[str]]:
    effects = MISHAPS[mishap]
    failpoints = ",".join(f"{place}={effect}:{1 if effect == 'exit' else 2}" for effect in effects)
    process = await stage.start("serve", OIMAQ_FAILPOINTS=failpoints)
    tender = await stage.published(clean.port, seconds=LEAD_SECONDS)
    reviving = asyncio.create_task(revived(process))
    people = random.Random(seed).sample(stage.suppliers, BIDDERS)  # noqa: S311 - repeatable misfortune
    bidders = [
        Bidder(who, tender.id, tender.history, [process.port], seed=f"{seed}/{number}")
        for number, who in enumerate(people)
    ]
    reader = Reader(tender.id, tender.history, process.port)
    async with asyncio.TaskGroup() as tasks:
        for number, bidder in enumerate(bidders):
            tasks.create_task(bidder.bid_until_refused(withdrawals=0.2 if number else 0.0))
        tasks.create_task(reader.wait(every=0.05, at_most=LEAD_SECONDS + OPENED_WITHIN))
    reviving.cancel()
    process.kill()
    return tender, strikes(process.log)


async def test_the_api_fails_at_every_place_and_the_history_is_sound(stage: Stage, run: Run) -> None:
    cells = [(place, mishap) for place in PLACES for mishap in MISHAPS] if run.long else list(SHORT)
    clean = await stage.start("serve")
    lanes = asyncio.Semaphore(CELLS_AT_ONCE)

    async def lane(place: str, mishap: str) -> tuple[Tender, Counter[str]]:
        async with lanes:
            return await cell(stage, clean, place, mishap, f"{run.seed}/{place}/{mishap}")

    done = await asyncio.gather(*(lane(place, mishap) for place, mishap in cells))
    openings = await stage.openings(clean.port)
    struck = sum((strikes for _, strikes in done), Counter[str]())
    tenders = [tender for tender, _ in done]
    found = judged("failpoints of the API", tenders, seed=run.seed, cells=len(cells), struck=dict(struck))
    assert found == []
    assert {tender.id: openings.get(tender.id) for tender in tenders} == {tender.id: 1 for tender in tenders}
    for (place, mishap), (_, each) in zip(cells, done, strict=True):
        expected = {effect.partition("(")[0] for effect in MISHAPS[mishap]}
        assert set(each) == expected, f"{place} is not met any more, or not often enough: {each}"


async def opener_killed(
    stage: Stage, apis: list[Running], failpoints: str, seed: str, *, watched: bool
) -> tuple[Tender, Counter[str]]:
    """A worker dies while it opens; then another worker and readers at two API processes open at once.

    ``watched``: the readers look already while the first one is in the middle.
    """
    tender = await stage.published(apis[0].port, seconds=LEAD_SECONDS)
    opener = await stage.start("work", OIMAQ_FAILPOINTS=failpoints)
    people = random.Random(seed).sample(stage.suppliers, BIDDERS)  # noqa: S311 - repeatable misfortune
    ports = [api.port for api in apis]
    bidders = [
        Bidder(who, tender.id, tender.history, ports, seed=f"{seed}/{number}") for number, who in enumerate(people)
    ]
    await asyncio.gather(*(bidder.bid_until_refused(withdrawals=0.0, at_most=4) for bidder in bidders))
    if watched:
        await asyncio.sleep(max(0.0, tender.seconds_left))
        while not strikes(opener.log):  # noqa: ASYNC110 - another process's log
            await asyncio.sleep(0.02)
    else:
        await opener.died(within=LEAD_SECONDS + 15)
    second = await stage.start("work")
    readers = [Reader(tender.id, tender.history, port) for port in ports * 2]
    await asyncio.gather(*(reader.wait(every=0.01, at_most=OPENED_WITHIN) for reader in readers))
    opener.kill()
    second.kill()
    return tender, strikes(opener.log)


async def test_an_opener_is_killed_at_every_place_and_readers_see_none_or_all(stage: Stage, run: Run) -> None:
    apis = [await stage.start("serve") for _ in range(2)]
    cells = [(f"{place}=exit", False) for place in (OPENING_PLACES if run.long else ("bids.add_all.after",))]
    cells.append(("bids.add_all.after=delay(0.4),verdicts.add_all.after=exit", True))
    done = [
        await opener_killed(stage, apis, failpoints, f"{run.seed}/{failpoints}", watched=watched)
        for failpoints, watched in cells
    ]
    openings = await stage.openings(apis[0].port)
    tenders = [tender for tender, _ in done]
    killed = sum(strikes["exit"] for _, strikes in done)
    found = judged("openers killed", tenders, seed=run.seed, cells=len(cells), killed=killed)
    assert found == []
    assert {tender.id: openings.get(tender.id) for tender in tenders} == {tender.id: 1 for tender in tenders}
    assert all(strikes["exit"] == 1 for _, strikes in done), "each opener was killed where it was asked to be"
