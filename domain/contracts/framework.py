"""A framework: prices and the most that may be bought, ordered later in parts. An offtake contract is one.

    awaiting_signatures -> in_force --(call-offs)--> completed

A call-off is a contract of its own, in force at once because both sides have signed the framework; it has its prices,
its own deliveries and invoices. At every moment, for every line, place and size cell, ``called + uncalled = awarded``.
Nobody can cut the volume alone: there is no step that does. What was never called off ends with the signatures of both
sides on a settlement, which name it; without any rest the framework ends with its last call-off.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from domain.calendar import legal_day
from domain.contracts.model import Contract
from domain.contracts.parts import (
    AlreadySigned,
    Call,
    CalledGoods,
    ContractEvent,
    ContractKind,
    ContractLine,
    ContractStatus,
    Signature,
)
from domain.errors import Flaw, Invalid, Titles
from domain.events import CLOCK, By
from domain.garments import SizeRun, summed
from domain.ids import ContractId, OrganizationId
from domain.money import Money
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Method
from domain.tenders.model import StepNotAllowed

CALLS_MAX = 500


class CallOffRefused(Invalid):
    code = "call-off-refused"
    titles = Titles(
        "The framework does not allow this call-off",
        "Рамочный договор не допускает такой заявки",
        "Негіздемелік шарт мұндай тапсырысқа жол бермейді",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkCalledOff(ContractEvent):
    """``contract_id`` is the call-off; it voids a settlement that only one side has signed."""

    type: ClassVar[str] = "framework.called_off"
    contract_id: ContractId
    number: str
    pieces: int
    sum: Money
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkSettled(ContractEvent):
    """One side has signed the end of the framework; ``uncalled`` is the rest per ``lot.line`` and size."""

    type: ClassVar[str] = "framework.settled"
    completed: bool
    uncalled: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkCompleted(ContractEvent):
    """Everything was called off, delivered and paid."""

    type: ClassVar[str] = "framework.completed"


def as_awarded(contract: Contract) -> Contract:
    """A contract as its tender's method makes it: a framework runs until the last delivery day of its places."""
    if Rules(contract.procedure).method is not Method.FRAMEWORK:
        return contract
    last = max(place.due_on for line in contract.lines for place in line.places)
    return replace(contract, kind=ContractKind.FRAMEWORK, term_until=last)


def earliest_due_on(contract: Contract, *, at: datetime) -> date:
    """The first day for which goods may be called off today: the package leaves time to sew them."""
    name = "delivery_period_min_producers" if contract.by_producer else "delivery_period_min"
    return Rules(contract.procedure).period(name).due_on(legal_day(at))


def called(framework: Contract, line: ContractLine, place: int | None = None) -> SizeRun:
    """What was called off of a line, at one place or at all of them."""
    runs = (
        goods.run
        for call in framework.calls
        for goods in call.goods
        if (goods.lot, goods.line) == (line.lot, line.line) and place in {None, goods.place}
    )
    return summed(line.run.grid, runs)


def uncalled(framework: Contract) -> Iterator[CalledGoods]:
    """What may still be called off, per line and place; nothing where all of it was."""
    for line in framework.lines:
        for place in line.places:
            rest = place.run - called(framework, line, place.place)
            if rest.pieces:
                yield CalledGoods(lot=line.lot, line=line.line, place=place.place, run=rest)


def call_off(
    framework: Contract,
    *,
    id: ContractId,
    number: str,
    goods: tuple[CalledGoods, ...],
    due_on: date,
    by: By,
    at: datetime,
) -> tuple[Contract, FrameworkCalledOff, Contract]:
    """The framework with the call, its event, and the call-off, in force. Never more than is left, cell by cell."""
    _must_be_framework(framework)
    if len(framework.calls) >= CALLS_MAX:
        raise StepNotAllowed(f"A framework has at most {CALLS_MAX} call-offs")
    _check_day(framework, due_on, at)
    _check_goods(framework, goods)
    order = Contract(
        id=id,
        number=number,
        tender_id=framework.tender_id,
        buyer_id=framework.buyer_id,
        supplier_id=framework.supplier_id,
        procedure=framework.procedure,
        lines=tuple(_lines(framework, goods, due_on)),
        concluded_at=at,
        status=ContractStatus.IN_FORCE,
        signatures=framework.signatures,
        kind=ContractKind.CALL_OFF,
        framework_id=framework.id,
    )
    call = Call(contract_id=id, number=number, goods=goods, due_on=due_on, called_at=at)
    event = FrameworkCalledOff(
        subject_id=framework.id,
        by=by,
        at=at,
        contract_id=id,
        number=number,
        pieces=sum(each.run.pieces for each in goods),
        sum=order.sum,
        due_on=due_on,
    )
    return replace(framework, calls=(*framework.calls, call), settlement=()), event, order


def settle(framework: Contract, *, party: OrganizationId, by: By, at: datetime) -> tuple[Contract, FrameworkSettled]:
    """One side signs that nothing more is called off; the framework ends when both have. Open call-offs go on."""
    _must_be_framework(framework)
    if any(signature.organization_id == party for signature in framework.settlement):
        raise AlreadySigned("Your side has signed the settlement", passes="the other side's signature")
    signatures = (*framework.settlement, Signature(organization_id=party, at=at))
    both = {framework.buyer_id, framework.supplier_id} == {each.organization_id for each in signatures}
    settled = replace(framework, settlement=signatures, status=ContractStatus.COMPLETED if both else framework.status)
    rest = {
        f"{line.lot}.{line.line}": {str(size): pieces for size, pieces in run.cells}
        for line in framework.lines
        if (run := line.run - called(framework, line)).pieces
    }
    return settled, FrameworkSettled(subject_id=framework.id, by=by, at=at, completed=both, uncalled=rest)


def is_used_up(framework: Contract) -> bool:
    """Whether it ends with its last call-off: in force, and nothing left to call."""
    return framework.status is ContractStatus.IN_FORCE and next(uncalled(framework), None) is None


def complete(framework: Contract, *, at: datetime) -> tuple[Contract, FrameworkCompleted]:
    """All call-offs are completed; whether they are is for the caller to see."""
    if not is_used_up(framework):
        raise StepNotAllowed("The framework has pieces that were not called off", passes="a settlement")
    completed = replace(framework, status=ContractStatus.COMPLETED)
    return completed, FrameworkCompleted(subject_id=framework.id, by=CLOCK, at=at)


def _must_be_framework(contract: Contract) -> None:
    if contract.kind is not ContractKind.FRAMEWORK:
        raise StepNotAllowed(f"The contract is of the kind {contract.kind}", passes="a framework")
    if contract.status is not ContractStatus.IN_FORCE:
        raise StepNotAllowed(f"The framework is {contract.status}", passes="a framework in force")


def _check_day(framework: Contract, due_on: date, at: datetime) -> None:
    earliest = earliest_due_on(framework, at=at)
    last = framework.term_until
    if due_on < earliest:
        raise _refused("/due_on", "sooner than the package allows", f"{earliest} or later")
    if last is None or due_on > last:
        raise _refused("/due_on", f"after the framework's term, {last}", f"{earliest} to {last}")


def _check_goods(framework: Contract, goods: tuple[CalledGoods, ...]) -> None:
    if not goods or len({(each.lot, each.line, each.place) for each in goods}) != len(goods):
        raise _refused("/goods", "empty, or a line stands twice for a place", "each line once per place")
    rest = {(each.lot, each.line, each.place): each.run for each in uncalled(framework)}
    for index, each in enumerate(goods):
        left = rest.get((each.lot, each.line, each.place))
        if left is None:
            reason = f"nothing is left of lot {each.lot} line {each.line} at place {each.place}"
            raise _refused(f"/goods/{index}", reason, "a line and place with uncalled pieces")
        if each.run.pieces == 0 or not each.run.within(left):
            passes = ", ".join(f"{size}: {pieces}" for size, pieces in left.cells)
            raise _refused(f"/goods/{index}/sizes", "none, or more than is uncalled", passes)


def _lines(framework: Contract, goods: tuple[CalledGoods, ...], due_on: date) -> Iterator[ContractLine]:
    for line in framework.lines:
        mine = {each.place: each.run for each in goods if (each.lot, each.line) == (line.lot, line.line)}
        if not mine:
            continue
        places = tuple(
            replace(place, due_on=due_on, run=mine[place.place]) for place in line.places if place.place in mine
        )
        yield replace(line, run=summed(line.run.grid, mine.values()), places=places)


def _refused(pointer: str, reason: str, passes: str) -> CallOffRefused:
    return CallOffRefused(
        f"{pointer}: {reason}", flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),), passes=passes
    )
