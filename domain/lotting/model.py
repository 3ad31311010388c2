"""A stored study: which version of which draft it looked at, the facts it was made from, and what it found.

Nothing of it changes afterwards. Whoever has it can run ``study`` on its facts again and finds the same.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from domain.errors import Conflict, Flaw, Invalid, NotFound, Titles
from domain.events import By, Event
from domain.ids import LotStudyId, OrganizationId, TenderId
from domain.lotting.cuts import cut, exchanged
from domain.lotting.market import Market
from domain.lotting.study import Findings
from domain.tenders.lot import Lot
from domain.tenders.model import Tender


class LotStudyNotFound(NotFound):
    code = "lot-study-not-found"
    titles = Titles("There is no such study of lots", "Такого разбора лотов нет", "Мұндай лоттар талдауы жоқ")


class CutNotFound(NotFound):
    code = "cut-not-found"
    titles = Titles(
        "The study proposes no such cut", "Такого деления лота в разборе нет", "Талдауда лотты бұлай бөлу ұсынылмаған"
    )


class StudyOutdated(Conflict):
    code = "study-outdated"
    titles = Titles(
        "The draft has changed since the study",
        "Черновик изменился после разбора",
        "Талдаудан кейін жоба өзгерді",
    )


class StudyRefused(Invalid):
    code = "study-refused"
    titles = Titles(
        "The lots cannot be studied for this day",
        "Разбор лотов на этот день невозможен",
        "Бұл күнге лоттарды талдау мүмкін емес",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LotsStudied(Event):
    type: ClassVar[str] = "lot_study.made"
    subject: ClassVar[str] = "lot_study"
    tender_id: TenderId
    tender_version: int
    workshops: int
    cuts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotStudy:
    """``draft`` are the lots as they were in ``tender_version``; ``package`` the rules (``id@version``) that the draft
    would have pinned. ``fixed``: it repeats a failed tender, so that no cut could be made.
    """

    id: LotStudyId
    tender_id: TenderId
    buyer_id: OrganizationId
    tender_version: int
    package: str
    fixed: bool
    draft: tuple[Lot, ...]
    market: Market
    findings: Findings
    studied_at: datetime
    version: int = 0

    def made(self, *, by: By) -> LotsStudied:
        return LotsStudied(
            subject_id=self.id,
            by=by,
            at=self.studied_at,
            tender_id=self.tender_id,
            tender_version=self.tender_version,
            workshops=len(self.market.sewers),
            cuts=len(self.findings.cuts),
        )

    def applied(self, number: int, tender: Tender) -> tuple[Lot, ...]:
        """The draft's lots with one cut made. Refuses (``cut-not-found``, ``study-outdated``): the other cuts are of
        the draft as it was, and take another study.
        """
        found = next((each for each in self.findings.cuts if each.number == number), None)
        if found is None:
            raise CutNotFound(f"Cut {number} is not in the study", passes=f"1 to {len(self.findings.cuts)}")
        if tender.version != self.tender_version:
            raise StudyOutdated(
                f"Version {self.tender_version} was studied, the draft is version {tender.version} now",
                passes="a new study of the draft",
                studied=self.tender_version,
                version=tender.version,
            )
        lot = self.draft[found.lot - 1]
        return exchanged(tender.lots, lot.number, cut(lot, found.recipe))


def must_be_ahead(bid_on: date, *, today: date) -> None:
    """Refuse (``study-refused``) to judge workshops as of a day that has passed."""
    if bid_on < today:
        flaw = Flaw(pointer="/bid_on", reason="the day has passed", passes=f"{today} or later")
        raise StudyRefused(f"{bid_on} has passed", flaws=(flaw,))
