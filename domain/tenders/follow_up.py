"""What may follow a tender, or lots of it, that came to nothing: pure functions of stored state.

A follow-up is the same purchase once more: the failed lots unchanged but for their delivery days, by the method that
the package names for that failure. A tender is followed once. A follow-up that was cancelled as a draft never took
place, so that another may be drafted; one that was cancelled after its publication was the attempt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.awards.model import Evaluation
from domain.bids.model import Bid
from domain.contracts.ending import lines_wait
from domain.contracts.model import Contract
from domain.contracts.parts import NEVER_IN_FORCE, ContractKind, ContractStatus
from domain.contracts.unsigned import LeftoverState
from domain.errors import Conflict, Flaw, Invalid, Titles
from domain.ids import OrganizationId
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Failure, Method
from domain.tenders.lot import Lot
from domain.tenders.model import Tender, TenderStatus
from domain.tenders.sourcing import InvitationRefused


class TenderNotFailed(Conflict):
    """Nothing of the tender has failed, or not for good: an award that may still be set aside is not settled."""

    code = "tender-not-failed"
    titles = Titles(
        "No lot of the tender has failed",
        "Ни один лот не признан несостоявшимся",
        "Бірде-бір лот өтпеген деп танылмаған",
    )


class NoFollowUp(Conflict):
    code = "no-follow-up"
    titles = Titles(
        "The procedure names nothing that follows this failure",
        "Процедура не предусматривает продолжения",
        "Рәсімде бұдан кейінгі қадам көзделмеген",
    )


class AttemptsSpent(Conflict):
    code = "attempts-spent"
    titles = Titles(
        "The procedure allows no further attempt", "Число повторных закупок исчерпано", "Қайталау саны таусылды"
    )


class AlreadyFollowed(Conflict):
    code = "already-followed"
    titles = Titles("The tender is followed already", "Повторная закупка уже есть", "Қайталама сатып алу бар")


class FollowUpFixed(Conflict):
    """Another purchase would be no repetition of this one."""

    code = "follow-up-fixed"
    titles = Titles(
        "A follow-up cannot be revised", "Повторную закупку нельзя изменить", "Қайталама сатып алуды өзгертуге болмайды"
    )


class FollowUpUnclear(Invalid):
    """Lots failed for reasons that different methods follow, and only one tender follows."""

    code = "follow-up-unclear"
    titles = Titles(
        "Say by which method the tender is followed", "Укажите способ повторной закупки", "Қайталау тәсілін көрсетіңіз"
    )


_ANEW = "a tender of its own"
_LEFT = frozenset({LeftoverState.GIVEN_UP, LeftoverState.AWARDED})
"""States of a lapsed contract in which its failed lots have failed for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """``lots`` are the failed tender's own, not numbered anew yet."""

    method: Method
    lots: tuple[Lot, ...]
    ground: str | None = None
    invited: OrganizationId | None = None


def failed_lots(
    tender: Tender, evaluation: Evaluation | None, contracts: Iterable[Contract], *, at: datetime
) -> dict[int, Failure]:
    """Per lot of the tender, why it came to nothing for good; ``evaluation`` is the latest of the whole tender.

    A lot of which some contract stands is not repeated: part of it would be bought twice. Refuses
    (``tender-not-failed``) where nothing has failed, or an award is not settled yet.
    """
    made = list(contracts)
    _must_be_settled(tender, made, at=at)
    failed = dict.fromkeys((lot.number for lot in tender.lots), Failure.NO_BIDS)
    if evaluation is not None:
        failed = dict(evaluation.failures)
    for contract in made:
        if contract.leftover is not None and contract.leftover.state in _LEFT:
            failed |= dict.fromkeys(contract.leftover.failed_lots, Failure.NOT_FILLED)
    standing = {line.lot for contract in made if contract.status not in NEVER_IN_FORCE for line in contract.lines}
    found = {lot: failure for lot, failure in sorted(failed.items()) if lot not in standing}
    if not found:
        raise TenderNotFailed("No lot of the tender has failed as a whole", passes="a tender with a failed lot")
    return found


def _must_be_settled(tender: Tender, contracts: Iterable[Contract], *, at: datetime) -> None:
    """A failed tender is. An awarded one is when no complaint can set the award aside and nobody is left to sign."""
    if tender.status in {TenderStatus.FAILED, TenderStatus.COMPLETED}:
        return
    if tender.status is not TenderStatus.AWARDED:
        raise TenderNotFailed(f"The tender is {tender.status}", passes="a tender that failed, or was awarded in part")
    if tender.complaints_until is not None and at < tender.complaints_until:
        raise TenderNotFailed(
            f"Its results may be complained about until {tender.complaints_until.isoformat()}",
            passes="a follow-up after the standstill",
            complaints_until=tender.complaints_until,
        )
    for contract in contracts:
        if contract.kind is ContractKind.CALL_OFF:
            continue  # its framework is what was awarded
        if contract.status is ContractStatus.AWAITING_SIGNATURES or lines_wait(contract):
            raise TenderNotFailed(
                f"Contract {contract.number} is not settled: {contract.status}",
                passes="a follow-up after every winner has signed, or nobody is left",
                contract=contract.number,
            )


def bidders(tender: Tender, bids: Iterable[Bid]) -> dict[int, frozenset[OrganizationId]]:
    """Per lot who bid on it, after the opening."""
    found: dict[int, set[OrganizationId]] = {lot.number: set() for lot in tender.lots}
    for bid in bids:
        for offer in bid.offers:
            found[offer.lot] |= {seat.organization_id for seat in bid.seats(offer.lot)}
    return {lot: frozenset(ids) for lot, ids in found.items()}


def follow_up(
    tender: Tender,
    failed: Mapping[int, Failure],
    bidders: Mapping[int, frozenset[OrganizationId]],
    *,
    method: Method | None = None,
    invited: OrganizationId | None = None,
) -> FollowUp:
    """What follows by the rules that the tender pinned. ``method`` chooses where the reasons name different ones;
    ``invited`` names the one source where the bids do not.

    Refuses (``no-follow-up``, ``attempts-spent``, ``follow-up-unclear``, ``invitation-refused``).
    """
    rules = Rules(tender.procedure)
    named = {lot: next_one for lot, failure in failed.items() if (next_one := rules.follow_up(failure)) is not None}
    if not named:
        reasons = ", ".join(f"lot {lot} {failure}" for lot, failure in failed.items())
        raise NoFollowUp(f"{rules.procedure} by {rules.method} names nothing that follows: {reasons}", passes=_ANEW)
    if tender.attempt >= rules.whole("attempts_max"):
        raise AttemptsSpent(
            f"{rules.procedure} allows {rules.whole('attempts_max')} attempts, this was number {tender.attempt}",
            passes=_ANEW,
            attempts_max=rules.whole("attempts_max"),
        )
    chosen = _chosen(set(named.values()), method)
    lots = [lot for lot in tender.lots if named.get(lot.number) is chosen]
    if chosen is not Method.SINGLE_SOURCE:
        if invited is not None:
            raise _not_invited(f"{chosen} follows, which invites nobody", "nobody")
        return FollowUp(method=chosen, lots=tuple(lots))
    source = _source(lots, bidders, invited)
    ground = "failed_quotation" if rules.method is Method.QUOTATION else "failed_tender"
    kept = tuple(lot for lot in lots if not bidders[lot.number] or source in bidders[lot.number])
    if not kept:
        raise _not_invited("he did not bid on any of the failed lots", "one of their bidders")
    return FollowUp(method=chosen, lots=kept, ground=ground, invited=source)


def _chosen(named: set[Method], method: Method | None) -> Method:
    if method is None and len(named) == 1:
        return next(iter(named))
    if method in named:
        return method
    passes = ", ".join(sorted(named))
    reason = (
        "the lots failed for reasons that different methods follow" if method is None else f"{method} does not follow"
    )
    flaw = Flaw(pointer="/method", reason=reason, passes=passes)
    raise FollowUpUnclear(f"The tender is followed by {passes}", flaws=(flaw,), passes=passes)


def _source(
    lots: Iterable[Lot], bidders: Mapping[int, frozenset[OrganizationId]], invited: OrganizationId | None
) -> OrganizationId:
    """Whoever made the one offer (rules 687 p. 424); the buyer names him where nobody did, or several."""
    if invited is not None:
        return invited
    offered = {bidder for lot in lots for bidder in bidders[lot.number]}
    if len(offered) != 1:
        raise _not_invited(f"{len(offered)} suppliers bid on the failed lots", "the supplier to invite")
    return next(iter(offered))


def _not_invited(reason: str, passes: str) -> InvitationRefused:
    return InvitationRefused(reason, flaws=(Flaw(pointer="/invited", reason=reason, passes=passes),), passes=passes)


def repeated(lots: Iterable[Lot], *, postponed_days: int = 0) -> tuple[Lot, ...]:
    """The same lots, numbered from 1, all their delivery days later by the same number of calendar days."""
    later = timedelta(days=postponed_days)
    return tuple(
        replace(lot, number=number, places=tuple(replace(place, due_on=place.due_on + later) for place in lot.places))
        for number, lot in enumerate(lots, start=1)
    )
