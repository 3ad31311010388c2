"""Importing: a buyer's table of needs comes in, whole or not at all."""

import asyncio

from domain.events import By
from domain.garments import GridId
from domain.ids import NeedId, NewId
from domain.tenders.need import Need, Sheets
from domain.tenders.need_sheet import import_need
from domain.work import Begin, Command


class Importing:
    def __init__(self, begin: Begin, sheets: Sheets, new_id: NewId) -> None:
        self._begin = begin
        self._sheets = sheets
        self._new_id = new_id

    async def need(self, content: bytes, *, media_type: str, name: str, grid: GridId, command: Command) -> Need:
        """Read and check the table outside the transaction, then store the need. Refusals name each cell."""
        sheet = await asyncio.to_thread(self._sheets.rows, content, media_type)
        async with self._begin(command) as work:
            need, event = import_need(
                sheet,
                need_id=NeedId(self._new_id()),
                buyer_id=command.by.organization_id,
                name=name,
                grid=grid,
                by=By.actor(command.by),
                at=await work.now(),
            )
            return work.answers(await work.needs.save(need, because=event))
