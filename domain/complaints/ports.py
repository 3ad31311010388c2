"""What the complaints room needs from outside."""

from dataclasses import dataclass
from typing import Protocol

from domain.actors import Actor
from domain.complaints.model import Complaint
from domain.events import Event
from domain.ids import ComplaintId, OrganizationId, TenderId


class Complaints(Protocol):
    async def get(self, id: ComplaintId) -> Complaint: ...
    async def lock(self, id: ComplaintId) -> Complaint: ...
    async def next_number(self, year: int) -> str:
        """``K-2026-000001``: gaps are possible, repetition is not."""

    async def standing(self, tender_id: TenderId) -> tuple[Complaint, ...]:
        """Those of the tender that are filed or upheld: what still binds."""

    async def save(self, entity: Complaint, *, because: Event) -> Complaint: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Complainant:
    id: OrganizationId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownComplaint:
    """``complainant`` is None where the reader may not know: before the opening, for everybody but the complainant
    and reviewers.
    """

    complaint: Complaint
    complainant: Complainant | None


class ComplaintQueries(Protocol):
    async def complaint(self, actor: Actor, id: ComplaintId) -> ShownComplaint:
        """For the complainant, the buyer of the tender, auditors and reviewers."""

    async def of_tender(
        self, actor: Actor | None, tender_id: TenderId, *, after: ComplaintId | None, limit: int
    ) -> list[ShownComplaint]:
        """The complaints of a published tender, for anybody, oldest first."""
