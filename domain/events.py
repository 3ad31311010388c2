"""Events: what happened, by whom, when. The events table is audit trail, outbox and change feed at once.

An event class is a frozen dataclass that names its ``type`` (``tender.published``) and its ``subject`` (the
kind of aggregate it belongs to). Its own fields are the data that the feed shows to auditors, so they never
hold a price or a bidder before the opening: an event that would is marked ``sealed`` and stays out of the feed;
what it told becomes public with the opening's own event.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.actors import Actor
from domain.errors import MalformedValue
from domain.ids import OrganizationId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who caused an event: a person for an organisation, or the clock (both None)."""

    person_id: PersonId | None = None
    organization_id: OrganizationId | None = None

    @classmethod
    def actor(cls, actor: Actor) -> "By":
        return cls(person_id=actor.person_id, organization_id=actor.organization_id)


CLOCK = By()
"""A due transition: nobody decided it, the deadline passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The root; ``subject_id`` is the aggregate's id, ``at`` an aware instant."""

    type: ClassVar[str]
    subject: ClassVar[str]
    sealed: ClassVar[bool] = False

    subject_id: UUID
    by: By
    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise MalformedValue("An event's instant must carry its time zone")
