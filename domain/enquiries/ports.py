"""What the enquiries room needs from outside."""

from dataclasses import dataclass
from typing import Protocol

from domain.actors import Actor
from domain.enquiries.model import Enquiry
from domain.events import Event
from domain.ids import EnquiryId, OrganizationId, TenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """``number`` is the next question's in its tender, ``asked`` how many the supplier has asked about it."""

    number: int
    asked: int


class Enquiries(Protocol):
    async def get(self, id: EnquiryId) -> Enquiry: ...
    async def lock(self, id: EnquiryId) -> Enquiry: ...
    async def turn(self, tender_id: TenderId, asker_id: OrganizationId) -> Turn:
        """One asker at a time until the commit: who shares the tender's lock still gets a number of his own."""

    async def save(self, entity: Enquiry, *, because: Event) -> Enquiry: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEnquiry:
    """``own``: the reader asked it himself; nobody else is told who did."""

    enquiry: Enquiry
    own: bool


class EnquiryQueries(Protocol):
    async def enquiry(self, actor: Actor | None, id: EnquiryId) -> ShownEnquiry:
        """An answered question for anybody, another for its asker and the buyer of the tender."""

    async def of_tender(
        self, actor: Actor | None, tender_id: TenderId, *, after: int | None, limit: int
    ) -> list[ShownEnquiry]:
        """Those of a published tender that the caller may read, by number; ``after`` is a number."""
