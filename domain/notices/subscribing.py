"""Subscribing: a workshop says which lots it wants to hear of, and which tenders it follows."""

from dataclasses import dataclass

from domain.errors import StaleVersion
from domain.events import By
from domain.ids import NewId, OrganizationId, SubscriptionId, TenderId
from domain.notices.subscription import (
    SUBSCRIPTIONS_MAX,
    Interest,
    Subscription,
    SubscriptionNotFound,
    TooManySubscriptions,
)
from domain.notices.watch import BidderFollows, Watch, WatchEnded
from domain.tenders.model import TenderNotFound
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionForm:
    interest: Interest
    only_eligible: bool


class Subscribing:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def subscribe(self, form: SubscriptionForm, *, command: Command) -> Subscription:
        """Refuses ``too-many-subscriptions``; the organisation's row is locked, so that two at once are counted."""
        async with self._begin(command) as work:
            owner = await work.organizations.lock(command.by.organization_id)
            if await work.subscriptions.count(owner.id) >= SUBSCRIPTIONS_MAX:
                raise TooManySubscriptions(
                    f"There are {SUBSCRIPTIONS_MAX} subscriptions", passes="the end of one that is not needed"
                )
            subscription = Subscription(
                id=SubscriptionId(self._new_id()),
                organization_id=owner.id,
                interest=form.interest,
                only_eligible=form.only_eligible,
                made_at=await work.now(),
            )
            event = subscription.made(by=By.actor(command.by))
            return work.answers(await work.subscriptions.save(subscription, because=event))

    async def change(
        self, id: SubscriptionId, form: SubscriptionForm, *, version: int, command: Command
    ) -> Subscription:
        """What it fits from now on; tenders published before are not looked at again."""
        async with self._begin(command) as work:
            subscription = await _own(work, id, command.by.organization_id)
            if subscription.version != version:
                raise StaleVersion(
                    f"You read version {version}, it is {subscription.version} now", passes="a fresh read"
                )
            changed, event = subscription.change(
                interest=form.interest,
                only_eligible=form.only_eligible,
                by=By.actor(command.by),
                at=await work.now(),
            )
            return work.answers(await work.subscriptions.save(changed, because=event))

    async def end(self, id: SubscriptionId, *, command: Command) -> None:
        async with self._begin(command) as work:
            subscription = await _own(work, id, command.by.organization_id)
            event = subscription.ended(by=By.actor(command.by), at=await work.now())
            await work.subscriptions.remove(subscription, because=event)

    async def watch(self, tender_id: TenderId, *, command: Command) -> Watch:
        """Follow a published tender. Twice is harmless."""
        async with self._begin(command) as work:
            tender = await work.tenders.get(tender_id)
            if tender.published_at is None:
                raise TenderNotFound("There is no such tender")
            watch = Watch(organization_id=command.by.organization_id, tender_id=tender_id, since=await work.now())
            await work.watches.begin(watch, because=watch.begun(by=By.actor(command.by)))
            return work.answers(watch)

    async def unwatch(self, tender_id: TenderId, *, command: Command) -> None:
        """Refuses ``bidder-follows`` once the caller's bid is opened; before, nobody knows of it. Without a watch there
        is nothing to do.
        """
        async with self._begin(command) as work:
            by = command.by
            if await work.bids.is_bidder(tender_id, by.organization_id):
                raise BidderFollows("Your bid on this tender was opened")
            ended = WatchEnded(subject_id=tender_id, by=By.actor(by), at=await work.now())
            await work.watches.end(by.organization_id, because=ended)


async def _own(work: Work, id: SubscriptionId, owner_id: OrganizationId) -> Subscription:
    subscription = await work.subscriptions.lock(id)
    if subscription.organization_id != owner_id:
        raise SubscriptionNotFound("There is no such subscription")
    return subscription
