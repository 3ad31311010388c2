"""What bidders agree to: title, dates, lots and criteria of a tender as JSON, in the shape in which everybody reads
the tender.

A test holds it to the public view; amendments keep the difference of two such documents.
"""

from datetime import UTC, datetime
from typing import Any

from domain.garments import GarmentLine, SizeRun
from domain.tenders.lot import DeliveryPlace, Lot
from domain.tenders.model import Tender

Json = dict[str, Any]


def documents_of(tender: Tender) -> Json:
    return {
        "title": tender.title,
        "opens_at": _instant(tender.opens_at),
        "closes_at": _instant(tender.closes_at),
        "lots": [_lot(lot) for lot in tender.lots],
        "criteria": [
            {"number": each.number, "name": each.name, "weight": format(each.weight, "f"), "scale": each.scale}
            for each in tender.criteria
        ],
    }


def _lot(lot: Lot) -> Json:
    return {
        "lot": lot.number,
        "title": lot.title,
        "allocated": str(lot.allocated.amount),
        "partial_award": lot.partial_award,
        "lines": [_line(line) for line in lot.lines],
        "places": [_place(place) for place in lot.places],
    }


def _line(line: GarmentLine) -> Json:
    return {
        "line": line.number,
        "name": line.name,
        "ens_tru": str(line.ens_tru),
        "kind": str(line.kind),
        "unit": str(line.unit),
        "standard_minutes": format(line.standard_minutes, "f"),
        "planned_price": str(line.planned_price.amount),
        "grid": str(line.run.grid),
        "sizes": _sizes(line.run),
        "pieces": line.run.pieces,
        "specification": [
            {
                "parameter": each.parameter,
                "operator": str(each.operator),
                "value": each.value,
                "unit": each.unit,
                "standard": each.standard,
                "mandatory": each.mandatory,
            }
            for each in line.specification
        ],
    }


def _place(place: DeliveryPlace) -> Json:
    return {
        "place": place.number,
        "name": place.name,
        "kato": str(place.kato),
        "address": place.address,
        "due_on": place.due_on.isoformat(),
        "sizes": {str(line): _sizes(run) for line, run in sorted(place.runs.items())},
        "buyer_id": str(place.buyer_id) if place.buyer_id else None,
    }


def _sizes(run: SizeRun) -> Json:
    return {str(size): pieces for size, pieces in run.cells}


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None
