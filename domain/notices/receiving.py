"""Receiving: an organisation reads its notices, and says in which language and over which channels it wants them."""

from dataclasses import dataclass

from domain.errors import StaleVersion
from domain.events import By
from domain.ids import NewId, NoticeId, OrganizationId, WebhookEndpointId
from domain.notices.addresses import checked
from domain.notices.endpoint import ENDPOINTS_MAX, TooManyEndpoints, WebhookEndpoint, WebhookEndpointNotFound
from domain.notices.model import Language, NoticePreferences
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """An endpoint and its secret, which is shown this once."""

    endpoint: WebhookEndpoint
    secret: str

    @property
    def version(self) -> int:
        return self.endpoint.version


class Receiving:
    def __init__(self, begin: Begin, new_id: NewId, webhook_key: bytes, *, loopback: bool) -> None:
        """``loopback`` admits endpoints on this machine."""
        self._begin = begin
        self._new_id = new_id
        self._key = webhook_key
        self._loopback = loopback

    async def read(self, id: NoticeId, *, command: Command) -> None:
        """That it was read is the reader's own business, and no event. Twice is harmless."""
        async with self._begin(command) as work:
            await work.notices.read(command.by.organization_id, id)

    async def read_until(self, id: NoticeId, *, command: Command) -> None:
        async with self._begin(command) as work:
            await work.notices.read_until(command.by.organization_id, id)

    async def prefer(self, *, language: Language, mail: bool, version: int, command: Command) -> NoticePreferences:
        """Set for the first time (``version`` 0) or replace."""
        async with self._begin(command) as work:
            at = await work.now()
            owner_id = command.by.organization_id
            present = await work.notice_preferences.find(owner_id) or NoticePreferences(id=owner_id, set_at=at)
            if present.version != version:
                raise StaleVersion(f"You read version {version}, it is {present.version} now", passes="a fresh read")
            changed, event = present.change(language=language, mail=mail, by=By.actor(command.by), at=at)
            return work.answers(await work.notice_preferences.save(changed, because=event))

    async def add_endpoint(self, url: str, *, command: Command) -> NewSecret:
        """Refuses ``address-refused`` and ``too-many-webhook-endpoints``."""
        checked(url, loopback=self._loopback)
        async with self._begin(command) as work:
            owner = await work.organizations.lock(command.by.organization_id)
            if await work.webhook_endpoints.count(owner.id) >= ENDPOINTS_MAX:
                raise TooManyEndpoints(f"There are {ENDPOINTS_MAX} endpoints", passes="the removal of one")
            endpoint = WebhookEndpoint(
                id=WebhookEndpointId(self._new_id()), organization_id=owner.id, url=url, added_at=await work.now()
            )
            stored = await work.webhook_endpoints.save(endpoint, because=endpoint.added(by=By.actor(command.by)))
            return work.answers(NewSecret(endpoint=stored, secret=stored.secret(self._key)))

    async def rotate(self, id: WebhookEndpointId, *, version: int, command: Command) -> NewSecret:
        async with self._begin(command) as work:
            endpoint = await _own(work, id, command.by.organization_id, version)
            rotated, event = endpoint.rotate(by=By.actor(command.by), at=await work.now())
            stored = await work.webhook_endpoints.save(rotated, because=event)
            return work.answers(NewSecret(endpoint=stored, secret=stored.secret(self._key)))

    async def resume(self, id: WebhookEndpointId, *, version: int, command: Command) -> WebhookEndpoint:
        """What waited meanwhile is posted now."""
        async with self._begin(command) as work:
            endpoint = await _own(work, id, command.by.organization_id, version)
            resumed, event = endpoint.resume(by=By.actor(command.by), at=await work.now())
            stored = await work.webhook_endpoints.save(resumed, because=event)
            await work.notice_deliveries.resume(str(id))
            return work.answers(stored)

    async def remove(self, id: WebhookEndpointId, *, command: Command) -> None:
        """What was to be posted there is dropped; the notices stay in the inbox."""
        async with self._begin(command) as work:
            endpoint = await _own(work, id, command.by.organization_id)
            event = endpoint.removed(by=By.actor(command.by), at=await work.now())
            await work.webhook_endpoints.remove(endpoint, because=event)
            await work.notice_deliveries.drop(str(id))


async def _own(
    work: Work, id: WebhookEndpointId, owner_id: OrganizationId, version: int | None = None
) -> WebhookEndpoint:
    endpoint = await work.webhook_endpoints.lock(id)
    if endpoint.organization_id != owner_id:
        raise WebhookEndpointNotFound("There is no such endpoint")
    if version is not None and endpoint.version != version:
        raise StaleVersion(f"You read version {version}, it is {endpoint.version} now", passes="a fresh read")
    return endpoint
