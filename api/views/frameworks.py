"""Bodies and views of frameworks, their call-offs, and the sums of a contract."""

from typing import Annotated, Self

from pydantic import Field

from api.schemas import Day, SizesMap, Strict
from domain.contracts.framework import called
from domain.contracts.model import Contract
from domain.contracts.parts import CalledGoods, ContractKind, ContractLine
from domain.contracts.sharing import PlaceSum, sums
from domain.garments import GridId, Size, SizeRun
from domain.ids import ContractId, OrganizationId


class CalledGoodsBody(Strict):
    """Pieces of one line for one place of the framework; ``grid`` is the line's."""

    lot: Annotated[int, Field(ge=1, le=50)]
    line: Annotated[int, Field(ge=1, le=20)]
    place: Annotated[int, Field(ge=1, le=200)]
    grid: GridId
    sizes: SizesMap

    def goods(self) -> CalledGoods:
        run = SizeRun.of(self.grid, {Size(size): pieces for size, pieces in self.sizes.items()})
        return CalledGoods(lot=self.lot, line=self.line, place=self.place, run=run)


class CallOffBody(Strict):
    """``due_on`` lies within the framework's term, and leaves the time to sew that the package gives."""

    goods: Annotated[list[CalledGoodsBody], Field(min_length=1, max_length=200)]
    due_on: Day


class PartView(Strict):
    """What was called off of a line, or was not; ``places`` by their number."""

    lot: int
    line: int
    sizes: SizesMap
    pieces: int
    places: dict[str, SizesMap]

    @classmethod
    def of(cls, line: ContractLine, runs: dict[int, SizeRun], run: SizeRun) -> Self:
        return cls(
            lot=line.lot,
            line=line.line,
            sizes=dict(run.cells),
            pieces=run.pieces,
            places={str(place): dict(each.cells) for place, each in sorted(runs.items()) if each.pieces},
        )


def parts_of(contract: Contract) -> tuple[list[PartView], list[PartView]]:
    """Called and uncalled, per line; both empty where the contract is not a framework."""
    taken: list[PartView] = []
    left: list[PartView] = []
    for line in contract.lines if contract.kind is ContractKind.FRAMEWORK else ():
        runs = {place.place: called(contract, line, place.place) for place in line.places}
        run = called(contract, line)
        taken.append(PartView.of(line, runs, run))
        rest = {place.place: place.run - runs[place.place] for place in line.places}
        left.append(PartView.of(line, rest, line.run - run))
    return taken, left


class PlaceSumView(Strict):
    buyer_id: OrganizationId
    lot: int
    line: int
    name: str
    place: int
    site: str
    sizes: SizesMap
    pieces: int

    @classmethod
    def of(cls, each: PlaceSum) -> Self:
        return cls(
            buyer_id=each.buyer_id,
            lot=each.lot,
            line=each.line,
            name=each.name,
            place=each.place,
            site=each.site,
            sizes=dict(each.run.cells),
            pieces=each.run.pieces,
        )


class ContractSumsView(Strict):
    """Who gets what where; over the places it sums to each line, cell by cell. ``buyers`` are pieces per buyer."""

    contract_id: ContractId
    pieces: int
    buyers: dict[OrganizationId, int]
    sites: list[PlaceSumView]

    @classmethod
    def of(cls, contract: Contract) -> Self:
        found = list(sums(contract))
        buyers: dict[OrganizationId, int] = {}
        for each in found:
            buyers[each.buyer_id] = buyers.get(each.buyer_id, 0) + each.run.pieces
        return cls(
            contract_id=contract.id,
            pieces=sum(buyers.values()),
            buyers=buyers,
            sites=[PlaceSumView.of(each) for each in found],
        )
