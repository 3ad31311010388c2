"""A need (roster): which site needs how many pieces of which garment in which size. Never who wears them.

The buyer uploads a table; ``domain/tenders/need_sheet.py`` reads it. Summed over its sites the need gives the
size runs of a lot's lines, and its sites give the lot's delivery places, so that the sums agree by construction.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Protocol

from domain.errors import Flaw, Invalid, MalformedValue, NotFound, Titles
from domain.events import By, Event
from domain.garments import GridId, SizeRun, summed
from domain.ids import Kato, NeedId, OrganizationId, parse_kato
from domain.tenders.lot import DeliveryPlace

BYTES_MAX = 5 * 1024 * 1024
ROWS_MAX = 5_000
"""Rows below the header that say something."""
COLUMNS_MAX = 200
FLAWS_LISTED_MAX = 100
NAME_MAX = 200
ADDRESS_MAX = 500


class NeedNotFound(NotFound):
    code = "need-not-found"
    titles = Titles("There is no such need", "Такой потребности нет", "Мұндай қажеттілік жоқ")


class NeedRefused(Invalid):
    """The table says something that cannot be so; ``flaws`` name each cell, at most ``FLAWS_LISTED_MAX``."""

    code = "need-refused"
    titles = Titles("The need cannot be imported", "Потребность нельзя загрузить", "Қажеттілікті жүктеу мүмкін емес")


class GarmentNotInNeed(Invalid):
    code = "garment-not-in-need"
    titles = Titles("The need has no such garment", "В потребности нет такого изделия", "Қажеттілікте мұндай бұйым жоқ")


class SheetUnreadable(Invalid):
    """The file is not a table that can be read safely and in one way only."""

    code = "sheet-unreadable"
    titles = Titles(
        "The file cannot be read as a table",
        "Файл не читается как таблица",
        "Файлды кесте ретінде оқу мүмкін емес",
    )


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that computes its value: what it shows is not what it holds."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table as it was uploaded. Row 1 is ``rows[0]``; a blank row is kept as ``()``.

    Cells are ``None``, text, whole or fractional numbers, ``Formula``, or anything else a file may hold, which is
    refused where it matters. ``merged`` names ranges (``B2:C3``).
    """

    rows: tuple[tuple[object, ...], ...]
    source_sha256: str
    name: str = "Sheet1"
    merged: tuple[str, ...] = field(default=())

    def pointer(self, row: int, column: int) -> str:
        """``Sheet1!C7`` for row 7 (from 1) and column 2 (from 0); other names are quoted as spreadsheets do."""
        return self.at(f"{letters(column)}{row}")

    def at(self, cells: str) -> str:
        name = self.name if re.fullmatch(r"\w+", self.name) else f"'{self.name}'"
        return f"{name}!{cells}"


def letters(column: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    result = ""
    left = column + 1
    while left:
        left, place = divmod(left - 1, 26)
        result = chr(ord("A") + place) + result
    return result


class Sheets(Protocol):
    """Reads an uploaded file. Blocks; run it in a thread."""

    def rows(self, content: bytes, media_type: str) -> Sheet:
        """Refuses (``sheet-unreadable``) what is too large, encrypted, of another type or ambiguous."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedEntry:
    """What one site needs of one garment."""

    site: str
    kato: Kato
    address: str
    garment: str
    run: SizeRun

    def __post_init__(self) -> None:
        parse_kato(self.kato)
        if self.run.pieces == 0:
            raise MalformedValue(f"{self.site} needs no pieces of {self.garment}", passes="at least one piece")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedImported(Event):
    type: ClassVar[str] = "need.imported"
    subject: ClassVar[str] = "need"
    sites: int
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Entries in the order of the file; one per site and garment, all of one size grid.

    ``source_sha256`` (hex) is the digest of the uploaded file, which is not kept.
    """

    id: NeedId
    buyer_id: OrganizationId
    name: str
    grid: GridId
    entries: tuple[NeedEntry, ...]
    imported_at: datetime
    source_sha256: str
    version: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= NAME_MAX:
            raise MalformedValue("A need has a name", passes=f"1 to {NAME_MAX} characters")
        if not self.entries:
            raise MalformedValue("A need has entries", passes="at least one entry")
        if not re.fullmatch(r"[0-9a-f]{64}", self.source_sha256):
            raise MalformedValue("The digest of the source is not SHA-256 in hex", passes="64 hex digits")
        if any(entry.run.grid is not self.grid for entry in self.entries):
            raise MalformedValue("The entries of a need share its grid", passes=str(self.grid))
        if len({(entry.site, entry.garment) for entry in self.entries}) != len(self.entries):
            raise MalformedValue("A garment stands twice for a site", passes="each garment once per site")
        homes: dict[str, tuple[Kato, str]] = {}
        for entry in self.entries:
            if homes.setdefault(entry.site, (entry.kato, entry.address)) != (entry.kato, entry.address):
                raise MalformedValue("A site has two addresses", passes="one KATO code and address per site")

    @property
    def pieces(self) -> int:
        return sum(entry.run.pieces for entry in self.entries)

    def sites(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(entry.site for entry in self.entries))

    def garments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(entry.garment for entry in self.entries))

    def run(self, garment: str) -> SizeRun:
        """The garment's pieces summed over all sites. Refuses (``garment-not-in-need``) any other name."""
        self._has(garment, pointer="/garment")
        return summed(self.grid, (entry.run for entry in self.entries if entry.garment == garment))

    def places(self, lines: Mapping[str, int], *, due_on: date) -> tuple[DeliveryPlace, ...]:
        """One delivery place per site that needs any of the garments in ``lines`` (garment -> line number).

        Over all places the runs of a line sum to ``run`` of its garments; two garments of one line are added up.
        Garments that are not named stay for another lot.
        """
        for garment in lines:
            self._has(garment, pointer=f"/lines/{garment}")
        chosen: dict[str, list[NeedEntry]] = {}
        for entry in self.entries:
            if entry.garment in lines:
                chosen.setdefault(entry.site, []).append(entry)
        return tuple(
            self._place(number, entries, lines, due_on) for number, entries in enumerate(chosen.values(), start=1)
        )

    def _place(self, number: int, entries: list[NeedEntry], lines: Mapping[str, int], due_on: date) -> DeliveryPlace:
        runs: dict[int, SizeRun] = {}
        for entry in entries:
            line = lines[entry.garment]
            runs[line] = runs.get(line, SizeRun(self.grid)) + entry.run
        site = entries[0]
        return DeliveryPlace(
            number=number, name=site.site, kato=site.kato, address=site.address, due_on=due_on, runs=runs
        )

    def _has(self, garment: str, *, pointer: str) -> None:
        if garment not in self.garments():
            passes = ", ".join(self.garments())
            flaw = Flaw(pointer=pointer, reason="not a garment of this need", passes=passes)
            raise GarmentNotInNeed("The need does not name this garment", flaws=(flaw,), passes=passes)

    def imported(self, *, by: By) -> NeedImported:
        return NeedImported(subject_id=self.id, by=by, at=self.imported_at, sites=len(self.sites()), pieces=self.pieces)
