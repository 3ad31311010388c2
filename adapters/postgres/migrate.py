"""Bringing a database to the newest schema (or another revision), from code and from the command line."""

import asyncio
from pathlib import Path
from threading import Lock

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from adapters.postgres.engine import UnsafeDatabase, session_settings
from adapters.postgres.roles import DatabaseRole

MIGRATE = "oimaq migrate, with the owner's login in OIMAQ_DATABASE_URL"
_ROOT = Path(__file__).resolve().parents[2]


def config(dsn: str) -> Config:
    result = Config()
    result.set_main_option("script_location", str(_ROOT / "migrations"))
    result.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s")
    result.attributes["dsn"] = dsn
    return result


_alembic = Lock()
"""Alembic keeps its context in module globals: one command at a time in a process. Between processes an advisory
lock of the database does the same (``migrations/env.py``)."""


def _upgrade(settings: Config, revision: str) -> None:
    with _alembic:
        command.upgrade(settings, revision)


async def migrate(dsn: str, revision: str = "head") -> None:
    """Up to ``revision``; harmless when it is reached already or another process is doing the same."""
    await asyncio.to_thread(_upgrade, config(dsn), revision)


async def check_migrated(dsn: str, role: DatabaseRole | None) -> None:
    """For a login that may not migrate: refuses (``unsafe-database``) a database that is not at head."""
    head = ScriptDirectory.from_config(config(dsn)).get_current_head()
    connection = await asyncpg.connect(dsn, server_settings=session_settings(role))
    try:
        found = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.PostgresError as error:
        raise UnsafeDatabase(f"This is no database of ours: {error}", passes=MIGRATE) from error
    finally:
        await connection.close()
    if found != head:
        raise UnsafeDatabase(f"The database is at {found}, and this version needs {head}", passes=MIGRATE)


async def revise(dsn: str, message: str) -> None:
    """Write a new migration from the difference between the rows and a database at head."""
    await asyncio.to_thread(lambda: command.revision(config(dsn), message, autogenerate=True))
