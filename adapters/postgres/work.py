"""The unit of work on PostgreSQL: one connection, one transaction, the repositories on it, retries answered once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.complaints import PostgresComplaints
from adapters.postgres.contracts import PostgresContracts, PostgresEvaluations
from adapters.postgres.engine import PATIENCE_SECONDS
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.organizations import (
    PostgresCredentials,
    PostgresMemberships,
    PostgresOrganizations,
    PostgresPeople,
)
from adapters.postgres.payments import PostgresInbox, PostgresLedger, PostgresPayments
from adapters.postgres.pools import PostgresPools
from adapters.postgres.procedures import PostgresProcedureSettings
from adapters.postgres.producers import PostgresEvidence, PostgresVerdicts, PostgresWorkshops
from adapters.postgres.registers import PostgresRegisters
from adapters.postgres.registries import PostgresRegistryAnswers
from adapters.postgres.rows.shell import KeptAnswerRow
from adapters.postgres.tenders import PostgresBids, PostgresNeeds, PostgresTenders
from adapters.postgres.violations import translated
from domain.awards.ports import Evaluations
from domain.bids.ports import Bids
from domain.complaints.ports import Complaints
from domain.contracts.ports import Contracts
from domain.organizations.ports import (
    Credentials,
    EvidenceStore,
    Memberships,
    Organizations,
    People,
    Verdicts,
    Workshops,
)
from domain.payments.ports import Inbox, Ledger, Payments
from domain.pools.ports import Pools
from domain.procedures.settings import SettingsStore
from domain.registries.imports import Registers
from domain.registries.ports import RegistryAnswers
from domain.tenders.ports import Needs, Tenders
from domain.work import AlreadyAnswered, Answer, Command, InFlight, Jobs, KeyReused, Work

Result = TypeVar("Result")

_kept_answers = KeptAnswerRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to every table class
_KEEP = insert(_kept_answers).values(kept_at=func.clock_timestamp())
_KEPT = text("SELECT * FROM kept_answers WHERE organization_id = :organization_id AND key = :key")
_NOW = text("SELECT clock_timestamp()")
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


class PostgresWork:
    """Satisfies ``domain.work.Work``; made by ``Transactions`` only."""

    def __init__(self, connection: AsyncConnection, command: Command | None) -> None:
        self._connection = connection
        self._command = command
        self.organizations: Organizations = PostgresOrganizations(connection)
        self.people: People = PostgresPeople(connection)
        self.memberships: Memberships = PostgresMemberships(connection)
        self.credentials: Credentials = PostgresCredentials(connection)
        self.workshops: Workshops = PostgresWorkshops(connection)
        self.evidence: EvidenceStore = PostgresEvidence(connection)
        self.verdicts: Verdicts = PostgresVerdicts(connection)
        self.needs: Needs = PostgresNeeds(connection)
        self.tenders: Tenders = PostgresTenders(connection)
        self.bids: Bids = PostgresBids(connection)
        self.evaluations: Evaluations = PostgresEvaluations(connection)
        self.contracts: Contracts = PostgresContracts(connection)
        self.payments: Payments = PostgresPayments(connection)
        self.ledger: Ledger = PostgresLedger(connection)
        self.inbox: Inbox = PostgresInbox(connection)
        self.procedure_settings: SettingsStore = PostgresProcedureSettings(connection)
        self.registry_answers: RegistryAnswers = PostgresRegistryAnswers(connection)
        self.registers: Registers = PostgresRegisters(connection)
        self.jobs: Jobs = PostgresJobs(connection)
        self.complaints: Complaints = PostgresComplaints(connection)
        self.pools: Pools = PostgresPools(connection)

    async def now(self) -> datetime:
        clock: datetime = (await self._connection.execute(_NOW)).scalar_one()
        return clock

    def answers(self, result: Result) -> Result:
        if self._command is not None and self._command.render is not None:
            self._command.answer = self._command.render(result)
        return result


class Transactions:
    """``Begin`` on PostgreSQL."""

    def __init__(
        self,
        transaction: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        *,
        within: float = PATIENCE_SECONDS,
    ) -> None:
        """``transaction`` is ``engine.begin``; tests give savepoints of a transaction that is rolled back.

        A unit that takes longer than ``within`` seconds is given up, with its connection.
        """
        self._transaction = transaction
        self._within = within

    @asynccontextmanager
    async def __call__(self, command: Command | None = None) -> AsyncIterator[Work]:
        with translated():
            async with asyncio.timeout(self._within), self._transaction() as connection:
                if command is not None and command.key is not None:
                    await _claim(connection, command)
                yield PostgresWork(connection, command)
                if command is not None and command.key is not None:
                    await _keep(connection, command)


async def _claim(connection: AsyncConnection, command: Command) -> None:
    """One request at a time per key; a request that was carried out is answered as it was then.

    The lock is taken before the look: with both in one statement the look would use a snapshot from before the lock.
    """
    name = f"{command.by.organization_id}/{command.key}"
    if not (await connection.execute(_TRY_LOCK, {"name": name})).scalar_one():
        raise InFlight("The same request is still being handled", passes="the same request a little later")
    mine = {"organization_id": command.by.organization_id, "key": command.key}
    kept = (await connection.execute(_KEPT, mine)).mappings().one_or_none()
    if kept is None:
        return
    if kept["fingerprint"] != command.fingerprint:
        raise KeyReused("This key belongs to another request", passes="a new Idempotency-Key")
    raise AlreadyAnswered(Answer(status=kept["status"], headers=kept["headers"], body=kept["body"]))


async def _keep(connection: AsyncConnection, command: Command) -> None:
    answer = command.answer
    if answer is None:
        raise RuntimeError("a command with an idempotency key ended without an answer")
    await connection.execute(
        _KEEP,
        {
            "organization_id": command.by.organization_id,
            "key": command.key,
            "fingerprint": command.fingerprint,
            "status": answer.status,
            "headers": answer.headers,
            "body": answer.body,
        },
    )
