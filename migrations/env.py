"""Alembic on the async engine: one transaction per migration, and a lock timeout so that an upgrade never waits
in front of the shop's door while everybody queues behind it. At head the walls between roles are built."""

import asyncio
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from adapters.postgres import (
    rows,  # noqa: F401 - importing it fills the metadata
    walls,
)
from adapters.postgres.engine import sqlalchemy_url
from adapters.postgres.rows.columns import Xid8, metadata

LOCK_TIMEOUT = "4s"
ONE_AT_A_TIME = 7_315_001
PGQUEUER = "pgqueuer"


def include(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:  # noqa: FBT001 - Alembic's signature
    """PgQueuer's own tables are made by a migration but are not described by our metadata."""
    return not (kind == "table" and (name or "").startswith(PGQUEUER))


def render(kind: str, item: object, context: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(item, Xid8):
        context.imports.add("from adapters.postgres.rows.columns import Xid8")
        return "Xid8()"
    return False


def run(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=include,
        render_item=render,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if context.get_context().get_current_revision() == context.script.get_current_head():
        connection.commit()
        walls.build(connection)
        connection.commit()
    connection.execute(text(f"SELECT pg_advisory_unlock({ONE_AT_A_TIME})"))


async def online() -> None:
    engine = create_async_engine(sqlalchemy_url(context.config.attributes["dsn"]), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(online())
