"""Leases on the embedded PostgreSQL of a home: the first starts it, the last released stops it.

Two locked files in the home, both freed by the kernel however their holder ends:

    postgres.starting   exclusive, for the moment in which somebody starts, counts or stops
    postgres.leases     shared by all who use the server; who could have it alone is the last

A holder that is killed leaves the server running; the next lease finds it, and stops it when it is the last.
"""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.postgres.roles import DatabaseRole
from adapters.postgres.server import cluster, postmaster
from adapters.postgres.server.binaries import EmbeddedServerFailed
from adapters.postgres.server.place import Place, settle
from adapters.postgres.walls import make_roles


class Lease:
    """The right to use the server until ``release``, or until this process ends.

    ``dsn`` is for the application's role, ``admin_dsn`` for the superuser. A forked child does not inherit
    the lease; it acquires its own.
    """

    def __init__(self, home: Path, place: Place, passwords: dict[str, str], share: int) -> None:
        self.dsn = cluster.dsn(place, passwords)
        self.admin_dsn = cluster.dsn(place, passwords, role=cluster.SUPERUSER)
        self._home = home
        self._place = place
        self._share: int | None = share
        self._holder = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"Lease({str(self._home)!r}, {'released' if self._share is None else 'held'})"

    def revive(self) -> None:
        """Start the server again if it died under us; the DSN stays the same. Blocks up to two minutes.

        Does nothing after ``release``, also when it waited for the lock while the lease was given back.
        """
        with _alone(self._home):
            if self._share is None:
                return
            postmaster.start(self._place, _journal(self._home))

    def release(self) -> None:
        """Give the server back; the last one stops it. A second call does nothing."""
        share, self._share = self._share, None
        if share is None:
            return
        try:
            if os.getpid() == self._holder:
                with _alone(self._home):
                    _stop_if_last(self._place, share)
        finally:
            os.close(share)


def acquire(home: Path) -> Lease:
    """A lease on the server of ``home``, making the cluster and starting the server where needed.

    Blocks: milliseconds when it runs, about a second the first time, up to two minutes after a crash; in
    asynchronous code call it with ``asyncio.to_thread``. Refuses with EmbeddedServerFailed.
    """
    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    home = home.resolve()
    with _alone(home):
        place = settle(home)
        if place.data.exists() and not cluster.password_file(home).exists():
            raise EmbeddedServerFailed(f"{place.data} exists, but its passwords are gone from {home}.")
        passwords = cluster.passwords_of(home)
        if not place.data.exists():
            cluster.create(place, passwords)
        share = _lock_file(home / "postgres.leases")
        try:
            fcntl.flock(share, fcntl.LOCK_SH)
            try:
                postmaster.start(place, _journal(home))
                _make_roles(place, passwords)
            except EmbeddedServerFailed:
                _stop_if_last(place, share)
                raise
        except BaseException:
            os.close(share)
            raise
    return Lease(home, place, passwords, share)


def discard(home: Path) -> None:
    """Stop the server of ``home`` and delete its data for good. Refuses while somebody holds a lease."""
    home = home.resolve()
    if not home.is_dir():
        return
    with _alone(home):
        share = _lock_file(home / "postgres.leases")
        try:
            fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedServerFailed(f"The server of {home} is in use.") from None
        else:
            place = settle(home)
            postmaster.stop(place)
            shutil.rmtree(place.root)
            for file in (home / "postgres.elsewhere", cluster.password_file(home)):
                file.unlink(missing_ok=True)
        finally:
            os.close(share)


def _make_roles(place: Place, passwords: dict[str, str]) -> None:
    """Once per set of roles, by the superuser, so that the application's login needs no right to make any."""
    made, names = place.root / "roles", "\n".join(DatabaseRole)
    if made.exists() and made.read_text() == names:
        return
    admin = cluster.dsn(place, passwords, role=cluster.SUPERUSER)
    with ThreadPoolExecutor(1) as apart:  # the caller may be in an event loop
        apart.submit(asyncio.run, make_roles(admin, cluster.ROLE)).result()
    made.write_text(names)


def _stop_if_last(place: Place, share: int) -> None:
    try:
        fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)  # not atomic, but nobody else may lock it now
    except BlockingIOError:
        return
    postmaster.stop(place)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    file = _lock_file(home / "postgres.starting")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _lock_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _journal(home: Path) -> Path:
    return home / "postgres.log"
