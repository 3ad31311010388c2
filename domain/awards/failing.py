"""Failing: the buyer gives a tender up none of whose lots the bids could fill."""

from domain.awards.model import BiddersNotChecked
from domain.complaints.rules import must_be_evaluated_since, must_be_heeded, must_be_uncontested
from domain.errors import Conflict, Titles
from domain.events import By
from domain.ids import TenderId
from domain.tenders.model import StepNotAllowed, Tender, TenderStatus
from domain.tenders.tendering import own_tender
from domain.work import Begin, Command


class LotToAward(Conflict):
    code = "lot-to-award"
    titles = Titles(
        "A lot of the tender can be awarded", "В тендере есть лот для присуждения", "Тендерде беруге болатын лот бар"
    )


class Failing:
    def __init__(self, begin: Begin) -> None:
        self._begin = begin

    async def fail(self, id: TenderId, *, version: int, command: Command) -> Tender:
        """The tender fails with the reason of its latest evaluation; ``version`` is the tender's.

        Refuses (``lot-to-award``) while that evaluation awards a lot, (``bidders-not-checked``) while a bidder could
        not be checked, and what a complaint holds back.
        """
        async with self._begin(command) as work:
            tender = await own_tender(work, id, command.by, version)
            evaluation = await work.evaluations.latest(id)
            if evaluation is None or tender.status is not TenderStatus.EVALUATED:
                raise StepNotAllowed(f"A {tender.status} tender cannot be given up", passes="an evaluated tender")
            if evaluation.failure is None:
                lots = ", ".join(map(str, evaluation.awarded_lots))
                raise LotToAward(f"Lot {lots} can be awarded", passes="the award, or another evaluation")
            if evaluation.unchecked:
                raise BiddersNotChecked("Some bidders could not be checked", passes="another evaluation, then the same")
            standing = await work.complaints.standing(id)
            must_be_uncontested(standing)
            must_be_heeded(tender, standing)
            must_be_evaluated_since(standing, evaluated_at=evaluation.evaluated_at)
            at = await work.now()
            failed, event = tender.fail(reason=evaluation.failure, by=By.actor(command.by), at=at)
            return work.answers(await work.tenders.save(failed, because=event))
