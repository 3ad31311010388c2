"""Canonical JSON (RFC 8785): one value, one sequence of bytes. What is signed, hashed or sealed is written so.

For the values allowed here (text, whole numbers within 2^53, true, false, null, lists, objects with ASCII names) the
standard library writes what RFC 8785 asks for: the names in order, no spaces, the shortest escapes, UTF-8. Fractions
are not allowed, so that its rules for floats never matter; money is text.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Union

from domain.errors import Flaw, MalformedValue
from domain.sealing.refusals import NotCanonical

Json = Union[None, bool, int, str, Sequence["Json"], Mapping[str, "Json"]]  # noqa: UP007 - recursive, so by name
_written = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
INTEGER_MAX = 2**53 - 1
"""The largest whole number that every reader of JSON reads exactly (RFC 7493)."""


def canonical_json(value: Json) -> bytes:
    """The only way to write ``value``. Refuses (``not-canonical``) what has no canonical form here."""
    try:
        _check(value, "")
        return _written(value).encode()
    except UnicodeEncodeError as error:
        raise not_canonical("", "text with a lone surrogate", "text of Unicode characters") from error
    except RecursionError as error:
        raise not_canonical("", "nested too deeply", "fewer levels") from error


def read_json(raw: bytes) -> Json:
    """The value of a canonical text. Refuses (``not-canonical``) everything that is not written just so, duplicate
    names, spaces and fractions included.
    """
    try:
        value: Json = json.loads(raw.decode(), object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise not_canonical("", "not JSON in UTF-8", "RFC 8785") from error
    if canonical_json(value) != raw:
        raise not_canonical("", "written otherwise than RFC 8785 asks for", "names in order, no spaces")
    return value


def written_instant(at: datetime) -> str:
    """RFC 3339 in UTC, always with microseconds, so that one instant has one text."""
    if at.tzinfo is None:
        raise MalformedValue("An instant must carry its time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def not_canonical(pointer: str, reason: str, passes: str) -> NotCanonical:
    flaw = Flaw(pointer=pointer, reason=reason, passes=passes)
    return NotCanonical(f"{pointer or 'The text'}: {reason}", flaws=(flaw,))


def _check(value: Json, pointer: str) -> None:
    match value:
        case None | bool() | str():
            pass
        case int():
            if abs(value) > INTEGER_MAX:
                raise not_canonical(pointer, "a number out of range", f"at most {INTEGER_MAX}")
        case dict():
            for name, each in value.items():
                if not isinstance(name, str) or not name.isascii():
                    raise not_canonical(pointer, f"the name {name!r}", "an ASCII name")
                _check(each, f"{pointer}/{name}")
        case list() | tuple():
            for place, each in enumerate(value):
                _check(each, f"{pointer}/{place}")
        case _:
            raise not_canonical(pointer, f"a {type(value).__name__}", "text, whole numbers, lists and objects")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
