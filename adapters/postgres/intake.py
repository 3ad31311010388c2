"""Intake on PostgreSQL: the bids of one moment in one transaction of the bare driver, answered after its commit.

A bid that is refused stores nothing and leaves the others alone; what nobody expects rolls all of them back, and each
is tried once more by itself. Where the connection is lost nobody knows what was stored, and each is told to ask again:
its key finds out.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import asyncpg
import structlog

from adapters.identifiers import uuid7
from adapters.postgres.batches import Batches
from adapters.postgres.bids import PostgresEnvelopes
from adapters.postgres.engine import PATIENCE_SECONDS
from adapters.postgres.glances import Ask, Glances, replayed
from adapters.postgres.violations import translated
from adapters.sealing.deployment import AnswerKeeping, KeptUnder
from domain.bids.envelope import Outcome, Posted
from domain.bids.intake import Glance, Intake, Posting
from domain.errors import Refusal
from domain.ids import BidId, TenderId
from domain.work import Command, InFlight

Result = TypeVar("Result")
RawTransaction = Callable[[], AbstractAsyncContextManager[asyncpg.Connection]]
_UNKNOWN = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)
_CODEC = PostgresEnvelopes.codec
_COLUMNS = (
    "id", "tender_id", "bidder_tag", "revision", "terms", "status", "ciphertext", "ciphertext_hash", "commitment",
    "sealed_record", "version",
)  # fmt: skip
_STORE = "SELECT * FROM store_sealed_bids($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
"""The contract of the function is in its migration."""
_KEEP = """
INSERT INTO kept_answers (name, fingerprint, answer, kept_at)
SELECT *, clock_timestamp() FROM unnest($1::bytea[], $2::bytea[], $3::bytea[])
"""


log = structlog.get_logger("oimaq.intake")


class Apart(Exception):  # noqa: N818 - a signal: this bid is to be tried by itself
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    """``under`` is where its answer is kept; None: nowhere."""

    posting: Posting[Any]
    under: KeptUnder | None


class Intakes(Protocol):
    """How an intake is made; ``PostgresIntake`` is the real one."""

    def __call__(
        self, raw: asyncpg.Pool, answers: AnswerKeeping, standing: Callable[[], Awaitable[None]]
    ) -> Intake: ...


class PostgresIntake:
    def __init__(
        self,
        raw: asyncpg.Pool,
        answers: AnswerKeeping,
        standing: Callable[[], Awaitable[None]],
        *,
        transaction: RawTransaction | None = None,
        clock: Callable[[], datetime] | None = None,
        within: float = PATIENCE_SECONDS,
    ) -> None:
        """``standing`` refuses all work on a database that lacks signed history. Tests give a ``transaction`` that
        meets misfortune, and a ``clock`` of their own. Who has no answer ``within`` so many seconds is told to ask
        again.
        """
        self._raw = raw
        self._answers = answers
        self._standing = standing
        self._within = within
        self._transaction = transaction or transactions(raw)
        self._glances = Glances(clock)
        self._asks: Batches[Ask, Glance] = Batches(self._read)
        self._letters: Batches[_Letter, Any] = Batches(self._store)
        self._apart: Batches[_Letter, Any] = Batches(self._store, items_max=1)

    async def at_tender(self, id: TenderId, command: Command) -> Glance:
        return await self._at(Ask(command=command, under=self._under(command), tender_id=id))

    async def at_bid(self, id: BidId, command: Command) -> Glance:
        return await self._at(Ask(command=command, under=self._under(command), bid_id=id))

    async def _at(self, ask: Ask) -> Glance:
        with translated():
            async with asyncio.timeout(self._within):
                return await self._asks.put(ask)

    async def post(self, posting: Posting[Result]) -> Result:
        letter = _Letter(posting=posting, under=self._under(posting.command))
        with translated():
            async with asyncio.timeout(self._within):
                result: Result
                try:
                    result = await self._letters.put(letter)
                except Apart:
                    result = await self._apart.put(letter)
                return result

    def _under(self, command: Command) -> KeptUnder | None:
        return self._answers.under(command.by.organization_id, command.key) if command.key is not None else None

    async def _read(self, asks: Sequence[Ask]) -> Sequence[Glance | Exception]:
        async with patient(self._raw) as connection:
            return await self._glances.read(connection, asks)

    async def _store(self, letters: Sequence[_Letter]) -> Sequence[Any]:
        await self._standing()
        try:
            return await self._together(letters)
        except _UNKNOWN:
            raise
        except Exception as error:
            if len(letters) == 1:
                raise
            log.warning("bids are tried one by one", error=type(error).__qualname__, count=len(letters))
            return [Apart() for _ in letters]

    async def _together(self, letters: Sequence[_Letter]) -> Sequence[Any]:
        order = sorted(range(len(letters)), key=lambda place: _sort_key(letters[place]))
        ordered = [letters[place] for place in order]
        async with self._transaction() as connection:
            rows = await connection.fetch(_STORE, *_arguments(ordered))
            outcomes = [_outcome(letter, row) for letter, row in zip(ordered, rows, strict=True)]
            await _keep(connection, ordered, outcomes)
        by_place = dict(zip(order, outcomes, strict=True))
        return [by_place[place] for place in range(len(letters))]


@asynccontextmanager
async def patient(raw: asyncpg.Pool, *, within: float = PATIENCE_SECONDS) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the pool. Where no answer comes in time it is given up, not given back, and the others that are
    open are not used any more: where the network has forgotten one it has forgotten all, and each would cost as long.
    """
    async with asyncio.timeout(within), raw.acquire() as connection:
        try:
            yield connection
        except asyncio.CancelledError:  # the time is over; nobody else cancels a batch
            connection.terminate()
            await raw.expire_connections()
            raise


def transactions(raw: asyncpg.Pool) -> RawTransaction:
    @asynccontextmanager
    async def transaction() -> AsyncIterator[asyncpg.Connection]:
        async with patient(raw) as connection, connection.transaction():
            yield connection

    return transaction


def _sort_key(letter: _Letter) -> tuple[bytes, bytes]:
    """The order in which everybody takes locks."""
    envelope = letter.posting.envelope
    return envelope.tender_id.bytes, envelope.bidder_tag


def _arguments(letters: Sequence[_Letter]) -> list[list[Any]]:
    rows = [_CODEC.values(letter.posting.envelope) for letter in letters]
    return [
        [letter.under.name if letter.under else None for letter in letters],
        *([row[column] for row in rows] for column in _COLUMNS),
        [uuid7() for _ in letters],
        [letter.posting.because.type for letter in letters],
    ]


def _outcome(letter: _Letter, row: Mapping[Any, Any]) -> Any:
    """The command's result, with its answer rendered; or what it is told instead."""
    posting, command = letter.posting, letter.posting.command
    match row["outcome"]:
        case "answered":
            if letter.under is None:
                raise RuntimeError("a command without a key was answered before")
            return replayed(letter.under, command, fingerprint=row["fingerprint"], answer=row["answer"])
        case "in_flight":
            return InFlight("The same request is still being handled", passes="the same request a little later")
        case "held":
            return Apart()
        case word:
            posted = Posted(
                outcome=Outcome(word),
                received_at=row["received_at"],
                at=row["at"],
                terms=row["terms"],
                opens_at=row["opens_at"],
                closes_at=row["closes_at"],
            )
    try:
        stored = posted.kept(posting.envelope)
    except Refusal as refusal:
        return refusal
    result = posting.finished(stored)
    if command.render is not None:
        command.answer = command.render(result)
    return result


async def _keep(connection: asyncpg.Connection, letters: Sequence[_Letter], outcomes: Sequence[Any]) -> None:
    kept = [
        (letter.under, letter.posting.command)
        for letter, outcome in zip(letters, outcomes, strict=True)
        if letter.under is not None and not isinstance(outcome, Exception)
    ]
    if not kept:
        return
    rows = [(under.name, under.fingerprint(command.fingerprint), _sealed(under, command)) for under, command in kept]
    await connection.execute(_KEEP, *map(list, zip(*rows, strict=True)))


def _sealed(under: KeptUnder, command: Command) -> bytes:
    if command.answer is None:
        raise RuntimeError("a command with an idempotency key ended without an answer")
    return under.sealed(command.answer)
