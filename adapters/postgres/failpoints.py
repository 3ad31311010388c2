"""Misfortune at named places of a unit of work, for fault tests only; wired where OIMAQ_FAILPOINTS asks for it.

    OIMAQ_FAILPOINTS="tenders.save.before=exit:1,commit.before=cut:3,commit.after=delay(0.5):2"

A place is ``<repository>.<method>.before`` or ``.after``, ``commit.before``, or ``commit.after`` (the database has
committed, nobody knows yet); for the bids that come together ``intake.begin.after`` (nothing is stored yet), and the
two of the commit. What strikes there: ``exit`` ends the process without a word, ``exception`` raises,
``delay(seconds)`` waits, ``cut`` drops the connection to the database. The count (1 without it) bounds how often, in
this process; several entries of one place are used up in their order.
"""

import asyncio
import inspect
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast, get_type_hints

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.engine import PATIENCE_SECONDS
from adapters.postgres.intake import Intakes, PostgresIntake, patient
from adapters.postgres.work import Standing, Transaction, Transactions, Units
from adapters.sealing.deployment import AnswerKeeping
from domain.bids.intake import Intake
from domain.work import Begin, Command, Work

EXIT_STATUS = 70
DELAY_SECONDS_MAX = 60
_ENTRY = re.compile(
    r"(?P<place>\w+(?:\.\w+)?\.(?:before|after))"
    r"=(?P<effect>exit|exception|cut|delay\((?P<seconds>\d+(?:\.\d+)?)\))(?::(?P<times>\d+))?"
)

log = structlog.get_logger("oimaq.failpoints")


class Struck(RuntimeError):  # noqa: N818 - named for what happened
    """What the effect ``exception`` raises: nobody expects it."""


@dataclass(slots=True, kw_only=True)
class Failpoint:
    place: str
    effect: str
    seconds: float
    left: int


def parse(text: str) -> list[Failpoint]:
    """Refuses (ValueError) what it cannot read and places that do not exist: they would never strike."""
    found = []
    for entry in filter(None, (each.strip() for each in text.split(","))):
        read = _ENTRY.fullmatch(entry)
        if read is None or not _exists(read["place"]):
            raise ValueError(f"OIMAQ_FAILPOINTS: there is no failpoint {entry!r}")
        seconds = float(read["seconds"] or 0)
        if seconds > DELAY_SECONDS_MAX:
            raise ValueError(f"OIMAQ_FAILPOINTS: a delay is at most {DELAY_SECONDS_MAX} seconds")
        effect = read["effect"].partition("(")[0]
        found.append(Failpoint(place=read["place"], effect=effect, seconds=seconds, left=int(read["times"] or 1)))
    return found


def _exists(place: str) -> bool:
    if place == INTAKE:
        return True
    repository, *method, _ = place.split(".")
    if not method:
        return repository == "commit"
    port = get_type_hints(Work).get(repository)
    return port is not None and inspect.iscoroutinefunction(getattr(port, method[0], None))


INTAKE = "intake.begin.after"


def failing(failpoints: list[Failpoint]) -> Units:
    """Units of work like those of ``Transactions``, which meet the misfortunes of ``failpoints``."""

    def units(
        transaction: Transaction,
        answers: AnswerKeeping,
        standing: Standing | None = None,
        *,
        within: float = PATIENCE_SECONDS,
    ) -> Begin:
        @asynccontextmanager
        async def begun(command: Command | None = None) -> AsyncIterator[Work]:
            unit = _Unit(transaction, failpoints)
            async with Transactions(unit.transaction, answers, standing, within=within)(command) as work:
                yield cast("Work", _Watched(work, unit))

        return begun

    return units


def failing_intake(failpoints: list[Failpoint]) -> Intakes:
    """An intake like ``PostgresIntake``, whose transactions meet the misfortunes of ``failpoints``."""

    def intake(raw: asyncpg.Pool, answers: AnswerKeeping, standing: Callable[[], Awaitable[None]]) -> Intake:
        @asynccontextmanager
        async def transaction() -> AsyncIterator[asyncpg.Connection]:
            async with patient(raw) as connection:
                async with connection.transaction():
                    await _meet(failpoints, INTAKE, connection)
                    yield connection
                    await _meet(failpoints, "commit.before", connection)
                await _meet(failpoints, "commit.after", connection)

        return PostgresIntake(raw, answers, standing, transaction=transaction)

    return intake


async def _meet(failpoints: list[Failpoint], place: str, driver: Any) -> None:
    failpoint = next((each for each in failpoints if each.place == place and each.left), None)
    if failpoint is None:
        return
    failpoint.left -= 1
    log.warning("failpoint", kind=failpoint.effect, where=place)
    match failpoint.effect:
        case "exit":
            os._exit(EXIT_STATUS)
        case "exception":
            raise Struck(place)
        case "delay":
            await asyncio.sleep(failpoint.seconds)
        case _:
            driver.terminate()


class _Unit:
    """One unit of work on its way past the failpoints."""

    def __init__(self, transaction: Transaction, failpoints: list[Failpoint]) -> None:
        self._begin = transaction
        self._failpoints = failpoints
        self._driver: Any = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        async with self._begin() as connection:
            self._driver = (await connection.get_raw_connection()).driver_connection
            yield connection
            await self.meet("commit.before")
        await self.meet("commit.after")

    async def meet(self, place: str) -> None:
        await _meet(self._failpoints, place, self._driver)


class _Watched:
    """The work, whose repositories tell the unit before and after each of their methods."""

    def __init__(self, work: Work, unit: _Unit) -> None:
        self._work = work
        self._unit = unit

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._work, name)
        return _Repository(name, found, self._unit) if name in get_type_hints(Work) else found


class _Repository:
    def __init__(self, name: str, repository: Any, unit: _Unit) -> None:
        self._name = name
        self._repository = repository
        self._unit = unit

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._repository, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def watched(*given: Any, **named: Any) -> Any:
            await self._unit.meet(f"{self._name}.{name}.before")
            result = await method(*given, **named)
            await self._unit.meet(f"{self._name}.{name}.after")
            return result

        return watched
