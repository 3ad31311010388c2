"""Starting, recognising and stopping the server's first process.

Nothing here is decided by a process id alone. A process is our server if it is not a zombie, belongs to the
owner of the data and was called with this data directory; from then on it is followed by its start time
(psutil compares it), so an id that is given to another process is never waited for and never signalled.
"""

import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import structlog

from adapters.postgres.server.binaries import EmbeddedServerFailed
from adapters.postgres.server.place import Place

START_SECONDS = 120.0  # recovery after a crash included, and the wait for what the killed server left
STOP_SECONDS = 60.0
KILL_SECONDS = 10.0
CONNECTIONS = 200
SOCKET = ".s.PGSQL.5432"

SETTINGS = {
    "listen_addresses": "",  # no TCP: who may enter the socket's folder may try a password
    "max_connections": str(CONNECTIONS),
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "password_encryption": "scram-sha-256",
}
REMAINS = ("is still in use", "could not create lock file", 'lock file "')  # of a server that has just been killed

log = structlog.get_logger(__name__)


def find(place: Place) -> psutil.Process | None:
    """The running server of this place, whatever its pid file says."""
    try:
        process = psutil.Process(int(_pid_file(place)[0]))
        with process.oneshot():
            called = process.cmdline()
            ours = (
                process.status() != psutil.STATUS_ZOMBIE
                and process.uids().real == place.account.uid
                and called[1:3] == ["-D", str(place.data)]
            )
    except (FileNotFoundError, ValueError, IndexError, psutil.Error):
        return None
    return process if ours else None


def start(place: Place, journal: Path) -> None:
    """Start the server, or wait for one that is starting or stopping, until it answers.

    What it says goes to ``journal``. Refuses with EmbeddedServerFailed and the end of the journal.
    """
    until = time.monotonic() + START_SECONDS
    while True:
        if _status(place) == "stopping" or _is_deaf(place):
            stop(place)
        size = journal.stat().st_size if journal.exists() else 0
        found = find(place)
        process = found or _launch(place, journal)
        decided = process is None or _wait(partial(_is_decided, place, process), until)
        if process is not None and _alive(process):
            if decided:
                return
            raise EmbeddedServerFailed(f"The server in {place.root} is still recovering; see {journal}.")
        said = _since(journal, size)
        again = found is not None or any(remains in said for remains in REMAINS)  # it was dying when we found it
        if not again or time.monotonic() > until:
            raise EmbeddedServerFailed(f"The server in {place.root} does not start; {journal} ends:\n{said[-2000:]}")
        time.sleep(0.1)


def stop(place: Place) -> None:
    """End all sessions and stop the server after a checkpoint; without one if it takes too long (it recovers)."""
    process = find(place)
    if process is not None:
        for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, KILL_SECONDS)):
            try:
                process.send_signal(how)
            except psutil.NoSuchProcess:
                break
            if _wait(partial(_is_gone, process), time.monotonic() + seconds):
                break
            log.warning("postgres.slow_stop", pid=process.pid, signal=how.name)
        else:
            raise EmbeddedServerFailed(f"The server in {place.root} does not stop (process {process.pid}).")
    place.close_sockets()


def _launch(place: Place, journal: Path) -> psutil.Process | None:
    """A new server, child of nobody (the shell between us is gone at once), so that none of us leaves a zombie.

    None if it has ended already; the journal tells why.
    """
    _forget_dead(place)
    place.open_sockets()
    server: list[str | Path] = [place.programs / "postgres", "-D", place.data, "-k", place.sockets]
    for name, value in SETTINGS.items():
        server += ["-c", f"{name}={value}"]
    with journal.open("ab") as errors:
        shell = place.account.run(["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *server], errors=errors)
    try:
        return psutil.Process(int(shell.stdout))
    except psutil.NoSuchProcess:
        return None


def _forget_dead(place: Place) -> None:
    """Remove a pid file whose process is a zombie or a stranger: PostgreSQL would take it for a living server.

    Where its process is gone PostgreSQL judges better itself. In both cases it still refuses, by the shared
    memory of the data directory, while children of the killed server live.
    """
    try:
        if psutil.pid_exists(int(_pid_file(place)[0])):
            (place.data / "postmaster.pid").unlink()
    except (FileNotFoundError, ValueError, IndexError):
        return


def _is_decided(place: Place, process: psutil.Process) -> bool:
    return not _alive(process) or _answers(place)


def _is_deaf(place: Place) -> bool:
    """Whether the server runs and nobody can come in, because something emptied the socket's folder."""
    return _status(place) == "ready" and find(place) is not None and not (place.sockets / SOCKET).exists()


def _answers(place: Place) -> bool:
    if _status(place) != "ready":  # cheap, and enough to know that it is too early
        return False
    asked = place.account.run([place.programs / "pg_isready", "-q", "-h", place.sockets, "-p", "5432"])
    return asked.returncode == 0


def _status(place: Place) -> str:
    """``starting``, ``ready``, ``stopping``: the eighth line of the pid file, empty before it is written."""
    try:
        return _pid_file(place)[7].strip()
    except (FileNotFoundError, IndexError):
        return ""


def _pid_file(place: Place) -> list[str]:
    return (place.data / "postmaster.pid").read_text().splitlines()


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_gone(process: psutil.Process) -> bool:
    return not _alive(process)


def _wait(condition: Callable[[], bool], until: float) -> bool:
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def _since(journal: Path, size: int) -> str:
    with journal.open("rb") as stream:
        stream.seek(size)
        return stream.read().decode(errors="replace")
