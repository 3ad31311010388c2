"""The difference of two JSON documents, in the words of RFC 6902, with what was there before.

Whoever holds the old document and carries out the changes in their order has the new one. The same two documents give
the same changes. Places in lists are compared one by one: lots, lines and places are numbered, so that a place is what
its number says it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Json = Any
"""None, bool, int, str, and lists and string-keyed dictionaries of them."""
CHANGES_MAX = 200
_DEEPEST = 8
"""How far a tender's documents are nested: ``/lots/0/places/0/sizes/1/122``, and one to spare."""


class Operation(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``path`` is a JSON pointer (RFC 6901). ``before`` is null where something is added, ``after`` where removed."""

    op: Operation
    path: str
    before: Json = None
    after: Json = None


def difference(before: Json, after: Json, *, most: int = CHANGES_MAX) -> tuple[Change, ...]:
    """At most ``most`` changes (1 or more): where more cells differ, whole lines, then whole lots are replaced."""
    for depth in range(_DEEPEST, 0, -1):
        found = tuple(_changes("", before, after, depth))
        if len(found) <= most:
            return found
    return tuple(_changes("", before, after, 0))


def _changes(path: str, before: Json, after: Json, depth: int) -> Iterator[Change]:
    if before == after:
        return
    if depth and isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            where = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
            if name not in after:
                yield Change(op=Operation.REMOVE, path=where, before=before[name])
            elif name not in before:
                yield Change(op=Operation.ADD, path=where, after=after[name])
            else:
                yield from _changes(where, before[name], after[name], depth - 1)
    elif depth and isinstance(before, list) and isinstance(after, list):
        shared = min(len(before), len(after))
        for index in range(shared):
            yield from _changes(f"{path}/{index}", before[index], after[index], depth - 1)
        for index in reversed(range(shared, len(before))):
            yield Change(op=Operation.REMOVE, path=f"{path}/{index}", before=before[index])
        for index in range(shared, len(after)):
            yield Change(op=Operation.ADD, path=f"{path}/{index}", after=after[index])
    else:
        yield Change(op=Operation.REPLACE, path=path, before=before, after=after)
