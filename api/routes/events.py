"""The event feed for auditors: every event once, in one order, none ever skipped."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import App, Signed
from api.paging import LIMIT_DEFAULT, LIMIT_MAX
from api.problems import EdgeRefusal, responses
from api.schemas import Instant, Strict
from domain.errors import Flaw, NotPermitted
from domain.ids import EventId, OrganizationId

router = APIRouter(prefix="/v1", tags=["audit"])


class EventView(Strict):
    """``organization_id`` is who caused it, null for the clock; people are not shown."""

    id: EventId
    type: str
    subject: str
    subject_id: UUID | None
    organization_id: OrganizationId | None
    at: Instant
    data: dict[str, Any]


class EventPage(Strict):
    """``next`` is what to send as ``after`` next time, also when this page is empty: the feed has no end."""

    items: list[EventView]
    next: EventId | None


@router.get("/events", responses=responses("not-authenticated", "invalid-request", "malformed-cursor", NotPermitted))
async def list_events(
    app: App,
    caller: Signed,
    after: Annotated[EventId | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
) -> EventPage:
    """Events after the one with the id ``after``, from the first on without it. What is sealed never appears."""
    found = await app.feed.after(caller.actor, after, limit=limit)
    if found is None:
        flaw = Flaw(pointer="query:after", reason="no event of this feed", passes="the next of a page")
        raise EdgeRefusal("malformed-cursor", "The feed has no such event", flaws=(flaw,))
    items = [
        EventView(
            id=each.id,
            type=each.type,
            subject=each.subject,
            subject_id=each.subject_id,
            organization_id=each.organization_id,
            at=each.at,
            data=each.data,
        )
        for each in found
    ]
    return EventPage(items=items, next=items[-1].id if items else after)
