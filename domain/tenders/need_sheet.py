"""A need read from a table, all of it or nothing: every flaw is named by its cell, nothing is guessed.

Blank and zero cells under a size heading mean no pieces; in the long form each row asks for at least one. Parts
of a cell (sizes 48 and 50 are both in 96-100) are added up, the same part twice is a flaw. A total row or column
must agree with what it totals and is then skipped.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import Flaw
from domain.events import By
from domain.garments import PIECES_MAX, GridId, Size, SizeRun, SizeRunMismatch, UnknownSize
from domain.ids import Kato, NeedId, OrganizationId, WrongKato, parse_kato
from domain.notations import Reading, read_size, shown
from domain.tenders.cells import blank, plain, whole, written
from domain.tenders.need import (
    ADDRESS_MAX,
    COLUMNS_MAX,
    FLAWS_LISTED_MAX,
    NAME_MAX,
    ROWS_MAX,
    Need,
    NeedEntry,
    NeedImported,
    NeedRefused,
    Sheet,
)
from domain.tenders.need_header import TOTALS, Column, Header, read_header

_TEXTS = {Column.SITE: NAME_MAX, Column.GARMENT: NAME_MAX, Column.ADDRESS: ADDRESS_MAX, Column.KATO: NAME_MAX}
_MISCOUNTS = {-1: "a negative number of pieces", 0: "zero pieces", 1: "too many pieces"}
_DESCRIBING = (*_TEXTS, Column.SIZE, Column.HEIGHT, Column.NUMBER)


def import_need(
    sheet: Sheet, *, need_id: NeedId, buyer_id: OrganizationId, name: str, grid: GridId, by: By, at: datetime
) -> tuple[Need, NeedImported]:
    """Read the sheet, its first row that says something being the header.

    Refuses (``need-refused``) with a flaw per cell; ``rule`` says which check, ``flaws_total`` how many were found
    before the reading stopped.
    """
    need = Need(
        id=need_id,
        buyer_id=buyer_id,
        name=name,
        grid=grid,
        entries=_entries(sheet, grid),
        imported_at=at,
        source_sha256=sheet.source_sha256,
    )
    return need, need.imported(by=by)


@dataclass(slots=True)
class _Flaws:
    found: list[Flaw] = field(default_factory=list)

    def add(self, flaw: Flaw) -> None:
        self.found.append(flaw)

    @property
    def full(self) -> bool:
        return len(self.found) >= FLAWS_LISTED_MAX

    def refuse(self) -> None:
        """Raise if there are any."""
        if self.found:
            listed = tuple(self.found[:FLAWS_LISTED_MAX])
            raise NeedRefused(
                f"The table has {'at least ' if self.full else ''}{len(listed)} flaws; nothing was imported",
                flaws=listed,
                passes=listed[0].passes,
                flaws_total=len(self.found),
            )


@dataclass(slots=True, kw_only=True)
class _Row:
    """``texts`` are the describing cells that could be read; ``total`` says that the row only totals others."""

    number: int
    texts: dict[Column, str]
    total: bool


@dataclass(slots=True, kw_only=True)
class _Table:
    """What has been read so far."""

    sheet: Sheet
    grid: GridId
    header: Header
    flaws: _Flaws = field(default_factory=_Flaws)
    mismatches: _Flaws = field(default_factory=_Flaws)
    sites: dict[str, tuple[str, Kato, str, int]] = field(default_factory=dict)
    garments: dict[str, str] = field(default_factory=dict)
    cells: dict[tuple[str, str], list[tuple[Reading, int, str]]] = field(default_factory=dict)
    sums: dict[int, int] = field(default_factory=dict)

    def read(self, number: int) -> None:
        row = self._texts(number)
        if row.total:
            self._total_row(row)
            return
        before = len(self.flaws.found)
        site, garment = self._site(row), row.texts.get(Column.GARMENT)
        counted = list(self._wide(row) if self.header.wide else self._long(row))
        if len(self.flaws.found) > before or site is None or garment is None:
            return
        if counted:
            self._take((site, garment.casefold()), garment, counted, number)
        if Column.TOTAL in self.header.columns:
            self._declared(number, self.header.columns[Column.TOTAL], sum(pieces for _, pieces, _ in counted))

    def entries(self) -> tuple[NeedEntry, ...]:
        result = []
        for (site, garment), counted in self.cells.items():
            pieces: dict[Size, int] = {}
            for reading, count, _ in counted:
                pieces[reading.size] = pieces.get(reading.size, 0) + count
            name, kato, address, _ = self.sites[site]
            run = SizeRun.of(self.grid, pieces)
            result.append(NeedEntry(site=name, kato=kato, address=address, garment=self.garments[garment], run=run))
        return tuple(result)

    def _texts(self, number: int) -> _Row:
        texts: dict[Column, str] = {}
        cells = self.sheet.rows[number - 1]
        for position, cell in enumerate(cells):
            if not blank(cell) and not self.header.has(position):
                self._flaw(number, position, "a value under no heading", "a heading over it, or a blank cell", "stray")
        for column in _DESCRIBING:
            if column not in self.header.columns or self.header.columns[column] >= len(cells):
                continue
            position = self.header.columns[column]
            pointer = self.sheet.pointer(number, position)
            text = written(cells[position], pointer=pointer, report=self.flaws.add)
            if text is None:
                continue
            if len(text) > _TEXTS.get(column, NAME_MAX) or any(unicodedata.category(each) == "Cc" for each in text):
                passes = f"at most {_TEXTS.get(column, NAME_MAX)} printable characters"
                self._flaw(number, position, "too long or not printable", passes, "text")
            elif text.startswith("="):
                self._flaw(number, position, "a formula", "its value, pasted as a value", "formula")
            else:
                texts[column] = text
        return _Row(number=number, texts=texts, total=any(plain(text) in TOTALS for text in texts.values()))

    def _site(self, row: _Row) -> str | None:
        """The site's key, once its KATO code and address are known to agree with earlier rows."""
        cells = self.sheet.rows[row.number - 1]
        for column in _TEXTS:
            position = self.header.columns[column]
            if column not in row.texts and (position >= len(cells) or blank(cells[position])):
                self._flaw(row.number, position, f"the {column} is missing", f"a {column} in every row", "missing")
        if not {Column.SITE, Column.KATO, Column.ADDRESS} <= set(row.texts):
            return None
        position = self.header.columns[Column.KATO]
        try:
            kato = parse_kato(row.texts[Column.KATO])
        except WrongKato as wrong:
            self._flaw(row.number, position, wrong.flaws[0].reason, wrong.flaws[0].passes, WrongKato.code)
            return None
        site, address = row.texts[Column.SITE], row.texts[Column.ADDRESS]
        key = site.casefold()
        _, known_kato, known_address, first = self.sites.setdefault(key, (site, kato, address, row.number))
        if (known_kato, known_address.casefold()) != (kato, address.casefold()):
            reason = f"{shown(site)} has another KATO code or address in row {first}"
            passes = "one KATO code and address per site, different names for different sites"
            self._flaw(row.number, self.header.columns[Column.SITE], reason, passes, "site")
            return None
        return key

    def _wide(self, row: _Row) -> Iterator[tuple[Reading, int, int]]:
        for position, reading in self.header.sizes.items():
            pieces = self._count(row.number, position, at_least=0)
            if pieces:
                yield reading, pieces, position

    def _long(self, row: _Row) -> Iterator[tuple[Reading, int, int]]:
        reading = self._reading(row)
        position = self.header.columns[Column.PIECES]
        before = len(self.flaws.found)
        pieces = self._count(row.number, position, at_least=1)
        if pieces is None and len(self.flaws.found) == before:
            self._flaw(row.number, position, "the number of pieces is missing", "a whole number from 1", "missing")
        if reading is not None and pieces:
            yield reading, pieces, position

    def _reading(self, row: _Row) -> Reading | None:
        """The size, which a height of its own column completes."""
        parts = [row.texts[column] for column in (Column.SIZE, Column.HEIGHT) if column in row.texts]
        column = Column.SIZE if Column.SIZE in self.header.columns else Column.HEIGHT
        pointer = self.sheet.pointer(row.number, self.header.columns[column])
        try:
            return read_size(" / ".join(parts), self.grid, pointer=pointer)
        except UnknownSize as unknown:
            self.flaws.add(unknown.flaws[0])
            return None

    def _count(self, number: int, position: int, *, at_least: int) -> int | None:
        """The whole number in a cell; None where the cell is blank or flawed."""
        cells = self.sheet.rows[number - 1]
        cell = cells[position] if position < len(cells) else None
        if blank(cell):
            return None
        count = whole(cell)
        if isinstance(count, int) and at_least <= count <= PIECES_MAX:
            return count
        reason = count if isinstance(count, str) else _MISCOUNTS[(count > 0) - (count < 0)]
        rule = "formula" if reason == "a formula" else "count"
        self._flaw(number, position, reason, f"a whole number from {at_least} to {PIECES_MAX}", rule)
        return None

    def _take(self, key: tuple[str, str], garment: str, counted: list[tuple[Reading, int, int]], number: int) -> None:
        self.garments.setdefault(key[1], garment)
        known = self.cells.setdefault(key, [])
        for reading, pieces, position in counted:
            earlier = next((pointer for each, _, pointer in known if each.overlaps(reading)), None)
            if earlier is not None:
                reason = f"{reading.size} of this garment and site stands already in {earlier}"
                self._flaw(number, position, reason, "each size once per garment and site", "repeated-cell")
                continue
            known.append((reading, pieces, self.sheet.pointer(number, position)))
            self.sums[position] = self.sums.get(position, 0) + pieces
        if sum(self.sums.values()) > PIECES_MAX:
            self._flaw(number, counted[-1][2], "too many pieces in all", f"at most {PIECES_MAX}", "count")

    def _total_row(self, row: _Row) -> None:
        said = [column for column, text in row.texts.items() if plain(text) not in TOTALS]
        if said:
            reason, passes = "a total row says something else as well", "the word and the totals only"
            self._flaw(row.number, self.header.columns[said[0]], reason, passes, "total-row")
        counted = self.header.sizes if self.header.wide else [self.header.columns[Column.PIECES]]
        for position in counted:
            self._declared(row.number, position, self.sums.get(position, 0))
        if Column.TOTAL in self.header.columns:
            self._declared(row.number, self.header.columns[Column.TOTAL], sum(self.sums.values()))

    def _declared(self, number: int, position: int, actual: int) -> None:
        """Compare a declared total, if there is one, with what it totals."""
        declared = self._count(number, position, at_least=0)
        if declared is not None and declared != actual:
            reason = f"the declared total is {declared}, the cells sum to {actual}"
            pointer = self.sheet.pointer(number, position)
            self.mismatches.add(Flaw(pointer=pointer, reason=reason, passes=str(actual), rule=SizeRunMismatch.code))

    def _flaw(self, number: int, position: int, reason: str, passes: str | None, rule: str) -> None:
        self.flaws.add(Flaw(pointer=self.sheet.pointer(number, position), reason=reason, passes=passes, rule=rule))


def _entries(sheet: Sheet, grid: GridId) -> tuple[NeedEntry, ...]:
    numbers = [number for number, row in enumerate(sheet.rows, start=1) if not all(map(blank, row))]
    flaws = _Flaws(list(_shape(sheet, numbers)))
    flaws.refuse()
    table = _Table(sheet=sheet, grid=grid, header=read_header(sheet, numbers[0], grid, flaws.add))
    flaws.refuse()
    for number in numbers[1:]:
        table.read(number)
        if table.flaws.full:
            break
    table.flaws.refuse()
    # Totals are only worth comparing once every cell was read.
    table.mismatches.refuse()
    entries = table.entries()
    if not entries:
        _Flaws([Flaw(pointer=sheet.at("A1"), reason="no pieces", passes="at least one piece", rule="empty")]).refuse()
    return entries


def _shape(sheet: Sheet, numbers: list[int]) -> Iterator[Flaw]:
    if not numbers:
        passes = "a header and a row for each site, garment and size"
        yield Flaw(pointer=sheet.at("A1"), reason="the sheet is empty", passes=passes, rule="empty")
    if len(numbers) - 1 > ROWS_MAX:
        reason = f"more than {ROWS_MAX} rows below the header"
        pointer = sheet.pointer(numbers[ROWS_MAX + 1], 0)
        yield Flaw(pointer=pointer, reason=reason, passes=f"at most {ROWS_MAX} rows", rule="rows-max")
    if max(map(len, sheet.rows), default=0) > COLUMNS_MAX:
        reason = f"more than {COLUMNS_MAX} columns"
        pointer = sheet.pointer(numbers[0], COLUMNS_MAX)
        yield Flaw(pointer=pointer, reason=reason, passes=f"at most {COLUMNS_MAX} columns", rule="columns-max")
    for merged in sheet.merged:
        passes = "single cells, the value written in each"
        yield Flaw(pointer=sheet.at(merged), reason="merged cells", passes=passes, rule="merged-cells")
