"""Following a tender: by asking for it, or by doing something about it.

The events of watches are sealed: before the opening nobody may learn who takes an interest in a tender.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.errors import Conflict, Titles
from domain.events import By, Event
from domain.ids import OrganizationId, TenderId


class BidderFollows(Conflict):
    """Whoever has bid is told of the result and of complaints: from the opening on he cannot stop following."""

    code = "bidder-follows"
    titles = Titles(
        "A bidder of the tender follows it",
        "Участник тендера следит за ним",
        "Тендер қатысушысы оны қадағалайды",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchEvent(Event):
    """``subject_id`` is the tender's."""

    subject: ClassVar[str] = "watch"
    sealed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchBegun(WatchEvent):
    type: ClassVar[str] = "watch.begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchEnded(WatchEvent):
    type: ClassVar[str] = "watch.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    organization_id: OrganizationId
    tender_id: TenderId
    since: datetime

    def begun(self, *, by: By) -> WatchBegun:
        return WatchBegun(subject_id=self.tender_id, by=by, at=self.since)
