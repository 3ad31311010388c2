"""The imported registers: records come by COPY from a spool, are compared and merged by set, and are read by BIN."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, BinaryIO, ClassVar

from sqlalchemy import select, text

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.rows.registers import RegisterImportRow
from domain.errors import NotFound
from domain.events import Event
from domain.ids import Bin
from domain.registries.imports import (
    DIFFERENCES_LISTED_MAX,
    Comparison,
    Difference,
    RegisterImport,
    RegisterImportNotFound,
    Spool,
)
from domain.registries.records import EVIDENCE, LISTS, Mode, Record, Register
from domain.registries.rows import FLAWS_LISTED_MAX
from domain.registries.standing import ListState, RegisterStanding, entry_of, evidence_of

IMPORT_SECONDS = 900
"""A whole import: its statements one after the other, and the wait for another."""
STATEMENT_SECONDS = 120
LOCK_SECONDS = 30
"""How long an import waits for another of the same register."""
RECORDS_OF_BIN_MAX = 1000
"""The lists come first (their names sort last), then the register of producers: no product hides an entry in a list."""
_STAGED = "staged_records"
_NULL = "\\N"
_fields = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_COLUMNS = ("row", "key", "bin", "fields", "valid_from", "valid_until")

_PATIENCE = text(f"""
SELECT set_config('statement_timeout', '{STATEMENT_SECONDS}s', true),
  set_config('lock_timeout', '{LOCK_SECONDS}s', true)
""")
_TAKE = text("SELECT pg_advisory_xact_lock(hashtextextended('register/' || :register, 0))")
_STAGE = (
    text("DROP TABLE IF EXISTS pg_temp.staged_records, pg_temp.differing_records"),
    text("""
CREATE TEMPORARY TABLE staged_records (
  row integer NOT NULL, key text NOT NULL, bin text, fields jsonb NOT NULL, valid_from date, valid_until date
) ON COMMIT DROP
"""),
)
_ANALYZE = text("ANALYZE staged_records")
_COMPARE = text("""
CREATE TEMPORARY TABLE differing_records ON COMMIT DROP AS
WITH staged AS (SELECT DISTINCT ON (key) * FROM staged_records ORDER BY key, row),
     present AS (SELECT * FROM register_records WHERE register = CAST(:register AS text) AND removed_import IS NULL)
SELECT key, s.row, p.id,
  CASE WHEN p.id IS NULL THEN 'added' WHEN s.row IS NULL THEN 'removed' ELSE 'changed' END AS kind
FROM staged s FULL JOIN present p USING (key)
WHERE p.id IS NULL OR s.row IS NULL AND CAST(:full AS boolean)
  OR (s.fields, s.bin, s.valid_from, s.valid_until) IS DISTINCT FROM (p.fields, p.bin, p.valid_from, p.valid_until)
  AND s.row IS NOT NULL
""")
_COUNTS = text("""
SELECT (SELECT count(*) FROM register_records WHERE register = :register AND removed_import IS NULL) AS present,
  (SELECT count(DISTINCT key) FROM staged_records) AS staged, (SELECT count(*) FROM staged_records) AS rows,
  count(*) FILTER (WHERE kind = 'added') AS added, count(*) FILTER (WHERE kind = 'changed') AS changed,
  count(*) FILTER (WHERE kind = 'removed') AS removed
FROM differing_records
""")
_REPEATED = text("""
SELECT row, first FROM (SELECT row, min(row) OVER (PARTITION BY key) AS first FROM staged_records) numbered
WHERE row > first ORDER BY row LIMIT :limit
""")
_DIFFERENCES = text("""
SELECT d.key,
  r.fields || jsonb_build_object('bin', r.bin, 'valid_from', r.valid_from, 'valid_until', r.valid_until) AS before,
  s.fields || jsonb_build_object('bin', s.bin, 'valid_from', s.valid_from, 'valid_until', s.valid_until) AS after
FROM (SELECT * FROM differing_records ORDER BY key LIMIT :limit) d
LEFT JOIN register_records r ON r.id = d.id LEFT JOIN staged_records s ON s.row = d.row
ORDER BY d.key
""")
_REMOVE = text("""
UPDATE register_records r SET removed_import = :id FROM differing_records d WHERE r.id = d.id
""")
_ADD = text("""
INSERT INTO register_records (id, register, key, bin, fields, valid_from, valid_until, as_of, added_import)
SELECT gen_random_uuid(), :register, s.key, s.bin, s.fields, s.valid_from, s.valid_until, :as_of, :id
FROM staged_records s JOIN differing_records d ON d.row = s.row
""")
_KNOWS = text("""
SELECT EXISTS (SELECT FROM register_imports WHERE register = :register) AS imported,
  EXISTS (SELECT FROM register_records WHERE register = :register AND key = :key AND removed_import IS NULL) AS known
""")


def standing_columns(bin: str) -> str:
    """Two expressions for the select list of a statement, about the BIN that the SQL expression ``bin`` names.

    ``register_records``: its present records as a JSON array. ``register_states``: the day of the newest state of each
    register that was imported, as a JSON object. ``standing_of`` reads them from the row.
    """
    return f"""
  (SELECT coalesce(jsonb_agg(to_jsonb(present)), '[]') FROM (
     SELECT register, key, bin, fields, valid_from, valid_until FROM register_records
     WHERE bin = {bin} AND removed_import IS NULL
     ORDER BY register DESC, valid_from DESC, key LIMIT {RECORDS_OF_BIN_MAX}) present) AS register_records,
  (SELECT coalesce(jsonb_object_agg(register, as_of), '{{}}') FROM (
     SELECT register, max(as_of) AS as_of FROM register_imports GROUP BY register) newest) AS register_states"""  # noqa: S608 - our text


_STANDING = text(f"SELECT {standing_columns('CAST(:bin AS text)')}")


def standing_of(row: Mapping[Any, Any]) -> RegisterStanding:
    """Read the columns of ``standing_columns``."""
    as_of = {register: _day(row["register_states"].get(register)) for register in Register}
    records = [record_of(each) for each in row["register_records"]]
    return RegisterStanding(
        evidence=tuple(evidence_of(each, as_of=as_of[each.register]) for each in records if each.register in EVIDENCE),
        evidence_as_of={register: as_of[register] for register in EVIDENCE},
        lists={
            register: ListState(
                as_of=as_of[register],
                entries=tuple(entry_of(each) for each in records if each.register is register),
            )
            for register in LISTS
        },
    )


def record_of(row: Mapping[Any, Any]) -> Record:
    """A record from its columns, or from them as JSON."""
    return Record(
        register=Register(row["register"]),
        key=row["key"],
        bin=None if row["bin"] is None else Bin(row["bin"]),
        fields=row["fields"],
        valid_from=_day(row["valid_from"]),
        valid_until=_day(row["valid_until"]),
    )


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


class CopySpool:
    """Records as the text that COPY reads, in a file that vanishes with the process.

    Keys and fields are printable, so that of what COPY treats specially only the backslash can occur in them.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def add(self, row: int, record: Record) -> None:
        cells = (row, record.key, record.bin, _fields(record.fields), record.valid_from, record.valid_until)
        line = "\t".join(_NULL if cell is None else str(cell).replace("\\", "\\\\") for cell in cells)
        self._file.write(f"{line}\n".encode())

    def rewound(self) -> BinaryIO:
        self._file.seek(0)
        return self._file


@contextmanager
def spooled() -> Iterator[CopySpool]:
    with tempfile.TemporaryFile(prefix="oimaq-register-") as file:
        yield CopySpool(file)


class PostgresRegisters(Aggregates[RegisterImport]):
    codec: ClassVar = Codec(RegisterImport, RegisterImportRow)
    missing: ClassVar[type[NotFound]] = RegisterImportNotFound

    async def take(self, register: Register) -> RegisterImport | None:
        await self._connection.execute(_PATIENCE)
        await self._connection.execute(_TAKE, {"register": register.value})
        table = self.codec.table
        mine = select(table).where(table.c.register == register.value)
        newest = await self._all(mine.order_by(table.c.as_of.desc(), table.c.imported_at.desc()).limit(1))
        return newest[0] if newest else None

    async def compare(self, register: Register, spool: Spool, mode: Mode) -> Comparison:
        for statement in _STAGE:
            await self._connection.execute(statement)
        raw = (await self._connection.get_raw_connection()).driver_connection
        if raw is None:
            raise RuntimeError("the connection was closed inside its transaction")
        await raw.copy_to_table(_STAGED, source=spool.rewound(), columns=_COLUMNS, format="text")
        await self._connection.execute(_ANALYZE)
        await self._connection.execute(_COMPARE, {"register": register.value, "full": mode is Mode.FULL})
        counts = (await self._connection.execute(_COUNTS, {"register": register.value})).mappings().one()
        repeated_total = counts["rows"] - counts["staged"]
        limit = {"limit": FLAWS_LISTED_MAX}
        repeated = (await self._connection.execute(_REPEATED, limit)).all() if repeated_total else []
        listed = await self._connection.execute(_DIFFERENCES, {"limit": DIFFERENCES_LISTED_MAX})
        return Comparison(
            present=counts["present"],
            added=counts["added"],
            changed=counts["changed"],
            removed=counts["removed"],
            unchanged=counts["staged"] - counts["added"] - counts["changed"],
            repeated=tuple((row, first) for row, first in repeated),
            repeated_total=repeated_total,
            differences=tuple(Difference(**each) for each in listed.mappings().all()),
        )

    async def merge(self, imported: RegisterImport, *, because: Event) -> RegisterImport:
        stored = await self.save(imported, because=because)
        named = {"id": imported.id, "register": imported.register.value, "as_of": imported.as_of}
        await self._connection.execute(_REMOVE, {"id": imported.id})
        await self._connection.execute(_ADD, named)
        return stored

    async def standing(self, bin: str) -> RegisterStanding:
        return standing_of((await self._connection.execute(_STANDING, {"bin": bin})).mappings().one())

    async def knows(self, register: Register, key: str) -> bool | None:
        row = (await self._connection.execute(_KNOWS, {"register": register.value, "key": key})).mappings().one()
        return bool(row["known"]) if row["imported"] else None
