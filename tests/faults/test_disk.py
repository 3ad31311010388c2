"""The database's disk is full: nothing acknowledged is lost, and bids come in again when there is room.

The embedded server runs on a small file system in memory (root may mount one), which another file fills to the last
byte. PostgreSQL's writes really fail: data files cannot grow, WAL cannot be written. What is not shown is a disk
that lies about fsync; memory has none.
"""

import asyncio
import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from tests.faults.history import Outcome
from tests.faults.people import Bidder, Reader
from tests.faults.report import judged
from tests.faults.stage import Run, Stage, Tender, staged

MEBIBYTES = 160
FULL_AFTER = 3.0
FULL_SECONDS = 8.0
TURNS = 40
BIDS_AFTER = 10.0
PAGE = 4096
OPENED_WITHIN = 60.0


@pytest.fixture
def small_disk() -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    folder = Path(tempfile.mkdtemp(prefix="oimaq-small-"))
    options = f"size={MEBIBYTES}m,mode=0755"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "oimaq-faults", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"this machine mounts nothing: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


def fill(file: Path) -> None:
    """Take what is left, and what is freed meanwhile."""
    with file.open("ab", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(b"\0" * PAGE)


async def misfortune(disk: Path, admin_dsn: str) -> datetime:
    """First data files cannot grow; then the segment of WAL is declared full, and a next one cannot be made."""
    ballast = disk / "ballast"
    await asyncio.sleep(FULL_AFTER)
    for turn in range(TURNS):
        fill(ballast)
        if turn >= TURNS // 2:
            await end_segment(admin_dsn)
        await asyncio.sleep(FULL_SECONDS / TURNS)
    ballast.unlink()
    return datetime.now(UTC)


async def end_segment(admin_dsn: str) -> None:
    with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection = await asyncpg.connect(admin_dsn, timeout=2)
        try:
            await connection.execute("SELECT pg_switch_wal()", timeout=2)
        finally:
            connection.terminate()


async def bidding(stage: Stage, ports: list[int], disk: Path, seed: int) -> tuple[Tender, datetime]:
    seconds = FULL_AFTER + FULL_SECONDS + BIDS_AFTER
    tender = await stage.published(ports[0], seconds=seconds)
    happening = asyncio.create_task(misfortune(disk, stage.lease.admin_dsn))
    bidders = [
        Bidder(who, tender.id, tender.history, ports, seed=f"{seed}/{number}")
        for number, who in enumerate(stage.suppliers)
    ]
    async with asyncio.TaskGroup() as tasks:
        for bidder in bidders:
            tasks.create_task(bidder.bid_until_refused())
        tasks.create_task(Reader(tender.id, tender.history, ports[0]).wait(every=0.2, at_most=seconds + OPENED_WITHIN))
    return tender, await happening


async def test_nothing_acknowledged_is_lost_on_a_full_disk(small_disk: Path, run: Run) -> None:
    if not run.long:
        pytest.skip("takes a server of its own: make faults")
    home = small_disk / "home"
    async with staged(home) as stage:
        apis = [await stage.start("serve") for _ in range(2)]
        await stage.start("work")
        tender, freed_at = await bidding(stage, [api.port for api in apis], small_disk, run.seed)
        said = (home / "postgres.log").read_text()
        again = [
            each.answered_at
            for each in tender.history.operations
            if each.outcome is Outcome.ACKNOWLEDGED and each.answered_at and each.answered_at > freed_at
        ]
        figures = {
            "writes_refused": said.count("No space left on device"),
            "server_starts": said.count("starting PostgreSQL"),
            "recovered_after_s": round((min(again) - freed_at).total_seconds(), 2),
        }
        found = judged("disk full", [tender], seed=run.seed, **figures)
        assert found == []
        assert "could not extend file" in said, "a data file could not grow"
        assert 'could not write to file "pg_wal/' in said, "WAL could not be written"
