"""Bodies and views of awards and contracts."""

from typing import Annotated, Self

from pydantic import Field

from api.schemas import Day, DecimalText, Instant, LongText, MoneyText, Pieces, SizesMap, Strict, Text
from api.views.frameworks import PartView, parts_of
from domain.contracts.contracting import DispatchForm
from domain.contracts.model import Contract
from domain.contracts.parts import (
    ContractKind,
    ContractLine,
    ContractStatus,
    Defect,
    Delivery,
    DeliveryStatus,
    Goods,
    Invoice,
    InvoiceStatus,
    PlaceRun,
)
from domain.contracts.unsigned import Declination, DeclineReason, Lapse, LapseReason, Leftover, LeftoverState
from domain.garments import GarmentKind, GridId, Size, SizeRun, Unit
from domain.ids import ContractId, OrganizationId, TenderId
from domain.tenders.model import Tender, TenderStatus


class PlaceRunView(Strict):
    """``buyer_id`` is the buyer who receives there; null is the contract's own."""

    place: int
    name: str
    kato: str
    address: str
    due_on: Day
    sizes: SizesMap
    pieces: int
    buyer_id: OrganizationId | None

    @classmethod
    def of(cls, place: PlaceRun) -> Self:
        return cls(
            place=place.place,
            name=place.name,
            kato=place.kato,
            address=place.address,
            due_on=place.due_on,
            sizes=dict(place.run.cells),
            pieces=place.run.pieces,
            buyer_id=place.buyer_id,
        )


class ContractLineView(Strict):
    lot: int
    line: int
    name: str
    ens_tru: str
    kind: GarmentKind
    unit: Unit
    grid: GridId
    unit_price: MoneyText
    sizes: SizesMap
    pieces: int
    sum: MoneyText
    local_content: DecimalText
    evidence_number: str | None
    places: list[PlaceRunView]

    @classmethod
    def of(cls, line: ContractLine) -> Self:
        return cls(
            lot=line.lot,
            line=line.line,
            name=line.name,
            ens_tru=line.ens_tru,
            kind=line.kind,
            unit=line.unit,
            grid=line.run.grid,
            unit_price=line.unit_price,
            sizes=dict(line.run.cells),
            pieces=line.run.pieces,
            sum=line.sum,
            local_content=line.local_content,
            evidence_number=line.evidence_number,
            places=[PlaceRunView.of(place) for place in line.places],
        )


class GoodsBody(Strict):
    """Pieces of one contract line; ``grid`` is the line's."""

    lot: Annotated[int, Field(ge=1, le=50)]
    line: Annotated[int, Field(ge=1, le=20)]
    grid: GridId
    sizes: SizesMap

    @classmethod
    def of(cls, goods: Goods) -> Self:
        return cls(lot=goods.lot, line=goods.line, grid=goods.run.grid, sizes=dict(goods.run.cells))

    def goods(self) -> Goods:
        run = SizeRun.of(self.grid, {Size(size): pieces for size, pieces in self.sizes.items()})
        return Goods(lot=self.lot, line=self.line, run=run)


class DispatchBody(Strict):
    """``remakes`` is the number of the delivery whose defects this one makes good."""

    place: Annotated[int, Field(ge=1, le=200)]
    goods: Annotated[list[GoodsBody], Field(min_length=1, max_length=100)]
    waybill: Text
    remakes: Annotated[int, Field(ge=1, le=1000)] | None = None

    def form(self) -> DispatchForm:
        return DispatchForm(
            place=self.place,
            goods=tuple(each.goods() for each in self.goods),
            waybill=self.waybill,
            remakes=self.remakes,
        )


class DefectBody(Strict):
    lot: Annotated[int, Field(ge=1, le=50)]
    line: Annotated[int, Field(ge=1, le=20)]
    size: Annotated[str, Field(max_length=20)]
    pieces: Pieces
    reason: LongText

    @classmethod
    def of(cls, defect: Defect) -> Self:
        return cls(lot=defect.lot, line=defect.line, size=defect.size, pieces=defect.pieces, reason=defect.reason)

    def defect(self) -> Defect:
        return Defect(lot=self.lot, line=self.line, size=Size(self.size), pieces=self.pieces, reason=self.reason)


class AcceptanceBody(Strict):
    """Everything that is not among the ``defects`` is accepted; defects need a day for the remake."""

    defects: Annotated[list[DefectBody], Field(max_length=200)] = []
    remake_due_on: Day | None = None


class InvoiceBody(Strict):
    """``document`` is the number on the supplier's own invoice."""

    document: Text
    deliveries: Annotated[list[Annotated[int, Field(ge=1, le=1000)]], Field(min_length=1, max_length=200)]


class DeliveryView(Strict):
    delivery: int
    place: int
    status: DeliveryStatus
    waybill: str
    remakes: int | None
    goods: list[GoodsBody]
    accepted: list[GoodsBody]
    defects: list[DefectBody]
    dispatched_at: Instant
    accepted_at: Instant | None
    remake_due_on: Day | None
    invoice: int | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        return cls(
            delivery=delivery.number,
            place=delivery.place,
            status=delivery.status,
            waybill=delivery.waybill,
            remakes=delivery.remakes,
            goods=[GoodsBody.of(each) for each in delivery.goods],
            accepted=[GoodsBody.of(each) for each in delivery.accepted],
            defects=[DefectBody.of(each) for each in delivery.defects],
            dispatched_at=delivery.dispatched_at,
            accepted_at=delivery.accepted_at,
            remake_due_on=delivery.remake_due_on,
            invoice=delivery.invoice,
        )


class InvoiceView(Strict):
    """``due_on`` is the payment clock: the last day for payment."""

    invoice: int
    document: str
    deliveries: list[int]
    amount: MoneyText
    status: InvoiceStatus
    issued_at: Instant
    due_on: Day
    paid_at: Instant | None

    @classmethod
    def of(cls, invoice: Invoice) -> Self:
        return cls(
            invoice=invoice.number,
            document=invoice.document,
            deliveries=list(invoice.deliveries),
            amount=invoice.amount,
            status=invoice.status,
            issued_at=invoice.issued_at,
            due_on=invoice.due_on,
            paid_at=invoice.paid_at,
        )


class DeclinationView(Strict):
    reason: DeclineReason
    explanation: str
    at: Instant

    @classmethod
    def of(cls, declination: Declination) -> Self:
        return cls(reason=declination.reason, explanation=declination.explanation, at=declination.at)


class LapseView(Strict):
    """``report_due_on`` is the last day for reporting the winner's evasion of signing."""

    reason: LapseReason
    at: Instant
    report_due_on: Day | None

    @classmethod
    def of(cls, lapse: Lapse) -> Self:
        return cls(reason=lapse.reason, at=lapse.at, report_due_on=lapse.report_due_on)


class LeftoverView(Strict):
    """What becomes of the lines of a contract that did not come into force."""

    state: LeftoverState
    failed_lots: list[int]

    @classmethod
    def of(cls, leftover: Leftover) -> Self:
        return cls(state=leftover.state, failed_lots=list(leftover.failed_lots))


class ContractView(Strict):
    """A contract as both sides and auditors see it. ``local_content`` is the contract's, in percent.

    Nobody signs before ``standstill_until``, the winner signs before ``sign_by``; ``replaces`` is the contract whose
    lines this one took over.
    A buyer that only receives sees its own places, deliveries and their sums. ``called`` and ``uncalled`` belong to a
    framework, ``framework_id`` to a call-off.
    """

    id: ContractId
    number: str
    tender_id: TenderId
    buyer_id: OrganizationId
    supplier_id: OrganizationId
    procedure: str
    status: ContractStatus
    currency: str = "KZT"
    sum: MoneyText
    local_content: DecimalText
    lines: list[ContractLineView]
    signed_by: list[OrganizationId]
    deliveries: list[DeliveryView]
    invoices: list[InvoiceView]
    concluded_at: Instant
    standstill_until: Instant | None
    sign_by: Instant | None
    declined: DeclinationView | None
    lapsed: LapseView | None
    leftover: LeftoverView | None
    replaces: ContractId | None
    kind: ContractKind
    framework_id: ContractId | None
    term_until: Day | None
    called: list[PartView]
    uncalled: list[PartView]
    settled_by: list[OrganizationId]

    @classmethod
    def of(cls, contract: Contract) -> Self:
        called, uncalled = parts_of(contract)
        return cls(
            id=contract.id,
            number=contract.number,
            tender_id=contract.tender_id,
            buyer_id=contract.buyer_id,
            supplier_id=contract.supplier_id,
            procedure=str(contract.procedure),
            status=contract.status,
            sum=contract.sum,
            local_content=contract.local_content,
            lines=[ContractLineView.of(line) for line in contract.lines],
            signed_by=[signature.organization_id for signature in contract.signatures],
            deliveries=[DeliveryView.of(each) for each in contract.deliveries],
            invoices=[InvoiceView.of(each) for each in contract.invoices],
            concluded_at=contract.concluded_at,
            standstill_until=contract.standstill_until,
            sign_by=contract.sign_by,
            declined=DeclinationView.of(contract.declination) if contract.declination else None,
            lapsed=LapseView.of(contract.lapse) if contract.lapse else None,
            leftover=LeftoverView.of(contract.leftover) if contract.leftover else None,
            replaces=contract.replaces,
            kind=contract.kind,
            framework_id=contract.framework_id,
            term_until=contract.term_until,
            called=called,
            uncalled=uncalled,
            settled_by=[signature.organization_id for signature in contract.settlement],
        )


class AwardView(Strict):
    tender_id: TenderId
    status: TenderStatus
    contracts: list[ContractView]

    @classmethod
    def of(cls, award: tuple[Tender, tuple[Contract, ...]]) -> Self:
        tender, contracts = award
        return cls(
            tender_id=tender.id,
            status=tender.status,
            contracts=[ContractView.of(contract) for contract in contracts],
        )
