"""kill -9 of API, worker and database while bids come in: nothing acknowledged is lost, doubled or late.

Killed are, at random moments of each tender: one of the two API processes, the worker, PostgreSQL's first process
(all its children die of it), and one of its sessions (PostgreSQL then recovers as after a crash).
"""

import asyncio
import contextlib
import random
import signal
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from itertools import pairwise

import psutil
import pytest

from api.demo.processes import Processes
from tests.faults.history import Outcome
from tests.faults.report import judged, spread
from tests.faults.scene import play
from tests.faults.stage import Run, Running, Stage, Tender, summed

pytestmark = pytest.mark.xdist_group("faults")

ACKNOWLEDGED_LONG = 10_000
LONG_SECONDS = 540
OURS = "oimaq oimaq"
"""Role and database, as PostgreSQL titles its sessions."""


class Killer:
    """Kills components of a stage and starts again what nobody else starts again; remembers when and whom."""

    def __init__(self, stage: Stage, apis: list[Running], worker: Running, chance: random.Random) -> None:
        self.kills: list[tuple[datetime, str]] = []
        self._stage = stage
        self._apis = apis
        self._worker = worker
        self._chance = chance
        self.victims: dict[str, Callable[[], Coroutine[None, None, None]]] = {
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
        postmaster = await self._server()
        self._killed("postmaster")
        postmaster.send_signal(signal.SIGKILL)

    async def _session(self) -> None:
        """One that the API or the worker uses."""
        while True:
            with contextlib.suppress(psutil.Error):
                sessions = [each for each in (await self._server()).children() if OURS in " ".join(each.cmdline())]
                if sessions:
                    self._chance.choice(sessions).send_signal(signal.SIGKILL)
                    return self._killed("session")
            await asyncio.sleep(0.05)

    async def _server(self) -> psutil.Process:
        """The present first process of PostgreSQL, or the next one if it has just been killed."""
        while True:
            with contextlib.suppress(psutil.Error, OSError, ValueError, IndexError):
                found = psutil.Process(self._stage.postmaster())
                if found.status() != psutil.STATUS_ZOMBIE:
                    return found
            await asyncio.sleep(0.05)


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
    names = sorted(killer.victims)
    while True:
        victims = chance.sample(names, len(names))
        seconds = 20.0 if run.long else 7.0
        kills = [
            killer.kill(victim, 0.7 + (turn + chance.uniform(0, 0.6)) * seconds / len(victims))
            for turn, victim in enumerate(victims)
        ]
        seed = f"{run.seed}/{len(tenders)}"
        tenders.append(await play(stage, ports, seconds=seconds, seed=seed, meanwhile=kills))
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


def serving(supervisor: psutil.Process) -> list[psutil.Process]:
    """Its processes that live; beside them runs a helper of multiprocessing."""
    found = []
    for child in supervisor.children():
        with contextlib.suppress(psutil.Error):
            if child.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


async def test_the_command_line_starts_again_what_is_killed_of_it(stage: Stage, run: Run) -> None:
    """``oimaq serve --workers 2`` as a deployment runs it: its supervisor replaces a killed process, and meanwhile the
    other one serves.
    """
    if not run.long:
        pytest.skip("starts the whole command line: make faults")
    chance = random.Random(run.seed)  # noqa: S311 - repeatable misfortune
    processes = Processes(stage.home, stage.environment())
    try:
        await asyncio.to_thread(processes.start_api)
        supervisor = psutil.Process(processes._running["api"].pid)
        killed: list[int] = []

        async def kill_children() -> None:
            for _ in range(3):
                await asyncio.sleep(chance.uniform(3, 5))
                victim = chance.choice(serving(supervisor))
                killed.append(victim.pid)
                victim.send_signal(signal.SIGKILL)

        ports = [processes.port]
        tender = await play(stage, ports, seconds=20, seed=str(run.seed), meanwhile=[kill_children()])
        found = judged("kill under the supervisor", [tender], seed=run.seed, kills={"api": len(killed)})
        assert found == []
        assert len(set(killed)) == 3
    finally:
        await asyncio.to_thread(processes.stop)
