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
from tests.faults.report import judged
from tests.faults.scene import play
from tests.faults.stage import Run, staged

pytestmark = pytest.mark.xdist_group("faults")

MEBIBYTES = 1024
"""More than all bids of a run with their WAL: what fills it is the ballast."""
FULL_AFTER = 3.0
FULL_SECONDS = 8.0
TURNS = 40
BIDS_AFTER = 10.0
PAGE = 4096
SLAB = 256 * PAGE


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


class Disk:
    def __init__(self, folder: Path) -> None:
        self.freed_at = datetime.max.replace(tzinfo=UTC)
        self._ballast = folder / "ballast"

    async def fills(self, admin_dsn: str) -> None:
        """First data files cannot grow; then the segment of WAL is declared full, and a next one cannot be made."""
        await asyncio.sleep(FULL_AFTER)
        for turn in range(TURNS):
            self._take_all()
            if turn >= TURNS // 2:
                await end_segment(admin_dsn)
            await asyncio.sleep(FULL_SECONDS / TURNS)
        self._ballast.unlink()
        self.freed_at = datetime.now(UTC)

    def _take_all(self) -> None:
        """What is left, and what was freed meanwhile."""
        with self._ballast.open("ab", buffering=0) as stream:
            for size in (SLAB, PAGE):
                with contextlib.suppress(OSError):
                    while stream.write(b"\0" * size) == size:
                        pass


async def end_segment(admin_dsn: str) -> None:
    with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection = await asyncpg.connect(admin_dsn, timeout=2)
        try:
            await connection.execute("SELECT pg_switch_wal()", timeout=2)
        finally:
            connection.terminate()


async def test_nothing_acknowledged_is_lost_on_a_full_disk(small_disk: Path, run: Run) -> None:
    if not run.long:
        pytest.skip("takes a server of its own: make faults")
    home = small_disk / "home"
    async with staged(home) as stage:
        apis = [await stage.start("serve") for _ in range(2)]
        await stage.start("work")
        disk = Disk(small_disk)
        tender = await play(
            stage,
            [api.port for api in apis],
            seconds=FULL_AFTER + FULL_SECONDS + BIDS_AFTER,
            seed=str(run.seed),
            meanwhile=[disk.fills(stage.lease.admin_dsn)],
        )
        said = (home / "postgres.log").read_text()
        again = [
            each.answered_at
            for each in tender.history.operations
            if each.outcome is Outcome.ACKNOWLEDGED and each.answered_at and each.answered_at > disk.freed_at
        ]
        figures = {
            "writes_refused": said.count("No space left on device"),
            "of_data_files": said.count("could not extend file"),
            "of_wal": said.count('could not write to file "pg_wal/'),
            "server_starts": said.count("starting PostgreSQL"),
            "recovered_after_s": round((min(again) - disk.freed_at).total_seconds(), 2),
        }
        found = judged("disk full", [tender], seed=run.seed, **figures)
        assert found == []
        assert figures["writes_refused"] > 0, "the disk was full to the server, too; of what, is its own choice"
