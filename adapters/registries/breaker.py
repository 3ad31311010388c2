"""A circuit breaker: after so many failures in a row nobody asks for a while, then one asks for all.

    closed --failures--> open --time--> half open --the probe succeeds--> closed
                           ^----------------- it fails

Ours, because the libraries at hand either have no asynchronous form or count errors of the caller as failures.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CircuitOpenError(Exception):
    """Not asked at all: the last attempts failed, or somebody is probing now."""


class CircuitBreaker:
    """``failures`` in a row open it for ``open_seconds`` of ``clock`` (monotonic); ``failure`` is what counts as one.

    For one event loop: state changes between awaits only.
    """

    def __init__(
        self, failure: type[Exception], *, failures: int, open_seconds: float, clock: Callable[[], float]
    ) -> None:
        self._failure = failure
        self._failures_max = failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    def is_open(self) -> bool:
        return self._opened_at is not None

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """Around one attempt. Refuses (``CircuitOpenError``) while open, but for one probe at a time after a pause."""
        probe = self._admit()
        try:
            yield
        except self._failure:
            self.failed()
            raise
        else:
            self._failures = 0
            self._opened_at = None
        finally:
            # Also when the attempt was cancelled or failed by our own mistake: neither says anything about them.
            if probe:
                self._probing = False

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self._failures_max or self._opened_at is not None:
            self._opened_at = self._clock()

    def _admit(self) -> bool:
        if self._opened_at is None:
            return False
        if self._probing or self._clock() - self._opened_at < self._open_seconds:
            raise CircuitOpenError
        self._probing = True
        return True
