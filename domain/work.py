"""The unit of work: one transaction, the repositories inside it, and the command that asked for it.

A service writes ``async with self._begin(command) as work:``; on a clean exit everything is committed, on an
exception nothing happened. Nothing outside the database is called within it.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from domain.actors import Actor
from domain.awards.ports import Evaluations, PreferenceLedger
from domain.bids.ports import Bids, Documents, Envelopes
from domain.capacity.ports import Capacity
from domain.complaints.ports import Complaints
from domain.consortia.ports import Consents
from domain.contracts.ports import Contracts
from domain.enquiries.ports import Enquiries
from domain.errors import Conflict, Invalid, Titles, Unavailable
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


class KeyReused(Invalid):
    code = "idempotency-key-reused"
    titles = Titles(
        "The idempotency key was used for another request",
        "Ключ идемпотентности уже использован для другого запроса",
        "Идемпотенттік кілт басқа сұрауға қолданылған",
    )


class InFlight(Conflict):
    code = "request-in-flight"
    titles = Titles(
        "The same request is still being handled",
        "Тот же запрос ещё обрабатывается",
        "Дәл осы сұрау әлі өңделуде",
    )


class Busy(Unavailable):
    """A lock, a connection or the server was not to be had in time; nothing was stored."""

    code = "busy"
    titles = Titles("Too busy, try again", "Сейчас занято, повторите", "Қазір бос емес, қайталаңыз")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command was answered: kept in the command's own transaction, repeated to a retry byte for byte."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class AlreadyAnswered(Exception):  # noqa: N818 - a signal to the driving side, not an error
    """Raised on entering a unit of work whose command was carried out before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(slots=True, kw_only=True)
class Command:
    """Who asks for a step, and the promise that one request has one effect.

    ``key`` is the client's idempotency key (scoped by organisation), ``fingerprint`` the SHA-256 of method, path
    and body. ``render`` turns the step's result into the Answer, inside the transaction, so that what is kept is
    what is sent; the driving side reads it back from ``answer`` after the commit.
    """

    by: Actor
    key: str | None = None
    fingerprint: bytes = b""
    render: Callable[[Any], Answer] | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something for the worker: ``kind`` names the handler, ``subject`` its one argument (an id as text).

    At most one waiting job exists per (kind, subject, due_at); ``due_at`` None means at once. A job is only a hint to
    look: handlers decide by the stored state, so that a job that runs twice, late or never does no harm.
    """

    kind: str
    subject: str
    due_at: datetime | None = None


class Jobs(Protocol):
    async def schedule(self, job: Job) -> None:
        """Enqueue in this transaction; it is seen only if the transaction commits."""


Result = TypeVar("Result")


class Work(Protocol):
    """One transaction: the repositories of every room, the clock that decides, the job queue."""

    organizations: Organizations
    people: People
    memberships: Memberships
    credentials: Credentials
    workshops: Workshops
    evidence: EvidenceStore
    verdicts: Verdicts
    needs: Needs
    tenders: Tenders
    sealing_keys: SealingKeys
    envelopes: Envelopes
    bids: Bids
    documents: Documents
    consents: Consents
    evaluations: Evaluations
    scenarios: Scenarios
    scenario_runs: ScenarioRuns
    preference_ledger: PreferenceLedger
    contracts: Contracts
    capacity: Capacity
    payments: Payments
    ledger: Ledger
    inbox: Inbox
    procedure_settings: SettingsStore
    registry_answers: RegistryAnswers
    registers: Registers
    jobs: Jobs
    complaints: Complaints
    pools: Pools
    amendments: Amendments
    enquiries: Enquiries
    purchases: Purchases
    lot_studies: LotStudies
    prequalifications: Prequalifications
    applications: Applications
    outbox: Outbox
    notices: Notices
    watches: Watches
    subscriptions: Subscriptions
    matchings: Matchings
    notice_preferences: Preferences
    notice_deliveries: Deliveries
    webhook_endpoints: WebhookEndpoints
    committees: Committees
    scores: Scores
    paper_requests: PaperRequests
    standings: Standings

    async def now(self) -> datetime:
        """The database's clock at this moment (``clock_timestamp()``), aware UTC: the only clock that decides."""

    def answers(self, result: Result) -> Result:
        """Name the command's result: its rendered answer is kept in this transaction; returns it unchanged."""


class Begin(Protocol):
    """Opens a unit of work; without a command (worker, due transitions) nothing is kept for a retry."""

    def __call__(self, command: Command | None = None) -> AbstractAsyncContextManager[Work]: ...
