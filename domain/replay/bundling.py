"""Bundles for their readers: everybody gets the same hashed parts, and the facts that he may be told beside them.

A large tender takes its time to be written, so that is done beside the event loop.
"""

import asyncio
from collections.abc import Iterable

from domain.actors import Actor
from domain.ids import TenderId, VerdictId
from domain.replay.bundle import Bundle, bundle_of
from domain.replay.ports import Code, Salts, Settled, SettledTenders


class Bundling:
    def __init__(self, tenders: SettledTenders, salts: Salts, code: Code) -> None:
        self._tenders = tenders
        self._salts = salts
        self._code = code

    async def public(self, actor: Actor | None, tender_id: TenderId) -> Bundle:
        """For everybody. Auditors are told the facts of all verdicts, a bidder those of his own.

        Refuses ``tender-not-found``, ``tender-not-awarded``.
        """
        settled = await self._tenders.public(tender_id)
        told = [
            verdict.id
            for verdict in settled.verdicts
            if actor is not None and (actor.is_auditor or verdict.organization_id == actor.organization_id)
        ]
        return await asyncio.to_thread(self._bundle, settled, told)

    async def whole(self, tender_id: TenderId) -> Bundle:
        """With every fact, for the operator's own replay."""
        settled = await self._tenders.public(tender_id)
        return self._bundle(settled, [verdict.id for verdict in settled.verdicts])

    async def name_of(self, settled: Settled) -> str:
        """What names the award: the same for every reader."""
        return (await asyncio.to_thread(self._bundle, settled, ())).whole

    def _bundle(self, settled: Settled, disclose: Iterable[VerdictId]) -> Bundle:
        return bundle_of(settled, salts=self._salts, code=self._code, disclose=disclose)
