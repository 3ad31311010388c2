"""An import of a register: what is asked for, what it changed, its event, its refusals, and the ports it needs.

A changed record is a new row and the old one stays, so that what a register said on a day can be found again.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, NewType, Protocol
from uuid import UUID

from domain.actors import Actor
from domain.errors import Conflict, Flaw, Invalid, NotFound, Titles
from domain.events import By, Event
from domain.ids import OrganizationId, PersonId
from domain.registries.records import Mode, Record, Register
from domain.registries.rows import Row
from domain.registries.standing import RegisterStanding

RegisterImportId = NewType("RegisterImportId", UUID)

DIFFERENCES_LISTED_MAX = 100
REMOVED_PERCENT_MAX = 20
"""A full import that removes a larger share of the present records must say so: half a file looks just like that."""


class RegisterImportNotFound(NotFound):
    code = "register-import-not-found"
    titles = Titles("There is no such import", "Такой загрузки нет", "Мұндай жүктеу жоқ")


class RegisterImportRefused(Invalid):
    """``flaws`` name each cell, at most ``FLAWS_LISTED_MAX``; the fact ``flaws_total`` counts all."""

    code = "register-import-refused"
    titles = Titles(
        "The register cannot be imported", "Реестр нельзя загрузить", "Тізілімді жүктеу мүмкін емес"
    )  # fmt: skip


class RegisterStateOlder(Conflict):
    code = "register-state-older"
    titles = Titles(
        "A newer state of the register is imported already",
        "Уже загружено более новое состояние реестра",
        "Тізілімнің жаңарақ күйі жүктелген",
    )


class RegisterRemovalsRefused(Conflict):
    code = "register-removals-refused"
    titles = Titles(
        "The import would remove too many records",
        "Загрузка удалила бы слишком много записей",
        "Жүктеу тым көп жазбаны жояр еді",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterImported(Event):
    type: ClassVar[str] = "register.imported"
    subject: ClassVar[str] = "register_import"
    register: Register
    mode: Mode
    as_of: date
    source_sha256: str
    rows: int
    added: int
    changed: int
    removed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterImport:
    """``as_of`` is the day of the register's state, ``present`` the records that the register has after the import.

    ``source_sha256`` (hex) is the digest of the file, which is not kept. Nobody is named where the command line did it.
    """

    id: RegisterImportId
    register: Register
    file_name: str
    source_sha256: str
    as_of: date
    mode: Mode
    imported_at: datetime
    rows: int
    added: int
    changed: int
    removed: int
    unchanged: int
    present: int
    person_id: PersonId | None
    organization_id: OrganizationId | None
    version: int = 0

    def imported(self) -> RegisterImported:
        return RegisterImported(
            subject_id=self.id,
            by=By(person_id=self.person_id, organization_id=self.organization_id),
            at=self.imported_at,
            register=self.register,
            mode=self.mode,
            as_of=self.as_of,
            source_sha256=self.source_sha256,
            rows=self.rows,
            added=self.added,
            changed=self.changed,
            removed=self.removed,
            unchanged=self.unchanged,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file on this machine. ``media_type`` is what its sender called it; None lets its content decide alone."""

    path: Path
    name: str
    sha256: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for. ``accept_removals`` allows a full import to remove a large share of the register."""

    register: Register
    as_of: date
    mode: Mode = Mode.FULL
    dry_run: bool = False
    accept_removals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``before`` None: added; ``after`` None: removed; both: changed. Fields as JSON."""

    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Records that were read against the ``present`` ones. ``repeated`` pairs a row with the first row of its key."""

    present: int
    added: int
    changed: int
    removed: int
    unchanged: int
    repeated: tuple[tuple[int, int], ...]
    repeated_total: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """``imported`` is None after a dry run. ``too_many_removed``: the import needs ``accept_removals``.

    While there are flaws the rows that hold them are missing, so nothing counts as removed.
    """

    order: Order
    source_sha256: str
    imported: RegisterImport | None
    rows: int
    comparison: Comparison
    too_many_removed: bool
    flaws: tuple[Flaw, ...]
    flaws_total: int

    @property
    def differences_total(self) -> int:
        return self.comparison.added + self.comparison.changed + self.comparison.removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An open file: the sheet's name, and its rows as they stream in."""

    sheet: str
    rows: Iterator[Row]


class RegisterFiles(Protocol):
    def table(self, source: Source) -> AbstractContextManager[Table]:
        """CSV or XLSX by content. Blocks, also while rows are taken: use it in a thread.

        Refuses (``sheet-unreadable``), now or at a later row, what is out of bounds or could be read in two ways.
        """


class Spool(Protocol):
    """Where records wait on disk, in the form that ``Registers.compare`` takes."""

    def add(self, row: int, record: Record) -> None: ...
    def rewound(self) -> BinaryIO: ...


class Registers(Protocol):
    """``take``, ``compare`` and ``merge`` come in this order, in one transaction."""

    async def take(self, register: Register) -> RegisterImport | None:
        """Keep other imports of the register out until the commit; the newest import so far."""

    async def compare(self, register: Register, spool: Spool, mode: Mode) -> Comparison: ...

    async def merge(self, imported: RegisterImport, *, because: Event) -> RegisterImport:
        """Store the import and make the compared records the present ones."""

    async def standing(self, bin: str) -> RegisterStanding:
        """Everything the registers say of a BIN, in one statement."""

    async def knows(self, register: Register, key: str) -> bool | None:
        """Whether the register has the record at present; None where the register was never imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """A present record; ``as_of`` is the state of the register that brought it in this form."""

    id: UUID
    record: Record
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterState:
    """``newest`` None: never imported. ``age_days`` are days in legal time since its ``as_of``."""

    register: Register
    newest: RegisterImport | None
    age_days: int | None


class RegisterQueries(Protocol):
    async def registers(self, actor: Actor | None) -> list[RegisterState]:
        """Every register, for everybody."""

    async def records(
        self,
        actor: Actor | None,
        register: Register,
        *,
        bin: str | None,
        key: str | None,
        after: UUID | None,
        limit: int,
    ) -> list[RecordRow]:
        """Present records in the order of their keys. Refuses (``not-permitted``) the lists to the public."""

    async def imports(
        self, actor: Actor, register: Register, *, after: RegisterImportId | None, limit: int
    ) -> list[RegisterImport]:
        """Newest first; for registry operators and auditors. Refuses (``not-permitted``) others."""
