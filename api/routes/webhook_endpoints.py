"""Webhook endpoints: where an organisation's notices are posted to, signed by Standard Webhooks."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import App, Signed, Unkept, Version, Writing, answered
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Instant, Strict
from domain.actors import Action
from domain.errors import StaleVersion
from domain.ids import WebhookEndpointId
from domain.notices.addresses import URL_MAX, AddressRefused
from domain.notices.endpoint import TooManyEndpoints, WebhookEndpoint, WebhookEndpointNotFound
from domain.notices.receiving import NewSecret
from domain.tenders.model import StepNotAllowed

router = APIRouter(prefix="/v1", tags=["notices"])


class EndpointBody(Strict):
    """An https address on the public network."""

    url: Annotated[str, Field(min_length=1, max_length=URL_MAX)]


class EndpointStepBody(Strict):
    """Nothing to say beside the step itself."""


class EndpointView(Strict):
    """``parked_at``: nothing is posted since; ``failure`` says why. ``…/resumption`` posts what waited."""

    id: WebhookEndpointId
    url: str
    added_at: Instant
    parked_at: Instant | None
    failure: str | None

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> Self:
        return cls(
            id=endpoint.id,
            url=endpoint.url,
            added_at=endpoint.added_at,
            parked_at=endpoint.parked_at,
            failure=endpoint.failure,
        )


class EndpointsView(Strict):
    """All of them: an organisation has at most five."""

    items: list[EndpointView]


class NewSecretView(Strict):
    """``secret`` is shown this once and stored nowhere; it verifies the signatures."""

    endpoint: EndpointView
    secret: str

    @classmethod
    def of(cls, new: NewSecret) -> Self:
        return cls(endpoint=EndpointView.of(new.endpoint), secret=new.secret)


@step(
    router,
    "/webhook-endpoints",
    action=Action.WEBHOOK_MANAGE,
    answers=NewSecretView,
    refusals=(AddressRefused, TooManyEndpoints),
)
async def add_webhook_endpoint(body: Incoming[EndpointBody], app: App, write: Unkept) -> Response:
    """Have your notices posted to an address. The answer holds a secret, so it is kept for no retry: a repeated
    request adds another endpoint, visible and removable.
    """
    command = write.command(NewSecretView.of)
    await app.receiving.add_endpoint(body.url, command=command)
    return answered(command)


@router.get("/webhook-endpoints", responses=responses("not-authenticated"))
async def list_webhook_endpoints(app: App, caller: Signed) -> EndpointsView:
    """The endpoints of your organisation."""
    return EndpointsView(items=[EndpointView.of(each) for each in await app.notices.endpoints(caller.actor)])


@router.get("/webhook-endpoints/{id}", responses=responses("not-authenticated", WebhookEndpointNotFound))
async def read_webhook_endpoint(id: WebhookEndpointId, app: App, caller: Signed, response: Response) -> EndpointView:
    endpoint = await app.notices.endpoint(caller.actor, id)
    response.headers["ETag"] = etag(endpoint.version)
    return EndpointView.of(endpoint)


@step(
    router,
    "/webhook-endpoints/{id}/rotation",
    action=Action.WEBHOOK_MANAGE,
    answers=NewSecretView,
    refusals=(WebhookEndpointNotFound, StaleVersion, "precondition-required"),
)
async def rotate_webhook_secret(
    id: WebhookEndpointId, _body: Incoming[EndpointStepBody], app: App, write: Unkept, version: Version
) -> Response:
    """Another secret, in force at once."""
    command = write.command(NewSecretView.of)
    await app.receiving.rotate(id, version=version, command=command)
    return answered(command)


@step(
    router,
    "/webhook-endpoints/{id}/resumption",
    action=Action.WEBHOOK_MANAGE,
    answers=EndpointView,
    refusals=(WebhookEndpointNotFound, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def resume_webhook_endpoint(
    id: WebhookEndpointId, _body: Incoming[EndpointStepBody], app: App, write: Writing, version: Version
) -> Response:
    """Post again, beginning with what waited while it was parked."""
    command = write.command(EndpointView.of)
    await app.receiving.resume(id, version=version, command=command)
    return answered(command)


@step(
    router,
    "/webhook-endpoints/{id}",
    action=Action.WEBHOOK_MANAGE,
    answers=None,
    method="DELETE",
    status=204,
    refusals=(WebhookEndpointNotFound,),
)
async def remove_webhook_endpoint(id: WebhookEndpointId, app: App, write: Unkept) -> None:
    """Nothing more is posted there; the notices stay in the inbox."""
    await app.receiving.remove(id, command=write.command(lambda _: None))
