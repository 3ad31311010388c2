"""Bundles for their readers: everybody gets the same hashed parts, and the facts that he may be told beside them."""

from domain.actors import Actor
from domain.ids import TenderId
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
        return bundle_of(settled, salts=self._salts, code=self._code, disclose=told)

    async def whole(self, tender_id: TenderId) -> Bundle:
        """With every fact, for the operator's own replay."""
        settled = await self._tenders.public(tender_id)
        return bundle_of(settled, salts=self._salts, code=self._code, disclose=[each.id for each in settled.verdicts])

    def of(self, settled: Settled) -> Bundle:
        """Without any fact."""
        return bundle_of(settled, salts=self._salts, code=self._code)
