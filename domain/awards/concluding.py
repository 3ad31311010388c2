"""Contracts from an award: one per winner over all the lots he won, place by place and size by size."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from domain.awards.allocation import Share
from domain.awards.checker import Checked
from domain.contracts.framework import as_awarded
from domain.contracts.model import Contract
from domain.contracts.parts import ContractLine, PlaceRun
from domain.contracts.schedule import PlaceShare
from domain.events import By
from domain.garments import summed
from domain.ids import ContractId, NewId, OrganizationId
from domain.organizations.verdict import Verdict
from domain.procedures.rules import Rules
from domain.procedures.timeline import sign_by_after
from domain.tenders.lot import Lot
from domain.tenders.model import Tender
from domain.work import Work


async def conclude(
    work: Work,
    tender: Tender,
    checked: Checked,
    schedules: Mapping[int, tuple[PlaceShare, ...]],
    verdicts: Mapping[tuple[OrganizationId, int], Verdict],
    *,
    standstill_until: datetime,
    replaces: ContractId | None = None,
    new_id: NewId,
    by: By,
    at: datetime,
) -> tuple[Contract, ...]:
    """Store one contract per winner, in the order in which the shares name them; ``schedules`` is per awarded lot."""
    shares = checked.shares(tuple(schedules))
    sign_by = sign_by_after(Rules(tender.procedure), standstill_until=standstill_until)
    contracts = []
    for supplier_id in dict.fromkeys(share.bidder_id for share in shares):
        contract = Contract(
            id=ContractId(new_id()),
            number=await work.contracts.next_number(at.year),
            tender_id=tender.id,
            buyer_id=tender.buyer_id,
            supplier_id=supplier_id,
            procedure=tender.procedure,
            lines=tuple(
                _line(tender.lots[number - 1], share, scheduled, verdicts[supplier_id, number])
                for number, scheduled in sorted(schedules.items())
                for share in shares
                if (share.bidder_id, share.lot) == (supplier_id, number)
            ),
            concluded_at=at,
            standstill_until=standstill_until,
            sign_by=sign_by,
            replaces=replaces,
        )
        concluded = as_awarded(contract)
        contracts.append(await work.contracts.save(concluded, because=concluded.concluded(by=by)))
    return tuple(contracts)


def _line(lot: Lot, share: Share, scheduled: tuple[PlaceShare, ...], verdict: Verdict) -> ContractLine:
    line = lot.lines[share.line - 1]
    mine = [each for each in scheduled if (each.supplier_id, each.line) == (share.bidder_id, share.line)]
    places = tuple(
        PlaceRun(
            place=place.number,
            name=place.name,
            kato=place.kato,
            address=place.address,
            due_on=place.due_on,
            run=each.run,
            buyer_id=place.buyer_id,
        )
        for each in mine
        for place in [lot.places[each.place - 1]]
    )
    if summed(share.run.grid, (each.run for each in mine)) != share.run:
        raise ValueError("the schedule lost or invented pieces")
    return ContractLine(
        lot=lot.number,
        line=line.number,
        name=line.name,
        ens_tru=line.ens_tru,
        kind=line.kind,
        unit=line.unit,
        standard_minutes=line.standard_minutes,
        unit_price=share.unit_price,
        run=share.run,
        places=places,
        local_content=verdict.local_content.get(line.number, Decimal(0)),
        evidence_number=verdict.evidence.get(line.number),
    )
