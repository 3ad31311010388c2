"""What is shown of registers, their records and their imports."""

from typing import Any, Self
from uuid import UUID

from api.problems import FlawView
from api.schemas import Day, Instant, Strict
from domain.ids import OrganizationId, PersonId
from domain.registries.imports import (
    Difference,
    ImportReport,
    RecordRow,
    RegisterImport,
    RegisterImportId,
    RegisterState,
)
from domain.registries.records import Mode, Register


class RegisterView(Strict):
    """``as_of`` is the day of the newest state that was imported, ``age_days`` the days since; null: never imported."""

    register_name: Register
    records: int
    as_of: Day | None
    age_days: int | None
    import_id: RegisterImportId | None
    imported_at: Instant | None

    @classmethod
    def of(cls, state: RegisterState) -> Self:
        newest = state.newest
        return cls(
            register_name=state.register,
            records=newest.present if newest else 0,
            as_of=newest.as_of if newest else None,
            age_days=state.age_days,
            import_id=newest.id if newest else None,
            imported_at=newest.imported_at if newest else None,
        )


class RegistersView(Strict):
    items: list[RegisterView]


class RecordView(Strict):
    """``fields`` depend on the register; ``as_of`` is the state that brought the record in this form."""

    id: UUID
    register_name: Register
    key: str
    bin: str | None
    valid_from: Day | None
    valid_until: Day | None
    fields: dict[str, str | int | list[str]]
    as_of: Day

    @classmethod
    def of(cls, row: RecordRow) -> Self:
        record = row.record
        return cls(
            id=row.id,
            register_name=record.register,
            key=record.key,
            bin=record.bin,
            valid_from=record.valid_from,
            valid_until=record.valid_until,
            fields=dict(record.fields),
            as_of=row.as_of,
        )


class RegisterImportView(Strict):
    """``records`` are those present after the import. Nobody is named where the command line imported."""

    id: RegisterImportId
    register_name: Register
    name: str
    source_sha256: str
    as_of: Day
    mode: Mode
    imported_at: Instant
    rows: int
    added: int
    changed: int
    removed: int
    unchanged: int
    records: int
    person_id: PersonId | None
    organization_id: OrganizationId | None

    @classmethod
    def of(cls, imported: RegisterImport) -> Self:
        return cls(
            id=imported.id,
            register_name=imported.register,
            name=imported.file_name,
            source_sha256=imported.source_sha256,
            as_of=imported.as_of,
            mode=imported.mode,
            imported_at=imported.imported_at,
            rows=imported.rows,
            added=imported.added,
            changed=imported.changed,
            removed=imported.removed,
            unchanged=imported.unchanged,
            records=imported.present,
            person_id=imported.person_id,
            organization_id=imported.organization_id,
        )


class DifferenceView(Strict):
    """``before`` null: added; ``after`` null: removed."""

    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @classmethod
    def of(cls, difference: Difference) -> Self:
        before, after = difference.before, difference.after
        return cls(
            key=difference.key,
            before=None if before is None else dict(before),
            after=None if after is None else dict(after),
        )


class ImportReportView(Strict):
    """What was done, or with ``dry_run`` what would be. At most 100 ``errors`` and ``differences`` are named, in the
    order of the rows and of the keys; the totals count all.

    ``records`` are those present before. ``too_many_removed``: the import needs ``accept_removals=true``. While there
    are errors nothing counts as removed.
    """

    id: RegisterImportId | None
    register_name: Register
    as_of: Day
    mode: Mode
    dry_run: bool
    source_sha256: str
    rows: int
    records: int
    added: int
    changed: int
    removed: int
    unchanged: int
    too_many_removed: bool
    errors: list[FlawView]
    errors_total: int
    differences: list[DifferenceView]
    differences_total: int

    @classmethod
    def of(cls, report: ImportReport) -> Self:
        order, found = report.order, report.comparison
        return cls(
            id=report.imported.id if report.imported else None,
            register_name=order.register,
            as_of=order.as_of,
            mode=order.mode,
            dry_run=order.dry_run,
            source_sha256=report.source_sha256,
            rows=report.rows,
            records=found.present,
            added=found.added,
            changed=found.changed,
            removed=found.removed,
            unchanged=found.unchanged,
            too_many_removed=report.too_many_removed,
            errors=[
                FlawView(pointer=flaw.pointer, reason=flaw.reason, passes=flaw.passes, rule=flaw.rule)
                for flaw in report.flaws
            ],
            errors_total=report.flaws_total,
            differences=[DifferenceView.of(each) for each in found.differences],
            differences_total=report.differences_total,
        )
