"""What the evaluating room needs from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.actors import Actor
from domain.evaluating.committee import Committee
from domain.evaluating.papers import PaperRequest
from domain.evaluating.scores import ScoreSheet
from domain.events import Event
from domain.ids import BidId, OrganizationId, PaperRequestId, PersonId, ScoreSheetId, TenderId
from domain.money import Money


class Committees(Protocol):
    async def find(self, tender_id: TenderId) -> Committee | None: ...
    async def save(self, entity: Committee, *, because: Event) -> Committee: ...


class Scores(Protocol):
    async def of_tender(self, tender_id: TenderId) -> tuple[ScoreSheet, ...]:
        """Every revision."""

    async def revisions(self, tender_id: TenderId, person_id: PersonId) -> Mapping[BidId, int]:
        """How often a member has scored each bid; the tender is locked by the caller."""

    async def save(self, entity: ScoreSheet, *, because: Event) -> ScoreSheet: ...


class PaperRequests(Protocol):
    async def get(self, id: PaperRequestId) -> PaperRequest: ...
    async def lock(self, id: PaperRequestId) -> PaperRequest: ...
    async def of_tender(self, tender_id: TenderId) -> tuple[PaperRequest, ...]: ...
    async def save(self, entity: PaperRequest, *, because: Event) -> PaperRequest: ...


class Standings(Protocol):
    async def contracts(
        self, suppliers: tuple[OrganizationId, ...], *, year: int
    ) -> Mapping[OrganizationId, tuple[Money, int]]:
        """Sum and number of the contracts that were concluded in a legal year and stand; frameworks by their call-offs.
        Who is missing has none.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCommittee:
    """``names`` by person; None where the reader is told neither names nor explanations: bidders."""

    committee: Committee
    names: Mapping[PersonId, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSheet:
    """``commented``: the reader may read the comments. Bidders read those on their own bids."""

    sheet: ScoreSheet
    name: str | None
    commented: bool


class EvaluatingQueries(Protocol):
    """For the tender's buyer and auditors; for its bidders once it is awarded, completed or has failed."""

    async def committee(self, actor: Actor, tender_id: TenderId) -> ShownCommittee: ...

    async def sheets(
        self, actor: Actor, tender_id: TenderId, *, after: ScoreSheetId | None, limit: int
    ) -> list[ShownSheet]:
        """In the order in which they came. While bids wait for their evaluation people of the buyer read their own, so
        that each scores for himself.
        """

    async def paper_requests(
        self, actor: Actor, tender_id: TenderId, *, after: PaperRequestId | None, limit: int
    ) -> list[PaperRequest]:
        """Bidders read their own at once."""
