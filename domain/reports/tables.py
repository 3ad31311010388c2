"""A table of plain cells: what a report becomes before an export writes it as a file."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

Cell = str | int | Decimal
"""Text stays text whatever it looks like; numbers stay numbers."""


class TableFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``name`` is ASCII, for a file; ``notes`` say what the figures are, in formats that have a place for it."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file: the same table gives the same bytes."""

    content: bytes
    media_type: str
    extension: str
