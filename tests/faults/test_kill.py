"""kill -9 of API, worker and database while bids come in: nothing acknowledged is lost, doubled or late.

Killed are, at random moments of each tender: one of the two API processes, the worker, PostgreSQL's first process
(all its children die of it), and one of its sessions (PostgreSQL then recovers as after a crash).
"""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import pairwise

import psutil

from tests.faults.history import Outcome
from tests.faults.people import Bidder, Reader
from tests.faults.report import judged, spread
from tests.faults.stage import Run, Running, Stage, Tender, summed

ACKNOWLEDGED_LONG = 10_000
LONG_SECONDS = 420
OPENED_WITHIN = 60.0


class Killer:
    """Kills components of a stage and starts again what nobody else starts again; remembers when and whom."""

    def __init__(self, stage: Stage, apis: list[Running], worker: Running, chance: random.Random) -> None:
        self.kills: list[tuple[datetime, str]] = []
        self._stage = stage
        self._apis = apis
        self._worker = worker
        self._chance = chance
        self.victims: dict[str, Callable[[], Awaitable[None]]] = {
            "api": self._api,
            "worker": self._worker_process,
            "postmaster": self._postmaster,
            "session": self._session,
        }

    async def kill(self, victim: str, after: float) -> None:
        await asyncio.sleep(after)
        await self.victims[victim]()

    def _killed(self, victim: str) -> None:
        self.kills.append((datetime.now(UTC), victim))

    async def _api(self) -> None:
        await self._again(self._chance.choice(self._apis), "api")

    async def _worker_process(self) -> None:
        await self._again(self._worker, "worker")

    async def _again(self, running: Running, victim: str) -> None:
        if not running.alive:
            return  # killed a moment ago, and being started
        self._killed(victim)
        running.kill()
        await running.died(within=5)
        await running.start()

    async def _postmaster(self) -> None:
        self._killed("postmaster")
        os.kill(self._stage.postmaster(), signal.SIGKILL)

    async def _session(self) -> None:
        sessions = psutil.Process(self._stage.postmaster()).children()
        ours = [each for each in sessions if "oimaq oimaq" in " ".join(each.cmdline())]
        if ours:
            self._killed("session")
            self._chance.choice(ours).send_signal(signal.SIGKILL)


async def round_of_bids(
    stage: Stage, killer: Killer, ports: list[int], *, seconds: float, victims: list[str], seed: str
) -> Tender:
    """One tender: bidders replace as fast as they can, the victims die at random moments, the deadline among them."""
    chance = random.Random(seed)  # noqa: S311 - repeatable misfortune
    tender = await stage.published(ports[0], seconds=seconds)
    bidders = [
        Bidder(who, tender.id, tender.history, ports, seed=f"{seed}/{number}")
        for number, who in enumerate(stage.suppliers)
    ]
    readers = [Reader(tender.id, tender.history, port) for port in ports]
    async with asyncio.TaskGroup() as tasks:
        for bidder in bidders:
            tasks.create_task(bidder.bid_until_refused())
        for reader in readers:
            tasks.create_task(reader.wait(every=0.25, at_most=seconds + OPENED_WITHIN))
        for turn, victim in enumerate(chance.sample(victims, len(victims))):
            after = (turn + chance.random()) * (seconds - 0.5) / len(victims) + 0.7
            tasks.create_task(killer.kill(victim, after))
    return tender


def silence(tenders: list[Tender], killed_at: datetime) -> float | None:
    """The longest pause between two acknowledgements that began within two seconds of a kill, if bids came after it."""
    moments = sorted(
        each.answered_at.timestamp()
        for tender in tenders
        for each in tender.history.operations
        if each.outcome is Outcome.ACKNOWLEDGED and each.answered_at is not None
    )
    at = killed_at.timestamp()
    pauses = [later - max(earlier, at) for earlier, later in pairwise(moments) if later > at and earlier < at + 2]
    return max(pauses, default=None)


async def test_nothing_acknowledged_is_lost_when_everything_is_killed(stage: Stage, run: Run) -> None:
    chance = random.Random(run.seed)  # noqa: S311 - repeatable misfortune
    apis = [await stage.start("serve") for _ in range(2)]
    killer = Killer(stage, apis, await stage.start("work"), chance)
    ports = [api.port for api in apis]
    tenders: list[Tender] = []
    until = asyncio.get_running_loop().time() + (LONG_SECONDS if run.long else 0)
    while True:
        victims = sorted(killer.victims) if not run.long else [chance.choice(sorted(killer.victims)) for _ in range(3)]
        seconds = 20.0 if run.long else 7.0
        seed_of_round = f"{run.seed}/{len(tenders)}"
        tenders.append(await round_of_bids(stage, killer, ports, seconds=seconds, victims=victims, seed=seed_of_round))
        if summed(tenders) >= ACKNOWLEDGED_LONG or asyncio.get_running_loop().time() > until:
            break
    openings = await stage.openings(ports[0])
    silences: dict[str, list[float]] = {}
    for at, victim in killer.kills:
        if (pause := silence(tenders, at)) is not None:
            silences.setdefault(victim, []).append(pause)
    found = judged(
        "kill",
        tenders,
        seed=run.seed,
        kills={victim: sum(each == victim for _, each in killer.kills) for victim in sorted(killer.victims)},
        silence_after={victim: spread(pauses) for victim, pauses in sorted(silences.items())},
    )
    assert found == []
    assert {tender.id: openings.get(tender.id) for tender in tenders} == {tender.id: 1 for tender in tenders}
    assert summed(tenders) >= (ACKNOWLEDGED_LONG if run.long else len(stage.suppliers)), "the bidders were busy"
    assert {victim for _, victim in killer.kills} == set(killer.victims), "everything was killed"
