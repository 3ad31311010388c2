"""Before the opening nothing of a bid is anywhere: in no dump, data file, document, write-ahead log, log, mail, export.

Prices, nonces, idempotency keys, and what documents hold and are called are canaries, looked for as they are, in
hexadecimal and in base64. After the opening they are found, so the search is one that finds.
"""

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from adapters.postgres.server.binaries import bin_dir
from adapters.postgres.server.embedded import acquire, discard
from api.demo.client import Client
from api.demo.processes import Processes
from tests.setting import signed_in

BIDS = 20
OPENING_SECONDS = 90.0
CONFIGURATION = {"private": {"bid_period_min": "PT1S"}}


def price(number: int) -> str:
    return f"{8_131_009 + number * 7_919}.{number + 11}"


def content(number: int) -> bytes:
    """A document, of which one line stands in the last frame."""
    return b"%PDF-1.7\n" + word(number).encode() + bytes(70_000) + word(number).encode()


def word(number: int) -> str:
    return f"Certificate-{price(number)}-of-origin"


def document_name(number: int) -> str:
    return f"Annex {price(number)[::-1]}.pdf"


def spellings(text: str) -> set[bytes]:
    """As it is, in hexadecimal, and in base64 wherever it begins within what is encoded."""
    raw = text.encode()
    encoded = {base64.b64encode(bytes(shift) + raw + bytes(3))[(shift * 8 + 5) // 6 :] for shift in range(3)}
    whole = {each[: (len(raw) * 8 - 6) // 6] for each in encoded}
    return {raw, raw.hex().encode(), raw.hex().upper().encode(), *whole}


def hits(haystack: bytes, needles: set[bytes]) -> list[bytes]:
    return [needle for needle in needles if needle in haystack]


def files(home: Path) -> Iterator[Path]:
    """Of the database (as root it lies elsewhere) and of the processes."""
    elsewhere = home / "postgres.elsewhere"
    bases = [home, Path(elsewhere.read_text().strip())] if elsewhere.exists() else [home]
    for base in bases:
        yield from (path for path in base.rglob("*") if path.is_file() and not path.is_symlink())


def dump(dsn: str) -> bytes:
    return subprocess.run([str(bin_dir() / "pg_dump"), "--dbname", dsn], check=True, capture_output=True).stdout


def told(dsn: str, statement: str) -> str:
    command = [str(bin_dir() / "psql"), "--quiet", "--tuples-only", "--no-align", "--command", statement, dsn]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    environment = {"OIMAQ_PROCEDURE_PARAMETERS": json.dumps(CONFIGURATION), "OIMAQ_LOG_LEVEL": "debug"}
    environment["OIMAQ_DATABASE_URL"] = ""
    started = Processes(tmp_path / "home", environment)
    try:
        started.start_api()
        yield started
    finally:
        started.stop()
        discard(tmp_path / "home")


def published(buyer: Client, closes_at: datetime) -> str:
    line = {
        "name": "Shirt", "ens_tru": "141413.900.000014", "kind": "school_shirt", "unit": "796",
        "standard_minutes": "20.00", "planned_price": "9999999.00", "grid": "one_size", "sizes": {"one": 10},
    }  # fmt: skip
    place = {
        "name": "Store", "kato": "631010000", "address": "1 Street", "sizes": {"1": {"one": 10}},
        "due_on": (closes_at + timedelta(days=90)).date().isoformat(),
    }  # fmt: skip
    lot = {"title": "Shirts", "allocated": "99999990.00", "lines": [line], "places": [place]}
    draft = buyer.post("/v1/tenders", {"title": "Canaries", "procedure": "private", "lots": [lot]})
    path = f"/v1/tenders/{draft['id']}"
    buyer.step(f"{path}/publication", {"closes_at": closes_at.isoformat().replace("+00:00", "Z")}, of=path)
    return path


def test_no_price_and_no_key_is_anywhere_before_the_opening(processes: Processes, tmp_path: Path) -> None:
    home = tmp_path / "home"
    lease = acquire(home)
    try:
        with httpx.Client(base_url=processes.base, timeout=30) as http:
            tokens = signed_in(processes, http, suppliers=BIDS)
            path = published(Client(http, tokens[0]), datetime.now(UTC) + timedelta(hours=1))
            bidders = [http.get("/v1/me", headers=_as(token)).json()["organization_id"] for token in tokens[1:]]
            before = dump(lease.dsn)
            keys = [str(uuid4()) for _ in range(BIDS)]
            given = [_bid(http, path, token, number, keys) for number, token in enumerate(tokens[1:])]
            sealed = dump(lease.dsn)
            exports = mailed_and_exported(processes, http, path, tokens, home)
        prices = [price(number) for number in range(BIDS)]
        secrets = [*prices, *keys, *(made["nonce"] for made in given), *_of_documents()]
        needles = set().union(*(spellings(each) for each in secrets))
        needles |= {sha256(content(number)).digest() for number in range(BIDS)}
        assert [hits(each, needles) for each in (sealed, dump(lease.dsn))] == [[], []]
        assert [hits(each, needles) for each in exports] == [[] for _ in exports]
        assert [id for id in bidders if sealed.count(id.encode()) != before.count(id.encode())] == []
    finally:
        processes.stop()
        lease.release()
    found = {str(file): hits(file.read_bytes(), needles) for file in files(home)}
    assert not [name for name in found if name.endswith("postmaster.pid")], "stopped, so that all of it is in the files"
    assert any("pg_wal" in name for name in found)
    assert any(name.endswith("api.log") for name in found)
    assert any(name.endswith(".eml") for name in found)
    assert any(name.endswith("log.jsonl") for name in found)
    assert sum("documents/sealed" in name for name in found) == BIDS
    assert {name: each for name, each in found.items() if each} == {}
    assert opened(processes, home) >= set(prices), "the search finds what is there"
    kept = [file.read_bytes() for file in files(home) if "documents/opened" in str(file)]
    assert sorted(kept) == sorted(content(number) for number in range(BIDS))


def mailed_and_exported(
    processes: Processes, http: httpx.Client, path: str, tokens: list[str], home: Path
) -> list[bytes]:
    """A bidder who watches the tender is written to when its deadline is put off; what can be exported is."""
    processes.start_worker()
    buyer, bidder = Client(http, tokens[0]), Client(http, tokens[1])
    bidder.post(f"{path}/watch", {})
    later = (datetime.now(UTC) + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    buyer.step(f"{path}/extension", {"closes_at": later, "reason": "More time"}, of=path)
    until = time.monotonic() + OPENING_SECONDS
    while not list((home / "mail").glob("*.eml")):
        assert time.monotonic() < until, "who watches is written to"
        time.sleep(0.2)
    processes.run("export", "log", "--out", str(home / "log.jsonl"))
    reads = ("/v1/events", "/v1/ocds/releases", path, f"{path}/bids", "/v1/log/leaves")
    return [http.get(each, headers=_as(token)).content for each in reads for token in (tokens[0], tokens[2])]


def opened(processes: Processes, home: Path) -> set[str]:
    """The prices that are found in a dump once the worker has opened the tender, whose deadline is moved to now."""
    lease = acquire(home)
    try:
        told(lease.dsn, "UPDATE tenders SET closes_at = clock_timestamp()")
        processes.start_worker()
        until = time.monotonic() + OPENING_SECONDS
        while told(lease.dsn, "SELECT status FROM tenders") != "opened":
            assert time.monotonic() < until, "the worker opens what is due"
            time.sleep(0.2)
        content = dump(lease.dsn)
        return {price(number) for number in range(BIDS) if hits(content, spellings(price(number)))}
    finally:
        lease.release()


def _of_documents() -> list[str]:
    hashes = [sha256(content(number)).hexdigest() for number in range(BIDS)]
    return [*map(word, range(BIDS)), *map(document_name, range(BIDS)), *hashes]


def _as(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _bid(http: httpx.Client, path: str, token: str, number: int, keys: list[str]) -> dict[str, str]:
    sent = http.post(
        f"{path}/documents", content=content(number), headers=_as(token) | {"Idempotency-Key": keys[number][::-1]}
    ).json()
    document = {"id": sent["id"], "name": document_name(number), "sha256": sent["sha256"]}
    body = {"lots": [{"lot": 1, "lines": [{"line": 1, "unit_price": price(number)}]}], "documents": [document]}
    headers = _as(token) | {"Idempotency-Key": keys[number]}
    answer = http.post(f"{path}/bids", json=body, headers=headers)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    again = http.post(f"{path}/bids", json=body, headers=headers)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (answer.content, "true")
    made: dict[str, str] = answer.json()
    return made


def test_the_search_finds_what_is_spelt_in_any_of_the_ways() -> None:
    text = price(3)
    for hidden in (
        text.encode(),
        text.encode().hex().encode(),
        *(base64.b64encode(b"x" * shift + text.encode() + b"yz") for shift in range(5)),
    ):
        assert hits(b"before " + hidden + b" after", spellings(text)), hidden
    assert hits(price(4).encode(), spellings(text)) == []
