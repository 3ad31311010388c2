"""Notices: the organisation's inbox, in the reader's language, and how it wants to be told otherwise."""

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from api.dependencies import App, Signed, Unkept, Version, answered
from api.languages import language
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Instant, Strict
from domain.actors import Action
from domain.errors import StaleVersion
from domain.ids import EventId, NoticeId, TenderId
from domain.notices.model import Language, Notice, NoticeNotFound, NoticePreferences
from domain.notices.ports import RenderedText

router = APIRouter(prefix="/v1", tags=["notices"])

Accepted = Annotated[str | None, Header(alias="Accept-Language", description="kk, ru or en; English when none fits")]


class NoticeView(Strict):
    """``title`` and ``text`` are in the reader's language; ``data`` is what they speak of."""

    id: NoticeId
    kind: str
    language: Language
    title: str
    text: str
    event_id: EventId
    subject: str
    subject_id: UUID
    tender_id: TenderId | None
    data: dict[str, Any]
    at: Instant
    read_at: Instant | None

    @classmethod
    def of(cls, notice: Notice, text: RenderedText, language: Language) -> Self:
        return cls(
            id=notice.id,
            kind=notice.kind,
            language=language,
            title=text.subject,
            text=text.body,
            event_id=notice.event_id,
            subject=notice.subject,
            subject_id=notice.subject_id,
            tender_id=notice.tender_id,
            data=notice.data,
            at=notice.at,
            read_at=notice.read_at,
        )


class ReadingBody(Strict):
    """Nothing to say beside the step itself."""


class ReadingsBody(Strict):
    """``until`` is the newest notice that was seen: it and everything older are read."""

    until: NoticeId


class PreferencesBody(Strict):
    """``language`` is that of e-mails; ``mail`` false: none are sent."""

    language: Language
    mail: bool


class PreferencesView(PreferencesBody):
    @classmethod
    def of(cls, preferences: NoticePreferences) -> Self:
        return cls(language=preferences.language, mail=preferences.mail)


@router.get(
    "/notices",
    responses=responses("not-authenticated", "malformed-cursor", "invalid-request"),
    response_model=Page[NoticeView],
)
async def list_notices(
    app: App,
    caller: Signed,
    paging: Paging,
    unread: Annotated[bool, Query(description="Only those that are not read")] = False,  # noqa: FBT002 - a query flag
    accept_language: Accepted = None,
) -> Response:
    """The notices of your organisation, newest first."""
    after, spoken = paging.after(NoticeId), Language(language(accept_language))
    found = await app.notices.page(caller.actor, unread=unread, after=after, limit=paging.limit + 1)
    views = [NoticeView.of(each, app.texts.render(each.kind, each.data, spoken), spoken) for each in found]
    page = paged(views, paging, key=lambda view: [str(view.id)])
    page.headers.update(_spoken(spoken))
    return page


@router.get("/notices/{id}", responses=responses("not-authenticated", NoticeNotFound))
async def read_notice(
    id: NoticeId, app: App, caller: Signed, response: Response, accept_language: Accepted = None
) -> NoticeView:
    """One notice of your organisation. Reading it here does not mark it as read."""
    spoken = Language(language(accept_language))
    notice = await app.notices.notice(caller.actor, id)
    state = "read" if notice.read_at else "unread"
    response.headers.update(_spoken(spoken) | {"ETag": f'"{state}-{spoken}"'})
    return NoticeView.of(notice, app.texts.render(notice.kind, notice.data, spoken), spoken)


@step(
    router,
    "/notices/{id}/reading",
    action=Action.NOTICE_READ,
    answers=None,
    status=204,
    refusals=(NoticeNotFound,),
)
async def mark_notice(id: NoticeId, _body: Incoming[ReadingBody], app: App, write: Unkept) -> None:
    """Mark a notice as read. Twice is harmless, so no answer is kept."""
    await app.receiving.read(id, command=write.command(lambda _: None))


@step(router, "/notices/reading", action=Action.NOTICE_READ, answers=None, status=204)
async def mark_notices(body: Incoming[ReadingsBody], app: App, write: Unkept) -> None:
    """Mark a notice and everything older as read."""
    await app.receiving.read_until(body.until, command=write.command(lambda _: None))


@router.get("/notice-preferences", responses=responses("not-authenticated"))
async def read_preferences(app: App, caller: Signed, response: Response) -> PreferencesView:
    """How your organisation is told; version 0 while nothing was set."""
    preferences = await app.notices.preferences(caller.actor)
    response.headers["ETag"] = etag(preferences.version)
    return PreferencesView.of(preferences)


@step(
    router,
    "/notice-preferences",
    action=Action.NOTICE_PREFER,
    answers=PreferencesView,
    method="PUT",
    status=200,
    refusals=(StaleVersion, "precondition-required"),
)
async def set_preferences(body: Incoming[PreferencesBody], app: App, write: Unkept, version: Version) -> Response:
    """Set language and e-mail of your organisation's notices."""
    command = write.command(PreferencesView.of, status=200)
    await app.receiving.prefer(language=body.language, mail=body.mail, version=version, command=command)
    return answered(command)


def _spoken(spoken: Language) -> dict[str, str]:
    return {"Content-Language": str(spoken), "Vary": "Accept-Language"}
