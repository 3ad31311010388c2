"""Webhooks by Standard Webhooks: signed, without redirects, the answer's body never read, five seconds in all.

httpcore is asked directly: it follows no redirect, reads no proxy from the environment and unpacks no body.
"""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime

import httpcore
from standardwebhooks import Webhook

from adapters.webhooks.guarded import GuardedBackend, RefusedAddressError
from domain.notices.delivery import DeliveryFailed, DeliveryRefused
from domain.notices.ports import Call

TIMEOUT_SECONDS = 5.0
GONE = 410
_UNREACHABLE = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    ssl.SSLError,
)


class WebhookSender:
    def __init__(
        self,
        network: GuardedBackend,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        trust: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``trust`` None: the certificates that this machine trusts."""
        self._network = network
        self._timeout_seconds = timeout_seconds
        self._trust = trust or ssl.create_default_context()
        self._now = now

    async def post(self, call: Call) -> None:
        """One connection a call. The signature covers the id, the instant of this try, and the body."""
        at = self._now()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "oimaq-webhooks",
            "webhook-id": str(call.id),
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(call.secret).sign(str(call.id), at, call.body.decode()),
        }
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status = await self._status(call, headers)
        except TimeoutError as error:
            raise DeliveryFailed(f"It did not answer within {self._timeout_seconds:g} seconds") from error
        except RefusedAddressError as error:
            raise DeliveryFailed(f"The address is refused: {error}") from error
        except _UNREACHABLE as error:
            raise DeliveryFailed(f"It cannot be reached ({type(error).__name__})") from error
        if status == GONE:
            raise DeliveryRefused("It says that it is gone (410)")
        if not 200 <= status < 300:  # noqa: PLR2004 - the codes of success
            raise DeliveryFailed(f"It answered with status {status}")

    async def _status(self, call: Call, headers: dict[str, str]) -> int:
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=self._trust, network_backend=self._network, max_connections=1, max_keepalive_connections=0
            ) as pool,
            pool.stream("POST", call.url, headers=list(headers.items()), content=call.body) as response,
        ):
            return response.status
