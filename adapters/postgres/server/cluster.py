"""Making a cluster: once per home, complete or not at all."""

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from adapters.postgres.server.binaries import EmbeddedServerFailed, major_version
from adapters.postgres.server.place import Place

DATABASE = ROLE = "oimaq"
SUPERUSER = "postgres"
BUILTIN_LOCALE_SINCE = 17  # the provider whose C.UTF-8 knows the case of Cyrillic letters on every system


def dsn(place: Place, passwords: Mapping[str, str], *, role: str = ROLE) -> str:
    """A URL that asyncpg, SQLAlchemy, psql and pgbench understand; the port keeps a PGPORT out."""
    folder = quote(str(place.sockets), safe="/")
    return f"postgresql://{role}:{passwords[role]}@/{DATABASE}?host={folder}&port=5432"


def password_file(home: Path) -> Path:
    """The file with the passwords of both roles, readable by its owner only."""
    return home / "postgres.passwords"


def passwords_of(home: Path) -> dict[str, str]:
    """The passwords of both roles; made where there are none."""
    file = password_file(home)
    if not file.exists():
        fresh = {name: secrets.token_urlsafe(32) for name in (ROLE, SUPERUSER)}
        handle, draft = tempfile.mkstemp(prefix="postgres.passwords.", dir=home)  # mkstemp makes 0600
        with os.fdopen(handle, "w") as stream:
            json.dump(fresh, stream)
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).rename(file)
    passwords: dict[str, str] = json.loads(file.read_text())
    return passwords


def create(place: Place, passwords: Mapping[str, str]) -> None:
    """Make the cluster with role and database in a folder beside, then rename it into being.

    The role owns the database and may create others (tests do); it is not the superuser.
    """
    for abandoned in place.root.glob("draft-*"):
        shutil.rmtree(abandoned)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=place.root))
    data = draft / "data"
    data.mkdir(mode=0o700)
    told = draft / "password"
    told.touch(mode=0o600)
    told.write_text(f"{passwords[SUPERUSER]}\n")
    for ours in (data, told):
        place.account.own(ours)
    draft.chmod(0o711)  # last, when nothing in it can be read by others any more
    _run(place, "initdb", "-D", data, "-U", SUPERUSER, f"--pwfile={told}", *_choices(place))
    statements = (
        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{passwords[ROLE]}'",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
    )
    single = ("--single", "-D", data, "-c", "exit_on_error=on", "-c", "log_min_messages=warning", SUPERUSER)
    _run(place, "postgres", *single, text="".join(f"{statement}\n" for statement in statements))
    data.rename(place.data)
    folder = os.open(place.root, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    shutil.rmtree(draft)


def _choices(place: Place) -> tuple[str, ...]:
    locale: tuple[str, ...] = ("--locale=C.UTF-8",)
    if major_version(place.programs) >= BUILTIN_LOCALE_SINCE:
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    return ("--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-instructions", *locale)


def _run(place: Place, program: str, *options: str | Path, text: str = "") -> None:
    done = place.account.run([place.programs / program, *options], text=text)
    if done.returncode != 0:
        raise EmbeddedServerFailed(f"{program} failed in {place.root}:\n{(done.stderr or '')[-2000:]}")
