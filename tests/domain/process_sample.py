"""A contracting process at each of its stages, for the projection's tests."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.awards.allocation import Allocation
from domain.awards.model import Admission, Evaluation, LotResult, RejectionReason
from domain.awards.problem import Problem
from domain.bids.model import Bid, BidStatus
from domain.bids.offers import LineOffer, LotOffer
from domain.contracts.ending import lapse
from domain.contracts.model import Contract
from domain.contracts.parts import ContractLine, ContractStatus, Defect, Goods, PlaceRun
from domain.enquiries.model import Enquiry
from domain.events import CLOCK
from domain.garments import GarmentKind, GarmentLine, GridId, Size, SizeRun, Unit
from domain.ids import (
    AmendmentId,
    BidId,
    Bin,
    ContractId,
    EnquiryId,
    EvaluationId,
    Kato,
    OrganizationId,
    TenderId,
    VerdictId,
    check_digit,
    parse_ens_tru,
)
from domain.money import Money
from domain.reports.process import Party, Process
from domain.tenders.amendment import Entry, amend, extend
from domain.tenders.lot import DeliveryPlace, Lot
from domain.tenders.model import Tender, TenderStatus
from domain.tenders.procedure import PinnedProcedure

T0 = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ENS_TRU = parse_ens_tru("141211.290.000016")
BIDS_AS_EVER = {"partial_bids": "true", "specification_answers": "optional"}
PINNED = PinnedProcedure(id="samruk-category", version="2026.1", parameters={"payment_period": "P30D"} | BIDS_AS_EVER)
RUN = SizeRun(GridId.ADULT, ((Size("96-100/170-176"), 60), (Size("104-108/182-188"), 40)))


def bin_of(first_eleven: str) -> Bin:
    return Bin(f"{first_eleven}{check_digit(first_eleven)}")


def id_of(number: int) -> UUID:
    return UUID(int=number)


BUYER, WINNER, LOSER = (OrganizationId(id_of(number)) for number in (1, 2, 3))
PARTIES = {
    BUYER: Party(bin=bin_of("95044000167"), name='АО "Заказчик"', kato=Kato("711210000")),
    WINNER: Party(bin=bin_of("10104000012"), name='ТОО "Мастерская"', kato=Kato("631010000")),
    LOSER: Party(bin=bin_of("10104000031"), name='ТОО "Вторая"', kato=Kato("751110000")),
}


def lot(number: int) -> Lot:
    line = GarmentLine(
        number=1,
        name="Костюм летний",
        ens_tru=ENS_TRU,
        kind=GarmentKind.WORKWEAR_SUIT,
        unit=Unit.SET,
        standard_minutes=Decimal("62.50"),
        planned_price=Money.of("12896.10"),
        run=RUN,
    )
    place = DeliveryPlace(
        number=1, name="Склад", kato=Kato("711210000"), address="ул. 1", due_on=date(2027, 2, 1), runs={1: RUN}
    )
    return Lot(number=number, title=f"Лот {number}", lines=(line,), places=(place,), allocated=line.sum)


def tender(number: str = "T-2026-000123") -> Tender:
    return Tender(
        id=TenderId(id_of(10)),
        number=number,
        buyer_id=BUYER,
        title="Спецодежда",
        procedure=PINNED,
        lots=(lot(1), lot(2)),
        drafted_at=T0 - HOUR,
    )


def published() -> Process:
    found, _ = tender().publish(procedure=PINNED, opens_at=T0, closes_at=T0 + 24 * HOUR, by=CLOCK, at=T0)
    return Process(tender=found, parties=PARTIES, changed_at=T0)


def amended() -> Process:
    """A question is answered, the title amended, another question answered, the deadline put off."""
    before = published()
    rules = {"amendment_rule": "extend", "amendment_remaining_min": "PT1H"}
    tender = replace(before.tender, procedure=replace(PINNED, parameters=PINNED.parameters | rules))
    first = Entry(id=AmendmentId(id_of(80)), earlier=0, reason="A better name", by=CLOCK, at=T0 + 2 * HOUR)
    tender, amendment, _ = amend(tender, title="Летняя спецодежда", lots=tender.lots, closes_at=None, entry=first)
    second = Entry(id=AmendmentId(id_of(81)), earlier=1, reason="More time", by=CLOCK, at=T0 + 4 * HOUR)
    tender, extension, _ = extend(tender, closes_at=T0 + 48 * HOUR, entry=second)
    enquiries = tuple(
        enquiry(number, lots, at) for number, lots, at in ((1, (1,), T0 + HOUR), (2, (1, 2), T0 + 3 * HOUR))
    )
    return replace(
        before,
        tender=tender,
        amendments=(amendment, extension),
        enquiries=enquiries,
        changed_at=T0 + 4 * HOUR,
    )


def enquiry(number: int, lots: tuple[int, ...], answered_at: datetime) -> Enquiry:
    return Enquiry(
        id=EnquiryId(id_of(60 + number)),
        tender_id=TenderId(id_of(10)),
        number=number,
        asker_id=LOSER,
        lots=lots,
        question="Какая ткань?",
        asked_at=T0,
        answer_by=T0 + 12 * HOUR,
        answer="Хлопок",
        answered_at=answered_at,
    )


def bid(number: int, bidder: OrganizationId, price: str) -> Bid:
    offer = LotOffer(lot=1, lines=(LineOffer(line=1, unit_price=Money.of(price)),))
    return Bid(
        id=BidId(id_of(number)),
        tender_id=TenderId(id_of(10)),
        bidder_id=bidder,
        offers=(offer,),
        received_at=T0 + HOUR,
        status=BidStatus.OPENED,
    )


def opened() -> Process:
    before = published()
    at = T0 + 24 * HOUR
    closed, _ = before.tender.close(manifest_sha256="00", bids=(), at=at)
    found, _ = closed.open(bids=(), at=at)
    bids = (bid(20, WINNER, "12000.10"), bid(21, LOSER, "12500.00"))
    return replace(before, tender=found, bids=bids, changed_at=at)


def failed() -> Process:
    before = opened()
    return replace(before, tender=replace(before.tender, status=TenderStatus.FAILED), changed_at=T0 + 25 * HOUR)


def cancelled() -> Process:
    before = published()
    return replace(before, tender=replace(before.tender, status=TenderStatus.CANCELLED), changed_at=T0 + HOUR)


def admission(bid: Bid, *, admitted: bool) -> Admission:
    return Admission(
        bid_id=bid.id,
        bidder_id=bid.bidder_id,
        lot=1,
        admitted=admitted,
        reason=None if admitted else RejectionReason.NOT_ELIGIBLE,
        detail=None,
        verdict_id=VerdictId(id_of(30)),
        rules=(),
    )


def contract_line(**changes: object) -> ContractLine:
    place = PlaceRun(place=1, name="Склад", kato=Kato("711210000"), address="ул. 1", due_on=date(2027, 2, 1), run=RUN)
    line = ContractLine(
        lot=1,
        line=1,
        name="Костюм летний",
        ens_tru=ENS_TRU,
        kind=GarmentKind.WORKWEAR_SUIT,
        unit=Unit.SET,
        standard_minutes=Decimal("62.50"),
        unit_price=Money.of("12000.10"),
        run=RUN,
        places=(place,),
        local_content=Decimal("60.00"),
        evidence_number="KZ-1",
    )
    return replace(line, **changes)  # type: ignore[arg-type]  # a test names fields of the line


def contract(at: datetime = T0 + 30 * HOUR) -> Contract:
    return Contract(
        id=ContractId(id_of(40)),
        number="C-2026-000045",
        tender_id=TenderId(id_of(10)),
        buyer_id=BUYER,
        supplier_id=WINNER,
        procedure=PINNED,
        lines=(contract_line(),),
        concluded_at=at,
    )


def awarded() -> Process:
    before = opened()
    at = T0 + 30 * HOUR
    evaluation = Evaluation(
        id=EvaluationId(id_of(50)),
        tender_id=before.tender.id,
        admissions=(admission(before.bids[0], admitted=True), admission(before.bids[1], admitted=False)),
        problem=Problem(demands=(), offers=()),
        allocation=Allocation(shares=(), unfilled=(), minutes_used={}, trace=()),
        engine="greedy/2",
        effort=2,
        results={1: LotResult.AWARDED, 2: LotResult.NO_ADMITTED_BIDS},
        evaluated_at=at,
    )
    found = replace(before.tender, status=TenderStatus.AWARDED, awarded_at=at)
    return replace(before, tender=found, evaluation=evaluation, contracts=(contract(),), changed_at=at)


def signed_contract() -> Contract:
    found = contract()
    for party, hours in ((BUYER, 31), (WINNER, 32)):
        found, _ = found.sign(party=party, by=CLOCK, at=T0 + hours * HOUR)
    return found


def signed() -> Process:
    return replace(awarded(), contracts=(signed_contract(),), changed_at=T0 + 32 * HOUR)


def lapsed() -> Process:
    """Nobody was left who could take what the winner left: the tender has failed after its award."""
    before = awarded()
    found, _ = lapse(replace(contract(), sign_by=T0 + 50 * HOUR), by=CLOCK, at=T0 + 51 * HOUR)
    failing = replace(before.tender, status=TenderStatus.FAILED)
    return replace(before, tender=failing, contracts=(found,), changed_at=T0 + 52 * HOUR)


def replaced() -> Process:
    """The next best is in force, the contract that was annulled before him is told as cancelled."""
    before = signed()
    annulled = replace(contract(), id=ContractId(id_of(41)), number="C-2026-000044", status=ContractStatus.ANNULLED)
    return replace(before, contracts=(annulled, *before.contracts))


def repeated() -> Process:
    """A purchase from one source that repeats a tender which failed."""
    before = published()
    return replace(before, tender=replace(before.tender, invited=(WINNER,), attempt=2), prior="T-2026-000100")


def paid_contract() -> Contract:
    """Delivered with five defects, invoiced and paid for the other 95."""
    found, _ = signed_contract().dispatch(
        place=1, goods=(Goods(lot=1, line=1, run=RUN),), waybill="1", remakes=None, by=CLOCK, at=T0 + 40 * HOUR
    )
    defect = Defect(lot=1, line=1, size=Size("96-100/170-176"), pieces=5, reason="seam")
    found, _ = found.accept(1, defects=(defect,), remake_due_on=date(2027, 1, 15), by=CLOCK, at=T0 + 41 * HOUR)
    found, _ = found.invoice(document="5", deliveries=(1,), due_on=date(2027, 1, 1), by=CLOCK, at=T0 + 42 * HOUR)
    found, _ = found.pay_invoice(1, by=CLOCK, at=T0 + 43 * HOUR)
    return found


def paid() -> Process:
    return replace(awarded(), contracts=(paid_contract(),), changed_at=T0 + 43 * HOUR)
