"""Jobs into PgQueuer's table, in the caller's own transaction: a job is seen only if its cause was committed."""

from datetime import datetime, timedelta

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.work import Job

_BEGAN_AT = text("SELECT now()")


class PostgresJobs:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def schedule(self, job: Job) -> None:
        """One waiting job per (kind, subject, due_at); a second one is skipped, another ``due_at`` waits beside it.

        PgQueuer counts the delay from the beginning of the transaction by the database's clock, and so do we: a timer
        that woke before its instant would find nothing due, and be spent.
        """
        raw = await self._connection.get_raw_connection()
        connection = raw.driver_connection
        if connection is None:
            raise RuntimeError("the connection was closed inside its transaction")
        delay = timedelta()
        if job.due_at is not None or not connection.is_in_transaction():
            # SQLAlchemy begins with its first statement; without one the job would be committed on its own.
            began_at: datetime = (await self._connection.execute(_BEGAN_AT)).scalar_one()
            delay = max(delay, (job.due_at or began_at) - began_at)
        await Queries(AsyncpgDriver(connection)).enqueue(
            job.kind,
            job.subject.encode(),
            execute_after=delay,
            dedupe_key=f"{job.kind}:{job.subject}:{job.due_at.isoformat() if job.due_at else ''}",
            on_conflict="skip",
        )
