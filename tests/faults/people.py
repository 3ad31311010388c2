"""Bidders who repeat every request with its key until it is answered, and readers who wait for the opening."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.faults.client import Answer, Line, Lost
from tests.faults.history import History, Kind, OpenedBid, Operation, Outcome, Reading

CREATED = 201
OK = 200
CONFLICT = 409
SERVER_ERROR = 500
PAUSE_SECONDS = 0.05
"""Between two attempts of one request."""

Manner = Callable[[Line, str, dict[str, str], Any, int], Awaitable[None]]
"""What a bidder does before an attempt: line, path, headers, body, number of the attempt (from 1)."""


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    organization_id: str
    token: str


class Bidder:
    """One supplier on one tender. Every bidder draws from a generator of his own, seeded by the scenario."""

    def __init__(
        self,
        who: Credentials,
        tender_id: str,
        history: History,
        ports: Sequence[int],
        *,
        seed: str,
        give_up_after: float = 40.0,
        manner: Manner | None = None,
    ) -> None:
        self._who = who
        self._history = history
        self._chance = random.Random(seed)  # noqa: S311 - repeatable misfortune
        self._ports = list(ports)
        self._lines = [Line(port) for port in ports]
        self._turn = self._chance.randrange(len(ports))
        self._give_up_after = give_up_after
        self._manner = manner
        self._submission = f"/v1/tenders/{tender_id}/bids"
        self._bid_id = ""
        self._version = ""
        self._sent = 0
        self._stands = False

    async def bid_until_refused(self, *, withdrawals: float = 0.05, at_most: int = 10_000) -> None:
        """Submit, then replace (and sometimes withdraw) until the deadline refuses or an answer never comes."""
        try:
            for _ in range(at_most):
                withdraw = self._stands and self._chance.random() < withdrawals
                if (await self.step(withdraw=withdraw)).outcome is not Outcome.ACKNOWLEDGED:
                    return
        finally:
            self.close()

    async def step(self, *, withdraw: bool = False) -> Operation:
        """One operation to its end, kept in the history."""
        kind = Kind.WITHDRAW if withdraw else Kind.REPLACE if self._bid_id else Kind.SUBMIT
        steps = {Kind.SUBMIT: "", Kind.REPLACE: "replacement", Kind.WITHDRAW: "withdrawal"}
        path = f"/v1/bids/{self._bid_id}/{steps[kind]}" if self._bid_id else self._submission
        price = "" if withdraw else self._price()
        body: dict[str, Any] = {}
        if not withdraw:
            body = {"lots": [{"lot": 1, "lines": [{"line": 1, "unit_price": price}]}]}
        sent_at = datetime.now(UTC)
        answer, attempts = await self._persist(path, body)
        done = _operation(self._who.organization_id, kind, price, sent_at, answer, attempts)
        self._history.operations.append(done)
        if answer is not None and done.outcome is Outcome.ACKNOWLEDGED:
            self._bid_id, self._version = done.bid_id, answer.headers["etag"]
            self._stands = not withdraw
        return done

    def close(self) -> None:
        for line in self._lines:
            line.close()

    def _price(self) -> str:
        self._sent += 1
        return f"{1000 + self._sent}.{self._chance.randrange(100):02d}"

    async def _persist(self, path: str, body: dict[str, Any]) -> tuple[Answer | None, int]:
        """The answer that settles this request, and after how many attempts; all with the same key."""
        headers = {"Authorization": f"Bearer {self._who.token}", "Idempotency-Key": str(uuid4())}
        if self._bid_id:
            headers["If-Match"] = self._version
        until = asyncio.get_running_loop().time() + self._give_up_after
        attempts = 0
        while asyncio.get_running_loop().time() < until:
            attempts += 1
            line = self._lines[self._turn]
            try:
                if self._manner is not None:
                    await self._manner(line, path, headers, body, attempts)
                answer = await line.ask("POST", path, headers, body)
            except Lost:
                self._turn = (self._turn + 1) % len(self._lines)
            else:
                if answer.status < SERVER_ERROR and b'"request-in-flight"' not in answer.body:
                    return answer, attempts
            await asyncio.sleep(PAUSE_SECONDS)
        return None, attempts


def _operation(
    bidder: str, kind: Kind, price: str, sent_at: datetime, answer: Answer | None, attempts: int
) -> Operation:
    if answer is None:
        return Operation(bidder=bidder, kind=kind, price=price, sent_at=sent_at, attempts=attempts)
    answered_at, told = datetime.now(UTC), answer.json()
    if answer.status != CREATED:
        return Operation(
            bidder=bidder,
            kind=kind,
            price=price,
            sent_at=sent_at,
            answered_at=answered_at,
            outcome=Outcome.REFUSED,
            code=told["code"],
            attempts=attempts,
        )
    return Operation(
        bidder=bidder,
        kind=kind,
        price=price,
        sent_at=sent_at,
        answered_at=answered_at,
        outcome=Outcome.ACKNOWLEDGED,
        bid_id=told["id"],
        revision=told["revision"],
        shown_price=told["lots"][0]["lines"][0]["unit_price"] if told["lots"] else "",  # what is withdrawn is gone
        received_at=instant(told["received_at"]),
        attempts=attempts,
        replayed=answer.headers.get("idempotent-replayed") == "true",
    )


class Reader:
    """Somebody without credentials who looks at the bids of a tender, over and over."""

    def __init__(self, tender_id: str, history: History, port: int) -> None:
        self._path = f"/v1/tenders/{tender_id}"
        self._history = history
        self._line = Line(port)

    async def wait(self, *, every: float, at_most: float, again: int = 2) -> bool:
        """Look until the bids were opened, then ``again`` times more; False when that did not happen in time."""
        until = asyncio.get_running_loop().time() + at_most
        try:
            while again >= 0:
                if asyncio.get_running_loop().time() > until:
                    return False
                again -= await self._look()
                await asyncio.sleep(every)
        finally:
            self._line.close()
        return True

    async def _look(self) -> bool:
        sent_at = datetime.now(UTC)
        try:
            answer = await self._line.ask("GET", f"{self._path}/bids?limit=100", {})
            if answer.status == CONFLICT and sent_at > self._history.closes_at and await self._without_bids():
                self._history.readings.append(Reading(sent_at=sent_at, answered_at=datetime.now(UTC), bids=()))
                return True
        except Lost:
            return False
        if answer.status == OK:
            bids = tuple(_opened(item) for item in answer.json()["items"])
            reading = Reading(sent_at=sent_at, answered_at=datetime.now(UTC), bids=bids, body=answer.body)
        elif answer.status == CONFLICT:
            reading = Reading(sent_at=sent_at, answered_at=datetime.now(UTC))
        else:
            return False
        self._history.readings.append(reading)
        return reading.bids is not None

    async def _without_bids(self) -> bool:
        """A tender without bids fails instead of being opened."""
        answer = await self._line.ask("GET", self._path, {})
        return answer.status == OK and answer.json()["status"] == "failed"


def _opened(item: dict[str, Any]) -> OpenedBid:
    return OpenedBid(
        id=item["id"],
        bidder=item["bidder_id"],
        revision=item["revision"],
        price=item["lots"][0]["lines"][0]["unit_price"],
        received_at=instant(item["received_at"]),
    )
