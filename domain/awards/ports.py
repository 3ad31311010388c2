"""What the awards room needs from outside."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from domain.actors import Actor
from domain.awards.letters import Letter
from domain.awards.model import Evaluation
from domain.awards.open_lots import OpenLot
from domain.awards.preference import PreferenceEntry, PreferenceReport, Standing
from domain.events import Event
from domain.ids import ContractId, EvaluationId, OrganizationId, TenderId
from domain.reports.shares import Period


class Evaluations(Protocol):
    async def latest(self, tender_id: TenderId) -> Evaluation | None:
        """The latest evaluation of the whole tender: awards to the next best are left out."""

    async def get(self, id: EvaluationId) -> Evaluation: ...
    async def minutes(self, bidders: tuple[OrganizationId, ...]) -> Mapping[OrganizationId, tuple[Decimal, Decimal]]:
        """Per workshop: standard minutes a week, and minutes that contracts in force still bind."""

    async def save(self, entity: Evaluation, *, because: Event) -> Evaluation: ...


class PreferenceLedger(Protocol):
    async def standings(self, bidders: tuple[OrganizationId, ...]) -> Mapping[OrganizationId, Standing]:
        """Where each stands and how large it is."""

    async def save(self, entity: PreferenceEntry, *, because: Event) -> PreferenceEntry: ...


class EvaluationQueries(Protocol):
    async def of_tender(self, actor: Actor, tender_id: TenderId) -> Evaluation:
        """The latest evaluation, for the buyer and auditors; for bidders of the tender once it is awarded or failed."""

    async def next_best(self, actor: Actor, id: ContractId) -> Evaluation:
        """The latest award of a contract's lines to the next best, for the buyer, auditors and the tender's bidders."""


class Explanations(Protocol):
    """Worked out from the stored evaluation when they are read, away from the event loop, and remembered."""

    async def letter(self, actor: Actor, tender_id: TenderId, bidder_id: OrganizationId) -> Letter:
        """After the award or the failure, for the bidder himself, the buyer and auditors; refuses
        (``letter-not-found``).
        """

    async def losers(self, actor: Actor, tender_id: TenderId) -> tuple[OrganizationId, ...]:
        """Whose letters the actor may read, by id; refuses (``letter-not-found``) where there are none."""

    async def open_lot(self, actor: Actor, tender_id: TenderId, lot: int) -> OpenLot:
        """Why a lot is open after its evaluation, for the buyer and auditors; refuses (``lot-not-open``)."""


class PreferenceQueries(Protocol):
    async def report(self, actor: Actor, period: Period) -> PreferenceReport:
        """Of one instant. Refuses ``not-permitted`` and, beyond 5,000 awards, ``report-too-large``."""
