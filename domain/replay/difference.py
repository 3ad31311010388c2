"""The first place in which two values of JSON differ, in the order in which they are written."""

from collections.abc import Iterable

from domain.replay.refusals import ReplayDiffers
from domain.sealing.canonical import Json, canonical_json

SHOWN = 200


def must_agree(pointer: str, said: Json, reached: Json) -> None:
    """Refuse (``replay-differs``) at the first place that differs."""
    found = first_difference(pointer, said, reached)
    if found is not None:
        where, was, now = found
        raise ReplayDiffers(
            f"{where}: said {_shown(was)}, reached {_shown(now)}", passes="the same bytes", pointer=where
        )


def first_difference(pointer: str, said: Json, reached: Json) -> tuple[str, Json, Json] | None:
    """Where it is, and both values there; a name that one of them lacks is null in the other."""
    if isinstance(said, dict) and isinstance(reached, dict):
        return _first_of(
            (f"{pointer}/{name}", said.get(name), reached.get(name), name in said and name in reached)
            for name in sorted({*said, *reached})
        )
    if isinstance(said, list) and isinstance(reached, list):
        pairs = [(f"{pointer}/{at}", *pair, True) for at, pair in enumerate(zip(said, reached, strict=False))]
        return _first_of([*pairs, (f"{pointer}/length", len(said), len(reached), True)])
    same = type(said) is type(reached) and said == reached
    return None if same else (pointer, said, reached)


def _first_of(places: Iterable[tuple[str, Json, Json, bool]]) -> tuple[str, Json, Json] | None:
    for where, said, reached, both in places:
        found = first_difference(where, said, reached) if both else (where, said, reached)
        if found is not None:
            return found
    return None


def _shown(value: Json) -> str:
    text = canonical_json(value).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
