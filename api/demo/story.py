"""The whole story, start to end; exits 0 only if each step did what it claims."""

import json
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from api.demo import by_rules, execution, market, together
from api.demo.cast import assemble
from api.demo.client import StoryFailedError
from api.demo.processes import Processes, ProcessFailedError, running
from api.demo.tables import chapter, console, done
from api.settings import Settings

SECONDS = {"bid_period_min": "PT1S", "repeat_bid_period_min": "PT1S", "amendment_remaining_min": "PT1S"}
CONFIGURATION = {"private": {"bid_period_min": "PT1S", "capacity_check": "true"}, "samruk-category": SECONDS}
"""Only unverified parameters can be configured. What is delivered and paid is bought by the buyer's own rules, because
a demonstration cannot wait for the standstill of two working days that the law sets for category procurement.
"""
FILES = (
    "award-bundle.json", "domestic-share-by-*", "events.jsonl", "ocds-*-record.json", "ocds-*-release.json",
    "protocol-of-results.pdf",
)  # fmt: skip
"""What a demonstration writes, and therefore removes before it writes anew."""


def main(out: str) -> int:
    started = time.monotonic()
    base = Settings().home
    base.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="demo-", dir=base))
    folder = Path(out)
    for pattern in FILES:
        for left in folder.glob(pattern):
            left.unlink()
    environment = {
        "OIMAQ_DATABASE_URL": "",  # a database of its own, whatever the user's environment names
        "OIMAQ_PROCEDURES": "",
        "OIMAQ_PROCEDURE_PARAMETERS": json.dumps(CONFIGURATION),
        "OIMAQ_LOG_LEVEL": "warning",
    }
    try:
        chapter("Starting database, API and worker")
        with running(home, environment) as processes, httpx.Client(base_url=processes.base, timeout=30) as http:
            done(f"API with two processes at {processes.base}, a worker beside it")
            _play(http, processes, folder)
            seconds = time.monotonic() - started
    except (StoryFailedError, ProcessFailedError, httpx.HTTPError) as error:
        console.print(f"[red]the story failed[/red]: {error}", markup=True)
        return 1
    except KeyboardInterrupt:
        console.print("stopped")
        return 130
    finally:
        shutil.rmtree(home, ignore_errors=True)
    console.print(f"\nfiles in {folder}/")
    console.print("documentation of the API: http://127.0.0.1:8000/docs after [bold]make serve[/bold]")
    console.print(f"[bold]done in {seconds:.0f} s[/bold]")
    return 0


def _play(http: httpx.Client, processes: Processes, folder: Path) -> None:
    today = datetime.now(UTC).date()
    chapter("Who takes part")
    cast = assemble(processes, http, today=today)
    published = market.publish(cast, today=today)
    market.bid(cast, published)
    awards = market.open_and_award(cast, published)
    execution.perform(cast, awards, today=today)
    by_rules.perform(cast, today=today)
    together.perform(cast, processes, folder, today=today)
    execution.audit(cast, awards, folder)
