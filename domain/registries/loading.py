"""Loading a register from a file: whole or not at all, with a dry run, flaws by cell, and what it would change.

The file is read outside the transaction, and its records wait on disk; then one short transaction takes the register
for itself, compares the records with the present ones and merges them.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from domain.actors import Actor
from domain.calendar import legal_day
from domain.errors import Flaw
from domain.events import CLOCK, By
from domain.ids import NewId
from domain.registries.imports import (
    REMOVED_PERCENT_MAX,
    Comparison,
    ImportReport,
    Order,
    RegisterFiles,
    RegisterImport,
    RegisterImportId,
    RegisterImportRefused,
    RegisterRemovalsRefused,
    RegisterStateOlder,
    Source,
    Spool,
)
from domain.registries.records import Mode
from domain.registries.rows import FLAWS_LISTED_MAX, Reading
from domain.work import Begin, Command


class Loading:
    def __init__(
        self, begin: Begin, files: RegisterFiles, spools: Callable[[], AbstractContextManager[Spool]], new_id: NewId
    ) -> None:
        self._begin = begin
        self._files = files
        self._spools = spools
        self._new_id = new_id

    async def load(self, source: Source, order: Order, *, command: Command | None) -> ImportReport:
        """Import the file, or with ``dry_run`` only say what would happen. No command: the command line, by nobody.

        Refuses ``register-import-refused`` (flaws; a day in the future; a first import that is not full),
        ``register-state-older`` and ``register-removals-refused``. A dry run reports flaws and removals instead.
        """
        await self._refuse_future(order)
        with self._spools() as spool:
            reading = await asyncio.to_thread(self._read, source, order, spool)
            async with self._begin(command) as work:
                newest = await work.registers.take(order.register)
                _refuse_order(order, newest)
                # A flawed row must not look removed.
                mode = order.mode if reading.flaws.total == 0 else Mode.PARTIAL
                found = await work.registers.compare(order.register, spool, mode)
                for row, first in found.repeated:
                    reading.repeated(row, first)
                report = _report(reading, source, order, found)
                if order.dry_run:
                    return work.answers(report)
                _refuse(report)
                imported = self._imported(report, source, at=await work.now(), by=command.by if command else None)
                stored = await work.registers.merge(imported, because=imported.imported())
                return work.answers(_report(reading, source, order, found, stored))

    async def _refuse_future(self, order: Order) -> None:
        async with self._begin() as work:
            today = legal_day(await work.now())
        if order.as_of > today:
            passes = f"{today} or earlier"
            flaw = Flaw(pointer="query:as_of", reason=f"{order.as_of} is in the future", passes=passes, rule="future")
            raise RegisterImportRefused("No register has a state of a day to come", flaws=(flaw,), passes=passes)

    def _read(self, source: Source, order: Order, spool: Spool) -> Reading:
        with self._files.table(source) as table:
            reading = Reading(register=order.register, as_of=order.as_of, sheet=table.sheet)
            for cells in table.rows:
                record = reading.take(cells)
                if record is not None:
                    spool.add(reading.number, record)
                elif reading.hopeless:
                    break
        reading.finish()
        return reading

    def _imported(self, report: ImportReport, source: Source, *, at: datetime, by: Actor | None) -> RegisterImport:
        order, found = report.order, report.comparison
        who = By.actor(by) if by else CLOCK
        return RegisterImport(
            id=RegisterImportId(self._new_id()),
            register=order.register,
            file_name=source.name,
            source_sha256=source.sha256,
            as_of=order.as_of,
            mode=order.mode,
            imported_at=at,
            rows=report.rows,
            added=found.added,
            changed=found.changed,
            removed=found.removed,
            unchanged=found.unchanged,
            present=found.present + found.added - found.removed,
            person_id=who.person_id,
            organization_id=who.organization_id,
        )


def _report(
    reading: Reading, source: Source, order: Order, found: Comparison, imported: RegisterImport | None = None
) -> ImportReport:
    return ImportReport(
        order=order,
        source_sha256=source.sha256,
        imported=imported,
        rows=reading.rows,
        comparison=found,
        too_many_removed=found.removed * 100 > found.present * REMOVED_PERCENT_MAX and not order.accept_removals,
        flaws=tuple(reading.flaws.listed),
        flaws_total=reading.flaws.total + found.repeated_total - len(found.repeated),
    )


def _refuse_order(order: Order, newest: RegisterImport | None) -> None:
    if newest is None and order.mode is not Mode.FULL:
        reason = "the register was never imported in full, so what is missing in it would look absent"
        flaw = Flaw(pointer="query:mode", reason=reason, passes=Mode.FULL, rule="first-import")
        raise RegisterImportRefused("The first import of a register is a full one", flaws=(flaw,), passes=Mode.FULL)
    if newest is not None and order.as_of < newest.as_of:
        raise RegisterStateOlder(
            f"The register was imported as of {newest.as_of}",
            passes=f"a state of {newest.as_of} or later",
            as_of=str(newest.as_of),
        )


def _refuse(report: ImportReport) -> None:
    """Flaws first: an import with flaws says nothing reliable about removals."""
    if report.flaws_total:
        first = report.flaws[0]
        raise RegisterImportRefused(
            f"The file has {report.flaws_total} flaws; nothing was imported",
            flaws=report.flaws[:FLAWS_LISTED_MAX],
            passes=first.passes,
            flaws_total=report.flaws_total,
        )
    if report.too_many_removed:
        found = report.comparison
        raise RegisterRemovalsRefused(
            f"The import would remove {found.removed} of {found.present} records, more than {REMOVED_PERCENT_MAX} %",
            passes="the whole register, mode=partial, or accept_removals=true",
            removed=found.removed,
            present=found.present,
        )
