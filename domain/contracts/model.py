"""A contract with one winner, from signature to the last payment.

    awaiting_signatures -> in_force -> delivered -> completed
            +-> lapsed | annulled     (the steps are in ``ending.py``)

A framework goes from in_force to completed; what happens within it is in ``framework.py``.

Deliveries and invoices live inside: at every moment and for every place, line and size cell
``accepted + under way + outstanding = scheduled``, whatever was rejected and made again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from domain.calendar import legal_day
from domain.contracts.parts import (
    AlreadySigned,
    Call,
    ContractConcluded,
    ContractKind,
    ContractLine,
    ContractSigned,
    ContractStatus,
    Defect,
    Delivery,
    DeliveryAccepted,
    DeliveryDispatched,
    DeliveryMismatch,
    DeliveryNotFound,
    DeliveryStatus,
    Goods,
    Invoice,
    InvoiceIssued,
    InvoiceNotFound,
    InvoicePaid,
    InvoicePaidInFull,
    InvoiceStatus,
    NothingToInvoice,
    Signature,
)
from domain.contracts.receiving import receiver
from domain.contracts.unsigned import Declination, Lapse, Leftover, SigningPeriodOver, Standstill
from domain.errors import Flaw
from domain.events import By
from domain.garments import SizeRun, summed
from domain.ids import ContractId, OrganizationId, TenderId
from domain.money import Money, total
from domain.organizations.local_content import of_goods
from domain.tenders.model import StepNotAllowed
from domain.tenders.procedure import PinnedProcedure

DELIVERIES_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """``number`` is the human number (``C-2026-000045``); ``procedure`` carries the payment days the tender pinned.

    Nobody signs before ``standstill_until``, and the winner signs before ``sign_by`` (exclusive); None means that
    nothing bounds it. ``leftover`` says what becomes of the lines of a contract that did not come into force,
    ``replaces`` is the contract whose lines this one took over as the next best.
    ``framework_id`` belongs to a call-off; ``term_until`` (its last day), ``calls`` and ``settlement`` (who has signed
    it) to a framework.
    """

    id: ContractId
    number: str
    tender_id: TenderId
    buyer_id: OrganizationId
    supplier_id: OrganizationId
    procedure: PinnedProcedure
    lines: tuple[ContractLine, ...]
    concluded_at: datetime
    status: ContractStatus = ContractStatus.AWAITING_SIGNATURES
    signatures: tuple[Signature, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    standstill_until: datetime | None = None
    sign_by: datetime | None = None
    declination: Declination | None = None
    lapse: Lapse | None = None
    leftover: Leftover | None = None
    replaces: ContractId | None = None
    kind: ContractKind = ContractKind.ORDER
    framework_id: ContractId | None = None
    term_until: date | None = None
    calls: tuple[Call, ...] = ()
    settlement: tuple[Signature, ...] = ()
    version: int = 0

    @property
    def sum(self) -> Money:
        """Without VAT."""
        return total(line.sum for line in self.lines)

    @property
    def by_producer(self) -> bool:
        """Whether every line is of the supplier's own evidenced production: such contracts are paid sooner."""
        return all(line.evidence_number is not None for line in self.lines)

    @property
    def local_content(self) -> Decimal:
        """Percent, two decimals; a line without evidence counts as 0."""
        parts = ((line.sum.amount, line.local_content) for line in self.lines)
        return of_goods(parts, contract_sum=self.sum.amount)

    def concluded(self, *, by: By) -> ContractConcluded:
        return ContractConcluded(
            subject_id=self.id,
            by=by,
            at=self.concluded_at,
            number=self.number,
            buyer_id=self.buyer_id,
            supplier_id=self.supplier_id,
            sum=self.sum,
        )

    def sign(self, *, party: OrganizationId, by: By, at: datetime) -> tuple["Contract", ContractSigned]:
        """In force when both sides have signed. Refuses (``standstill``, ``signing-period-over``) outside the time."""
        if self.signed_by(party):
            raise AlreadySigned("Your side has signed this contract", passes="the other side's signature")
        self._must_be(ContractStatus.AWAITING_SIGNATURES)
        self._in_time(party, at)
        signatures = (*self.signatures, Signature(organization_id=party, at=at))
        both = {self.buyer_id, self.supplier_id} == {signature.organization_id for signature in signatures}
        status = ContractStatus.IN_FORCE if both else self.status
        signed = replace(self, signatures=signatures, status=status)
        return signed, ContractSigned(subject_id=self.id, by=by, at=at, in_force=both)

    def dispatch(
        self, *, place: int, goods: tuple[Goods, ...], waybill: str, remakes: int | None, by: By, at: datetime
    ) -> tuple["Contract", DeliveryDispatched]:
        """A delivery on its way; never more than is outstanding at the place, cell by cell."""
        self._must_be(ContractStatus.IN_FORCE)
        if self.kind is ContractKind.FRAMEWORK:
            raise StepNotAllowed("A framework is called off and not delivered", passes="a call-off of it")
        if len(self.deliveries) >= DELIVERIES_MAX:
            raise StepNotAllowed(f"A contract has at most {DELIVERIES_MAX} deliveries")
        if not goods or len({(each.lot, each.line) for each in goods}) != len(goods):
            raise _mismatch("/goods", "empty, or a line stands twice", "each line once")
        for index, each in enumerate(goods):
            outstanding = self.outstanding(place, each.lot, each.line)
            if each.run.pieces == 0 or not each.run.within(outstanding):
                passes = ", ".join(f"{size}: {pieces}" for size, pieces in outstanding.cells) or "nothing"
                raise _mismatch(f"/goods/{index}/sizes", f"more than is outstanding at place {place}", passes)
        if receiver(self.lines, self.buyer_id, place, goods) is None:
            raise _mismatch("/goods", "the goods are for several buyers", "a delivery for one buyer")
        if remakes is not None and self.delivery(remakes).place != place:
            raise _mismatch("/remakes", f"delivery {remakes} was for another place", f"a delivery to place {place}")
        delivery = Delivery(
            number=len(self.deliveries) + 1,
            place=place,
            goods=goods,
            waybill=waybill,
            dispatched_at=at,
            remakes=remakes,
        )
        event = DeliveryDispatched(
            subject_id=self.id,
            by=by,
            at=at,
            delivery=delivery.number,
            place=place,
            pieces=sum(each.run.pieces for each in goods),
            remakes=remakes,
        )
        return replace(self, deliveries=(*self.deliveries, delivery)), event

    def accept(
        self,
        number: int,
        *,
        defects: tuple[Defect, ...],
        remake_due_on: date | None,
        by: By,
        at: datetime,
    ) -> tuple["Contract", DeliveryAccepted]:
        """Accept a delivery except for its ``defects``, which become outstanding again and need a remake day."""
        delivery = self.delivery(number)
        if delivery.status is not DeliveryStatus.DISPATCHED:
            raise StepNotAllowed(f"Delivery {number} is {delivery.status}", passes="a dispatched delivery")
        accepted = tuple(_without(goods, defects) for goods in delivery.goods)
        known = {(goods.lot, goods.line) for goods in delivery.goods}
        for index, defect in enumerate(defects):
            if (defect.lot, defect.line) not in known:
                raise _mismatch(f"/defects/{index}", "this line was not delivered", f"one of {sorted(known)}")
        if defects and (remake_due_on is None or remake_due_on <= legal_day(at)):
            raise _mismatch("/remake_due_on", "defects need a day for the remake", "a day in the future")
        bad = sum(defect.pieces for defect in defects)
        good = sum(goods.run.pieces for goods in accepted)
        status = (
            DeliveryStatus.ACCEPTED if not bad else DeliveryStatus.PARTLY_ACCEPTED if good else DeliveryStatus.REJECTED
        )
        checked = replace(
            delivery,
            status=status,
            accepted=tuple(goods for goods in accepted if goods.run.pieces),
            defects=defects,
            accepted_at=at,
            remake_due_on=remake_due_on if defects else None,
        )
        contract = replace(
            self, deliveries=tuple(checked if each.number == number else each for each in self.deliveries)
        )
        if contract.is_delivered:
            contract = replace(contract, status=ContractStatus.DELIVERED)
        event = DeliveryAccepted(subject_id=self.id, by=by, at=at, delivery=number, accepted=good, defective=bad)
        return contract, event

    def invoice(
        self, *, document: str, deliveries: tuple[int, ...], due_on: date, by: By, at: datetime
    ) -> tuple["Contract", InvoiceIssued]:
        """Invoice accepted pieces of deliveries that were not invoiced before: accepted pieces x unit price."""
        chosen = [self.delivery(number) for number in dict.fromkeys(deliveries)]
        for delivery in chosen:
            if delivery.accepted_at is None or delivery.invoice is not None or not delivery.accepted:
                raise NothingToInvoice(
                    f"Delivery {delivery.number} is not accepted, or invoiced already",
                    passes="accepted deliveries that are in no invoice",
                )
        if not chosen:
            raise NothingToInvoice("An invoice names its deliveries", passes="one accepted delivery or more")
        number = len(self.invoices) + 1
        amount = total(self._value(delivery.accepted) for delivery in chosen)
        invoice = Invoice(
            number=number,
            document=document,
            deliveries=tuple(delivery.number for delivery in chosen),
            amount=amount,
            issued_at=at,
            due_on=due_on,
        )
        marked = tuple(
            replace(each, invoice=number) if each.number in invoice.deliveries else each for each in self.deliveries
        )
        event = InvoiceIssued(subject_id=self.id, by=by, at=at, invoice=number, amount=amount, due_on=due_on)
        return replace(self, deliveries=marked, invoices=(*self.invoices, invoice)), event

    def pay_invoice(self, number: int, *, by: By, at: datetime) -> tuple["Contract", InvoicePaidInFull]:
        """The invoice's money has arrived; the contract is completed when everything is delivered and paid."""
        invoice = self.find_invoice(number)
        if invoice.status is InvoiceStatus.PAID:
            raise InvoicePaid(f"Invoice {number} is paid")
        paid = replace(invoice, status=InvoiceStatus.PAID, paid_at=at)
        invoices = tuple(paid if each.number == number else each for each in self.invoices)
        settled = total(each.amount for each in invoices if each.status is InvoiceStatus.PAID) == self.sum
        completed = settled and self.status is ContractStatus.DELIVERED
        contract = replace(self, invoices=invoices, status=ContractStatus.COMPLETED if completed else self.status)
        event = InvoicePaidInFull(
            subject_id=self.id,
            by=by,
            at=at,
            invoice=number,
            amount=invoice.amount,
            days_late=max((legal_day(at) - invoice.due_on).days, 0),
            completed=completed,
        )
        return contract, event

    def delivery(self, number: int) -> Delivery:
        if not 1 <= number <= len(self.deliveries):
            raise DeliveryNotFound(f"The contract has no delivery {number}")
        return self.deliveries[number - 1]

    def find_invoice(self, number: int) -> Invoice:
        if not 1 <= number <= len(self.invoices):
            raise InvoiceNotFound(f"The contract has no invoice {number}")
        return self.invoices[number - 1]

    def outstanding(self, place: int, lot: int, line: int) -> SizeRun:
        """What is neither accepted nor under way of a line at a place; refuses what is not in the contract."""
        contract_line = next((each for each in self.lines if (each.lot, each.line) == (lot, line)), None)
        owed = next((each.run for each in contract_line.places if each.place == place), None) if contract_line else None
        if owed is None:
            raise _mismatch("/goods", f"lot {lot} line {line} owes nothing to place {place}", "a scheduled place")
        runs = (
            goods.run
            for delivery in self.deliveries
            if delivery.place == place
            for goods in (delivery.goods if delivery.status is DeliveryStatus.DISPATCHED else delivery.accepted)
            if (goods.lot, goods.line) == (lot, line)
        )
        return owed - summed(owed.grid, runs)

    @property
    def is_delivered(self) -> bool:
        accepted = sum(
            goods.run.pieces
            for delivery in self.deliveries
            if delivery.status is not DeliveryStatus.DISPATCHED
            for goods in delivery.accepted
        )
        return accepted == sum(line.run.pieces for line in self.lines)

    def signed_by(self, party: OrganizationId) -> bool:
        return any(signature.organization_id == party for signature in self.signatures)

    def _in_time(self, party: OrganizationId, at: datetime) -> None:
        until = self.standstill_until
        if until is not None and at < until:
            raise Standstill(
                f"The results may be complained about until before {until.isoformat()}",
                passes="a signature from this instant on",
                standstill_until=until,
            )
        if party != self.supplier_id:
            return
        if self.declination is not None:
            raise StepNotAllowed("You have declined this contract")
        if self.sign_by is not None and at >= self.sign_by:
            raise SigningPeriodOver(f"You could sign until before {self.sign_by.isoformat()}", sign_by=self.sign_by)

    def _value(self, goods: Iterable[Goods]) -> Money:
        prices = {(line.lot, line.line): line.unit_price for line in self.lines}
        return total(prices[each.lot, each.line] * each.run.pieces for each in goods)

    def _must_be(self, status: ContractStatus) -> None:
        if self.status is not status:
            raise StepNotAllowed(f"The contract is {self.status}", passes=f"a contract that is {status}")


def _without(goods: Goods, defects: tuple[Defect, ...]) -> Goods:
    """The goods less their defective pieces; refuses more defects than pieces."""
    bad = summed(
        goods.run.grid,
        (
            SizeRun.of(goods.run.grid, {defect.size: defect.pieces})
            for defect in defects
            if (defect.lot, defect.line) == (goods.lot, goods.line)
        ),
    )
    if not bad.within(goods.run):
        raise _mismatch("/defects", "more defective pieces than were delivered", f"at most {goods.run.pieces} pieces")
    return replace(goods, run=goods.run - bad)


def _mismatch(pointer: str, reason: str, passes: str) -> DeliveryMismatch:
    return DeliveryMismatch(reason, flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),), passes=passes)
