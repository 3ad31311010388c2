"""What the demonstration shows: progress and tables that a person likes to read, on a terminal or in a pipe."""

import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table

console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)


def chapter(title: str) -> None:
    console.print(f"\n[bold]{title}[/bold]")


def done(text: str) -> None:
    console.print(f"  [green]ok[/green]  {text}")


def note(text: str) -> None:
    console.print(f"      [dim]{text}[/dim]")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, numeric: Iterable[int] = ()) -> None:
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="bold", pad_edge=False)
    right = set(numeric)
    for index, column in enumerate(columns):
        shown.add_column(column, justify="right" if index in right else "left")
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    console.print(shown)


def money(text: str | Decimal) -> str:
    """``1234567.50`` as ``1 234 567.50``."""
    return f"{Decimal(text):,.2f}".replace(",", " ")
