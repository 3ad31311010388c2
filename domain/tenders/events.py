"""What happens to a tender, as the feed tells it, and the coded reasons that go with it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from domain.events import Event
from domain.ids import TenderId
from domain.money import Money
from domain.procedures.vocabulary import Failure


class CancellationReason(StrEnum):
    NEED_LAPSED = "need_lapsed"
    BUDGET_CUT = "budget_cut"
    PLAN_CHANGED = "plan_changed"
    ERROR_IN_DOCUMENTS = "error_in_documents"
    ORDER_OF_AUTHORITY = "order_of_authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderEvent(Event):
    subject: ClassVar[str] = "tender"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderDrafted(TenderEvent):
    type: ClassVar[str] = "tender.drafted"
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpDrafted(TenderEvent):
    """A draft that repeats ``lots`` (their numbers there) of the tender ``follows``, for the ``attempt``-th time."""

    type: ClassVar[str] = "tender.follow_up_drafted"
    title: str
    follows: TenderId
    lots: tuple[int, ...]
    method: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderRevised(TenderEvent):
    type: ClassVar[str] = "tender.revised"
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderPublished(TenderEvent):
    type: ClassVar[str] = "tender.published"
    procedure: str
    opens_at: datetime
    closes_at: datetime
    allocated: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderAmended(TenderEvent):
    """``paths`` are the JSON pointers of what is different now; the amendment itself tells before and after."""

    type: ClassVar[str] = "tender.amended"
    amendment_id: str
    terms: int
    reason: str
    opens_at: datetime
    closes_at: datetime
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderExtended(TenderEvent):
    type: ClassVar[str] = "tender.extended"
    amendment_id: str
    reason: str
    closes_at_before: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderCancelled(TenderEvent):
    type: ClassVar[str] = "tender.cancelled"
    reason: CancellationReason
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderClosed(TenderEvent):
    """``bids`` are the manifest's entries, ``manifest_sha256`` the hash of its canonical text: fixed before anything is
    opened.
    """

    type: ClassVar[str] = "tender.closed"
    manifest_sha256: str
    bids: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderKeyGiven(TenderEvent):
    type: ClassVar[str] = "tender.key_given"
    public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderOpeningApproved(TenderEvent):
    type: ClassVar[str] = "tender.opening_approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderOpened(TenderEvent):
    """``bids`` tells what each sealed bid event told: id, bidder, version, received_at and the price per lot;
    ``unreadable`` the bids that could not be read, each with its fault.
    """

    type: ClassVar[str] = "tender.opened"
    bids: tuple[dict[str, Any], ...]
    unreadable: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderFailed(TenderEvent):
    type: ClassVar[str] = "tender.failed"
    reason: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderEvaluated(TenderEvent):
    type: ClassVar[str] = "tender.evaluated"
    evaluation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderAwarded(TenderEvent):
    type: ClassVar[str] = "tender.awarded"
    evaluation_id: str
    contracts: tuple[str, ...]
    complaints_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderSetAside(TenderEvent):
    type: ClassVar[str] = "tender.set_aside"
    complaint_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderCompleted(TenderEvent):
    type: ClassVar[str] = "tender.completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderNextBestAwarded(TenderEvent):
    type: ClassVar[str] = "tender.next_best_awarded"
    evaluation_id: str
    contracts: tuple[str, ...]
    complaints_until: datetime
