"""The worker, the second driving side: jobs that wake when due, and a sweep that needs no jobs at all.

Everything it does is decided by stored state, so it may run twice, late, or never: what the deadline makes due is
also applied by whoever touches the tender.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import structlog

from api.application import Application
from domain.errors import Refusal
from domain.ids import PaymentId, TenderId
from domain.payments.paying import HANDLE_INBOX, START_PAYMENT
from domain.tenders.tendering import OPEN_TENDER

SWEEP_SECONDS = 5.0
SWEEP_LIMIT = 100
RETRY_SECONDS = 1.0
SEQUENCE_SECONDS = 1.0

Handlers = Mapping[str, Callable[[str], Awaitable[object]]]
Runner = Callable[[Handlers, asyncio.Event], Awaitable[None]]

log = structlog.get_logger("oimaq.worker")


def handlers(app: Application) -> dict[str, Callable[[str], Awaitable[object]]]:
    """What each kind of job does with its subject."""
    return {
        OPEN_TENDER: lambda subject: app.tendering.apply_due(TenderId(UUID(subject))),
        START_PAYMENT: lambda subject: app.paying.carry_out(PaymentId(UUID(subject))),
        HANDLE_INBOX: lambda subject: app.paying.handle(UUID(subject)),
    }


async def sweep(app: Application) -> int:
    """Do what is due and was left undone, oldest first; returns how much it found. One failure stops no other."""
    undone: dict[str, Sequence[UUID]] = {
        OPEN_TENDER: await app.tenders.due(limit=SWEEP_LIMIT),
        START_PAYMENT: await app.payments.waiting(limit=SWEEP_LIMIT),
        HANDLE_INBOX: await app.payments.unhandled(limit=SWEEP_LIMIT),
    }
    for kind, ids in undone.items():
        for each in ids:
            try:
                await handlers(app)[kind](str(each))
            except Refusal as refusal:
                log.warning("sweep refused", kind=kind, id=str(each), code=refusal.code)
    return sum(len(ids) for ids in undone.values())


async def work(app: Application, run_jobs: Runner, *, stop: asyncio.Event) -> None:
    """Run until ``stop``. A lost database is waited for."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_jobs(app, run_jobs, stop))
        tasks.create_task(_sweeps(app, stop))
        tasks.create_task(_sequences(app, stop))


async def _jobs(app: Application, run_jobs: Runner, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await run_jobs(handlers(app), stop)
        except Exception as error:  # noqa: BLE001 - whatever broke the queue's connection, we come back
            log.warning("queue lost", error=type(error).__name__)
            await _wait(stop, RETRY_SECONDS)


async def _sweeps(app: Application, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await sweep(app)
        except Exception as error:  # noqa: BLE001 - whatever broke the sweep, the next one comes
            log.warning("sweep failed", error=type(error).__name__)
        await _wait(stop, SWEEP_SECONDS)


async def _sequences(app: Application, stop: asyncio.Event) -> None:
    """The log: batch after batch while there are events to number, then a look every second."""
    while not stop.is_set():
        numbered = 0
        try:
            numbered = await app.sequencer.advance()
        except Refusal as refusal:
            log.critical("the log is not signed", code=refusal.code, detail=refusal.detail)
        except Exception as error:  # noqa: BLE001 - whatever broke it, nothing is lost: the next look begins there
            log.warning("sequencing failed", error=type(error).__name__)
        if not numbered:
            await _wait(stop, SEQUENCE_SECONDS)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
