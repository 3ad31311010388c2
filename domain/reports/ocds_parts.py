"""The building blocks of an OCDS release: parties, items, values, lots, bids, awards, contracts.

Sums are ``Decimal`` with two places, to be written as exact JSON numbers; instants have one form, UTC with ``Z``.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from domain.awards.model import LotResult
from domain.bids.model import Bid
from domain.calendar import LEGAL_ZONE
from domain.contracts.model import Contract
from domain.contracts.parts import (
    NEVER_IN_FORCE,
    ContractKind,
    ContractLine,
    ContractStatus,
    Delivery,
    DeliveryStatus,
    InvoiceStatus,
)
from domain.enquiries.model import Enquiry
from domain.garments import GarmentLine, Unit
from domain.ids import REGIONS, OrganizationId, region_of
from domain.money import Money
from domain.reports.process import Party, Process
from domain.tenders.amendment import Amendment
from domain.tenders.lot import Lot
from domain.tenders.model import Tender, TenderStatus

Json = dict[str, Any]

TENDER_STATUS: dict[TenderStatus, str] = {
    TenderStatus.PUBLISHED: "active",
    TenderStatus.CLOSED: "active",
    TenderStatus.OPENED: "active",
    TenderStatus.EVALUATED: "active",
    TenderStatus.AWARDED: "complete",
    TenderStatus.COMPLETED: "complete",
    TenderStatus.FAILED: "unsuccessful",
    TenderStatus.CANCELLED: "cancelled",
}
CONTRACT_STATUS: dict[ContractStatus, str] = {
    ContractStatus.AWAITING_SIGNATURES: "pending",
    ContractStatus.IN_FORCE: "active",
    ContractStatus.DELIVERED: "active",
    ContractStatus.COMPLETED: "terminated",
    ContractStatus.LAPSED: "cancelled",
    ContractStatus.ANNULLED: "cancelled",
}
MILESTONE_STATUS: dict[DeliveryStatus, str] = {
    DeliveryStatus.DISPATCHED: "scheduled",
    DeliveryStatus.ACCEPTED: "met",
    DeliveryStatus.PARTLY_ACCEPTED: "partiallyMet",
    DeliveryStatus.REJECTED: "notMet",
}
UNIT_NAMES: dict[Unit, str] = {Unit.PIECE: "piece", Unit.SET: "set", Unit.PAIR: "pair"}
_LAST_SECOND = time(23, 59, 59)


def instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def end_of(day: date) -> str:
    """The last second of a legal day."""
    return instant(datetime.combine(day, _LAST_SECOND, LEGAL_ZONE))


def value(money: Money) -> Json:
    return {"amount": money.amount, "currency": money.currency}


def method(tender: Tender) -> str:
    """The word of OCDS: one is invited, or those of a list, or anybody may bid."""
    if tender.invited:
        return "direct"
    return "selective" if tender.prequalification_id is not None else "open"


def prior(ocid: str) -> Json:
    """The process of a tender that failed and is repeated by this one."""
    return {"id": "1", "relationship": ["prior"], "scheme": "ocid", "identifier": ocid}


def party_id(party: Party) -> str:
    return f"KZ-BIN-{party.bin}"


def reference(process: Process, id: OrganizationId) -> Json:
    party = process.parties[id]
    return {"id": party_id(party), "name": party.name}


def organization(party: Party, roles: Iterable[str]) -> Json:
    return {
        "id": party_id(party),
        "name": party.name,
        "identifier": {"scheme": "KZ-BIN", "id": str(party.bin), "legalName": party.name},
        "address": {"region": REGIONS[region_of(party.kato)], "countryName": "Kazakhstan"},
        "roles": list(roles),
    }


def item(lot: int, line: GarmentLine | ContractLine, number: int, price: Money) -> Json:
    """One garment line; its unit's code is that of MKEI."""
    return {
        "id": f"{lot}.{number}",
        "description": line.name,
        "classification": {"scheme": "ENS-TRU", "id": str(line.ens_tru)},
        "quantity": line.run.pieces,
        "unit": {
            "scheme": "MKEI",
            "id": str(line.unit),
            "name": UNIT_NAMES[line.unit],
            "value": value(price),
        },
        "relatedLot": str(lot),
    }


def tender_items(process: Process) -> list[Json]:
    return [
        item(lot.number, line, line.number, line.planned_price) for lot in process.tender.lots for line in lot.lines
    ]


def contract_items(contract: Contract) -> list[Json]:
    return [item(line.lot, line, line.line, line.unit_price) for line in contract.lines]


def lot(process: Process, each: Lot, *, status: str, awarded: bool) -> Json:
    """A lot that nobody won is unsuccessful, also where others were awarded."""
    results = process.evaluation.results if awarded and process.evaluation else {}
    if results.get(each.number, LotResult.AWARDED) is not LotResult.AWARDED:
        status = "unsuccessful"
    return {
        "id": str(each.number),
        "title": each.title,
        "status": status,
        "value": value(each.allocated),
        "contractPeriod": {"endDate": end_of(each.due_on)},
    }


def amendment(each: Amendment, *, amends: str, release: str) -> Json:
    """``amends`` and ``release`` are the ids of the releases before and after it; an extension has its one change."""
    return {
        "id": str(each.number),
        "date": instant(each.amended_at),
        "rationale": each.reason,
        "description": f"{each.kind}: {', '.join(change.path for change in each.changes)}",
        "amendsReleaseID": amends,
        "releaseID": release,
    }


def enquiry(each: Enquiry, answered_at: datetime) -> Json:
    """Without its author, whom nobody learns of. OCDS can name one lot only; a question about several names none."""
    found: Json = {
        "id": str(each.number),
        "date": instant(each.asked_at),
        "description": each.question,
        "answer": each.answer,
        "dateAnswered": instant(answered_at),
    }
    return found | ({"relatedLot": str(each.lots[0])} if len(each.lots) == 1 else {})


def bid(process: Process, each: Bid, *, awarded: bool) -> Json:
    """An opened bid with the price that was read out; admission is told with the award."""
    lots = {lot.number: lot for lot in process.tender.lots}
    prices = [each.sum(lots[offer.lot]) for offer in each.offers]
    status = "pending"
    if awarded and process.evaluation is not None:
        admitted = any(found.admitted for found in process.evaluation.admissions if found.bid_id == each.id)
        status = "valid" if admitted else "disqualified"
    return {
        "id": str(each.id),
        "date": instant(each.received_at),
        "status": status,
        "tenderers": [reference(process, id) for id in each.sewers],
        "value": value(sum(prices[1:], prices[0])),
        "relatedLots": [str(offer.lot) for offer in each.offers],
    }


def award_id(process: Process, contract: Contract) -> str:
    """A call-off is a contract of its framework's award."""
    awarded = next((each for each in process.contracts if each.id == contract.framework_id), contract)
    return f"award-{awarded.number}"


def awarded(process: Process) -> list[Contract]:
    """The contracts that the award itself concluded: one per winner."""
    return [contract for contract in process.contracts if contract.kind is not ContractKind.CALL_OFF]


def award(process: Process, contract: Contract) -> Json:
    """One award per winner: what became his contract."""
    found: Json = {
        "id": award_id(process, contract),
        "status": "cancelled" if contract.status in NEVER_IN_FORCE else "active",
        "date": instant(process.tender.awarded_at or contract.concluded_at),
        "value": value(contract.sum),
        "suppliers": [reference(process, contract.supplier_id)],
        "items": contract_items(contract),
        "relatedLots": [str(number) for number in sorted({line.lot for line in contract.lines})],
    }
    won = next((each.id for each in process.bids if contract.supplier_id in each.sewers), None)
    return found if won is None else found | {"relatedBid": str(won)}


def contract_section(process: Process, contract: Contract, *, implementation: bool) -> Json:
    signed_at = signed(contract)
    due_on = max(place.due_on for line in contract.lines for place in line.places)
    found: Json = {
        "id": contract.number,
        "awardID": award_id(process, contract),
        "status": CONTRACT_STATUS[contract.status],
        "value": value(contract.sum),
        "items": contract_items(contract),
        "period": {"startDate": instant(signed_at or contract.concluded_at), "endDate": end_of(due_on)},
    }
    if signed_at is not None:
        found["dateSigned"] = instant(signed_at)
    if implementation and (contract.deliveries or contract.invoices):
        found["implementation"] = {
            "transactions": transactions(process, contract),
            "milestones": [milestone(each) for each in contract.deliveries],
        }
    return found


def signed(contract: Contract) -> datetime | None:
    """When the second side signed; a call-off is in force from the moment it is concluded."""
    if contract.kind is ContractKind.CALL_OFF:
        return contract.concluded_at
    if contract.status is ContractStatus.AWAITING_SIGNATURES or contract.status in NEVER_IN_FORCE:
        return None
    return max(signature.at for signature in contract.signatures)


def transactions(process: Process, contract: Contract) -> list[Json]:
    """Paid invoices."""
    return [
        {
            "id": f"{contract.number}-invoice-{invoice.number}",
            "date": instant(invoice.paid_at),
            "value": value(invoice.amount),
            "payer": reference(process, contract.buyer_id),
            "payee": reference(process, contract.supplier_id),
        }
        for invoice in contract.invoices
        if invoice.status is InvoiceStatus.PAID and invoice.paid_at is not None
    ]


def milestone(delivery: Delivery) -> Json:
    found: Json = {
        "id": f"delivery-{delivery.number}",
        "title": f"Delivery {delivery.number}",
        "type": "delivery",
        "status": MILESTONE_STATUS[delivery.status],
    }
    if delivery.status is DeliveryStatus.ACCEPTED and delivery.accepted_at is not None:
        found["dateMet"] = instant(delivery.accepted_at)
    return found
