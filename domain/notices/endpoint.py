"""A webhook endpoint: where an organisation's notices are posted to.

    working <-> parked

It is parked when a notice could not be delivered in eight tries, or when it says that it is gone; resumed by its owner.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from domain.errors import Conflict, NotFound, Titles
from domain.events import CLOCK, By, Event
from domain.ids import OrganizationId, WebhookEndpointId
from domain.tenders.model import StepNotAllowed

ENDPOINTS_MAX = 5
"""Of one organisation."""


class WebhookEndpointNotFound(NotFound):
    code = "webhook-endpoint-not-found"
    titles = Titles("There is no such endpoint", "Такого адреса вебхука нет", "Мұндай вебхук мекенжайы жоқ")


class TooManyEndpoints(Conflict):
    code = "too-many-webhook-endpoints"
    titles = Titles("There are too many endpoints", "Адресов вебхуков слишком много", "Вебхук мекенжайлары тым көп")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointEvent(Event):
    """The address stays out of the events: it may hold a secret of its owner."""

    subject: ClassVar[str] = "webhook_endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointAdded(EndpointEvent):
    type: ClassVar[str] = "webhook_endpoint.added"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRotated(EndpointEvent):
    type: ClassVar[str] = "webhook_endpoint.rotated"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointParked(EndpointEvent):
    type: ClassVar[str] = "webhook_endpoint.parked"
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResumed(EndpointEvent):
    type: ClassVar[str] = "webhook_endpoint.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRemoved(EndpointEvent):
    type: ClassVar[str] = "webhook_endpoint.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """``secrets`` counts the secrets it has had; ``failure`` is why it was parked."""

    id: WebhookEndpointId
    organization_id: OrganizationId
    url: str
    added_at: datetime
    secrets: int = 1
    parked_at: datetime | None = None
    failure: str | None = None
    version: int = 0

    def added(self, *, by: By) -> EndpointAdded:
        return EndpointAdded(subject_id=self.id, by=by, at=self.added_at)

    def rotate(self, *, by: By, at: datetime) -> tuple["WebhookEndpoint", EndpointRotated]:
        """From now on another secret signs; the old one signs nothing more."""
        return replace(self, secrets=self.secrets + 1), EndpointRotated(subject_id=self.id, by=by, at=at)

    def park(self, *, failure: str, at: datetime) -> tuple["WebhookEndpoint", EndpointParked]:
        parked = replace(self, parked_at=at, failure=failure)
        return parked, EndpointParked(subject_id=self.id, by=CLOCK, at=at, failure=failure)

    def resume(self, *, by: By, at: datetime) -> tuple["WebhookEndpoint", EndpointResumed]:
        if self.parked_at is None:
            raise StepNotAllowed("The endpoint is not parked", passes="a parked endpoint")
        return replace(self, parked_at=None, failure=None), EndpointResumed(subject_id=self.id, by=by, at=at)

    def removed(self, *, by: By, at: datetime) -> EndpointRemoved:
        return EndpointRemoved(subject_id=self.id, by=by, at=at)

    def secret(self, key: bytes) -> str:
        """Its present secret in the form of Standard Webhooks, derived from the deployment's key (HMAC-SHA256): known
        to whoever holds the key, stored nowhere.
        """
        named = f"oimaq webhook {self.id} {self.secrets}".encode()
        return "whsec_" + base64.b64encode(hmac.digest(key, named, hashlib.sha256)).decode()
