"""Sending: due tries are claimed in one transaction, made outside any, and recorded in another."""

import asyncio
import json
from datetime import UTC

from domain.notices.delivery import (
    FAILURE_MAX,
    DeliveryFailed,
    DeliveryRefused,
    DeliveryState,
    Outcome,
    Try,
    state_after,
)
from domain.notices.model import Notice
from domain.notices.ports import Call, Letter, Mailer, Texts, Webhooks
from domain.work import Begin

TRIES_AT_ONCE = 20


class Sending:
    def __init__(self, begin: Begin, mailer: Mailer, webhooks: Webhooks, texts: Texts, webhook_key: bytes) -> None:
        self._begin = begin
        self._mailer = mailer
        self._webhooks = webhooks
        self._texts = texts
        self._key = webhook_key

    async def send(self) -> int:
        """Make the next due tries, at the same time; how many there were. One that fails stops no other."""
        async with self._begin() as work:
            tries = await work.notice_deliveries.claim(limit=TRIES_AT_ONCE)
        outcomes = await asyncio.gather(*(self._make(each) for each in tries))
        for attempt, outcome in zip(tries, outcomes, strict=True):
            await self._record(attempt, outcome)
        return len(tries)

    async def _make(self, attempt: Try) -> Outcome:
        notice, endpoint = attempt.notice, attempt.endpoint
        try:
            if endpoint is not None:
                secret = endpoint.secret(self._key)
                await self._webhooks.post(Call(id=notice.id, url=endpoint.url, secret=secret, body=_payload(notice)))
            else:
                text = self._texts.render(notice.kind, notice.data, attempt.language)
                await self._mailer.send(
                    Letter(id=notice.id, to=attempt.address, language=attempt.language, text=text, at=notice.at)
                )
        except DeliveryRefused as refused:
            return Outcome(failure=refused.detail[:FAILURE_MAX], final=True)
        except DeliveryFailed as failed:
            return Outcome(failure=failed.detail[:FAILURE_MAX])
        except Exception as error:  # noqa: BLE001 - a mistake of ours in one of them must not undo the others
            return Outcome(failure=f"It could not be made ({type(error).__name__})")
        return Outcome()

    async def _record(self, attempt: Try, outcome: Outcome) -> None:
        state = state_after(outcome, tries=attempt.tries, channel=attempt.channel)
        async with self._begin() as work:
            if state is DeliveryState.PARKED and attempt.endpoint is not None and outcome.failure is not None:
                # The endpoint before its deliveries, as in a resumption: one order of locks.
                endpoint = await work.webhook_endpoints.find(attempt.endpoint.id)
                if endpoint is not None and endpoint.parked_at is None:
                    parked, event = endpoint.park(failure=outcome.failure, at=await work.now())
                    await work.webhook_endpoints.save(parked, because=event)
                    await work.notice_deliveries.park(attempt.channel)
            await work.notice_deliveries.record(attempt, outcome, state)


def _payload(notice: Notice) -> bytes:
    """The body as Standard Webhooks has it; equal for every try."""
    data = {
        "notice_id": str(notice.id),
        "organization_id": str(notice.organization_id),
        "subject": notice.subject,
        "subject_id": str(notice.subject_id),
        "tender_id": None if notice.tender_id is None else str(notice.tender_id),
        "details": notice.data,
    }
    at = notice.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    told = {"type": notice.kind, "timestamp": at, "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
