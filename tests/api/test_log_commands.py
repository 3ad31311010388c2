"""``oimaq log``, ``export`` and ``verify`` as a user types them, and a server whose database lacks history."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from adapters.postgres.engine import connected
from adapters.postgres.log import Log
from adapters.postgres.migrate import migrate
from adapters.signing.ed25519 import Signer, verify
from adapters.signing.outside import OutsideCheckpoints
from api.cli import main
from api.deployment import signing
from api.main import wire
from api.settings import Settings
from domain.log.checkpoints import Checkpoint
from tests.api.test_complaints import until
from tests.conftest import fresh_database
from tests.numbers import bins
from tests.world import World, bid, built

EVENT = """
INSERT INTO events (id, type, subject, subject_id, sealed, at, data)
VALUES (gen_random_uuid(), 'contract.signed', 'contract', gen_random_uuid(), false, now(), '{"in_force": true}')
RETURNING id
"""
EVENTS = 5
OPERATOR = (
    "--kind", "auditor", "--bin", next(bins("280140")), "--name", "A", "--email", "a@b.example", "--password-stdin",
)  # fmt: skip


@pytest.fixture
async def own(server_dsn: str, tmp_path: Path) -> AsyncIterator[Settings]:
    async with fresh_database(server_dsn, f"oimaq_log_commands_{os.getpid()}") as dsn:
        yield Settings(database_url=SecretStr(dsn), home=tmp_path, pool_size=2)


async def happened(settings: Settings) -> list[str]:
    """Some events, numbered and signed by the deployment's own key."""
    async with wire(settings) as application:
        connection = await asyncpg.connect(dsn(settings))
        ids = [str(await connection.fetchval(EVENT)) for _ in range(EVENTS)]
        await connection.close()
        numbered = 0
        while numbered < EVENTS:
            numbered += await application.sequencer.advance()
            await asyncio.sleep(0.05)
    return ids


def dsn(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


def oimaq(settings: Settings, *arguments: str) -> tuple[int, str, str]:
    environment = {**os.environ, "OIMAQ_DATABASE_URL": dsn(settings), "OIMAQ_HOME": str(settings.home)}
    command = [sys.executable, "-m", "api.cli", *arguments]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, input="p" * 12, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


async def test_an_export_is_made_and_verified_and_a_forgery_is_named(own: Settings, tmp_path: Path) -> None:
    status, key, _ = oimaq(own, "log", "key")
    assert (status, key.strip()) == (0, signing(own).key.verifier)
    ids = await happened(own)
    export, nowhere = tmp_path / "log.jsonl", replace_database(own)
    assert oimaq(own, "export", "log", "--out", str(export)) == (0, "", "")
    kept = ("--checkpoints", str(own.checkpoints_kept), "--key", key.strip())
    status, told, _ = oimaq(nowhere, "verify", str(export), *kept)
    assert status == 0
    assert told.startswith(f"{EVENTS} events, ")
    lines = export.read_text().splitlines()
    forged = json.loads(lines[-2])
    forged["disclosed"]["data"]["value"]["in_force"] = False
    lines[-2] = json.dumps(forged)
    export.write_text("\n".join(lines))
    status, _, told = oimaq(nowhere, "verify", str(export), *kept)
    expected = f"disclosure_differs at index {EVENTS - 2} of the public tree, event {ids[-2]}\n"
    assert (status, told) == (1, expected)


def replace_database(settings: Settings) -> Settings:
    """An address where nothing answers: what is checked offline must not ask it."""
    return settings.model_copy(update={"database_url": SecretStr("postgresql://nobody@127.0.0.1:1/nothing")})


async def test_the_stored_events_are_verified_and_the_first_forged_one_is_named(own: Settings) -> None:
    ids = await happened(own)
    assert oimaq(own, "verify", "--database") == (0, "", "")
    connection = await asyncpg.connect(dsn(own))
    await connection.execute("ALTER TABLE events DISABLE TRIGGER USER")
    for id in ids[2:4]:
        await connection.execute("UPDATE events SET at = at + interval '1 second' WHERE id = $1::text::uuid", id)
    await connection.close()
    expected = f"event_changed at index 2 of the public tree, event {ids[2]}\n"
    assert oimaq(own, "verify", "--database") == (1, "", expected)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("verify", "/nowhere/log.jsonl"), "No such file"),
        (("verify", __file__), "does not begin with a key"),
        (("verify", __file__, "--key", "nonsense"), "--key"),
        (("verify",), "required"),
        (("export", "nonsense", "--out", "x"), "invalid choice"),
        (("log", "acknowledge"), "--reason"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    """In this process: nothing is wired before it is refused."""
    try:
        status: object = main(arguments)
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert told in capsys.readouterr().err


async def test_a_server_on_an_older_database_reads_and_does_not_write_until_acknowledged(own: Settings) -> None:
    await happened(own)
    status, _, told = oimaq(own, "log", "acknowledge", "--reason", "Why not")
    assert (status, told.split(":")[0]) == (1, "nothing-lost")
    signs = signing(own)
    outside = OutsideCheckpoints(own.checkpoints_kept, signs.key)
    newest = outside.newest()
    assert newest is not None
    outside.append(signs.note(replace(newest[1], size=EVENTS + 3)))  # what this database never saw, or lost
    async with connected(dsn(own), pool_size=4) as database:
        log = Log.of(database, signs, outside)
        await log.standing.look()
        async with built(database, log=log) as world:
            session = {"email": "a@b.example", "password": "p" * 12}
            refused = await world.public.post("/v1/sessions", session)
            assert (refused.status_code, refused.json()["code"]) == (503, "history-lost")
            assert refused.json()["facts"] == {"size": EVENTS + 3}
            assert (await world.public.get("/v1/tenders")).status_code == httpx.codes.OK
            assert (await world.public.get("/v1/log/checkpoint")).status_code == httpx.codes.OK
            status, _, told = oimaq(own, "operator", *OPERATOR)
            assert (status, told.split(":")[0]) == (1, "history-lost")
            status, told, _ = oimaq(own, "log", "acknowledge", "--reason", "The disk was lost")
            assert (status, told) == (0, f"acknowledged: {EVENTS + 3} signed events are not in this database\n")
            answered = await world.public.post("/v1/sessions", session)
            assert answered.status_code == httpx.codes.UNAUTHORIZED  # it wrote, or would have
    assert oimaq(own, "verify", "--database")[0] == 0


async def test_a_tender_that_is_due_is_still_read_while_history_is_missing(server_dsn: str, tmp_path: Path) -> None:
    async with fresh_database(server_dsn, f"oimaq_log_due_{os.getpid()}") as fresh:
        await migrate(fresh)
        async with connected(fresh, pool_size=4) as database:
            signs = Signer.fresh("oimaq.example/log")
            outside = OutsideCheckpoints(tmp_path / "checkpoints.txt", signs.key)
            log = Log.of(database, signs, outside)
            async with built(database, log=log) as world:
                await reads_a_due_tender(world, log, outside, signs)


async def reads_a_due_tender(world: World, log: Log, outside: OutsideCheckpoints, signs: Signer) -> None:
    supplier = await world.supplier()
    published = await world.published(await world.buyer(), seconds=1.5)
    path = f"/v1/tenders/{published['id']}"
    lost = Checkpoint(origin=signs.key.name, size=9999, root=bytes(32), sealed=bytes(32))
    outside.append(signs.note(lost))
    await log.standing.look()
    assert (await supplier.post(f"{path}/bids", bid())).json()["code"] == "history-lost"
    await until(published["closes_at"])
    assert (await world.public.read(path))["status"] == "published"
    await log.history.acknowledge("The disk was lost")
    assert (await world.opened(published))["status"] == "failed"
    assert signs.key.read(signs.note(lost), verify) == lost
