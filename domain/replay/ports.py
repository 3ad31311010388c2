"""What replaying needs from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.actors import Actor
from domain.awards.model import Evaluation
from domain.bids.model import Bid
from domain.ids import BidId, OrganizationId, TenderId, VerdictId
from domain.organizations.verdict import Verdict
from domain.reports.process import Party
from domain.tenders.model import Tender


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """``commit`` is None where the package was built without it."""

    package: str
    version: str
    commit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An evaluated tender with all that led to its latest evaluation, of one instant. ``bids`` are the opened ones, in
    the order in which they are judged; ``unreadable`` gives the times of receipt of those that nobody could read.
    ``contracts`` are the numbers of those that were concluded, by the supplier.
    """

    tender: Tender
    bids: tuple[Bid, ...]
    verdicts: tuple[Verdict, ...]
    evaluation: Evaluation
    parties: Mapping[OrganizationId, Party]
    unreadable: Mapping[BidId, datetime]
    contracts: Mapping[OrganizationId, tuple[str, ...]]


class Salts(Protocol):
    """What hides a verdict's facts in their commitment: the same for ever, and nobody guesses it."""

    def of(self, verdict_id: VerdictId) -> bytes: ...


class SettledTenders(Protocol):
    async def public(self, tender_id: TenderId) -> Settled:
        """For everybody once it is awarded, or failed after an evaluation. Refuses ``tender-not-found`` and, before,
        ``tender-not-awarded``.
        """

    async def seen(self, actor: Actor, tender_id: TenderId) -> Settled:
        """For whoever may read the evaluation; refuses ``evaluation-not-found``."""
