"""What a contract is to its readers, and what it comes to by buyer and site."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.contracts.model import Contract
from domain.contracts.parts import Call, CalledGoods, ContractLine, Delivery
from domain.contracts.receiving import receiver
from domain.garments import SizeRun, summed
from domain.ids import OrganizationId


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSum:
    """What one site of one buyer gets of one line."""

    buyer_id: OrganizationId
    lot: int
    line: int
    name: str
    place: int
    site: str
    run: SizeRun


def sums(contract: Contract) -> Iterator[PlaceSum]:
    """Per line and place, in the contract's order. Over the places they sum to each line's run, cell by cell."""
    for line in contract.lines:
        for place in line.places:
            yield PlaceSum(
                buyer_id=place.buyer_id or contract.buyer_id,
                lot=line.lot,
                line=line.line,
                name=line.name,
                place=place.place,
                site=place.name,
                run=place.run,
            )


def receiver_of(contract: Contract, delivery: Delivery) -> OrganizationId | None:
    return receiver(contract.lines, contract.buyer_id, delivery.place, delivery.goods)


def seen_by(contract: Contract, reader: OrganizationId) -> Contract:
    """Both sides see the contract. A buyer who only receives sees its own places and deliveries, and no invoice."""
    if reader in {contract.buyer_id, contract.supplier_id}:
        return contract
    return replace(
        contract,
        lines=tuple(_lines(contract, reader)),
        deliveries=tuple(each for each in contract.deliveries if receiver_of(contract, each) == reader),
        invoices=(),
        calls=tuple(_calls(contract, reader)),
    )


def _lines(contract: Contract, reader: OrganizationId) -> Iterator[ContractLine]:
    for line in contract.lines:
        places = tuple(place for place in line.places if place.buyer_id == reader)
        if places:
            yield replace(line, places=places, run=summed(line.run.grid, (place.run for place in places)))


def _calls(contract: Contract, reader: OrganizationId) -> Iterator[Call]:
    own = {
        (line.lot, line.line, place.place)
        for line in contract.lines
        for place in line.places
        if place.buyer_id == reader
    }

    def mine(goods: CalledGoods) -> bool:
        return (goods.lot, goods.line, goods.place) in own

    for call in contract.calls:
        goods = tuple(filter(mine, call.goods))
        if goods:
            yield replace(call, goods=goods)
