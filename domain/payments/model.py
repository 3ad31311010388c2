"""A payment of one invoice, from the buyer's intent to the money's arrival; and the ledger entry it becomes.

    intended -> processing -> awaiting_confirmation -> succeeded
        |           |                  |
        +-----------+------------------+--> failed

``succeeded`` and ``failed`` are ends: what a gateway tells later, twice or out of order changes nothing any more.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from domain.errors import Conflict, NotFound, Titles
from domain.events import By, Event
from domain.ids import ContractId, OrganizationId, PaymentId
from domain.money import Money
from domain.tenders.model import StepNotAllowed


class PaymentMethod(StrEnum):
    BANK_TRANSFER = "bank_transfer"
    STRIPE = "stripe"


class PaymentStatus(StrEnum):
    INTENDED = "intended"
    PROCESSING = "processing"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


LIVE = frozenset({PaymentStatus.INTENDED, PaymentStatus.PROCESSING, PaymentStatus.AWAITING_CONFIRMATION})
"""On their way: an invoice has at most one of these."""

MOVES: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.INTENDED: frozenset(PaymentStatus) - {PaymentStatus.INTENDED},
    PaymentStatus.PROCESSING: frozenset(
        {PaymentStatus.AWAITING_CONFIRMATION, PaymentStatus.SUCCEEDED, PaymentStatus.FAILED}
    ),
    PaymentStatus.AWAITING_CONFIRMATION: frozenset({PaymentStatus.SUCCEEDED, PaymentStatus.FAILED}),
    PaymentStatus.SUCCEEDED: frozenset(),
    PaymentStatus.FAILED: frozenset(),
}


class PaymentNotFound(NotFound):
    code = "payment-not-found"
    titles = Titles("There is no such payment", "Такого платежа нет", "Мұндай төлем жоқ")


class PaymentUnderWay(Conflict):
    code = "payment-under-way"
    titles = Titles(
        "A payment of this invoice is under way", "Оплата этого счёта уже идёт", "Бұл шот бойынша төлем жүріп жатыр"
    )


class MethodNotOffered(Conflict):
    code = "payment-method-not-offered"
    titles = Titles(
        "This way to pay is not offered here", "Этот способ оплаты не подключён", "Бұл төлем тәсілі қосылмаған"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent(Event):
    subject: ClassVar[str] = "payment"
    contract_id: ContractId
    invoice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntended(PaymentEvent):
    type: ClassVar[str] = "payment.intended"
    amount: Money
    method: PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMoved(PaymentEvent):
    type: ClassVar[str] = "payment.moved"
    status: PaymentStatus
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a gateway says of a payment: where it stands, its own reference, and why it failed."""

    status: PaymentStatus
    reference: str | None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """``reference`` is the bank document's number or the gateway's id. Secrets of a gateway are never stored."""

    id: PaymentId
    contract_id: ContractId
    invoice: int
    payer_id: OrganizationId
    payee_id: OrganizationId
    amount: Money
    method: PaymentMethod
    intended_at: datetime
    status: PaymentStatus = PaymentStatus.INTENDED
    reference: str | None = None
    failure: str | None = None
    settled_at: datetime | None = None
    version: int = 0

    @property
    def gateway_key(self) -> str:
        """The idempotency key for the gateway: the same for every attempt at this payment."""
        return f"oimaq-payment-{self.id}"

    def intended(self, *, by: By) -> PaymentIntended:
        return PaymentIntended(
            subject_id=self.id,
            by=by,
            at=self.intended_at,
            contract_id=self.contract_id,
            invoice=self.invoice,
            amount=self.amount,
            method=self.method,
        )

    def apply(self, outcome: Outcome, *, by: By, at: datetime) -> tuple["Payment", PaymentMoved] | None:
        """Where the outcome moves the payment to, or None where it says nothing new or comes too late."""
        if outcome.status not in MOVES[self.status]:
            return None
        moved = replace(
            self,
            status=outcome.status,
            reference=outcome.reference or self.reference,
            failure=outcome.failure,
            settled_at=at if outcome.status not in LIVE else None,
        )
        return moved, PaymentMoved(
            subject_id=self.id,
            by=by,
            at=at,
            contract_id=self.contract_id,
            invoice=self.invoice,
            status=outcome.status,
            failure=outcome.failure,
        )

    def confirm(self, *, by: By, at: datetime) -> tuple["Payment", PaymentMoved]:
        """The payee has seen the money on his account."""
        if self.status is not PaymentStatus.AWAITING_CONFIRMATION:
            raise StepNotAllowed(f"The payment is {self.status}", passes="a payment that awaits confirmation")
        moved = self.apply(Outcome(status=PaymentStatus.SUCCEEDED, reference=None), by=by, at=at)
        if moved is None:
            raise StepNotAllowed(f"The payment is {self.status}")
        return moved


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One side of an entry; exactly one of ``debit`` and ``credit`` is not zero."""

    account: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRecorded(Event):
    type: ClassVar[str] = "ledger.recorded"
    subject: ClassVar[str] = "ledger"
    payment_id: PaymentId
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """Double entry: ``id`` is the payment's, so that a payment has at most one entry."""

    id: PaymentId
    lines: tuple[LedgerLine, ...]
    recorded_at: datetime
    version: int = 0

    def recorded(self, *, by: By) -> LedgerRecorded:
        amount = self.lines[0].debit
        return LedgerRecorded(subject_id=self.id, by=by, at=self.recorded_at, payment_id=self.id, amount=amount)


def ledger_entry(payment: Payment, *, at: datetime) -> LedgerEntry:
    """The payee's debt of the payer goes down, the money that reached the payee goes up; both sides are equal."""
    zero = Money(Decimal(0), payment.amount.currency)
    return LedgerEntry(
        id=payment.id,
        lines=(
            LedgerLine(account=f"paid:{payment.payee_id}", debit=payment.amount, credit=zero),
            LedgerLine(account=f"owed:{payment.payer_id}", debit=zero, credit=payment.amount),
        ),
        recorded_at=at,
    )
