"""``make bench``: submits and lists through HTTP with two API processes, against pgbench on the same database.

The pgbench submit is the very transaction of a submit, one by one: the SQL function with its locks, clock and checks,
and the kept answer; without authentication, validation, verdict and sealing. Beside it stands the barest form, three
rows into tables without foreign keys. The pgbench list is the very statement of the route.
"""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import uvloop

from adapters.postgres.queries_tenders import PUBLIC_PAGE
from adapters.postgres.server.binaries import bin_dir
from adapters.postgres.server.embedded import Lease, acquire, discard
from api.demo.client import Client
from api.demo.processes import Processes
from tests.bench.awards import measure_awards
from tests.bench.imports import measure_imports
from tests.bench.load import Measured, request, run
from tests.bench.sequencing import measure_sequencing
from tests.setting import signed_in

SUPPLIERS = 40
TENDERS = 150
LISTS = 1500
CONNECTIONS = (8, 32, 128)
PGBENCH_SECONDS = 5
PGBENCH_CONNECTIONS_MAX = 64
"""The embedded server takes two hundred, and the API and its worker have up to a hundred."""
CONFIGURATION = {"private": {"bid_period_min": "PT1S"}}

SUBMIT = """
BEGIN;
SELECT * FROM store_sealed_bids(
  ARRAY[sha256(gen_random_uuid()::text::bytea)], ARRAY[gen_random_uuid()],
  ARRAY[('tenders'::uuid[])[1 + floor(random() * cardinality)::int]],
  ARRAY[sha256(gen_random_uuid()::text::bytea)], '{1}', '{1}', '{submitted}',
  ARRAY[convert_to(repeat('x', 4144), 'UTF8')], ARRAY[sha256('x')], ARRAY[sha256('x')],
  ARRAY[convert_to(repeat('x', 4136), 'UTF8')], '{0}', ARRAY[gen_random_uuid()], '{bid.submitted}');
INSERT INTO kept_answers VALUES (
  sha256(gen_random_uuid()::text::bytea), sha256('x'), convert_to(repeat('x', 1900), 'UTF8'), now());
COMMIT;
"""
"""``tenders`` and ``cardinality`` are filled in."""
THREE_ROWS = """
BEGIN;
INSERT INTO bench_sealed_bids VALUES (gen_random_uuid(), gen_random_uuid(), sha256(gen_random_uuid()::text::bytea), 1,
  1, 'submitted', now(), convert_to(repeat('x', 4144), 'UTF8'), sha256('x'), sha256('x'),
  convert_to(repeat('x', 4144), 'UTF8'), 1);
INSERT INTO bench_events (id, type, subject, subject_id, sealed, person_id, organization_id, at, data)
  VALUES (gen_random_uuid(), 'bid.submitted', 'bid', gen_random_uuid(), true, gen_random_uuid(), gen_random_uuid(),
  now(),
  '{"tender_id": "01a20acb-e7e9-76bf-bd45-3dbafd4b59c1", "revision": 1}');
INSERT INTO bench_kept_answers VALUES (sha256(gen_random_uuid()::text::bytea), sha256('x'),
  convert_to(repeat('x', 1900), 'UTF8'), now());
COMMIT;
"""


def main() -> int:
    home = Path(tempfile.mkdtemp(prefix="oimaq-bench-"))
    lease = acquire(home)
    processes = Processes(
        home,
        {
            "OIMAQ_PROCEDURE_PARAMETERS": json.dumps(CONFIGURATION),
            "OIMAQ_LOG_LEVEL": "warning",
            "OIMAQ_DATABASE_URL": "",
        },
    )
    try:
        processes.start_api()
        with httpx.Client(base_url=processes.base, timeout=60) as http:
            tenders, tokens = prepare(processes, http)
        uvloop.run(measure(processes.port, lease, tenders, tokens))
        measure_imports(lease.dsn)
        asyncio.run(measure_sequencing(lease.dsn))
    finally:
        processes.stop()
        lease.release()
        discard(home)
    measure_awards()
    return 0


def prepare(processes: Processes, http: httpx.Client) -> tuple[list[str], list[str]]:
    """Published tenders and the tokens of suppliers that may bid on them."""
    tokens = signed_in(processes, http, suppliers=SUPPLIERS)
    buyer = Client(http, tokens[0])
    closes_at = (datetime.now(UTC) + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    line = {
        "name": "Shirt", "ens_tru": "141413.900.000014", "kind": "school_shirt", "unit": "796",
        "standard_minutes": "20.00", "planned_price": "3600.00", "grid": "child", "sizes": {"122": 40, "128": 60},
    }  # fmt: skip
    place = {
        "name": "School", "kato": "631010000", "address": "1 Street", "due_on": "2027-08-20",
        "sizes": {"1": {"122": 40, "128": 60}},
    }  # fmt: skip
    tenders = []
    for number in range(TENDERS):
        lot = {"title": "Shirts", "allocated": "360000.00", "lines": [line], "places": [place]}
        draft = buyer.post("/v1/tenders", {"title": f"Bench {number}", "procedure": "private", "lots": [lot]})
        path = f"/v1/tenders/{draft['id']}"
        buyer.step(f"{path}/publication", {"closes_at": closes_at}, of=path)
        tenders.append(draft["id"])
    return tenders, tokens[1:]


async def measure(port: int, lease: Lease, tenders: list[str], tokens: list[str]) -> None:
    dsn = lease.dsn
    connection = await asyncpg.connect(dsn)
    for table in ("sealed_bids", "events", "kept_answers"):
        await connection.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
    await connection.close()
    warm, *tenders = tenders  # connections are opened and statements planned
    await run(port, [submit(warm, token) for token in tokens], connections=max(CONNECTIONS))
    share = len(tenders) // len(CONNECTIONS)
    for index, connections in enumerate(CONNECTIONS):
        mine = tenders[index * share : (index + 1) * share]
        submits = [submit(tender, token) for tender in mine for token in tokens]
        await settled(lease)
        measured = await run(port, submits, connections=connections)
        script = SUBMIT.replace("'tenders'", f"'{{{','.join(mine)}}}'").replace("cardinality", str(len(mine)))
        await settled(lease)
        limit = await asyncio.to_thread(pgbench, dsn, script, connections)
        barest = await asyncio.to_thread(pgbench, dsn, THREE_ROWS, connections)
        report("submits", measured, limit, connections, expected=201, ratio_to_three_rows=measured.per_second / barest)
    page = re.sub(r"\$1::text IS NULL OR t.status = \$1", "true", PUBLIC_PAGE)
    page = (
        re.sub(r"AND \(\$2::timestamptz.*\)\)", "", page).replace("$4", "51").replace(":MI:SS", "-MI-SS")
    )  # :MI is a variable to pgbench
    for connections in CONNECTIONS:
        lists = [request("GET", "/v1/tenders?limit=50", {})] * LISTS
        measured = await run(port, lists, connections=connections)
        limit = await asyncio.to_thread(pgbench, dsn, page, connections)
        report("lists of 50 tenders", measured, limit, connections, expected=200)


async def settled(lease: Lease) -> None:
    """What was written before is on disk: no measurement pays for another."""
    connection = await asyncpg.connect(lease.admin_dsn)
    await connection.execute("CHECKPOINT")
    await connection.close()


def submit(tender: str, token: str) -> bytes:
    body = json.dumps({"lots": [{"lot": 1, "lines": [{"line": 1, "unit_price": "3300.00"}]}]}).encode()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid4()),
    }
    return request("POST", f"/v1/tenders/{tender}/bids", headers, body)


def pgbench(dsn: str, script: str, connections: int) -> float:
    """Transactions per second of a script at as many connections, in prepared mode."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(" ".join(script.split()).replace("; ", ";\n") + ("" if ";" in script else ";") + "\n")
        file.flush()
        done = subprocess.run(
            [str(bin_dir() / "pgbench"), "-n", "-M", "prepared", "-j", "1",
             "-c", str(min(connections, PGBENCH_CONNECTIONS_MAX)), "-T", str(PGBENCH_SECONDS), "-f", file.name, dsn],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stderr)
    return float(found.group(1))


def report(what: str, measured: Measured, limit: float, connections: int, *, expected: int, **ratios: float) -> None:
    failed = sum(count for status, count in measured.statuses.items() if status != expected)
    line = {
        "what": what,
        "connections": connections,
        "api_processes": 2,
        "requests": len(measured.milliseconds),
        "failed": failed,
        "per_second": round(measured.per_second, 1),
        "p50_ms": measured.percentile(0.5),
        "p99_ms": measured.percentile(0.99),
        "pgbench_per_second": round(limit, 1),
        "ratio": round(measured.per_second / limit, 3),
    } | {name: round(ratio, 3) for name, ratio in ratios.items()}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main())
