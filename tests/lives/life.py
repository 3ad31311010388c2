"""One life of a tender by the rules of a package, met through HTTP under a clock of its own.

A life knows what everybody could know and draws its next step by chance. After every step it compares what is stored
with what may be: see ``Life.check``.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from adapters.postgres.engine import Database
from domain.ids import TenderId
from domain.tenders.model import MOVES, TenderStatus
from tests.lives.clock import TICK, Clock
from tests.world import Json, Member, World

STATUS_AFTER = {
    "tender.drafted": TenderStatus.DRAFT,
    "tender.follow_up_drafted": TenderStatus.DRAFT,
    "tender.published": TenderStatus.PUBLISHED,
    "tender.closed": TenderStatus.CLOSED,
    "tender.opened": TenderStatus.OPENED,
    "tender.evaluated": TenderStatus.EVALUATED,
    "tender.awarded": TenderStatus.AWARDED,
    "tender.set_aside": TenderStatus.OPENED,
    "tender.completed": TenderStatus.COMPLETED,
    "tender.failed": TenderStatus.FAILED,
    "tender.cancelled": TenderStatus.CANCELLED,
}
"""Where an event leaves its tender; every other event leaves it where it was."""

_EVENTS = text("SELECT type, data FROM events WHERE subject = 'tender' AND subject_id = :id ORDER BY xid, seq")


@dataclass(slots=True, kw_only=True)
class Cast:
    buyer: Member
    suppliers: tuple[Member, ...]
    registry: Member
    reviewer: Member


@dataclass(slots=True, kw_only=True)
class Life:
    world: World
    database: Database
    clock: Clock
    chance: Random
    cast: Cast
    procedure: str
    method: str | None
    tender: Json = field(default_factory=dict)
    bids: dict[str, Json] = field(default_factory=dict)
    """By bidder, as he was last answered."""
    contracts: dict[str, Json] = field(default_factory=dict)
    complaints: dict[str, Json] = field(default_factory=dict)
    enquiries: dict[str, Json] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """Every step with its answer, for whoever has to find out what went wrong."""
    seen: Counter[str] = field(default_factory=Counter)
    tenders: int = 0
    listed_on: date | None = None
    """The day of the newest lists of unreliable participants that were imported."""

    @property
    def path(self) -> str:
        return f"/v1/tenders/{self.tender['id']}"

    @property
    def status(self) -> str:
        return str(self.tender["status"]) if self.tender else "none"

    def instant(self, name: str) -> datetime | None:
        value = self.tender.get(name)
        return datetime.fromisoformat(value) if value else None

    async def post(self, who: Member, path: str, body: Json | None = None, *, of: str | None = None) -> httpx.Response:
        """A step; ``of`` is what the caller has read before."""
        headers = {}
        if of is not None:
            headers["If_Match"] = (await who.get(of)).headers.get("ETag", '"1"')
        return await who.post(path, body, **headers)

    async def step(self, name: str, move: Callable[["Life"], Awaitable[httpx.Response | None]]) -> bool:
        """Take a step and look at everything; False where the step had nothing to begin with."""
        before = await self._versions()
        answer = await move(self)
        if answer is None:
            return False
        outcome = "done" if answer.is_success else answer.json()["code"]
        self.told.append(f"{self.clock.at:%m-%d %H:%M:%S.%f} {self.status}: {name}: {outcome}")
        self.seen[name if answer.is_success else f"{name}: {outcome}"] += 1
        assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, answer.text
        await self.refresh()
        if answer.is_client_error and outcome not in LEAVES_A_TRACE:
            assert await self._versions() == before, f"{name} was refused as {outcome} and changed something"
        await self.check()
        return True

    async def refresh(self) -> None:
        """What the buyer reads now."""
        if not self.tender:
            return
        self.tender = await self.cast.buyer.read(self.path)
        found = (await self.cast.buyer.read("/v1/contracts", tender_id=self.tender["id"]))["items"]
        self.contracts = {each["id"]: await self.cast.buyer.read(f"/v1/contracts/{each['id']}") for each in found}
        self.seen[f"tender {self.status}"] += 1
        self.seen.update(f"contract {each['status']}" for each in self.contracts.values())

    async def _versions(self) -> dict[str, str]:
        paths = [self.path, *(f"/v1/contracts/{id}" for id in self.contracts)] if self.tender else []
        return {path: (await self.cast.buyer.get(path)).headers["ETag"] for path in paths}

    async def check(self) -> None:
        """The laws of every life: events alone tell the state, moves are moves of the table, rules stay pinned, pieces
        are conserved, nothing is awarded or signed under a complaint.
        """
        if not self.tender:
            return
        await self._check_events()
        self._check_pieces()
        if any(each["status"] == "filed" for each in self.complaints.values()):
            assert not any(line.endswith(("award: done", "sign: done")) for line in self.told[-1:]), "under a complaint"

    async def _check_events(self) -> None:
        async with self.database.reading.connect() as connection:
            rows = (await connection.execute(_EVENTS, {"id": UUID(self.tender["id"])})).all()
        status: TenderStatus | None = None
        for kind, data in rows:
            after = STATUS_AFTER.get(kind, status)
            if status is not None and kind in STATUS_AFTER:
                assert after in MOVES[status], f"{status} -> {after} by {kind}"
            status = after
            if kind == "tender.published":
                pinned = f"{self.tender['procedure']['id']}@{self.tender['procedure']['version']}"
                assert data["procedure"] == pinned, "the rules stay as they were published"
        assert status == self.status, "the events tell another state than the row"

    def _check_pieces(self) -> None:
        """No cell is promised more often than it was asked for."""
        asked = Counter[tuple[int, int, str]]()
        for lot in self.tender["lots"]:
            for line in lot["lines"]:
                asked.update({(lot["lot"], line["line"], size): n for size, n in line["sizes"].items()})
        given = Counter[tuple[int, int, str]]()
        for contract in self.contracts.values():
            if contract["status"] in {"lapsed", "annulled"} or contract["framework_id"]:
                continue
            for line in contract["lines"]:
                given.update({(line["lot"], line["line"], size): n for size, n in line["sizes"].items()})
        assert given <= asked, "more was awarded than was asked for"

    async def apply_due(self) -> None:
        """What a worker does at the deadline."""
        await self.world.application.tendering.apply_due(TenderId(UUID(self.tender["id"])))

    def next_instants(self) -> list[datetime]:
        """Moments at which something changes, just before, at and just after."""
        names = ("opens_at", "closes_at", "complaints_until")
        found = [at for name in names if (at := self.instant(name))]
        for contract in self.contracts.values():
            found += [
                datetime.fromisoformat(contract[name]) for name in ("standstill_until", "sign_by") if contract[name]
            ]
        found += [datetime.fromisoformat(each["decide_by"]) for each in self.complaints.values()]
        edges = (at + shift for at in found for shift in (-2 * TICK, timedelta(), 2 * TICK))
        return sorted(at for at in edges if at > self.clock.at)


LEAVES_A_TRACE = frozenset({"nothing-to-award", "not-eligible"})
"""Refusals that are recorded: a lot that nobody could take has failed, a verdict that said no is kept."""


def text_of(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def any_of(chance: Random, found: Any) -> Any:
    """One of these by chance; None of none."""
    listed = sorted(found, key=str) if not isinstance(found, list | tuple) else list(found)
    return chance.choice(listed) if listed else None
