"""How many events a second the sequencer numbers and signs: what it must keep up with is 5,000."""

import asyncio
import json
import time

from adapters.postgres.engine import connected
from adapters.postgres.log import Log
from adapters.postgres.migrate import migrate
from adapters.signing.ed25519 import Signer
from tests.conftest import fresh_database

EVENTS = 50_000
BACKLOG = """
INSERT INTO events (id, type, subject, subject_id, sealed, person_id, organization_id, at, data)
SELECT gen_random_uuid(), CASE i % 5 WHEN 0 THEN 'bid.submitted' ELSE 'contract.signed' END,
  CASE i % 5 WHEN 0 THEN 'bid' ELSE 'contract' END, gen_random_uuid(), i % 5 = 0, gen_random_uuid(), gen_random_uuid(),
  clock_timestamp(), '{"tender_id": "01a20acb-e7e9-76bf-bd45-3dbafd4b59c1", "revision": 1}'
FROM generate_series(1, $1) i
"""


async def measure_sequencing(server: str) -> None:
    """A backlog of events, a fifth of them sealed, numbered and signed in batches; then examined as a whole."""
    async with fresh_database(server, "oimaq_bench_log") as dsn:
        await migrate(dsn)
        async with connected(dsn, pool_size=2) as database:
            log = Log.of(database, Signer.fresh("oimaq.example/log"))
            async with database.raw.acquire() as connection:
                await connection.execute(BACKLOG, EVENTS)
            begun, numbered = time.perf_counter(), 0
            while numbered < EVENTS:
                batch = await log.sequencer.advance()
                numbered += batch
                if not batch:
                    await asyncio.sleep(0.01)
            report("events numbered and signed", begun)
            begun = time.perf_counter()
            if await log.history.examine() is not None:
                raise RuntimeError("the log is damaged")
            report("events examined", begun)


def report(what: str, begun: float) -> None:
    per_second = round(EVENTS / (time.perf_counter() - begun))
    print(json.dumps({"what": what, "events": EVENTS, "per_second": per_second}), flush=True)
