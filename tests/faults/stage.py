"""Where a scenario plays: a database of its own, people who are signed in, and processes that may be killed."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self
from uuid import uuid4

import psutil

from adapters.postgres.engine import connected
from adapters.postgres.migrate import migrate
from adapters.postgres.server.binaries import EmbeddedServerFailed
from adapters.postgres.server.embedded import Lease, acquire, discard
from api.demo.processes import free_port
from domain.actors import OrganizationKind
from tests.faults.client import Answer, Line, Lost
from tests.faults.history import History
from tests.faults.people import CREATED, OK, SERVER_ERROR, Credentials
from tests.world import Member, built

ROOT = Path(__file__).resolve().parents[2]
BIDDERS = 24
READY_SECONDS = 120.0
ATTEMPTS = 50
PROCEDURE = {"private": {"bid_period_min": "PT1S"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a scenario is asked for: ``long`` is the form of ``make faults``."""

    seed: int
    long: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    id: str
    history: History

    @property
    def seconds_left(self) -> float:
        return (self.history.closes_at - datetime.now(UTC)).total_seconds()


class Nursery:
    """The harness's end of ``nursery.py``: forks processes that are ready in a moment."""

    def __init__(self, environment: Mapping[str, str] = MappingProxyType({})) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:  # closes its input, which ends it and all that it forked
            pass

    def fork(self, what: str, environment: Mapping[str, str], log: Path, port: int) -> int:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the nursery has no pipes")
        order = {"what": what, "environment": dict(environment), "log": str(log), "port": port}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        pid: int = json.loads(self._process.stdout.readline())["pid"]
        return pid


class Running:
    """One API or worker process that can be killed and started again on the same port."""

    def __init__(self, nursery: Nursery, what: str, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.log = log
        self._nursery = nursery
        self._what = what
        self._environment = dict(environment)
        self._process: psutil.Process | None = None

    @property
    def alive(self) -> bool:
        return (
            self._process is not None and self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE
        )

    async def start(self, **environment: str) -> Self:
        """Until it is ready to serve; a worker is not waited for. ``environment`` stays for later starts."""
        self._environment |= environment
        self._process = psutil.Process(self._nursery.fork(self._what, self._environment, self.log, self.port))
        if self._what == "serve":
            await ready(self.port)
        return self

    def kill(self) -> None:
        if self.alive and self._process is not None:
            self._process.kill()

    async def died(self, *, within: float) -> bool:
        until = asyncio.get_running_loop().time() + within
        while self.alive:
            if asyncio.get_running_loop().time() > until:
                return False
            await asyncio.sleep(0.02)
        return True


async def ready(port: int) -> None:
    line = Line(port, patience=2)
    until = asyncio.get_running_loop().time() + READY_SECONDS
    try:
        while asyncio.get_running_loop().time() < until:
            with contextlib.suppress(Lost):
                if (await line.ask("GET", "/health/ready", {})).status == OK:
                    return
            await asyncio.sleep(0.02)
    finally:
        line.close()
    raise TimeoutError("a process of the API did not become ready")


class Stage:
    def __init__(self, home: Path, lease: Lease, nursery: Nursery, buyer: Credentials, auditor: Credentials) -> None:
        self.home = home
        self.lease = lease
        self.suppliers: list[Credentials] = []
        self._nursery = nursery
        self._buyer = buyer
        self._auditor = auditor
        self._started: list[Running] = []

    def environment(self, **more: str) -> dict[str, str]:
        """Of a process on this stage's embedded database, or on the one that ``more`` names."""
        own = {"OIMAQ_HOME": str(self.home), "OIMAQ_DATABASE_URL": "", "OIMAQ_LOG_LEVEL": "warning"}
        return own | {"OIMAQ_PROCEDURE_PARAMETERS": json.dumps(PROCEDURE), "OIMAQ_POOL_SIZE": "8"} | more

    async def start(self, what: str, **environment: str) -> Running:
        """``what`` is ``serve`` or ``work``."""
        log = self.home / "logs" / f"{what}-{len(self._started)}.log"
        running = Running(self._nursery, what, self.environment(**environment), log)
        self._started.append(running)
        return await running.start()

    def with_nursery(self, nursery: Nursery) -> "Stage":
        """The same database and people, other processes."""
        other = copy(self)
        other._nursery = nursery
        return other

    async def strike_all(self) -> None:
        """Between scenarios: nobody is left running, nor holds a lease of the server."""
        for running in self._started:
            running.kill()
        for running in self._started:
            await running.died(within=10)
        self._started.clear()

    async def published(self, port: int, *, seconds: float) -> Tender:
        """A tender of one line that closes after this many seconds, counted from the answer to its draft."""
        line = Line(port, patience=30)
        try:
            draft = await self._made(line, "/v1/tenders", _draft())
            path = f"/v1/tenders/{draft.json()['id']}/publication"
            for _ in range(ATTEMPTS):
                closes_at = datetime.now(UTC) + timedelta(seconds=seconds)
                body = {"closes_at": closes_at.isoformat().replace("+00:00", "Z")}
                published = await self._made(line, path, body, version='"1"')
                if published.status == CREATED:
                    return Tender(id=draft.json()["id"], history=History(closes_at=closes_at))
        finally:
            line.close()
        raise RuntimeError(f"no tender was published: {published.body[:500]!r}")

    async def openings(self, port: int) -> dict[str, int]:
        """How many times the audit feed tells that a tender was opened or failed, by tender."""
        line, found, after = Line(port, patience=30), dict[str, int](), ""
        headers = {"Authorization": f"Bearer {self._auditor.token}"}
        try:
            while True:
                page = (await line.ask("GET", f"/v1/events?limit=100{after}", headers)).json()
                for event in page["items"]:
                    if event["type"] in {"tender.opened", "tender.failed"}:
                        found[event["subject_id"]] = found.get(event["subject_id"], 0) + 1
                if not page["items"]:
                    return found
                after = f"&after={page['next']}"
        finally:
            line.close()

    def postmaster(self) -> int:
        """The first process of the embedded server; as root its data may lie elsewhere."""
        elsewhere = self.home / "postgres.elsewhere"
        root = Path(elsewhere.read_text().strip()) if elsewhere.exists() else self.home / "postgres"
        return int((root / "data" / "postmaster.pid").read_text().split()[0])

    async def _made(self, line: Line, path: str, body: dict[str, Any], version: str = "") -> Answer:
        """The answer that settles a request of the buyer; a busy machine may have let its deadline pass by then."""
        headers = {"Authorization": f"Bearer {self._buyer.token}", "Idempotency-Key": str(uuid4())}
        for _ in range(ATTEMPTS):
            with contextlib.suppress(Lost):
                answer = await line.ask("POST", path, headers | ({"If-Match": version} if version else {}), body)
                if answer.status < SERVER_ERROR and b'"request-in-flight"' not in answer.body:
                    return answer
            await asyncio.sleep(0.2)
        raise RuntimeError(f"POST {path} was not answered")


def _draft() -> dict[str, Any]:
    line = {
        "name": "Shirt", "ens_tru": "141413.900.000014", "kind": "school_shirt", "unit": "796",
        "standard_minutes": "20.00", "planned_price": "9999999.00", "grid": "one_size", "sizes": {"one": 10},
    }  # fmt: skip
    place = {
        "name": "Store", "kato": "631010000", "address": "1 Street", "sizes": {"1": {"one": 10}},
        "due_on": (datetime.now(UTC) + timedelta(days=90)).date().isoformat(),
    }  # fmt: skip
    lot = {"title": "Shirts", "allocated": "99999990.00", "lines": [line], "places": [place]}
    return {"title": "Faults", "procedure": "private", "lots": [lot]}


def credentials(member: Member) -> Credentials:
    return Credentials(organization_id=member.id, token=member.headers["Authorization"].removeprefix("Bearer "))


@asynccontextmanager
async def staged(home: Path, *, suppliers: int = BIDDERS) -> AsyncIterator[Stage]:
    """A stage on a new embedded server in ``home``; everything is ended and deleted afterwards."""
    (home / "logs").mkdir(parents=True, exist_ok=True)
    with Nursery() as nursery:
        lease = await asyncio.to_thread(acquire, home)
        try:
            await migrate(lease.dsn)
            async with connected(lease.dsn, pool_size=2) as database, built(database) as world:
                kinds = [OrganizationKind.BUYER, OrganizationKind.AUDITOR]
                buyer, auditor = [credentials(await world.member(kind)) for kind in kinds]
                stage = Stage(home, lease, nursery, buyer, auditor)
                stage.suppliers = [credentials(await world.member(OrganizationKind.SUPPLIER)) for _ in range(suppliers)]
            try:
                yield stage
            finally:
                await stage.strike_all()
        finally:
            lease.release()
            await _discarded(home)


async def _discarded(home: Path) -> None:
    """What was killed a moment ago may still hold its lease for another one."""
    for attempt in range(ATTEMPTS):
        try:
            await asyncio.to_thread(discard, home)
        except EmbeddedServerFailed:
            if attempt == ATTEMPTS - 1:
                raise
            await asyncio.sleep(0.2)
        else:
            return


def summed(tenders: Sequence[Tender]) -> int:
    return sum(tender.history.acknowledged() for tender in tenders)
