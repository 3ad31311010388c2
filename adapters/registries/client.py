"""How every registry is asked over HTTP: bounded in time, size and number of attempts, and never trusted.

Every question of this room only reads, so repeating it is safe: what may pass (no connection, no answer in time, 429,
5xx) is repeated with growing, jittered pauses, or after the pause that ``Retry-After`` asks for where that is bearable.
One deadline covers all requests and pauses of a question.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
import stamina

from adapters.registries.breaker import CircuitBreaker, CircuitOpenError
from adapters.registries.memory import Memory
from adapters.registries.reading import parsed, refused
from domain.registries.model import Answered, Provenance, Question, Registry, RegistryUnavailable, aged

Value = TypeVar("Value")
_LATER = "the same question a little later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long, how often and how much. Seconds unless the name says otherwise."""

    connect_seconds: float = 3.0
    read_seconds: float = 8.0
    total_seconds: float = 20.0
    attempts: int = 3
    pause_first_seconds: float = 0.2
    pause_max_seconds: float = 2.0
    pause_jitter_seconds: float = 0.3
    retry_after_max_seconds: float = 5.0
    """A registry that asks for more is reported as unavailable at once."""
    body_bytes_max: int = 2 * 1024 * 1024
    remember_seconds: float = 300.0
    remember_entries: int = 1000
    failures_to_open: int = 6
    open_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    registry: Registry
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return parsed(self.registry, self.body)

    def must_be_ok(self) -> "Reply":
        if self.status != httpx.codes.OK:
            raise refused(self.registry, f"it answered with status {self.status}")
        return self


class _PassingError(Exception):
    """An attempt failed in a way that the next may not."""

    def __init__(self, why: str, *, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after


class RegistryClient:
    """One per registry and process. ``token`` is sent as a bearer token to ``base_url`` and nowhere else: redirects
    are refused, and neither proxies nor credentials are taken from the environment.
    """

    def __init__(
        self,
        registry: Registry,
        base_url: str,
        *,
        token: str | None = None,
        patience: Patience | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.registry = registry
        self._patience = patience or Patience()
        self._now = now
        headers = {"Accept": "application/json", "User-Agent": "oimaq"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers=headers,
            timeout=httpx.Timeout(self._patience.read_seconds, connect=self._patience.connect_seconds),
            follow_redirects=False,
            trust_env=False,
        )
        self._breaker = CircuitBreaker(
            _PassingError,
            failures=self._patience.failures_to_open,
            open_seconds=self._patience.open_seconds,
            clock=clock,
        )
        self._memory: Memory[Answered[Any]] = Memory(
            seconds=self._patience.remember_seconds, entries=self._patience.remember_entries, clock=clock
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(
        self,
        question: Question,
        subject: str,
        find: Callable[["Conversation"], Awaitable[Value]],
        *,
        remember: bool = True,
    ) -> Answered[Value]:
        """What ``find`` makes of the registry's replies, or what it made of them a little while ago. Failures are not
        remembered. Refuses ``registry-unavailable`` and ``registry-answer-malformed``.
        """
        known = self._memory.get((question, subject)) if remember else None
        if known is not None:
            return Answered(value=known.value, provenance=aged(known.provenance, at=self._now()))
        asked_at = self._now()
        conversation = Conversation(self)
        try:
            async with asyncio.timeout(self._patience.total_seconds):
                value = await find(conversation)
        except TimeoutError:
            self._breaker.failed()
            raise self.unavailable("did not answer in time") from None
        answered = Answered(
            value=value,
            provenance=Provenance(
                registry=self.registry,
                question=question,
                subject=subject,
                asked_at=asked_at,
                sha256=conversation.sha256,
            ),
        )
        if remember:
            self._memory.put((question, subject), answered)
        return answered

    def unavailable(self, why: str) -> RegistryUnavailable:
        return RegistryUnavailable(f"{self.registry} {why}", passes=_LATER, registry=str(self.registry))

    async def exchange(self, method: str, path: str, **request: Any) -> Reply:
        patience = self._patience
        try:
            async for attempt in stamina.retry_context(
                on=self._next_pause,
                attempts=patience.attempts,
                timeout=None,
                wait_initial=patience.pause_first_seconds,
                wait_max=patience.pause_max_seconds,
                wait_jitter=patience.pause_jitter_seconds,
            ):
                with attempt:
                    return await self._attempt(method, path, request)
        except _PassingError as error:
            why = error.why
        except CircuitOpenError:
            why = "has failed repeatedly and is left alone for a while"
        raise self.unavailable(why)

    def _next_pause(self, error: Exception) -> bool | float:
        """Whether to try again, and after how many seconds where the registry says so."""
        if not isinstance(error, _PassingError):
            return False
        if error.retry_after is None:
            return True
        return error.retry_after if error.retry_after <= self._patience.retry_after_max_seconds else False

    async def _attempt(self, method: str, path: str, request: Mapping[str, Any]) -> Reply:
        with self._breaker.guarding():
            try:
                async with self._http.stream(method, path, **request) as response:
                    body = await self._bounded(response)
            except httpx.TimeoutException as error:
                raise _PassingError("did not answer in time") from error
            except httpx.TransportError as error:
                raise _PassingError("cannot be reached") from error
            except httpx.DecodingError as error:
                raise refused(self.registry, "the answer is packed in a way that cannot be read") from error
            if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise _PassingError("is asked too often", retry_after=self._retry_after(response))
            if response.is_server_error:
                raise _PassingError(f"has a fault (status {response.status_code})")
        if response.is_redirect or response.has_redirect_location:
            raise refused(self.registry, "it sends us elsewhere")
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise self.unavailable("does not accept our token")
        return Reply(registry=self.registry, status=response.status_code, body=body)

    async def _bounded(self, response: httpx.Response) -> bytes:
        """The body as it is unpacked, so that a small packed one cannot become a huge one."""
        chunks, size = [], 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > self._patience.body_bytes_max:
                raise refused(self.registry, f"the answer is larger than {self._patience.body_bytes_max} bytes")
            chunks.append(chunk)
        return b"".join(chunks)

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Seconds, or a date; None where it says nothing that can be read."""
        text = response.headers.get("retry-after", "")
        if text.isascii() and text.isdigit():
            return float(text)
        try:
            return max(0.0, (parsedate_to_datetime(text) - self._now()).total_seconds())
        except (ValueError, TypeError):
            return None


class Conversation:
    """The requests of one question; knows the SHA-256 of everything that was answered."""

    def __init__(self, client: RegistryClient) -> None:
        self._client = client
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def get(self, path: str, **params: str) -> Reply:
        return self._heard(await self._client.exchange("GET", path, params=params or None))

    async def post(self, path: str, body: Mapping[str, Any]) -> Reply:
        return self._heard(await self._client.exchange("POST", path, json=body))

    def _heard(self, reply: Reply) -> Reply:
        self._digest.update(reply.body)
        return reply
