"""Where a home keeps its cluster, and which user runs the server."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import structlog

from adapters.postgres.server.binaries import EmbeddedServerFailed, bin_dir, installation

ELSEWHERE = Path("/var/lib/oimaq")
SOCKET_DIR_BYTES = 80  # sun_path holds 107 bytes on Linux, 103 on macOS, and the socket's name takes 15
ORDINARY_USERS = ("oimaq", "postgres", "nobody")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user whom the server runs as: ourselves, or an ordinary user when we are root."""

    uid: int
    gid: int

    @classmethod
    def chosen(cls) -> "Account":
        """Who runs a new cluster. PostgreSQL refuses root, and a user without a name."""
        if os.geteuid() != 0:
            return cls(uid=os.geteuid(), gid=os.getegid())
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        for name in ORDINARY_USERS:
            if name in known:
                return cls(uid=known[name].pw_uid, gid=known[name].pw_gid)
        raise EmbeddedServerFailed(f"PostgreSQL does not run as root, and none of {', '.join(ORDINARY_USERS)} exists.")

    @classmethod
    def owning(cls, folder: Path) -> "Account":
        """Who ran an existing cluster, whatever users were added since."""
        facts = folder.stat()
        return cls(uid=facts.st_uid, gid=facts.st_gid)

    def run(
        self, argv: Sequence[str | Path], *, text: str = "", errors: int | IO[bytes] = subprocess.PIPE
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in its own session, with nothing of our PG* environment."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
        dropped = self.uid != os.geteuid()
        return subprocess.run(  # noqa: S603 - fixed programs, no shell interprets the arguments
            argv,
            input=text,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
            cwd="/",
            env=environment | {"LC_ALL": "C"},
            umask=0o077,
            start_new_session=True,
            user=self.uid if dropped else None,
            group=self.gid if dropped else None,
            extra_groups=[] if dropped else None,
        )

    def reaches(self, folder: Path) -> bool:
        """Whether this user may enter ``folder`` and all its parents; asked of the kernel, by trying."""
        return self.uid == os.geteuid() or self.run(["/bin/sh", "-c", 'cd "$1"', "sh", folder]).returncode == 0

    def own(self, path: Path) -> None:
        """Give a file or folder that we just made to this user. Its parent must be ours, or a swap would be obeyed."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folders of one cluster. ``root`` is ours; ``data`` and ``sockets`` in it are the server's."""

    root: Path
    account: Account
    programs: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def sockets(self) -> Path:
        """Beside the data where the path is short enough, else in a folder of /tmp named after it."""
        beside = self.root / "run"
        if len(os.fsencode(beside)) <= SOCKET_DIR_BYTES:
            return beside
        return Path(f"/tmp/oimaq-{self.account.uid}-{_mark(self.root)}")  # noqa: S108 - the same whatever TMPDIR is; owner checked

    def open_sockets(self) -> None:
        """An empty folder for the socket: what a killed server left in it would stop the next one."""
        try:
            self.close_sockets()
            self.sockets.mkdir(mode=0o700)
            self.account.own(self.sockets)
        except OSError as refused:
            raise EmbeddedServerFailed(f"{self.sockets} is in the way, or not ours: {refused}.") from refused

    def close_sockets(self) -> None:
        """Remove the folder of the socket; a link in its place is refused."""
        if os.path.lexists(self.sockets):
            shutil.rmtree(self.sockets)


def settle(home: Path) -> Place:
    """Where the cluster of ``home`` is, or will be; to be called by one process at a time.

    That is ``home/postgres``, unless we are root and the server's user cannot enter it: then a folder of
    /var/lib/oimaq, named in ``home/postgres.elsewhere``. The name has a random part, so that a new home at
    the path of a deleted one never finds the other's data.
    """
    root, pointer = home / "postgres", home / "postgres.elsewhere"
    if pointer.exists():
        root = Path(pointer.read_text().strip())
    elif not root.exists() and not Account.chosen().reaches(home):
        root = Path(tempfile.mkdtemp(prefix=f"{_mark(home)}-", dir=_elsewhere()))
        root.chmod(0o755)
        pointer.write_text(f"{root}\n")
        log.warning(
            "postgres.elsewhere", home=str(home), place=str(root), because="the server's user cannot enter home"
        )
    root.mkdir(mode=0o755, exist_ok=True)
    data = root / "data"
    account = Account.owning(data) if data.exists() else Account.chosen()
    return Place(root=root, account=account, programs=_programs_for(account))


def _elsewhere() -> Path:
    ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    return ELSEWHERE


def _programs_for(account: Account) -> Path:
    """The programs, or a copy that the server's user reaches (a virtual environment below /root is not)."""
    folder = bin_dir()
    if account.reaches(folder):
        return folder
    parts = installation(folder)
    if not parts:
        raise EmbeddedServerFailed(f"User {account.uid} cannot enter {folder}; open it, or move the programs.")
    build = (folder / "postgres").stat()
    copy = _elsewhere() / f"programs-{_mark(folder)}-{build.st_size}-{build.st_mtime_ns}"
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=ELSEWHERE))
        for part in parts:
            shutil.copytree(part, draft / part.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        draft.chmod(0o755)
        try:
            draft.rename(copy)
        except OSError:  # another home was quicker
            shutil.rmtree(draft)
    return copy / folder.relative_to(parts[0].parent)


def _mark(path: Path) -> str:
    """A short name for a path."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
