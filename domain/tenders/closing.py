"""Closing: the deadline has passed, and which bids there are is fixed and published before anything is opened."""

from datetime import datetime

from domain.events import CLOCK
from domain.procedures.vocabulary import Failure
from domain.sealing.manifest import Manifest
from domain.tenders.model import Tender
from domain.work import Work


async def close_due(work: Work, tender: Tender, *, at: datetime) -> Tender:
    """Close ``tender`` (locked by the caller) if its deadline has passed. One without bids fails at once."""
    if not tender.is_due(at=at):
        return tender
    manifest = Manifest(tender_id=tender.id, entries=await work.envelopes.entries(tender.id))
    await work.envelopes.publish(manifest)
    closed, event = tender.close(manifest_sha256=manifest.hash().hex(), bids=manifest.bids(), at=at)
    stored = await work.tenders.save(closed, because=event)
    if manifest.entries:
        return stored
    failed, failure = stored.fail(reason=Failure.NO_BIDS, by=CLOCK, at=at)
    return await work.tenders.save(failed, because=failure)
