"""What the awards room needs from outside."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from domain.actors import Actor
from domain.awards.model import Evaluation
from domain.events import Event
from domain.ids import ContractId, EvaluationId, OrganizationId, TenderId


class Evaluations(Protocol):
    async def latest(self, tender_id: TenderId) -> Evaluation | None:
        """The latest evaluation of the whole tender: awards to the next best are left out."""

    async def get(self, id: EvaluationId) -> Evaluation: ...
    async def minutes(self, bidders: tuple[OrganizationId, ...]) -> Mapping[OrganizationId, tuple[Decimal, Decimal]]:
        """Per workshop: standard minutes a week, and minutes that contracts in force still bind."""

    async def save(self, entity: Evaluation, *, because: Event) -> Evaluation: ...


class EvaluationQueries(Protocol):
    async def of_tender(self, actor: Actor, tender_id: TenderId) -> Evaluation:
        """The latest evaluation, for the buyer and auditors; for bidders of the tender once it is awarded or failed."""

    async def next_best(self, actor: Actor, id: ContractId) -> Evaluation:
        """The latest award of a contract's lines to the next best, for the buyer, auditors and the tender's bidders."""
