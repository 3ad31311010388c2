"""Intake: how bids reach the store. Those that come at one moment are read for, and stored, together; each is answered
for itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from domain.bids.envelope import Envelope, EnvelopeEvent
from domain.ids import BidId, TenderId
from domain.organizations.ports import SupplierRecord
from domain.tenders.model import Tender
from domain.work import Command

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a bid is checked against, as it was at ``at`` by the database's clock. Nothing is locked: the store has the
    last word. ``prequalified`` is None where the tender asks for no prequalification.
    """

    at: datetime
    tender: Tender
    supplier: SupplierRecord
    prequalified: bool | None
    envelope: Envelope | None
    """The bid, where it was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting(Generic[Result]):
    """A new envelope (version 0) or a change of the one that was read. ``finished`` makes the command's result of the
    envelope as it is stored; its rendered answer is kept in the same transaction.
    """

    envelope: Envelope
    because: type[EnvelopeEvent]
    command: Command
    finished: Callable[[Envelope], Result]


class Intake(Protocol):
    """Raises ``AlreadyAnswered`` for a command that was carried out before, and refuses its key for another request."""

    async def at_tender(self, id: TenderId, command: Command) -> Glance:
        """Refuses (``tender-not-found``)."""

    async def at_bid(self, id: BidId, command: Command) -> Glance:
        """Refuses (``bid-not-found``); whose it is, is not looked at."""

    async def post(self, posting: Posting[Result]) -> Result:
        """Store it with its event, if that is in time and under the tender's present terms: the tender is shared first
        and the clock read after that. What a revision replaces keeps hash, commitment and time, not the ciphertext.

        Returns after the commit. What is refused has stored nothing and does no harm to what comes with it.
        """
