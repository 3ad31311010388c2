"""Booking: a contract takes its minutes in concrete weeks when it is concluded, and gives them back when it ends.

It binds from the award until everything is delivered, or it lapses or is annulled. A framework binds what is not called
off, and its call-offs bind the rest. Workshops are locked last, after every tender and contract of the transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal

from domain.awards.problem import Free
from domain.calendar import legal_day
from domain.capacity.model import CapacityTaken, Load
from domain.capacity.weeks import MINUTES_STEP, Owed, monday, week_name
from domain.contracts.framework import uncalled
from domain.contracts.model import Contract
from domain.contracts.parts import ContractStatus
from domain.ids import OrganizationId
from domain.work import Work

BINDING = frozenset({ContractStatus.AWAITING_SIGNATURES, ContractStatus.IN_FORCE})


async def free_of(
    work: Work, suppliers: Iterable[OrganizationId], *, days: Iterable[date], at: datetime
) -> dict[str, tuple[Free, ...]]:
    """``Problem.capacity`` of these bidders for these delivery days, as it is now. Nobody is kept from taking it: the
    award looks again.
    """
    wanted = sorted(set(days))
    loads = await work.capacity.loads(suppliers, after=legal_day(at))
    return {
        str(supplier): tuple(Free(until=day, minutes=load.weeks.free(day)) for day in wanted)
        for supplier, load in loads.items()
    }


def owed(contract: Contract, last_on: Mapping[int, date] | None = None) -> tuple[Owed, ...]:
    """What the contract binds: minutes by delivery day. ``last_on`` gives per lot the day by which its award counted
    them, where that is later.
    """
    lines = {(line.lot, line.line): line for line in contract.lines}
    minutes: dict[tuple[date, date], Decimal] = {}
    for goods in uncalled(contract):
        line = lines[goods.lot, goods.line]
        due_on = next(place.due_on for place in line.places if place.place == goods.place)
        days = due_on, max((last_on or {}).get(goods.lot, due_on), due_on)
        minutes[days] = minutes.get(days, Decimal(0)) + line.standard_minutes * goods.run.pieces
    return tuple(
        Owed(minutes=total.quantize(MINUTES_STEP, ROUND_CEILING), due_on=due_on, last_on=last)
        for (due_on, last), total in minutes.items()
    )


async def book_award(
    work: Work, contracts: Sequence[Contract], *, last_on: Mapping[int, date], must_fit: bool, at: datetime
) -> None:
    """Book what was just concluded, each contract of another supplier. ``must_fit``: minutes were counted, so they are
    looked at once more, under the lock. Refuses (``capacity-taken``) what does not fit into the weeks any more.
    """
    loads = await work.capacity.locked((each.supplier_id for each in contracts), after=legal_day(at))
    for contract in contracts:
        load = loads.get(contract.supplier_id) or _without_profile(at)
        placement = load.weeks.placed(owed(contract, last_on))
        if must_fit and placement.lacking:
            raise _taken(contract.supplier_id, placement.lacking[0])
        await work.capacity.book(contract, placement)


async def book_again(work: Work, contracts: Sequence[Contract], *, at: datetime) -> None:
    """Book a framework and its new call-off anew, the most urgent first. The buyer may call off whatever the weeks
    hold, so what finds no room is booked beyond them. The contracts are of one supplier.
    """
    for contract in contracts:
        await work.capacity.release(contract)
    for contract in contracts:
        loads = await work.capacity.loads((contract.supplier_id,), after=legal_day(at))
        load = loads.get(contract.supplier_id) or _without_profile(at)
        await work.capacity.book(contract, load.weeks.placed(owed(contract)))


async def release_ended(work: Work, contract: Contract) -> None:
    """Give back the minutes of a contract that binds no more; nothing happens while it does."""
    if contract.status not in BINDING:
        await work.capacity.release(contract)


def _without_profile(at: datetime) -> Load:
    return Load(per_week=Decimal(0), after=legal_day(at), booked={})


def _taken(supplier_id: OrganizationId, lacking: Owed) -> CapacityTaken:
    week = week_name(monday(lacking.last_on))
    return CapacityTaken(
        f"Supplier {supplier_id} lacks {lacking.minutes} standard minutes until {lacking.last_on} (week {week})",
        passes="another evaluation of the tender, with the minutes that are free now",
        supplier_id=str(supplier_id),
        minutes_missing=str(lacking.minutes),
        due_on=lacking.last_on.isoformat(),
        week=week,
    )
