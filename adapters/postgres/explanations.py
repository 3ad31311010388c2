"""Letters and conflicts, from what is stored: worked out in a thread of their own, one at a time, and remembered."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.contracts import PostgresEvaluations
from adapters.postgres.reading import one
from domain.actors import Actor
from domain.awards.counterfactual import Rerun
from domain.awards.infeasible import LotNotOpen, Oracle
from domain.awards.letters import Letter, LetterNotFound, losers, write
from domain.awards.model import Evaluation
from domain.awards.open_lots import OpenLot, explain
from domain.awards.problem import Problem
from domain.ids import OrganizationId, TenderId

REMEMBERED = 500
_LETTERS = text("""
SELECT e.* FROM evaluations e JOIN tenders t ON t.id = e.tender_id
WHERE e.tender_id = :tender_id AND e.replaces IS NULL AND (t.awarded_at IS NOT NULL OR t.status = 'failed')
  AND (:auditor OR t.buyer_id = :organization_id OR CAST(:bidder_id AS uuid) = :organization_id)
ORDER BY e.evaluated_at DESC, e.id DESC LIMIT 1
""")
"""A bidder asks for his own; what he finds there is nothing where he has not bid."""
_OPEN = text("""
SELECT e.* FROM evaluations e JOIN tenders t ON t.id = e.tender_id
WHERE e.tender_id = :tender_id AND e.replaces IS NULL AND (:auditor OR t.buyer_id = :organization_id)
ORDER BY e.evaluated_at DESC, e.id DESC LIMIT 1
""")
Found = TypeVar("Found")


class PostgresExplanations:
    """``oracles`` gives the engine that is asked about a problem: one that proves where it is small enough. ``reruns``
    gives the way in which an award is made again.
    """

    def __init__(
        self,
        reading: AsyncEngine,
        oracles: Callable[[Problem], Oracle],
        reruns: Callable[[Evaluation], Rerun | None],
    ) -> None:
        self._reading = reading
        self._reruns = reruns
        self._oracles = oracles
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="explaining")
        self._known: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    async def letter(self, actor: Actor, tender_id: TenderId, bidder_id: OrganizationId) -> Letter:
        evaluation = await self._found(_LETTERS, actor, tender_id=tender_id, bidder_id=bidder_id)
        if evaluation is None:
            raise LetterNotFound("There is no letter that you may read")
        return await self._once(
            (evaluation.id, bidder_id), lambda: write(evaluation, bidder_id, self._reruns(evaluation))
        )

    async def losers(self, actor: Actor, tender_id: TenderId) -> tuple[OrganizationId, ...]:
        evaluation = await self._found(_LETTERS, actor, tender_id=tender_id, bidder_id=None)
        if evaluation is None:
            raise LetterNotFound("There are no letters that you may read")
        return losers(evaluation)

    async def open_lot(self, actor: Actor, tender_id: TenderId, lot: int) -> OpenLot:
        evaluation = await self._found(_OPEN, actor, tender_id=tender_id)
        if evaluation is None:
            raise LotNotOpen("There is no such open lot")
        return await self._once(
            (evaluation.id, lot), lambda: explain(evaluation, lot, self._oracles(evaluation.problem))
        )

    async def _found(self, statement: Any, actor: Actor, **values: Any) -> Evaluation | None:
        row = await one(
            self._reading, statement, auditor=actor.is_auditor, organization_id=actor.organization_id, **values
        )
        return None if row is None else PostgresEvaluations.codec.entity(row)

    async def _once(self, key: tuple[Any, ...], work: Callable[[], Found]) -> Found:
        """An evaluation is never changed, so neither is what follows from it."""

        def known() -> Found:
            if key not in self._known:
                self._known[key] = work()
                while len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
            found: Found = self._known[key]
            return found

        return await asyncio.get_running_loop().run_in_executor(self._thread, known)
