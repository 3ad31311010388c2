"""The drill of ``adapters/sealing/README.md``, played through the command line as an operator would."""

import re
import shutil
import stat
from pathlib import Path
from uuid import UUID

import pytest

from adapters.sealing.key_folder import KeyFolder
from adapters.sealing.sodium import new_key_pair
from api import deployment
from api.cli import main
from api.settings import Settings
from domain.ids import SealingKeyId

KEY = SealingKeyId(UUID(int=1))
README = Path(__file__).resolve().parents[2] / "adapters" / "sealing" / "README.md"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deployment in production, where no key is made by itself."""
    monkeypatch.setenv("OIMAQ_HOME", str(tmp_path))
    monkeypatch.setenv("OIMAQ_MODE", "production")
    monkeypatch.delenv("OIMAQ_KEYS", raising=False)
    return tmp_path


Said = tuple[int, list[str], str]


def oimaq(capsys: pytest.CaptureFixture[str], *arguments: object) -> Said:
    code = main(["keys", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err


async def test_the_drill(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = oimaq(capsys, "create")
    assert code == 0
    assert [line.split()[::2] for line in said] == [
        [name, "created"] for name in ("key-encryption", "receipts", "deployment")
    ]
    fingerprint = said[0].split()[1]
    tender_key = new_key_pair().private
    wrapped = await KeyFolder(home / "keys").wrapper().wrap(KEY, tender_key)

    code, files, _ = oimaq(capsys, "split", "--out", tmp_path / "shares")
    shares = [tmp_path / "shares" / f"key-share-{number}-of-3.txt" for number in (1, 2, 3)]
    assert (code, files) == (0, [str(path) for path in shares])
    assert {stat.S_IMODE(path.stat().st_mode) for path in shares} == {0o600}
    whole = (home / "keys" / "key-encryption.key").read_bytes()

    spare = tmp_path / "spare"
    for one, other in ((1, 2), (1, 3), (2, 3)):
        # another machine, to which only two people come with their shares
        shutil.rmtree(spare, ignore_errors=True)
        with pytest.MonkeyPatch.context() as machine:
            machine.setenv("OIMAQ_KEYS", str(spare))
            pair = (shares[one - 1], shares[other - 1])
            assert oimaq(capsys, "combine", *pair) == (0, [f"key-encryption {fingerprint} rebuilt"], "")
            assert (spare / "key-encryption.key").read_bytes() == whole
            assert oimaq(capsys, "combine", *reversed(pair))[:2] == (
                0,
                [f"key-encryption {fingerprint} already there, the same"],
            )
    assert await KeyFolder(spare).wrapper().unwrap(KEY, wrapped) == tender_key


def test_another_key_that_is_there_is_left_alone(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    oimaq(capsys, "create")
    oimaq(capsys, "split", "--out", tmp_path / "shares")
    monkeypatch.setenv("OIMAQ_KEYS", str(tmp_path / "other"))
    oimaq(capsys, "create")
    before = (tmp_path / "other" / "key-encryption.key").read_bytes()
    code, said, error = oimaq(capsys, "combine", *sorted((tmp_path / "shares").iterdir()))
    assert (code, said) == (1, [])
    assert error.startswith("key-refused: Another key is at")
    assert (tmp_path / "other" / "key-encryption.key").read_bytes() == before


def test_wrong_shares_are_refused_and_leave_no_key(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    oimaq(capsys, "create")
    oimaq(capsys, "split", "--out", tmp_path / "shares")
    one, two, three = sorted((tmp_path / "shares").iterdir())
    two.write_text(two.read_text(encoding="ascii").rsplit(" ", 1)[0], encoding="ascii")
    three.write_bytes(b"\xff\x00" * 5000)
    monkeypatch.setenv("OIMAQ_KEYS", str(tmp_path / "spare"))
    for paths, told in (
        ((one,), "1 of the shares"),
        ((one, one), "twice"),
        ((one, two), "Share text 2: a word is wrong or missing"),
        ((one, three), "Share text 2 is not written as a share"),
    ):
        code, said, error = oimaq(capsys, "combine", *paths)
        assert (code, said) == (1, [])
        assert error.startswith("shares-refused: ")
        assert told in error
        assert "passes: " in error
    code, _, error = oimaq(capsys, "combine", one, tmp_path / "nowhere")
    assert (code, error) == (2, f"{tmp_path / 'nowhere'}: No such file or directory\n")
    assert not (tmp_path / "spare").exists()


def test_without_a_folder_the_shares_go_to_standard_output(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    oimaq(capsys, "create")
    code, said, _ = oimaq(capsys, "split")
    assert code == 0
    assert [line for line in said if line.startswith("Oimaq")] == [
        f"Oimaq key share {number} of 3; any 2 rebuild the key" for number in (1, 2, 3)
    ]
    assert not list(home.glob("**/*share*"))


def test_shares_never_take_the_place_of_files(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    oimaq(capsys, "create")
    oimaq(capsys, "split", "--out", tmp_path / "shares")
    one, two, three = sorted((tmp_path / "shares").iterdir())
    one.unlink()
    before = (two.read_bytes(), three.read_bytes())
    code, said, error = oimaq(capsys, "split", "--out", tmp_path / "shares")
    assert (code, said, error) == (2, [], f"{two}: File exists\n")
    assert (two.read_bytes(), three.read_bytes()) == before
    assert not one.exists()


def test_keys_are_shown_without_their_secrets_and_not_made_by_looking(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OIMAQ_MODE", "development")
    code, said, error = oimaq(capsys, "show")
    assert (code, said) == (1, [])
    assert error == (
        f"key-refused: There is no key at {home / 'keys' / 'key-encryption.key'}"
        " (passes: oimaq keys create, or keys combine)\n"
    )
    oimaq(capsys, "create")
    again = oimaq(capsys, "create")[1]
    code, said, _ = oimaq(capsys, "show")
    assert code == 0
    assert [line.split()[:2] for line in said] == [line.split()[:2] for line in again]
    assert said[1].split()[2:4] == ["public", "key"]
    assert len(bytes.fromhex(said[1].split()[4])) == 32
    for path in (home / "keys").iterdir():
        assert path.read_text(encoding="ascii").split()[1] not in "".join(said)


def test_development_makes_the_keys_that_it_needs_and_production_does_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Exception, match="There is no key"):
        deployment.keys(Settings()).signer()
    monkeypatch.setenv("OIMAQ_MODE", "development")
    first = deployment.keys(Settings()).signer()
    assert deployment.keys(Settings()).signer().key_id == first.key_id


def test_the_readme_shows_what_the_commands_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command of the drill, with its output, but for the digits of keys."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OIMAQ_HOME", raising=False)
    shown = README.read_text(encoding="utf-8").split("```")[1].strip().splitlines()
    played: list[str] = []
    for line in shown:
        if not line.startswith("$ "):
            continue
        played.append(line)
        with pytest.MonkeyPatch.context() as machine:
            machine.delenv("OIMAQ_KEYS", raising=False)
            words = line.removeprefix("$ ").split()
            while "=" in words[0]:
                machine.setenv(*words.pop(0).split("=", 1))
            assert words[:2] == ["oimaq", "keys"]
            code, said, error = oimaq(capsys, *words[2:])
        assert (code, error) == (0, ""), line
        played += said
    assert len(played) > len([line for line in shown if line.startswith("$ ")])
    assert [_digitless(line) for line in played] == [_digitless(line) for line in shown]


def _digitless(line: str) -> str:
    return re.sub(r"\b[0-9a-f]{16,}\b", "#", line)
