"""The unit of work on PostgreSQL: one connection, one transaction, the repositories on it, retries answered once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import func, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.amendments import PostgresAmendments
from adapters.postgres.bid_documents import PostgresDocuments
from adapters.postgres.bids import PostgresBids, PostgresEnvelopes, PostgresSealingKeys
from adapters.postgres.capacity import PostgresCapacity
from adapters.postgres.complaints import PostgresComplaints
from adapters.postgres.consortia import PostgresConsents
from adapters.postgres.contracts import PostgresContracts, PostgresEvaluations
from adapters.postgres.engine import PATIENCE_SECONDS
from adapters.postgres.enquiries import PostgresEnquiries
from adapters.postgres.evaluating import (
    PostgresCommittees,
    PostgresPaperRequests,
    PostgresScores,
    PostgresStandings,
)
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.lotting import PostgresLotStudies
from adapters.postgres.notice_channels import (
    PostgresDeliveries,
    PostgresPreferences,
    PostgresSubscriptions,
    PostgresWebhookEndpoints,
)
from adapters.postgres.notices import PostgresMatchings, PostgresNotices, PostgresOutbox, PostgresWatches
from adapters.postgres.organizations import (
    PostgresCredentials,
    PostgresMemberships,
    PostgresOrganizations,
    PostgresPeople,
)
from adapters.postgres.payments import PostgresInbox, PostgresLedger, PostgresPayments
from adapters.postgres.pools import PostgresPools
from adapters.postgres.preference import PostgresPreferenceLedger
from adapters.postgres.prequalification import PostgresApplications, PostgresPrequalifications
from adapters.postgres.procedures import PostgresProcedureSettings
from adapters.postgres.producers import PostgresEvidence, PostgresVerdicts, PostgresWorkshops
from adapters.postgres.purchases import PostgresPurchases
from adapters.postgres.registers import PostgresRegisters
from adapters.postgres.registries import PostgresRegistryAnswers
from adapters.postgres.rows.shell import KeptAnswerRow
from adapters.postgres.scenarios import PostgresScenarioRuns, PostgresScenarios
from adapters.postgres.tenders import PostgresNeeds, PostgresTenders
from adapters.postgres.violations import translated
from adapters.sealing.deployment import AnswerKeeping, KeptUnder
from domain.awards.ports import Evaluations, PreferenceLedger
from domain.bids.ports import Bids, Documents, Envelopes
from domain.capacity.ports import Capacity
from domain.complaints.ports import Complaints
from domain.consortia.ports import Consents
from domain.contracts.ports import Contracts
from domain.enquiries.ports import Enquiries
from domain.evaluating.ports import Committees, PaperRequests, Scores, Standings
from domain.lotting.ports import LotStudies
from domain.notices.ports import (
    Deliveries,
    Matchings,
    Notices,
    Outbox,
    Preferences,
    Subscriptions,
    Watches,
    WebhookEndpoints,
)
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
from domain.prequalification.ports import Applications, Prequalifications
from domain.procedures.settings import SettingsStore
from domain.registries.imports import Registers
from domain.registries.ports import RegistryAnswers
from domain.scenarios.ports import ScenarioRuns, Scenarios
from domain.sealing.tender_keys import SealingKeys
from domain.tenders.ports import Amendments, Needs, Purchases, Tenders
from domain.work import AlreadyAnswered, Begin, Command, InFlight, Jobs, KeyReused, Work

Result = TypeVar("Result")
Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
Standing = Callable[[AsyncConnection], Awaitable[None]]


class Units(Protocol):
    """How units of work are made of transactions; ``Transactions`` is the real way."""

    def __call__(
        self,
        transaction: Transaction,
        answers: AnswerKeeping,
        standing: Standing | None = ...,
        *,
        within: float = ...,
    ) -> Begin: ...


_kept_answers = KeptAnswerRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to every table class
_KEEP = insert(_kept_answers).values(kept_at=func.clock_timestamp())
_KEPT = text("SELECT fingerprint, answer FROM kept_answers WHERE name = :name")
_NOW = text("SELECT clock_timestamp()")
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:name)")


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
        self.sealing_keys: SealingKeys = PostgresSealingKeys(connection)
        self.envelopes: Envelopes = PostgresEnvelopes(connection)
        self.bids: Bids = PostgresBids(connection)
        self.documents: Documents = PostgresDocuments(connection)
        self.consents: Consents = PostgresConsents(connection)
        self.evaluations: Evaluations = PostgresEvaluations(connection)
        self.scenarios: Scenarios = PostgresScenarios(connection)
        self.scenario_runs: ScenarioRuns = PostgresScenarioRuns(connection)
        self.preference_ledger: PreferenceLedger = PostgresPreferenceLedger(connection)
        self.contracts: Contracts = PostgresContracts(connection)
        self.capacity: Capacity = PostgresCapacity(connection)
        self.payments: Payments = PostgresPayments(connection)
        self.ledger: Ledger = PostgresLedger(connection)
        self.inbox: Inbox = PostgresInbox(connection)
        self.procedure_settings: SettingsStore = PostgresProcedureSettings(connection)
        self.registry_answers: RegistryAnswers = PostgresRegistryAnswers(connection)
        self.registers: Registers = PostgresRegisters(connection)
        self.jobs: Jobs = PostgresJobs(connection)
        self.complaints: Complaints = PostgresComplaints(connection)
        self.pools: Pools = PostgresPools(connection)
        self.amendments: Amendments = PostgresAmendments(connection)
        self.enquiries: Enquiries = PostgresEnquiries(connection)
        self.purchases: Purchases = PostgresPurchases(connection)
        self.lot_studies: LotStudies = PostgresLotStudies(connection)
        self.prequalifications: Prequalifications = PostgresPrequalifications(connection)
        self.applications: Applications = PostgresApplications(connection)
        self.outbox: Outbox = PostgresOutbox(connection)
        self.notices: Notices = PostgresNotices(connection)
        self.watches: Watches = PostgresWatches(connection)
        self.subscriptions: Subscriptions = PostgresSubscriptions(connection)
        self.matchings: Matchings = PostgresMatchings(connection)
        self.notice_preferences: Preferences = PostgresPreferences(connection)
        self.notice_deliveries: Deliveries = PostgresDeliveries(connection)
        self.webhook_endpoints: WebhookEndpoints = PostgresWebhookEndpoints(connection)
        self.committees: Committees = PostgresCommittees(connection)
        self.scores: Scores = PostgresScores(connection)
        self.paper_requests: PaperRequests = PostgresPaperRequests(connection)
        self.standings: Standings = PostgresStandings(connection)

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
        transaction: Transaction,
        answers: AnswerKeeping,
        standing: Standing | None = None,
        *,
        within: float = PATIENCE_SECONDS,
    ) -> None:
        """``transaction`` is ``engine.begin``; tests give savepoints of a transaction that is rolled back.

        ``standing`` refuses all work on a database that lacks signed history. A unit that takes longer than ``within``
        seconds is given up, with its connection.
        """
        self._transaction = transaction
        self._answers = answers
        self._standing = standing
        self._within = within

    @asynccontextmanager
    async def __call__(self, command: Command | None = None) -> AsyncIterator[Work]:
        with translated():
            async with asyncio.timeout(self._within), self._transaction() as connection:
                if self._standing is not None:
                    await self._standing(connection)
                if command is None or command.key is None:
                    yield PostgresWork(connection, command)
                    return
                under = self._answers.under(command.by.organization_id, command.key)
                await _claim(connection, command, under)
                yield PostgresWork(connection, command)
                await _keep(connection, command, under)


async def _claim(connection: AsyncConnection, command: Command, under: KeptUnder) -> None:
    """One request at a time per key; a request that was carried out is answered as it was then.

    The lock is taken before the look: with both in one statement the look would use a snapshot from before the lock.
    """
    lock = int.from_bytes(under.name[:8], signed=True)
    if not (await connection.execute(_TRY_LOCK, {"name": lock})).scalar_one():
        raise InFlight("The same request is still being handled", passes="the same request a little later")
    kept = (await connection.execute(_KEPT, {"name": under.name})).mappings().one_or_none()
    if kept is None:
        return
    if kept["fingerprint"] != under.fingerprint(command.fingerprint):
        raise KeyReused("This key belongs to another request", passes="a new Idempotency-Key")
    raise AlreadyAnswered(under.opened(kept["answer"]))


async def _keep(connection: AsyncConnection, command: Command, under: KeptUnder) -> None:
    answer = command.answer
    if answer is None:
        raise RuntimeError("a command with an idempotency key ended without an answer")
    await connection.execute(
        _KEEP,
        {
            "name": under.name,
            "fingerprint": under.fingerprint(command.fingerprint),
            "answer": under.sealed(answer),
        },
    )
