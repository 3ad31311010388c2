"""The stage that scenarios share, their seed, and the report at the end."""

import os
import random
from collections.abc import AsyncIterator

import pytest

from tests.faults.report import LINES
from tests.faults.stage import Run, Stage, staged


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LINES:
        terminalreporter.section("faults")
        for line in LINES:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
async def playing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with staged(tmp_path_factory.mktemp("faults") / "home") as stage:
        yield stage


@pytest.fixture
async def stage(playing: Stage) -> AsyncIterator[Stage]:
    """Nobody runs on it at first, and nobody is left afterwards."""
    yield playing
    await playing.strike_all()


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """OIMAQ_FAULTS_SEED repeats a run's draws; the machine's own timing is not repeatable."""
    given = os.environ.get("OIMAQ_FAULTS_SEED")
    seed = int(given) if given else random.SystemRandom().randrange(10**6)
    return Run(seed=seed, long=bool(request.config.getoption("--long")))
