"""What the lotting room needs from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, Self

from domain.actors import Actor
from domain.events import Event
from domain.ids import LotStudyId, OrganizationId, TenderId
from domain.lotting.market import RegisteredWorkshop
from domain.lotting.model import LotStudy
from domain.lotting.study import Findings


class LotStudies(Protocol):
    async def get(self, id: LotStudyId) -> LotStudy: ...
    async def save(self, entity: LotStudy, *, because: Event) -> LotStudy: ...


class Workrooms(Protocol):
    async def page(self, *, year: int, after: OrganizationId | None, limit: int) -> Sequence[RegisteredWorkshop]:
        """Workshops of suppliers that are not suspended, in the order of their ids, with pieces awarded in ``year``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyHead:
    """A study without its facts; ``workshops`` is how many it looked at."""

    id: LotStudyId
    tender_id: TenderId
    tender_version: int
    package: str
    bid_on: date
    fixed: bool
    workshops: int
    bounded: bool
    cuts: int
    studied_at: datetime
    version: int

    @classmethod
    def of(cls, study: LotStudy) -> Self:
        return cls(
            id=study.id,
            tender_id=study.tender_id,
            tender_version=study.tender_version,
            package=study.package,
            bid_on=study.market.on,
            fixed=study.fixed,
            workshops=len(study.market.sewers),
            bounded=study.market.bounded,
            cuts=len(study.findings.cuts),
            studied_at=study.studied_at,
            version=study.version,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStudy:
    head: StudyHead
    findings: Findings


class LotStudyQueries(Protocol):
    """For the tender's buyer and auditors: a draft, and who could sew it, are nobody else's business."""

    async def study(self, actor: Actor, id: LotStudyId) -> ShownStudy: ...
    async def of_tender(
        self, actor: Actor, tender_id: TenderId, *, after: LotStudyId | None, limit: int
    ) -> list[StudyHead]: ...
