"""What ends with a contract: its framework, and the tender."""

from datetime import datetime

from domain.contracts.framework import complete, is_used_up
from domain.contracts.model import Contract
from domain.work import Work


async def contract_completed(work: Work, contract: Contract, *, at: datetime) -> None:
    """``contract`` is stored as completed. A framework without a rest ends with its last call-off, a tender with its
    last contract. Locked before counting: of two last ones that end at once, the second sees the first.
    """
    if contract.framework_id is not None:
        framework = await work.contracts.lock(contract.framework_id)
        open_calls = await work.contracts.unfinished(contract.tender_id, framework_id=framework.id)
        if is_used_up(framework) and not open_calls:
            completed, event = complete(framework, at=at)
            await work.contracts.save(completed, because=event)
    tender = await work.tenders.lock(contract.tender_id)
    if not await work.contracts.unfinished(contract.tender_id):
        ended, tender_completed = tender.complete(at=at)
        await work.tenders.save(ended, because=tender_completed)
