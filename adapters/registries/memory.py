"""Answers remembered for a while, by question; the oldest leave first when there are too many."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Memory(Generic[Kept]):
    """At most ``entries`` values, each for at most ``seconds`` of ``clock`` (monotonic)."""

    def __init__(self, *, seconds: float, entries: int, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._entries = entries
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, Kept]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Kept | None:
        found = self._kept.get(key)
        if found is None:
            return None
        kept_at, value = found
        if self._clock() - kept_at >= self._seconds:
            del self._kept[key]
            return None
        return value

    def put(self, key: Hashable, value: Kept) -> None:
        self._kept.pop(key, None)
        self._kept[key] = (self._clock(), value)
        while len(self._kept) > self._entries:
            self._kept.popitem(last=False)
