"""What every scenario is made of: one tender from its publication to its opening, and what goes wrong meanwhile."""

import asyncio
from collections.abc import Coroutine, Sequence

from tests.faults.people import Bidder, Manner, Reader
from tests.faults.stage import BIDDERS, Stage, Tender

OPENED_WITHIN = 60.0
"""After the deadline; a scenario may have to wait for a recovery."""


async def play(
    stage: Stage,
    ports: Sequence[int],
    *,
    seconds: float,
    seed: str,
    bidders: int = BIDDERS,
    manner: Manner | None = None,
    meanwhile: Sequence[Coroutine[None, None, None]] = (),
) -> Tender:
    """Bidders replace as fast as they can until the deadline refuses them; a reader at each port waits for the opening.

    Returns when all of them were answered (or gave up) and everything that goes wrong has gone wrong.
    """
    tender = await stage.published(ports[0], seconds=seconds)
    async with asyncio.TaskGroup() as tasks:
        for number, who in enumerate(stage.suppliers[:bidders]):
            bidder = Bidder(who, tender.id, tender.history, ports, seed=f"{seed}/{number}", manner=manner)
            tasks.create_task(bidder.bid_until_refused())
        for port in ports:
            reader = Reader(tender.id, tender.history, port)
            tasks.create_task(reader.wait(every=0.1, at_most=seconds + OPENED_WITHIN))
        for misfortune in meanwhile:
            tasks.create_task(misfortune)
    return tender
