"""The worker's side of the job queue: PgQueuer on a connection of its own, handlers by job kind."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.models import Job

from adapters.postgres.engine import session_settings
from adapters.postgres.roles import DatabaseRole

Handler = Callable[[str], Awaitable[object]]

LOOK_EVERY = timedelta(seconds=1)
"""The longest that a due job waits for a look when no notification wakes the worker."""
STATEMENT_SECONDS = 60
HEARTBEAT = timedelta(seconds=10)
"""A job of a worker that has not been heard of for this long runs again."""

log = structlog.get_logger("oimaq.jobs")


async def run_jobs(
    dsn: str,
    handlers: Mapping[str, Handler],
    *,
    stop: asyncio.Event,
    role: DatabaseRole | None = None,
    heartbeat: timedelta = HEARTBEAT,
) -> None:
    """Run due jobs until ``stop``; raises when the database is lost. A job's failure is logged and ends that job only:
    jobs are hints, and the sweep finds what was left undone.
    """
    settings = session_settings(role) | {"statement_timeout": f"{STATEMENT_SECONDS}s"}
    connection = await asyncpg.connect(dsn, server_settings=settings, command_timeout=STATEMENT_SECONDS + 5)
    try:
        queue = PgQueuer.from_asyncpg_connection(connection)
        for kind, handler in handlers.items():
            queue.entrypoint(kind)(_entrypoint(kind, handler))
        running = asyncio.create_task(queue.run(dequeue_timeout=LOOK_EVERY, heartbeat_timeout=heartbeat))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        stopping.cancel()
        await running
    finally:
        await connection.close()


def _entrypoint(kind: str, handler: Handler) -> Callable[[Job], Awaitable[None]]:
    async def run(job: Job) -> None:
        subject = (job.payload or b"").decode()
        try:
            await handler(subject)
        except Exception as error:  # noqa: BLE001 - one job's failure never ends the worker; the sweep comes again
            log.warning("job failed", kind=kind, subject=subject, error=type(error).__name__)

    return run
