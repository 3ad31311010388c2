"""The key of the log: made once, readable by its owner only, never guessed, never shown."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.signing.ed25519 import NoSigningKey, Signer, signer, verify
from adapters.signing.outside import OutsideCheckpoints
from api.deployment import keys
from api.main import wire
from api.settings import Settings
from domain.log.checkpoints import Checkpoint
from tests.conftest import fresh_database

NAME = "oimaq.example/log"


def test_a_key_is_made_on_first_use_for_its_owner_only_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.ed25519"
    made = signer(NAME, path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signer(NAME, path, create=False).key == made.key
    assert list(path.parent.iterdir()) == [path]
    assert path.read_text().strip() not in repr(made)


def test_processes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.ed25519"
    with ThreadPoolExecutor(8) as pool:
        keys = {each.key for each in pool.map(lambda _: signer(NAME, path, create=True), range(16))}
    assert len(keys) == 1
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "nonsense", "00" * 31, "00" * 33])
def test_a_file_that_holds_no_seed_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "log.ed25519"
    path.touch(0o600)
    path.write_text(content)
    with pytest.raises(NoSigningKey, match="holds no seed"):
        signer(NAME, path, create=True)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.ed25519"
    signer(NAME, path, create=True)
    path.chmod(0o640)
    with pytest.raises(NoSigningKey, match="Others may read"):
        signer(NAME, path, create=True)


def test_a_signature_is_of_one_message_and_one_key() -> None:
    one, other = Signer.of(NAME, bytes(32)), Signer.of(NAME, b"\x01" * 32)
    note = one.note(Checkpoint(origin=NAME, size=1, root=bytes(32), sealed=bytes(32)))
    assert one.key.read(note, verify) is not None
    assert other.key.read(note, verify) is None
    assert not verify(b"short", b"", b"")


async def test_production_does_not_start_without_a_key(server_dsn: str, tmp_path: Path) -> None:
    async with fresh_database(server_dsn, f"oimaq_keyless_{os.getpid()}") as dsn:
        settings = Settings(mode="production", database_url=SecretStr(dsn), home=tmp_path, pool_size=2)
        keys(settings).create()
        with pytest.raises(NoSigningKey, match="There is no key"):
            async with wire(settings):
                pytest.fail("it started")
        signer(settings.log_origin, settings.log_key_kept, create=True)
        async with wire(settings) as application:
            assert application.log.key.name == settings.log_origin


def test_two_databases_of_ones_own_are_not_taken_for_one(tmp_path: Path) -> None:
    def kept(url: str | None, file: Path | None = None) -> Path:
        address = SecretStr(url) if url else None
        return Settings(database_url=address, home=tmp_path, checkpoints=file).checkpoints_kept

    embedded, one, other = kept(None), kept("postgresql://u:p@h/one"), kept("postgresql://u:p@h/other")
    assert embedded == tmp_path / "checkpoints.txt"
    assert len({embedded, one, other}) == 3
    assert kept("postgresql://another:secret@h/one") == one
    assert kept("postgresql://u:p@h/one", tmp_path / "elsewhere") == tmp_path / "elsewhere"


def test_the_newest_checkpoint_outside_is_found_at_the_end_of_a_long_file(tmp_path: Path) -> None:
    signs, path = Signer.of(NAME, bytes(32)), tmp_path / "deep" / "checkpoints.txt"
    outside = OutsideCheckpoints(path, signs.key)
    assert outside.newest() is None
    for size in range(1, 200):
        outside.append(signs.note(Checkpoint(origin=NAME, size=size, root=bytes(32), sealed=bytes(32))))
    found = outside.newest()
    assert found is not None
    assert found[1].size == 199
    foreign = Signer.of(NAME, b"\x01" * 32)
    with path.open("a") as file:
        file.write("\n\n" + foreign.note(Checkpoint(origin=NAME, size=500, root=bytes(32), sealed=bytes(32))))
        file.write("\n\noimaq.exam")
    assert outside.newest() == found
