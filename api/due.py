"""What is due on touch: nothing legal depends on a worker being alive.

The process's clock only decides whether to look; whether a tender is due is decided by the database's clock, inside.
"""

from datetime import UTC, datetime

import structlog

from api.application import Application
from domain.actors import Actor
from domain.bids.documents import StorageFailed
from domain.ids import TenderId
from domain.log.ports import HistoryLost
from domain.sealing.refusals import KeyRefused
from domain.tenders.model import Tender

log = structlog.get_logger("oimaq.opening")


async def touch(app: Application, reader: Actor | None, id: TenderId) -> Tender:
    """The tender as ``reader`` may see it; what is due is applied first. A key that cannot be used, or a place
    of documents that does not answer, keeps the bids closed, and nobody from reading the tender.
    """
    tender = await app.tenders.tender(reader, id)
    if app.tendering.has_something_due(tender, at=datetime.now(UTC)):
        try:
            return await app.tendering.apply_due(id)
        except HistoryLost:  # such a database is read as it is until an operator has looked
            return tender
        except (KeyRefused, StorageFailed) as refusal:
            log.error("the bids cannot be opened", tender_id=str(id), detail=refusal.detail)  # noqa: TRY400 - no crash of ours
            return await app.tenders.tender(reader, id)
    return tender
