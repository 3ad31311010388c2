"""The embedded server, with real processes: it starts once, is shared, survives kills and leaves nothing behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.server import postmaster
from adapters.postgres.server.binaries import EmbeddedServerFailed, bin_dir
from adapters.postgres.server.embedded import acquire, discard
from adapters.postgres.server.place import Place, settle

REPOSITORY = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
HOLDER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from adapters.postgres.server.embedded import acquire
    with acquire(Path(sys.argv[1])) as lease:
        print(lease.dsn, flush=True)
        sys.stdin.readline()
    """
)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter (pytest's own are closed, which matters as root)."""
    folder = Path(tempfile.mkdtemp(prefix="oimaq-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def parent() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for most tests, since making a cluster takes a second; each test finds its server stopped."""
    with open_folder() as folder:
        yield folder / "home"
        discard(folder / "home")


@pytest.fixture
def holders() -> Iterator[Callable[[Path], "subprocess.Popen[str]"]]:
    """Starts processes that hold a lease until they get a line."""
    started: list[subprocess.Popen[str]] = []

    def start(home: Path) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(home)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def dsn_of(holder: "subprocess.Popen[str]") -> str:
    assert holder.stdout is not None
    return holder.stdout.readline().strip()


def server_of(home: Path) -> psutil.Process | None:
    return postmaster.find(settle(home.resolve()))


def running_server_of(home: Path) -> psutil.Process:
    server = server_of(home)
    assert server is not None
    return server


def leftovers(place: Place) -> list[str]:
    """Living processes called with, or working in, the cluster; and its socket folder."""
    found = [str(place.sockets)] if place.sockets.exists() else []
    for process in psutil.process_iter(["cmdline", "cwd", "status"]):
        about = process.info
        if about["status"] != psutil.STATUS_ZOMBIE and (
            about["cwd"] == str(place.data) or str(place.data) in (about["cmdline"] or ())
        ):
            found.append(f"{process.pid} {about['cmdline']}")
    return found


def said_by(program: str, *options: str) -> str:
    done = subprocess.run([bin_dir() / program, *options], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


async def remembered(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_new_home_gets_a_server_that_every_kind_of_client_can_use(home: Path) -> None:
    with acquire(home) as lease:
        assert await remembered(lease.dsn, "SELECT current_user || ' ' || current_database()") == "oimaq oimaq"
        engine = create_async_engine(lease.dsn.replace("postgresql:", "postgresql+asyncpg:"))
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar() == 1
        await engine.dispose()
        assert said_by("psql", "-Atc", "SELECT 1", lease.dsn) == "1"
        said_by("pgbench", "-i", "-I", "dt", lease.dsn)
    assert leftovers(settle(home)) == []


async def test_the_server_is_durable_without_tcp_and_knows_cyrillic_case(home: Path) -> None:
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "jit": "off",
        "max_connections": "200",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
    }
    with acquire(home) as lease:
        connection = await asyncpg.connect(lease.dsn)
        assert {name: await connection.fetchval("SELECT current_setting($1)", name) for name in wanted} == wanted
        assert await connection.fetchval("SELECT lower('ӘЖТҚА Ө')") == "әжтқа ө"
        assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        await connection.close()
        assert await remembered(lease.admin_dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")


async def test_a_local_user_without_the_password_is_refused(home: Path) -> None:
    with acquire(home) as lease:
        for role in ("oimaq", "postgres"):
            _, _, rest = lease.dsn.partition("@")
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(f"postgresql://{role}:guessed@{rest}")


def test_only_the_owner_may_read_the_passwords_and_enter_data_and_socket(home: Path) -> None:
    with acquire(home):
        place = settle(home)
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (home / "postgres.passwords", place.data, place.sockets)]
    assert modes == [0o600, 0o700, 0o700]


@pytest.mark.skipif(not AS_ROOT, reason="only root has a user to drop")
def test_as_root_the_server_runs_as_an_ordinary_user(home: Path) -> None:
    with acquire(home):
        server = running_server_of(home)
        assert 0 not in {*server.uids(), *server.gids()}
        groups = next(line for line in Path(f"/proc/{server.pid}/status").read_text().splitlines() if "Groups" in line)
        assert groups.split() == ["Groups:"]


@pytest.mark.skipif(not AS_ROOT, reason="only root can lock the server's user out")
def test_a_home_that_the_servers_user_cannot_enter_keeps_its_data_elsewhere(parent: Path) -> None:
    parent.chmod(0o700)
    home = parent / "home"
    with acquire(home) as lease:
        place = settle(home)
        assert said_by("psql", "-Atc", "SELECT 1", lease.dsn) == "1"
        assert (home / "postgres.elsewhere").read_text().strip() == str(place.root)
        assert stat.S_IMODE(parent.stat().st_mode) == 0o700
    with acquire(home):
        assert settle(home) == place
    discard(home)
    assert not place.root.exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root can lock the server's user out")
def test_programs_that_the_servers_user_cannot_enter_are_copied(
    home: Path, parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = bin_dir().parents[1]
    closed = parent / "closed"
    closed.mkdir(mode=0o700)
    for part in (package, package.with_name(f"{package.name}.libs")):
        (closed / part.name).symlink_to(part)
    monkeypatch.setenv("OIMAQ_POSTGRES_BIN", str(closed / package.name / "pginstall" / "bin"))
    with acquire(home):
        copy = settle(home).programs
        assert running_server_of(home).cmdline()[0] == str(copy / "postgres")
    shutil.rmtree(copy.parents[2])


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user runs all the other tests")
def test_an_ordinary_user_runs_his_own_server(parent: Path) -> None:
    home = parent / "ordinary"
    home.mkdir()
    os.chown(home, 65534, 65534)
    become = "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534); os.environ.pop('HOME', None)"
    script = (
        HOLDER.replace("with acquire", f"{become}\nwith acquire")
        + "from adapters.postgres.server.embedded import discard\n"
    )
    script = script.replace("import sys", "import sys, encodings.idna, getpass") + "discard(Path(sys.argv[1]))\n"
    done = subprocess.run(
        [sys.executable, "-c", script, str(home)],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        input="\n",
    )
    assert done.returncode == 0, done.stderr
    assert "oimaq?host=" in done.stdout


async def test_a_long_home_path_works(parent: Path) -> None:
    home = parent.joinpath(*["a long folder, with Қазақ letters & signs?"] * 3, "home")
    with acquire(home) as lease:
        assert len(os.fsencode(settle(home).sockets)) < 80
        assert await remembered(lease.dsn, "SELECT 1") == 1
        assert said_by("psql", "-Atc", "SELECT 1", lease.dsn) == "1"
    discard(home)


async def test_data_and_passwords_outlive_a_clean_stop(home: Path) -> None:
    with acquire(home) as lease:
        first = lease.dsn
        await remembered(first, "CREATE TABLE answers AS SELECT 42 AS answer")
    with acquire(home) as lease:
        assert lease.dsn == first
        assert await remembered(lease.dsn, "SELECT answer FROM answers") == 42


def test_a_second_release_does_nothing(home: Path) -> None:
    lease = acquire(home)
    with acquire(home):
        lease.release()
        lease.release()
        assert server_of(home) is not None
    assert server_of(home) is None


def test_a_lease_that_was_given_back_revives_nothing(home: Path) -> None:
    lease = acquire(home)
    lease.release()
    lease.revive()
    assert leftovers(settle(home)) == []


async def test_two_processes_share_one_server_and_the_last_stops_it(
    home: Path, holders: Callable[[Path], "subprocess.Popen[str]"]
) -> None:
    one, two = holders(home), holders(home)
    assert dsn_of(one) == dsn_of(two)
    server = running_server_of(home)
    one.communicate("\n")
    assert server_of(home) == server
    two.communicate("\n")
    assert server_of(home) is None
    assert leftovers(settle(home)) == []


async def test_committed_rows_survive_the_kill_of_the_server(home: Path) -> None:
    with acquire(home) as lease:
        await remembered(lease.dsn, "CREATE TABLE kept (n bigint)")
        connection = await asyncpg.connect(lease.dsn)
        await connection.execute("INSERT INTO kept SELECT generate_series(1, 20000)")
        killed = running_server_of(home)
        killed.send_signal(signal.SIGKILL)
        lease.revive()
        assert await remembered(lease.dsn, "SELECT count(*) FROM kept") == 20000
        assert running_server_of(home) != killed
        connection.terminate()
        running_server_of(home).send_signal(signal.SIGKILL)
    with acquire(home) as lease:
        assert await remembered(lease.dsn, "SELECT count(*) FROM kept") == 20000
    assert leftovers(settle(home)) == []


def test_a_server_found_dying_is_waited_for_and_started_again(home: Path) -> None:
    with acquire(home) as lease:
        busy = subprocess.Popen(
            [bin_dir() / "psql", "-qAtc", "SELECT count(*) FROM generate_series(1, 3000000)", lease.dsn],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(3):
            running_server_of(home).send_signal(signal.SIGKILL)
            lease.revive()
            assert said_by("psql", "-Atc", "SELECT 1", lease.dsn) == "1"
        busy.wait()


def test_a_killed_holder_does_not_keep_the_server(
    home: Path, holders: Callable[[Path], "subprocess.Popen[str]"]
) -> None:
    holder = holders(home)
    dsn_of(holder)
    holder.kill()
    holder.communicate()
    server = running_server_of(home)
    with acquire(home):
        assert running_server_of(home) == server
    assert server_of(home) is None


async def test_a_session_left_open_does_not_delay_the_stop(home: Path) -> None:
    lease = acquire(home)
    connection = await asyncpg.connect(lease.dsn)
    await connection.execute("BEGIN")
    began = time.monotonic()
    lease.release()
    assert time.monotonic() - began < 5
    connection.terminate()


def test_six_processes_starting_and_stopping_at_once_leave_nothing_behind(
    home: Path, holders: Callable[[Path], "subprocess.Popen[str]"]
) -> None:
    for _ in range(2):
        crowd = [holders(home) for _ in range(6)]
        for holder in crowd:
            holder.communicate("\n")
        assert [holder.returncode for holder in crowd] == [0] * 6
        assert leftovers(settle(home)) == []


def test_the_pid_of_a_stranger_is_not_taken_for_the_server(home: Path) -> None:
    with acquire(home):
        pass
    place = settle(home)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (place.data / "postmaster.pid").write_text(f"{stranger.pid}\n{place.data}\n1\n5432\n\n\n\nready\n")
        assert server_of(home) is None
        with acquire(home) as lease:
            assert said_by("psql", "-Atc", "SELECT 1", lease.dsn) == "1"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_the_zombie_of_a_killed_server_does_not_stop_the_next(home: Path) -> None:
    with acquire(home):
        pass
    place = settle(home)
    zombie = subprocess.Popen(["true"])
    while psutil.Process(zombie.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    (place.data / "postmaster.pid").write_text(f"{zombie.pid}\n{place.data}\n1\n5432\n\n\n\nready\n")
    with acquire(home):
        assert running_server_of(home).pid != zombie.pid
    zombie.wait()


async def test_a_server_whose_socket_was_swept_away_is_started_again(home: Path) -> None:
    with acquire(home) as lease:
        shutil.rmtree(settle(home).sockets)
        lease.revive()
        assert await remembered(lease.dsn, "SELECT 1") == 1


def test_a_making_that_was_cut_short_is_begun_anew(parent: Path) -> None:
    home = parent / "home"
    half = home / "postgres" / "draft-half" / "data"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with acquire(home):
        assert not half.exists()
    discard(home)


def test_data_without_its_passwords_is_refused_in_words(home: Path) -> None:
    with acquire(home):
        pass
    (home / "postgres.passwords").rename(home / "away")
    with pytest.raises(EmbeddedServerFailed, match="passwords are gone"):
        acquire(home)
    (home / "away").rename(home / "postgres.passwords")


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with acquire(home):
        pass
    version = settle(home).data / "PG_VERSION"
    version.write_text("12\n")
    with pytest.raises(EmbeddedServerFailed, match="version 12"):
        acquire(home)
    version.write_text("18\n")


def test_data_in_use_is_not_discarded(home: Path) -> None:
    with acquire(home), pytest.raises(EmbeddedServerFailed, match="in use"):
        discard(home)


def test_a_folder_without_a_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIMAQ_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(EmbeddedServerFailed, match="no PostgreSQL server"):
        bin_dir()
