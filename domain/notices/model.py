"""A notice: what an organisation is told about one event; and how it wants to be told.

A notice is derived from its event and belongs to one organisation: it is unique per event, organisation and kind, and
its text is made when it is read, in the reader's language.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from domain.errors import NotFound, Titles
from domain.events import By, Event
from domain.ids import EventId, NoticeId, OrganizationId, TenderId


class Language(StrEnum):
    """The working languages."""

    KK = "kk"
    RU = "ru"
    EN = "en"


class NoticeNotFound(NotFound):
    code = "notice-not-found"
    titles = Titles("There is no such notice", "Такого уведомления нет", "Мұндай хабарлама жоқ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """``kind`` names the text; ``data`` is JSON, what the text speaks of. ``at`` is when it happened, ``told_at`` when
    the notice was made.
    """

    id: NoticeId
    event_id: EventId
    organization_id: OrganizationId
    kind: str
    subject: str
    subject_id: UUID
    tender_id: TenderId | None
    data: dict[str, Any]
    at: datetime
    told_at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePreferencesSet(Event):
    type: ClassVar[str] = "notice_preferences.set"
    subject: ClassVar[str] = "notice_preferences"
    language: Language
    mail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePreferences:
    """``id`` is the organisation's. Without a row of its own an organisation gets mail in Russian."""

    id: OrganizationId
    set_at: datetime
    language: Language = Language.RU
    mail: bool = True
    version: int = 0

    def change(
        self, *, language: Language, mail: bool, by: By, at: datetime
    ) -> tuple["NoticePreferences", NoticePreferencesSet]:
        changed = replace(self, language=language, mail=mail, set_at=at)
        return changed, NoticePreferencesSet(subject_id=self.id, by=by, at=at, language=language, mail=mail)
