"""Who receives: the buyer of the place, or the contract's own buyer where the place names none."""

from domain.contracts.parts import ContractLine, Goods
from domain.ids import OrganizationId


def receivers(lines: tuple[ContractLine, ...], buyer_id: OrganizationId) -> frozenset[OrganizationId]:
    """Every buyer with a place in the contract."""
    return frozenset(place.buyer_id or buyer_id for line in lines for place in line.places)


def receiver(
    lines: tuple[ContractLine, ...], buyer_id: OrganizationId, place: int, goods: tuple[Goods, ...]
) -> OrganizationId | None:
    """The one buyer who receives these goods at a place; None where they are for several (lots number places anew)."""
    wanted = {(each.lot, each.line) for each in goods}
    found = {
        each.buyer_id or buyer_id
        for line in lines
        if (line.lot, line.line) in wanted
        for each in line.places
        if each.place == place
    }
    return found.pop() if len(found) == 1 else None
