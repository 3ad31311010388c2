"""Protocols of results for whoever may read the evaluation, each naming the bundle that proves it."""

from domain.actors import Actor
from domain.ids import TenderId
from domain.procedures.catalogue import Procedures
from domain.procedures.package import UnknownProcedure
from domain.protocols.drawing_up import protocol_of
from domain.protocols.model import ResultsProtocol
from domain.replay.bundling import Bundling
from domain.replay.ports import SettledTenders


class Reporting:
    def __init__(self, tenders: SettledTenders, bundling: Bundling, procedures: Procedures) -> None:
        self._tenders = tenders
        self._bundling = bundling
        self._procedures = procedures

    async def protocol(self, actor: Actor, tender_id: TenderId) -> ResultsProtocol:
        """Refuses ``evaluation-not-found``."""
        settled = await self._tenders.seen(actor, tender_id)
        try:
            package = self._procedures.find(settled.tender.procedure.id)
        except UnknownProcedure:  # the deployment gave it up since
            package = None
        return protocol_of(settled, package=package, bundle=await self._bundling.name_of(settled))
