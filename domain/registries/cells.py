"""What a cell of a register's file says: text of a cell -> a value that JSON can hold, or the reason why not.

The files come from people and spreadsheets, so each reader names what a spreadsheet does to its kind of value.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from domain.errors import Refusal
from domain.ids import check_digit, parse_bin, parse_ens_tru, parse_kato
from domain.notations import shown
from domain.organizations.evidence import CAPACITY_MAX, CODE_DIGITS_MIN, PERCENT_STEP

Value = str | int | list[str]
Read = Callable[[str], Value]
"""Takes a cell's text without blanks around; raises ``Unread``."""

CODES_MAX = 50
CODE_DIGITS_MAX = 15
BIN_DIGITS = 12

_DAY_RU = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?")
_DAY_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?")
_PERCENT = re.compile(r"([0-9]{1,5})(?:[.,]([0-9]{1,2})0*)? ?%?")
_WHOLE = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+|[0-9]{1,12}")
_BETWEEN = re.compile(r"[;,\s]+")


def remembered(read: Read) -> Read:
    """For what repeats from row to row: a producer's BIN and region, the day of inclusion, the group of products.

    Readers are pure, so nothing but time is saved; nobody changes a list that a reader gave.
    """
    return lru_cache(maxsize=4096)(read)


class Unread(Exception):  # noqa: N818 - becomes a flaw where the cell is known
    """Arguments: the reason, what would pass, and the rule's name."""

    def __init__(self, reason: str, passes: str, rule: str) -> None:
        super().__init__(reason, passes, rule)
        self.reason, self.passes, self.rule = reason, passes, rule


def text(longest: int) -> Read:
    """One printable line of at most ``longest`` characters."""

    def read(cell: str) -> str:
        if len(cell) > longest or not cell.isprintable():
            raise Unread("too long or not printable", f"at most {longest} printable characters", "text")
        if cell.startswith("="):
            raise Unread("a formula", "its value, pasted as a value", "formula")
        return cell

    return read


@remembered
def bin_or_iin(cell: str) -> str:
    """Twelve digits with a right check digit; says so where a spreadsheet dropped the zeros in front."""
    try:
        return parse_bin(cell)
    except Refusal as refusal:
        (flaw,) = refusal.flaws
        padded = cell.rjust(BIN_DIGITS, "0")
        if cell.isascii() and cell.isdigit() and len(cell) < BIN_DIGITS and check_digit(padded[:11]) == int(padded[11]):
            reason = f"{cell} has {len(cell)} digits; a spreadsheet drops zeros in front of a number"
            raise Unread(reason, f"{padded}, the column formatted as text", "wrong-bin") from None
        raise Unread(f"{shown(cell)}: {flaw.reason}", flaw.passes or "another BIN", "wrong-bin") from None


@remembered
def kato(cell: str) -> str:
    try:
        return parse_kato(cell)
    except Refusal as refusal:
        raise Unread(refusal.flaws[0].reason, "nine digits of a present region, as 631010000", "wrong-kato") from None


def ens_tru(cell: str) -> str:
    """One full code, ``NNNNNN.NNN.NNNNNN``."""
    try:
        return parse_ens_tru(cell)
    except Refusal as refusal:
        raise Unread(refusal.flaws[0].reason, refusal.flaws[0].passes or "", "wrong-ens-tru") from None


@remembered
def codes(cell: str) -> list[str]:
    """Product codes as digits, dots dropped: one, or several divided by commas, semicolons or blanks.

    At least ``CODE_DIGITS_MIN`` digits: a shorter code names a whole industry and would let everything through.
    """
    found = [code.replace(".", "") for code in _BETWEEN.split(cell) if code]
    for code in found:
        if not (code.isascii() and code.isdigit() and CODE_DIGITS_MIN <= len(code) <= CODE_DIGITS_MAX):
            reason = f"{shown(code)} is not {CODE_DIGITS_MIN} to {CODE_DIGITS_MAX} digits"
            raise Unread(reason, "14.12.11 or 141211.290.000016", "product-code")
    if not 1 <= len(found) <= CODES_MAX:
        raise Unread(f"{len(found)} codes in one cell", f"1 to {CODES_MAX} codes", "product-code")
    return list(dict.fromkeys(found))


@remembered
def percent(cell: str) -> str:
    """``45``, ``45,5`` or ``45.50 %`` -> ``45.50``."""
    found = _PERCENT.fullmatch(cell)
    if found is None:
        raise Unread(f"{shown(cell)} is not a percentage", "0 to 100, at most two decimals", "percentage")
    share = Decimal(f"{found[1]}.{found[2] or 0}")
    if share > 100:  # noqa: PLR2004 - per cent
        raise Unread(f"{share} % is more than 100 %", "0 to 100, at most two decimals", "percentage")
    return str(share.quantize(PERCENT_STEP))


def capacity(cell: str) -> int:
    """Units a year, a positive whole number; thousands may stand apart (``12 000``)."""
    number = int(cell.replace(" ", "")) if _WHOLE.fullmatch(cell) else 0
    if not 1 <= number <= CAPACITY_MAX:
        reason = f"{shown(cell)} is not a positive whole number of units a year"
        raise Unread(reason, f"1 to {CAPACITY_MAX}", "capacity")
    return number


@remembered
def day(cell: str) -> str:
    """``2026-01-10`` or ``10.01.2026``, a time of day dropped. Other orders could be read in two ways."""
    passes = "2026-01-10 or 10.01.2026"
    if local := _DAY_RU.fullmatch(cell):
        iso = f"{local[3]}-{local[2]}-{local[1]}"
    elif found := _DAY_ISO.fullmatch(cell):
        iso = found[1]
    else:
        raise Unread(f"{shown(cell)} is not a day", passes, "day")
    try:
        return date.fromisoformat(iso).isoformat()
    except ValueError:
        raise Unread(f"{shown(cell)}: there is no such day", passes, "day") from None
