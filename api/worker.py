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
from domain.ids import EvidenceId, PaymentId, ScenarioId, TenderId
from domain.organizations.evidencing import WARN_OF_EXPIRY
from domain.payments.paying import HANDLE_INBOX, START_PAYMENT
from domain.tenders.tendering import OPEN_TENDER

SWEEP_SECONDS = 5.0
SWEEP_LIMIT = 100
OPENING_SECONDS = 1.0
RETRY_SECONDS = 1.0
NOTICE_SECONDS = 2.0
NOTICE_STEPS = 20
"""Of one kind in a round: 1,000 events, 200 suppliers, 400 tries."""
SEQUENCE_SECONDS = 1.0
SOLVE_SECONDS = 1.0
SOLVES_AT_ONCE = 2
"""Each is a process that takes a core for minutes."""

Handlers = Mapping[str, Callable[[str], Awaitable[object]]]
Runner = Callable[[Handlers, asyncio.Event], Awaitable[None]]

log = structlog.get_logger("oimaq.worker")


def handlers(app: Application) -> dict[str, Callable[[str], Awaitable[object]]]:
    """What each kind of job does with its subject."""
    return {
        OPEN_TENDER: lambda subject: app.tendering.apply_due(TenderId(UUID(subject))),
        START_PAYMENT: lambda subject: app.paying.carry_out(PaymentId(UUID(subject))),
        HANDLE_INBOX: lambda subject: app.paying.handle(UUID(subject)),
        WARN_OF_EXPIRY: lambda subject: app.evidencing.warn(EvidenceId(UUID(subject))),
    }


async def sweep(app: Application) -> int:
    """Do what is due and was left undone, oldest first, and keep keys ready; returns how much it found. One failure
    stops no other.
    """
    await fill(app)
    undone: dict[str, Sequence[UUID]] = {
        OPEN_TENDER: await app.tenders.due(limit=SWEEP_LIMIT),
        START_PAYMENT: await app.payments.waiting(limit=SWEEP_LIMIT),
        HANDLE_INBOX: await app.payments.unhandled(limit=SWEEP_LIMIT),
        WARN_OF_EXPIRY: await app.producers.expiring(limit=SWEEP_LIMIT),
    }
    for kind, ids in undone.items():
        for each in ids:
            try:
                await handlers(app)[kind](str(each))
            except Refusal as refusal:
                log.warning("sweep refused", kind=kind, id=str(each), code=refusal.code)
    return sum(len(ids) for ids in undone.values())


async def fill(app: Application) -> None:
    """Keep keys ready for publications, where this process may make them."""
    if app.opening is not None and (made := await app.opening.fill()):
        log.info("keys made", count=made)


async def open_all(app: Application, *, stop: asyncio.Event) -> None:
    """The opener by itself: close and open what is due and keep keys ready, until ``stop``."""
    while not stop.is_set():
        try:
            await fill(app)
            for id in await app.tenders.due(limit=SWEEP_LIMIT):
                await _opened(app, id)
        except Exception as error:  # noqa: BLE001 - whatever broke this round, the next one comes
            log.warning("opening failed", error=type(error).__name__)
        await _wait(stop, OPENING_SECONDS)


async def _opened(app: Application, id: TenderId) -> None:
    try:
        await app.tendering.apply_due(id)
    except Refusal as refusal:
        log.warning("opening refused", id=str(id), code=refusal.code, detail=refusal.detail)


async def work(app: Application, run_jobs: Runner, *, stop: asyncio.Event) -> None:
    """Run until ``stop``. A lost database is waited for."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_jobs(app, run_jobs, stop))
        tasks.create_task(_sweeps(app, stop))
        tasks.create_task(_rounds(_told, app, stop))
        tasks.create_task(_rounds(_sent, app, stop))
        tasks.create_task(_sequences(app, stop))
        tasks.create_task(solve_all(app, stop=stop))


async def solve_all(app: Application, *, stop: asyncio.Event) -> None:
    """Scenarios, oldest first, a few at once, until ``stop``; what is not solved then is left to the next worker.

    No jobs of the queue: it would begin as many at once as there are, and wait for them before it ends.
    """
    solving: dict[ScenarioId, asyncio.Task[None]] = {}
    while not stop.is_set():
        solving = {id: task for id, task in solving.items() if not task.done()}
        try:
            for id in await app.scenarios.waiting(limit=SOLVES_AT_ONCE + len(solving)):
                if id not in solving and len(solving) < SOLVES_AT_ONCE:
                    solving[id] = asyncio.create_task(_solved(app, id))
        except Exception as error:  # noqa: BLE001 - whatever broke the look, the next one comes
            log.warning("no look for scenarios", error=type(error).__name__)
        await _wait(stop, SOLVE_SECONDS)
    for task in solving.values():
        task.cancel()
    await asyncio.gather(*solving.values(), return_exceptions=True)


async def _solved(app: Application, id: ScenarioId) -> None:
    try:
        await app.solving.solve(id)
    except Exception as error:  # noqa: BLE001 - one scenario's failure ends no other; its lease ends by itself
        log.warning("scenario not solved", id=str(id), error=type(error).__name__)


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


async def notify(app: Application) -> int:
    """Turn events into notices, find whom a publication is for, send what is due: each in bounded steps until nothing
    is left or the bound is reached. Returns how much there was. Twice at once is harmless.
    """
    return await _told(app) + await _sent(app)


async def _told(app: Application) -> int:
    """A publication whose suppliers cannot be found holds up no other event, nor the other way round."""
    done, failures = 0, []
    for step in (app.telling.tell, app.telling.match):
        try:
            done += await _repeated(step)
        except Exception as error:  # noqa: BLE001 - raised below, when the other has had its turn
            failures.append(error)
    if failures:
        raise ExceptionGroup("telling", failures)
    return done


async def _sent(app: Application) -> int:
    return await _repeated(app.sending.send)


async def _repeated(step: Callable[[], Awaitable[int]]) -> int:
    done = 0
    for _ in range(NOTICE_STEPS):
        found = await step()
        done += found
        if found == 0:
            break
    return done


async def _rounds(of: Callable[[Application], Awaitable[int]], app: Application, stop: asyncio.Event) -> None:
    """Beside the sweeps: a slow receiver of webhooks holds up neither a deadline nor the inbox."""
    while not stop.is_set():
        done = 0
        try:
            done = await of(app)
        except Exception as error:  # noqa: BLE001 - whatever broke the round, the next one comes
            log.warning("notices failed", error=type(error).__name__)
        if done == 0:
            await _wait(stop, NOTICE_SECONDS)


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
