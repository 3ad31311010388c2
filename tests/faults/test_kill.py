"""kill -9 of API, worker and database while bids come in: nothing acknowledged is lost, nothing is doubled.

The history checker reads only the public API. Short form in ``make test``; ``make faults`` repeats it longer.
"""

import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from adapters.postgres.server.embedded import discard
from api.demo.client import Client
from api.demo.processes import Processes
from tests.setting import signed_in

BIDDERS = 6
CONFIGURATION = {"private": {"bid_period_min": "PT1S"}}


@dataclass(slots=True)
class History:
    """What one bidder knows: revision -> price that was acknowledged, and the price that is in doubt."""

    bid_id: str = ""
    acknowledged: dict[int, str] = field(default_factory=dict)
    attempted: dict[int, str] = field(default_factory=dict)


def price(number: int) -> str:
    return f"{1000 + number}.00"


class Bidder(threading.Thread):
    """Submits once, then replaces as fast as it can; a request without an answer is repeated with its key."""

    def __init__(self, base: str, token: str, tender: str, until: datetime) -> None:
        super().__init__(daemon=True)
        self._http = httpx.Client(base_url=base, timeout=5, headers={"Authorization": f"Bearer {token}"})
        self._tender = tender
        self._until = until
        self.history = History()
        self.errors: list[str] = []

    def run(self) -> None:
        with self._http:
            self._bid()

    def _bid(self) -> None:
        revision, version = 1, 0
        path = f"/v1/tenders/{self._tender}/bids"
        while datetime.now(UTC) < self._until:
            self.history.attempted[revision] = price(revision)
            answer = self._persist(path, price(revision), version)
            if answer is None:
                return
            if answer.status_code != httpx.codes.CREATED:
                if answer.json()["code"] != "bidding-closed":
                    self.errors.append(answer.text)
                return
            view = answer.json()
            self.history.bid_id = view["id"]
            self.history.acknowledged[view["revision"]] = view["lots"][0]["lines"][0]["unit_price"]
            version = int(answer.headers["ETag"].strip('"'))
            path = f"/v1/bids/{view['id']}/replacement"
            revision += 1

    def _persist(self, path: str, unit_price: str, version: int) -> httpx.Response | None:
        body = {"lots": [{"lot": 1, "lines": [{"line": 1, "unit_price": unit_price}]}]}
        headers = {"Idempotency-Key": str(uuid4())} | ({"If-Match": f'"{version}"'} if version else {})
        while datetime.now(UTC) < self._until + timedelta(seconds=20):
            try:
                answer = self._http.post(path, json=body, headers=headers)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if (
                answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR
                and answer.json().get("code") != "request-in-flight"
            ):
                return answer
            time.sleep(0.05)
        return None


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    environment = {"OIMAQ_PROCEDURE_PARAMETERS": json.dumps(CONFIGURATION), "OIMAQ_LOG_LEVEL": "warning"}
    environment["OIMAQ_DATABASE_URL"] = ""
    started = Processes(tmp_path / "home", environment)
    try:
        started.start_api()
        started.start_worker()
        yield started
    finally:
        started.stop()
        discard(tmp_path / "home")


def postmaster(home: Path) -> int:
    """Its process id; as root the data may lie elsewhere, where an ordinary user can reach them."""
    elsewhere = home / "postgres.elsewhere"
    base = Path(elsewhere.read_text().strip()) if elsewhere.exists() else home
    return int(next(base.rglob("postmaster.pid")).read_text().split()[0])


def publish(processes: Processes, http: httpx.Client, closes_at: datetime) -> tuple[str, list[str]]:
    """A tender of one line and the tokens of its bidders."""
    tokens = signed_in(processes, http, suppliers=BIDDERS)
    line = {
        "name": "Shirt", "ens_tru": "141413.900.000014", "kind": "school_shirt", "unit": "796",
        "standard_minutes": "20.00", "planned_price": "9999999.00", "grid": "one_size", "sizes": {"one": 10},
    }  # fmt: skip
    place = {
        "name": "Store", "kato": "631010000", "address": "1 Street", "sizes": {"1": {"one": 10}},
        "due_on": (closes_at + timedelta(days=90)).date().isoformat(),
    }  # fmt: skip
    lot = {"title": "Shirts", "allocated": "99999990.00", "lines": [line], "places": [place]}
    buyer = Client(http, tokens[0])
    draft = buyer.post("/v1/tenders", {"title": "Faults", "procedure": "private", "lots": [lot]})
    path = f"/v1/tenders/{draft['id']}"
    buyer.step(f"{path}/publication", {"closes_at": closes_at.isoformat().replace("+00:00", "Z")}, of=path)
    return draft["id"], tokens[1:]


def check(opened: list[dict[str, Any]], histories: list[History]) -> list[str]:
    """What is wrong with an opening, given what the bidders were told."""
    found = []
    by_id = {each["id"]: each for each in opened}
    if len(by_id) != len(opened):
        found.append("a bid stands twice in the opening")
    for history in histories:
        if not history.acknowledged:
            continue
        bid = by_id.get(history.bid_id)
        if bid is None:
            found.append(f"{history.bid_id}: acknowledged and lost")
            continue
        last, shown = max(history.acknowledged), bid["revision"]
        if shown < last:
            found.append(f"{history.bid_id}: revision {last} was acknowledged, {shown} was opened")
        if history.attempted.get(shown) != bid["lots"][0]["lines"][0]["unit_price"]:
            found.append(f"{history.bid_id}: revision {shown} was opened with a price that was never sent")
    return found


def test_nothing_acknowledged_is_lost_when_everything_is_killed(
    processes: Processes, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seed = random.randrange(10**6)  # noqa: S311 - a seed of the harness
    chance = random.Random(seed)  # noqa: S311 - repeatable misfortune
    seconds = 60 if request.config.getoption("--long") else 16
    closes_at = datetime.now(UTC) + timedelta(seconds=seconds + 12)
    with httpx.Client(base_url=processes.base, timeout=30) as http:
        tender, tokens = publish(processes, http, closes_at)
        bidders = [Bidder(processes.base, token, tender, closes_at) for token in tokens]
        for bidder in bidders:
            bidder.start()
        victims = ["worker", "database", "api"]
        chance.shuffle(victims)
        for victim in victims * (3 if seconds > 30 else 1):
            time.sleep(chance.uniform(0.5, 1.5))
            if victim == "database":
                os.kill(postmaster(tmp_path / "home"), signal.SIGKILL)
                continue
            processes.kill(victim)
            if victim == "api":
                processes.start_api()
            else:
                processes.start_worker()
        for bidder in bidders:
            bidder.join(seconds + 60)
        errors = [error for bidder in bidders for error in bidder.errors]
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            answer = http.get(f"/v1/tenders/{tender}/bids")
            if answer.status_code == httpx.codes.OK:
                break
            time.sleep(0.3)
        opened = answer.json()["items"]
    histories = [bidder.history for bidder in bidders]
    acknowledged = sum(len(history.acknowledged) for history in histories)
    print(json.dumps({"seed": seed, "acknowledged": acknowledged, "opened": len(opened), "killed": victims}))
    assert errors == []
    assert acknowledged > len(histories), "the bidders were busy"
    assert check(opened, histories) == []


def test_the_checker_catches_what_it_must() -> None:
    history = History(bid_id="a", acknowledged={1: price(1), 2: price(2)}, attempted={1: price(1), 2: price(2)})

    def opened(revision: int, unit_price: str) -> dict[str, Any]:
        return {"id": "a", "revision": revision, "lots": [{"lines": [{"unit_price": unit_price}]}]}

    assert check([opened(2, price(2))], [history]) == []
    assert check([], [history]) == ["a: acknowledged and lost"]
    assert len(check([opened(1, price(1))], [history])) == 1
    assert len(check([opened(2, price(9))], [history])) == 1
    assert "twice" in check([opened(2, price(2)), opened(2, price(2))], [history])[0]
