"""Enquiring: suppliers ask about a published tender, its buyer answers, and everybody reads both.

The tender is shared first and the clock read after that, as for a bid, so that a question is from before an amendment
or knows it, and none is from after the time for it.
"""

from dataclasses import dataclass

from domain.enquiries.model import ENQUIRIES_MAX, Enquiry, check_lots
from domain.enquiries.refusals import EnquiriesExhausted, EnquiryNotFound
from domain.enquiries.rules import due_before, must_take_answers, must_take_questions
from domain.errors import StaleVersion
from domain.events import By
from domain.ids import EnquiryId, NewId, TenderId
from domain.tenders.model import TenderNotFound, TenderStatus
from domain.work import Begin, Command


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryForm:
    """``lots`` empty means the whole tender."""

    lots: tuple[int, ...]
    question: str


class Enquiring:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def ask(self, tender_id: TenderId, form: EnquiryForm, *, command: Command) -> Enquiry:
        """A question of the caller, whom nobody else learns of."""
        async with self._begin(command) as work:
            (await work.organizations.get(command.by.organization_id)).must_be_confirmed()
            tender = await work.tenders.share(tender_id)
            if tender.status is TenderStatus.DRAFT:
                raise TenderNotFound("There is no such tender")
            turn = await work.enquiries.turn(tender_id, command.by.organization_id)
            at = await work.now()
            must_take_questions(tender, at=at)
            check_lots(tender, form.lots)
            if turn.asked >= ENQUIRIES_MAX:
                raise EnquiriesExhausted(
                    f"You have asked {turn.asked} questions about this tender",
                    passes=f"at most {ENQUIRIES_MAX} questions",
                )
            enquiry = Enquiry(
                id=EnquiryId(self._new_id()),
                tender_id=tender_id,
                number=turn.number,
                asker_id=command.by.organization_id,
                lots=form.lots,
                question=form.question,
                asked_at=at,
                answer_by=due_before(tender, asked_at=at),
            )
            event = enquiry.asked(by=By.actor(command.by))
            return work.answers(await work.enquiries.save(enquiry, because=event))

    async def answer(self, id: EnquiryId, *, answer: str, version: int, command: Command) -> Enquiry:
        """The buyer's answer, once, and public at once. A late one stands and is marked; after the deadline there is
        none.
        """
        async with self._begin(command) as work:
            seen = await work.enquiries.get(id)
            tender = await work.tenders.share(seen.tender_id)
            if tender.buyer_id != command.by.organization_id:
                raise EnquiryNotFound("There is no such question")
            enquiry = await work.enquiries.lock(id)
            if enquiry.version != version:
                raise StaleVersion(f"You read version {version}, it is {enquiry.version} now", passes="a fresh read")
            at = await work.now()
            must_take_answers(tender, at=at)
            answered, event = enquiry.answered(answer=answer, by=By.actor(command.by), at=at)
            return work.answers(await work.enquiries.save(answered, because=event))
