"""Clients that go away in the middle, and application processes whose clock is wrong by hours."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults.client import Line
from tests.faults.people import Manner
from tests.faults.report import judged
from tests.faults.scene import play
from tests.faults.stage import Nursery, Run, Stage

pytestmark = pytest.mark.xdist_group("faults")

SECONDS = 3.0
SECONDS_LONG = 12.0
HOURS = 3600


def impatient(seed: str) -> Manner:
    """Before an attempt often sends a part of the request, or all of it, and is gone; then tries in earnest."""
    chance = random.Random(seed)  # noqa: S311 - repeatable misfortune

    async def go_away(line: Line, path: str, headers: dict[str, str], body: Any, attempt: int) -> None:
        if attempt == 1 and chance.random() < 0.6:
            await line.go_away("POST", path, headers, body, share=chance.choice([0.2, 0.6, 0.95, 1.0, 1.0, 1.0]))

    return go_away


async def test_a_client_that_went_away_finds_one_effect(stage: Stage, run: Run) -> None:
    apis = [await stage.start("serve") for _ in range(2 if run.long else 1)]
    ports = [api.port for api in apis]
    seconds = SECONDS_LONG if run.long else SECONDS
    manner = impatient(str(run.seed))
    tender = await play(stage, ports, seconds=seconds, seed=str(run.seed), bidders=12, manner=manner)
    openings = await stage.openings(ports[0])
    found = judged("clients go away", [tender], seed=run.seed)
    assert found == []
    assert openings[tender.id] == 1
    assert any(each.replayed for each in tender.history.operations), "some were gone before they could be answered"


@pytest.fixture
def wrong_clock(tmp_path: Path) -> Path:
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler and the loader of Linux to give a process a wrong clock")
    library = tmp_path / "wrong_clock.so"
    source = Path(__file__).with_name("wrong_clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    asked = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"], capture_output=True, text=True, check=True,
        env=os.environ | {"LD_PRELOAD": str(library), "WRONG_CLOCK_SECONDS": str(HOURS)},
    )  # fmt: skip
    assert float(asked.stdout) - datetime.now(UTC).timestamp() > HOURS / 2, "the clock is wrong"
    return library


@pytest.fixture
async def astray(stage: Stage, wrong_clock: Path) -> AsyncIterator[Stage]:
    """The same stage, but whose processes live three hours ahead or behind, as WRONG_CLOCK_SECONDS tells each."""
    with Nursery({"LD_PRELOAD": str(wrong_clock)}) as nursery:
        yield stage.with_nursery(nursery)
    await stage.strike_all()


async def test_only_the_clock_of_the_database_decides(astray: Stage, run: Run) -> None:
    """One API process is three hours ahead, one three hours behind, and the worker, too."""
    dsn = astray.lease.dsn
    early, late = [
        await astray.start("serve", OIMAQ_DATABASE_URL=dsn, WRONG_CLOCK_SECONDS=str(hours * HOURS)) for hours in (-3, 3)
    ]
    await astray.start("work", OIMAQ_DATABASE_URL=dsn, WRONG_CLOCK_SECONDS=str(-3 * HOURS))
    ports = [early.port, late.port]
    seconds = SECONDS_LONG if run.long else SECONDS
    tender = await play(astray, ports, seconds=seconds, seed=str(run.seed), bidders=12)
    openings = await astray.openings(ports[0])
    found = judged("clocks wrong by three hours", [tender], seed=run.seed)
    assert found == []
    assert openings[tender.id] == 1
    assert len(tender.history.operations) > 12, "bids came in at both"
