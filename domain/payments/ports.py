"""What the payments room needs from outside: gateways, repositories, reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.actors import Actor
from domain.errors import Invalid, Titles, Unavailable
from domain.events import Event
from domain.ids import ContractId, PaymentId
from domain.money import Money
from domain.payments.model import LedgerEntry, Outcome, Payment


class BadSignature(Invalid):
    code = "bad-webhook-signature"
    titles = Titles("The webhook's signature does not hold", "Подпись вебхука неверна", "Вебхук қолтаңбасы жарамсыз")


class GatewayUnavailable(Unavailable):
    """The gateway did not answer, or asks to come later; the same key makes the next attempt safe."""

    code = "gateway-unavailable"
    titles = Titles("The payment gateway does not answer", "Платёжный шлюз не отвечает", "Төлем шлюзі жауап бермейді")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """``key`` makes every attempt the same; ``reference`` is what the payer wrote (a bank document's number)."""

    key: str
    payment_id: PaymentId
    amount: Money
    description: str
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingEvent:
    """A verified webhook. ``outcome`` is None for events that say nothing about a payment of ours."""

    source: str
    external_id: str
    type: str
    payment_id: PaymentId | None
    outcome: Outcome | None
    payload: dict[str, Any]


class PaymentGateway(Protocol):
    async def start(self, order: PaymentOrder) -> Outcome:
        """Start or find the payment of this key. Refuses ``gateway-unavailable`` when it is worth trying again."""

    def read_webhook(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> IncomingEvent:
        """Verify the raw bytes (``bad-webhook-signature``) and tell what they say; ``at`` is now."""


class Payments(Protocol):
    async def get(self, id: PaymentId) -> Payment: ...
    async def lock(self, id: PaymentId) -> Payment: ...
    async def live(self, contract_id: ContractId, invoice: int) -> Payment | None: ...
    async def save(self, entity: Payment, *, because: Event) -> Payment: ...


class Ledger(Protocol):
    async def save(self, entity: LedgerEntry, *, because: Event) -> LedgerEntry: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxItem:
    id: UUID
    payment_id: PaymentId | None
    outcome: Outcome | None


class Inbox(Protocol):
    async def receive(self, event: IncomingEvent, *, at: datetime) -> UUID | None:
        """Store once by (source, external id); None when it was there already."""

    async def take(self, id: UUID) -> InboxItem | None:
        """The item, locked, if nobody has handled it."""

    async def handled(self, id: UUID, *, at: datetime) -> None: ...


class PaymentQueries(Protocol):
    async def payment(self, actor: Actor, id: PaymentId) -> Payment:
        """For payer, payee and auditors."""

    async def page(self, actor: Actor, *, after: PaymentId | None, limit: int) -> list[Payment]: ...
    async def waiting(self, *, limit: int) -> list[PaymentId]:
        """Payments whose intent was recorded and that no gateway has seen, oldest first."""

    async def unhandled(self, *, limit: int) -> list[UUID]:
        """Inbox items that nobody has handled, oldest first."""
