"""Batches: whoever waits at one moment goes together. Nobody waits for company: while one batch is under way, the next
one gathers.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from domain.work import Busy

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

ITEMS_MAX = 64
"""In one batch."""
UNDER_WAY_MAX = 2
WAITING_MAX = 1024


class Batches(Generic[Item, Outcome]):
    """``run`` gives an outcome for each item, in their order; one that is an exception is raised to whoever waits for
    it. What ``run`` itself raises is raised to all of its batch. Who goes away harms nobody: his item is carried out.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome | Exception]]],
        *,
        items_max: int = ITEMS_MAX,
        waiting_max: int = WAITING_MAX,
    ) -> None:
        self._run = run
        self._items_max = items_max
        self._waiting_max = waiting_max
        self._waiting: deque[tuple[Item, asyncio.Future[Outcome]]] = deque()
        self._under_way: set[asyncio.Task[None]] = set()

    async def put(self, item: Item) -> Outcome:
        """The item's own outcome. Refuses (``busy``) when too many wait."""
        if len(self._waiting) >= self._waiting_max:
            raise Busy("Too many wait for the database", passes="the same request a little later")
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._under_way) < UNDER_WAY_MAX:
            task = asyncio.create_task(self._work_off())
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return await future

    async def _work_off(self) -> None:
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._items_max))]
            try:
                outcomes = await self._run([item for item, _ in taken])
            except Exception as error:  # noqa: BLE001 - raised to those who wait for it
                outcomes = [error] * len(taken)
            except BaseException:
                for _, future in taken:
                    future.cancel()
                raise
            for (_, future), outcome in zip(taken, outcomes, strict=True):
                if future.done():
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
