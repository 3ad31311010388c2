"""The units in which a rule package writes its figures, and how the text of each is read.

A reader refuses (``malformed-value``) what it cannot read; the check of a package and ``Rules`` read alike.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from domain.errors import MalformedValue
from domain.procedures.period import period

_PERCENT_MOST = Decimal(100)
Span = tuple[str, date | None, date | None]


def boolean(text: str) -> bool:
    if text not in {"true", "false"}:
        raise MalformedValue(f"{text!r} is neither true nor false", passes="true or false")
    return text == "true"


def whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise MalformedValue(f"{text!r} is not a whole number", passes="0 to 999999")
    return int(text)


def percent(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", text) or Decimal(text) > _PERCENT_MOST:
        raise MalformedValue(f"{text!r} is not a percentage", passes="0 to 100, at most two decimals")
    return Decimal(text)


def words(text: str) -> tuple[str, ...]:
    """None, one or several, each once, in their order."""
    found = tuple(text.split())
    if len(set(found)) != len(found):
        raise MalformedValue(f"{text!r} says a word twice", passes="each word once")
    return found


def pairs(text: str) -> dict[str, str]:
    """``key:value`` entries, each key once."""
    found = [(key, value) for key, _, value in (entry.partition(":") for entry in text.split())]
    if not all(key and value for key, value in found):
        raise MalformedValue(f"{text!r} is not a list of pairs", passes="bid:accept award:refuse")
    if len(dict(found)) != len(found):
        raise MalformedValue(f"{text!r} says a key twice", passes="each key once")
    return dict(found)


def spans(text: str) -> tuple[Span, ...]:
    """``value:from/until`` entries with inclusive days; either side may be empty."""
    found = tuple(_span(entry) for entry in text.split())
    if not found:
        raise MalformedValue("No value for any day", passes="register_extract:2026-01-01/")
    return found


def figures(text: str) -> tuple[Span, ...]:
    """``spans`` of positive decimals, at most one of them on any day."""
    found = spans(text)
    for value, _, _ in found:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", value):
            raise MalformedValue(f"{value!r} is not a figure", passes="16:2026-01-01/")
    ordered = sorted(found, key=lambda span: span[1] or date.min)
    for (earlier, _, last), (later, first, _) in pairwise(ordered):
        if last is None or first is None or first <= last:
            passes = "spans without a common day"
            raise MalformedValue(f"{earlier} and {later} are both said of the same day", passes=passes)
    return found


def _span(entry: str) -> Span:
    value, colon, days = entry.partition(":")
    first, slash, last = days.partition("/")
    try:
        begins, ends = (date.fromisoformat(day) if day else None for day in (first, last))
    except ValueError:
        slash, begins, ends = "", None, None
    if not (value and colon and slash) or (begins and ends and ends < begins):
        raise MalformedValue(f"{entry!r} is not value:from/until", passes="16:2026-01-01/")
    return value, begins, ends


def on_day(text: str, day: date) -> tuple[str, ...]:
    """The values of ``value:from/until`` entries that hold on a day."""
    return tuple(
        value
        for value, begins, ends in spans(text)
        if (begins is None or begins <= day) and (ends is None or day <= ends)
    )


READERS: Mapping[str, Callable[[str], Any]] = {
    "boolean": boolean,
    "whole": whole,
    "percent": percent,
    "period": period,
    "word": str,
    "words": words,
    "pairs": pairs,
    "spans": spans,
    "figures": figures,
}


def size(unit: str, text: str) -> timedelta | Decimal | int:
    """What bounds compare; refuses units that have no more and less."""
    match unit:
        case "period":
            return period(text).least
        case "percent":
            return percent(text)
        case "whole":
            return whole(text)
        case _:
            raise MalformedValue(f"A {unit} has no bounds", passes="choices")
