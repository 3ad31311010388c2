"""Due transitions on touch: nothing legal depends on a worker being alive.

The process's clock only decides whether to look; whether a tender is due is decided by the database's clock, inside.
"""

from contextlib import suppress
from datetime import UTC, datetime

from api.application import Application
from domain.actors import Actor
from domain.ids import TenderId
from domain.log.ports import HistoryLost
from domain.tenders.model import Tender


async def touch(app: Application, reader: Actor | None, id: TenderId) -> Tender:
    """The tender as ``reader`` may see it, closed and opened first if its deadline has passed."""
    tender = await app.tenders.tender(reader, id)
    if tender.is_due(at=datetime.now(UTC)):
        with suppress(HistoryLost):  # such a database is read as it is until an operator has looked
            tender = await app.tendering.apply_due(id)
    return tender
