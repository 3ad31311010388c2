"""Subscriptions to what is published, and tenders that are followed."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from api.dependencies import App, Signed, Unkept, Version, Writing, answered
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Instant, Pieces, Strict
from domain.actors import Action
from domain.errors import StaleVersion
from domain.garments import GarmentKind
from domain.ids import SubscriptionId, TenderId
from domain.notices.subscribing import SubscriptionForm
from domain.notices.subscription import (
    CRITERIA_MAX,
    Interest,
    Subscription,
    SubscriptionNotFound,
    SubscriptionRefused,
    TooManySubscriptions,
)
from domain.notices.watch import BidderFollows, Watch
from domain.tenders.model import TenderNotFound

router = APIRouter(prefix="/v1", tags=["notices"])

Code = Annotated[str, StringConstraints(pattern=r"^[0-9.]{4,17}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,9}$")]


class SubscriptionBody(Strict):
    """A lot fits if a line fits by code (first digits of ENS TRU, dots or not) or by kind, any line where neither is
    named, and the pieces of such lines that go to the regions (first digits of KATO) lie within the bounds.
    ``only_eligible``: only what your workshop may bid on, for as much as it can sew.
    """

    codes: Annotated[list[Code], Field(max_length=CRITERIA_MAX)] = []
    kinds: Annotated[list[GarmentKind], Field(max_length=CRITERIA_MAX)] = []
    regions: Annotated[list[Region], Field(max_length=CRITERIA_MAX)] = []
    pieces_min: Pieces | None = None
    pieces_max: Pieces | None = None
    only_eligible: bool = True

    def form(self) -> SubscriptionForm:
        interest = Interest(
            codes=tuple(dict.fromkeys(code.replace(".", "") for code in self.codes)),
            kinds=tuple(dict.fromkeys(self.kinds)),
            regions=tuple(dict.fromkeys(self.regions)),
            pieces_min=self.pieces_min,
            pieces_max=self.pieces_max,
        )
        return SubscriptionForm(interest=interest, only_eligible=self.only_eligible)


class SubscriptionView(Strict):
    id: SubscriptionId
    codes: list[str]
    kinds: list[GarmentKind]
    regions: list[str]
    pieces_min: int | None
    pieces_max: int | None
    only_eligible: bool
    made_at: Instant

    @classmethod
    def of(cls, subscription: Subscription) -> Self:
        interest = subscription.interest
        return cls(
            id=subscription.id,
            codes=list(interest.codes),
            kinds=list(interest.kinds),
            regions=list(interest.regions),
            pieces_min=interest.pieces_min,
            pieces_max=interest.pieces_max,
            only_eligible=subscription.only_eligible,
            made_at=subscription.made_at,
        )


class WatchBody(Strict):
    """Nothing to say beside the step itself."""


class WatchView(Strict):
    tender_id: TenderId
    since: Instant

    @classmethod
    def of(cls, watch: Watch) -> Self:
        return cls(tender_id=watch.tender_id, since=watch.since)


@step(
    router,
    "/subscriptions",
    action=Action.SUBSCRIPTION_MANAGE,
    answers=SubscriptionView,
    refusals=(SubscriptionRefused, TooManySubscriptions),
)
async def subscribe(body: Incoming[SubscriptionBody], app: App, write: Writing) -> Response:
    """Be told of lots that fit when their tender is published. An organisation has at most 20."""
    command = write.command(SubscriptionView.of)
    await app.subscribing.subscribe(body.form(), command=command)
    return answered(command)


@router.get(
    "/subscriptions",
    responses=responses("not-authenticated", "malformed-cursor"),
    response_model=Page[SubscriptionView],
)
async def list_subscriptions(app: App, caller: Signed, paging: Paging) -> Response:
    """The subscriptions of your organisation."""
    after = paging.after(SubscriptionId)
    found = await app.subscriptions.page(caller.actor, after=after, limit=paging.limit + 1)
    return paged([SubscriptionView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get("/subscriptions/{id}", responses=responses("not-authenticated", SubscriptionNotFound))
async def read_subscription(id: SubscriptionId, app: App, caller: Signed, response: Response) -> SubscriptionView:
    subscription = await app.subscriptions.subscription(caller.actor, id)
    response.headers["ETag"] = etag(subscription.version)
    return SubscriptionView.of(subscription)


@step(
    router,
    "/subscriptions/{id}",
    action=Action.SUBSCRIPTION_MANAGE,
    answers=SubscriptionView,
    method="PUT",
    status=200,
    refusals=(SubscriptionNotFound, SubscriptionRefused, StaleVersion, "precondition-required"),
)
async def change_subscription(
    id: SubscriptionId, body: Incoming[SubscriptionBody], app: App, write: Unkept, version: Version
) -> Response:
    """Replace what a subscription is about, for tenders to come."""
    command = write.command(SubscriptionView.of, status=200)
    await app.subscribing.change(id, body.form(), version=version, command=command)
    return answered(command)


@step(
    router,
    "/subscriptions/{id}",
    action=Action.SUBSCRIPTION_MANAGE,
    answers=None,
    method="DELETE",
    status=204,
    refusals=(SubscriptionNotFound,),
)
async def end_subscription(id: SubscriptionId, app: App, write: Unkept) -> None:
    await app.subscribing.end(id, command=write.command(lambda _: None))


@step(
    router,
    "/tenders/{tender_id}/watch",
    action=Action.TENDER_WATCH,
    answers=WatchView,
    refusals=(TenderNotFound,),
)
async def watch_tender(tender_id: TenderId, _body: Incoming[WatchBody], app: App, write: Writing) -> Response:
    """Follow a published tender: amendments, answers, the opening, the results. Who asks for a verdict, asks a
    question, bids, complains, or was told of the publication follows without asking.
    """
    command = write.command(WatchView.of)
    await app.subscribing.watch(tender_id, command=command)
    return answered(command)


@step(
    router,
    "/tenders/{tender_id}/watch",
    action=Action.TENDER_WATCH,
    answers=None,
    method="DELETE",
    status=204,
    refusals=(BidderFollows,),
)
async def unwatch_tender(tender_id: TenderId, app: App, write: Unkept) -> None:
    """Follow it no more; a bidder cannot."""
    await app.subscribing.unwatch(tender_id, command=write.command(lambda _: None))
