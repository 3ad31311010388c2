"""The parts of a contract: lines with their schedule, deliveries, invoices; what happens to them; what is refused."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from domain.errors import Conflict, Forbidden, Invalid, NotFound, Titles
from domain.events import Event
from domain.garments import GarmentKind, Size, SizeRun, Unit
from domain.ids import ContractId, EnsTru, Kato, OrganizationId
from domain.money import Money


class ContractStatus(StrEnum):
    AWAITING_SIGNATURES = "awaiting_signatures"
    IN_FORCE = "in_force"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    LAPSED = "lapsed"
    """The winner did not sign."""
    ANNULLED = "annulled"
    """A complaint was upheld."""


NEVER_IN_FORCE = frozenset({ContractStatus.LAPSED, ContractStatus.ANNULLED})


class ContractKind(StrEnum):
    ORDER = "order"
    FRAMEWORK = "framework"
    """Prices and the most that may be called off; nothing is delivered under it directly."""
    CALL_OFF = "call_off"


class DeliveryStatus(StrEnum):
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    REJECTED = "rejected"


class InvoiceStatus(StrEnum):
    ISSUED = "issued"
    PAID = "paid"


class ContractNotFound(NotFound):
    code = "contract-not-found"
    titles = Titles("There is no such contract", "Такого договора нет", "Мұндай шарт жоқ")


class DeliveryNotFound(NotFound):
    code = "delivery-not-found"
    titles = Titles("There is no such delivery", "Такой поставки нет", "Мұндай жеткізу жоқ")


class InvoiceNotFound(NotFound):
    code = "invoice-not-found"
    titles = Titles("There is no such invoice", "Такого счёта нет", "Мұндай шот жоқ")


class AlreadySigned(Conflict):
    code = "already-signed"
    titles = Titles("Your side has signed already", "Ваша сторона уже подписала", "Сіздің тарап қол қойған")


class DeliveryMismatch(Invalid):
    """Pieces that the contract does not ask for at this place, or an acceptance that does not add up."""

    code = "delivery-mismatch"
    titles = Titles(
        "The delivery does not match the contract",
        "Поставка не соответствует договору",
        "Жеткізу шартқа сай емес",
    )


class NothingToInvoice(Conflict):
    code = "nothing-to-invoice"
    titles = Titles("There is nothing to invoice", "Нечего выставлять к оплате", "Шот шығаратын ештеңе жоқ")


class InvoicePaid(Conflict):
    code = "invoice-paid"
    titles = Titles("The invoice is paid already", "Счёт уже оплачен", "Шот төленген")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRun:
    """What a line owes to one delivery place. ``buyer_id`` is who receives there; None is the contract's buyer."""

    place: int
    name: str
    kato: Kato
    address: str
    due_on: date
    run: SizeRun
    buyer_id: OrganizationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractLine:
    """``local_content`` is a percentage, 0 without evidence; ``run`` is the sum over ``places``, cell by cell."""

    lot: int
    line: int
    name: str
    ens_tru: EnsTru
    kind: GarmentKind
    unit: Unit
    standard_minutes: Decimal
    unit_price: Money
    run: SizeRun
    places: tuple[PlaceRun, ...]
    local_content: Decimal
    evidence_number: str | None

    @property
    def sum(self) -> Money:
        return self.unit_price * self.run.pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Pieces of one contract line."""

    lot: int
    line: int
    run: SizeRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Why pieces of one size were not accepted."""

    lot: int
    line: int
    size: Size
    pieces: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """``goods`` as dispatched; after the acceptance ``accepted`` and the defects' pieces sum to them.

    ``remakes`` is the number of the delivery whose defects this one makes good.
    """

    number: int
    place: int
    goods: tuple[Goods, ...]
    waybill: str
    dispatched_at: datetime
    remakes: int | None = None
    status: DeliveryStatus = DeliveryStatus.DISPATCHED
    accepted: tuple[Goods, ...] = ()
    defects: tuple[Defect, ...] = ()
    accepted_at: datetime | None = None
    remake_due_on: date | None = None
    invoice: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """``due_on`` is the payment clock: the last day for payment, by the contract's payment days."""

    number: int
    document: str
    deliveries: tuple[int, ...]
    amount: Money
    issued_at: datetime
    due_on: date
    status: InvoiceStatus = InvoiceStatus.ISSUED
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    organization_id: OrganizationId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractEvent(Event):
    subject: ClassVar[str] = "contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractConcluded(ContractEvent):
    type: ClassVar[str] = "contract.concluded"
    number: str
    buyer_id: OrganizationId
    supplier_id: OrganizationId
    sum: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSigned(ContractEvent):
    type: ClassVar[str] = "contract.signed"
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDispatched(ContractEvent):
    type: ClassVar[str] = "delivery.dispatched"
    delivery: int
    place: int
    pieces: int
    remakes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAccepted(ContractEvent):
    type: ClassVar[str] = "delivery.accepted"
    delivery: int
    accepted: int
    defective: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(ContractEvent):
    type: ClassVar[str] = "invoice.issued"
    invoice: int
    amount: Money
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaidInFull(ContractEvent):
    type: ClassVar[str] = "invoice.paid"
    invoice: int
    amount: Money
    days_late: int
    completed: bool


class NotTheReceiver(Forbidden):
    code = "not-the-receiver"
    titles = Titles(
        "Another buyer receives this delivery",
        "Эту поставку принимает другой заказчик",
        "Бұл жеткізуді басқа тапсырыс беруші қабылдайды",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledGoods:
    """Pieces of one line of a framework at one place."""

    lot: int
    line: int
    place: int
    run: SizeRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a call-off took from its framework; kept in the framework, whose lock and version then guard the sums."""

    contract_id: ContractId
    number: str
    goods: tuple[CalledGoods, ...]
    due_on: date
    called_at: datetime
