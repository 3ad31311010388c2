"""What a cell of an uploaded table says, whatever file it came from."""

import re
from collections.abc import Callable
from datetime import date, time

from domain.errors import Flaw
from domain.notations import shown
from domain.tenders.need import Formula

Report = Callable[[Flaw], None]
"""Takes note of a flaw."""

_WHOLE = re.compile(r"-?[0-9]{1,8}")
_DIGITS = re.compile(r"-?[0-9]+")
_FRACTION = re.compile(r"-?[0-9]+[.,][0-9]+")


def plain(text: str) -> str:
    """Lower case words without punctuation, so that ``Кол-во, шт.`` is ``кол во шт``."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold().replace("№", "no ")).split())


def written(cell: object, *, pointer: str, report: Report) -> str | None:
    """A cell's text, None where it is blank or reported as flawed; whole numbers read as their digits."""
    match cell:
        case None:
            return None
        case str():
            return " ".join(cell.split()) or None
        case bool():
            report(Flaw(pointer=pointer, reason="a truth value", passes="text", rule="text"))
        case int():
            return str(cell)
        case float() if cell.is_integer():
            return str(int(cell))
        case Formula():
            report(Flaw(pointer=pointer, reason="a formula", passes="its value, pasted as a value", rule="formula"))
        case date() | time():
            reason = "a date; a spreadsheet makes dates of notations like 3-4"
            report(Flaw(pointer=pointer, reason=reason, passes="the cell formatted as text", rule="text"))
        case _:
            report(Flaw(pointer=pointer, reason="neither text nor a whole number", passes="text", rule="text"))
    return None


def blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def whole(cell: object) -> int | str:
    """The whole number in a cell that is not blank, or the reason why there is none."""
    if isinstance(cell, str):
        return _whole_text(cell.strip())
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else f"{cell} is not a whole number"
    return "a formula" if isinstance(cell, Formula) else "not a number"


def _whole_text(text: str) -> int | str:
    if _WHOLE.fullmatch(text):
        return int(text)
    if text.startswith("="):
        return "a formula"
    if _FRACTION.fullmatch(text):
        return f"{shown(text)} is not a whole number"
    return f"{shown(text)} has too many digits" if _DIGITS.fullmatch(text) else f"{shown(text)} is not a number"
