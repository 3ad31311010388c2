"""Jobs into PgQueuer's table, in the caller's own transaction: a job is seen only if its cause was committed."""

from datetime import UTC, datetime, timedelta

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.work import Job

_FIRST_STATEMENT = text("SELECT 1")


class PostgresJobs:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def schedule(self, job: Job) -> None:
        """One waiting job per (kind, subject, due_at); a second one is skipped.

        PgQueuer counts the delay from the database's clock; the difference to this process's clock only moves the
        hint, never the decision.
        """
        raw = await self._connection.get_raw_connection()
        connection = raw.driver_connection
        if connection is None:
            raise RuntimeError("the connection was closed inside its transaction")
        if not connection.is_in_transaction():
            # SQLAlchemy begins with its first statement; without one the job would be committed on its own.
            await self._connection.execute(_FIRST_STATEMENT)
        delay = max(timedelta(), job.due_at - datetime.now(UTC)) if job.due_at else timedelta()
        await Queries(AsyncpgDriver(connection)).enqueue(
            job.kind,
            job.subject.encode(),
            execute_after=delay,
            dedupe_key=f"{job.kind}:{job.subject}:{job.due_at.isoformat() if job.due_at else ''}",
            on_conflict="skip",
        )
