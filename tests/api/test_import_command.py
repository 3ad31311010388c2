"""``oimaq import``: the same import without HTTP, as a user types it."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.cli import main
from domain.registries.records import Register
from tests.conftest import fresh_database
from tests.registers import file_of, row

NAME = "oimaq_import"


@pytest.fixture
async def own(server_dsn: str) -> AsyncIterator[str]:
    async with fresh_database(server_dsn, NAME) as dsn:
        yield dsn


def oimaq(dsn: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OIMAQ_DATABASE_URL": dsn}
    command = [sys.executable, "-m", "api.cli", "import", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def test_the_command_rehearses_imports_and_names_every_flaw(own: str, tmp_path: Path) -> None:
    good, bad = tmp_path / "kato.csv", tmp_path / "bad.csv"
    good.write_bytes(file_of(Register.KATO))
    bad.write_bytes(file_of(Register.KATO, row(Register.KATO, c0="991010000")))
    rehearsed = oimaq(own, "kato", str(good), "--as-of", "2026-03-15", "--dry-run")
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert (json.loads(rehearsed.stdout)["id"], json.loads(rehearsed.stdout)["added"]) == (None, 1)
    done = oimaq(own, "kato", str(good), "--as-of", "2026-03-15")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["id"]
    refused = oimaq(own, "kato", str(bad), "--as-of", "2026-03-16")
    assert refused.returncode == 1
    assert "register-import-refused" in refused.stderr
    assert "Sheet1!A2" in refused.stderr
    assert oimaq(own, "kato", str(bad), "--as-of", "2026-03-16", "--dry-run").returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense", "x.csv", "--as-of", "2026-03-15"),
        ("kato", "x.csv"),
        ("kato", "x.csv", "--as-of", "15.03.2026"),
        ("kato", "/nowhere/x.csv", "--as-of", "2026-03-15"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """In this process: nothing is wired before it is refused."""
    try:
        status: object = main(["import", *arguments])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert capsys.readouterr().err
