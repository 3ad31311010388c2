"""Delivery of a notice over one channel: at least once, with the notice's id as the key that makes twice harmless.

    waiting -> sent
      |  ^
      v  |  (an endpoint is resumed)
    failed (mail), parked (webhook)

Eight tries within 24 hours. A try is counted and the next one scheduled before anything is sent, so that a crash
repeats it later and two workers never send at once; a crash between sending and recording sends twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Titles, Unavailable
from domain.notices.endpoint import WebhookEndpoint
from domain.notices.model import Language, Notice

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=7),
    timedelta(hours=12),
)
"""After the first try, the second, …; 23 h 36 min together. The first is longer than any try may take."""
TRIES_MAX = len(WAITS) + 1
FAILURE_MAX = 300
MAIL = "mail"
"""The channel of e-mail; a webhook's channel is its endpoint's id as text."""


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    PARKED = "parked"


class DeliveryFailed(Unavailable):
    """Another try may pass."""

    code = "delivery-failed"
    titles = Titles("The notice was not delivered", "Уведомление не доставлено", "Хабарлама жеткізілмеді")


class DeliveryRefused(Unavailable):
    """The other side will never take it: trying again is useless."""

    code = "delivery-refused"
    titles = Titles("The notice was refused", "В доставке уведомления отказано", "Хабарламаны қабылдаудан бас тартылды")


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One claimed try. ``address`` is the organisation's e-mail; ``endpoint`` None means mail."""

    notice: Notice
    channel: str
    tries: int
    address: str
    language: Language
    endpoint: WebhookEndpoint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a try came to; ``failure`` None: it was sent. ``final``: no other try will pass."""

    failure: str | None = None
    final: bool = False


def next_try(tries: int, *, at: datetime) -> datetime:
    """When to try again if the outcome of this try, the ``tries``-th, is never heard of."""
    return at + WAITS[min(tries, len(WAITS)) - 1]


def state_after(outcome: Outcome, *, tries: int, channel: str) -> DeliveryState:
    if outcome.failure is None:
        return DeliveryState.SENT
    if not outcome.final and tries < TRIES_MAX:
        return DeliveryState.WAITING
    return DeliveryState.FAILED if channel == MAIL else DeliveryState.PARKED
