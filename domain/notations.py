"""How the trade writes sizes, read into the canonical labels of a grid.

Adult: a chest and a height in either order, since their numbers never meet: chest pairs in centimetres
(``96-100``), sizes that are half the chest (``48-50``), heights in centimetres (``170-176``) or height groups
(``3-4``). Children: one height. Footwear: one shoe size. What could be read in two ways is refused.

Source of the pairs: GOST 12.4.111-82. Half chest and height groups (1-2 = 158-164, 3-4 = 170-176,
5-6 = 182-188) are the notation of tender documents; the arithmetic agrees with the pairs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.errors import Flaw
from domain.garments import GRIDS, GridId, Size, UnknownSize

Span = tuple[int, int]
"""Lowest and highest centimetre, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A cell and how much of it the notation names: ``48/3-4`` is a part of the cell ``96-100/170-176``.

    ``spans`` are centimetres of chest and height; empty means the whole cell.
    """

    size: Size
    spans: tuple[Span, ...] = ()

    def overlaps(self, other: "Reading") -> bool:
        """Whether some person would be counted under both notations."""
        return self.size == other.size and all(
            ours[0] <= theirs[1] and theirs[0] <= ours[1] for ours, theirs in zip(self.spans, other.spans, strict=False)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    kind: str
    pair: str
    span: Span
    centimetres: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """A number or a pair as written, with the word before it and whether centimetres are named after it."""

    written: str
    label: str | None
    centimetres: bool = False


_CHEST, _HEIGHT = "chest", "height"
_GROUPS = {"158-164": (1, 2), "170-176": (3, 4), "182-188": (5, 6)}


def _ends(pair: str) -> Span:
    low, _, high = pair.partition("-")
    return int(low), int(high or low)


def _chest(pair: str) -> Iterator[tuple[str, _Measure]]:
    low, high = _ends(pair)
    yield pair, _Measure(kind=_CHEST, pair=pair, span=(low, high), centimetres=True)
    for value in range(low, high + 1):
        yield str(value), _Measure(kind=_CHEST, pair=pair, span=(value, value), centimetres=True)
    yield (
        f"{low // 2}-{high // 2}",
        _Measure(kind=_CHEST, pair=pair, span=(low, high), centimetres=False),
    )
    for value in (low, high):
        yield str(value // 2), _Measure(kind=_CHEST, pair=pair, span=(value, value), centimetres=False)


def _height(pair: str) -> Iterator[tuple[str, _Measure]]:
    low, high = _ends(pair)
    yield pair, _Measure(kind=_HEIGHT, pair=pair, span=(low, high), centimetres=True)
    for value in range(low, high + 1):
        yield str(value), _Measure(kind=_HEIGHT, pair=pair, span=(value, value), centimetres=True)
    if pair in _GROUPS:
        lower, upper = _GROUPS[pair]
        yield f"{lower}-{upper}", _Measure(kind=_HEIGHT, pair=pair, span=(low, high), centimetres=False)
        yield str(lower), _Measure(kind=_HEIGHT, pair=pair, span=(low, low), centimetres=False)
        yield str(upper), _Measure(kind=_HEIGHT, pair=pair, span=(high, high), centimetres=False)


_CHEST_PAIRS = tuple(dict.fromkeys(size.split("/")[0] for size in GRIDS[GridId.ADULT]))
_HEIGHT_PAIRS = tuple(dict.fromkeys(size.split("/")[1] for size in GRIDS[GridId.ADULT]))
_MEASURES: dict[str, _Measure] = {
    written: measure
    for pairs, notations in ((_CHEST_PAIRS, _chest), (_HEIGHT_PAIRS, _height))
    for pair in pairs
    for written, measure in notations(pair)
}

_LABELS = {
    **dict.fromkeys(("size", "размер", "разм", "р-р", "өлшем", "өлшемі"), _CHEST),
    **dict.fromkeys(("height", "рост", "бой", "бойы"), _HEIGHT),
    **dict.fromkeys(("р", "x", "х"), ""),
}
"""Words that may stand before a number. ``р.`` abbreviates both words and says nothing; ``х`` is a cross."""

_CENTIMETRES = {"см", "cm"}
_ONE_SIZE = {"one", "one size", "единый", "единый размер", "безразмерный", "универсальный", "бір өлшем"}

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:\s*-\s*[0-9]+)?)|(?P<word>[^\W\d_]+(?:-[^\W\d_]+)?)\.?|(?P<mark>[/,;:×*]|\s+)"
)
_DECIMAL = re.compile(r"[0-9],[0-9](?![0-9]|\s*-)")
_SHOWN_MAX = 40

_PASSES = {
    GridId.ADULT: (
        f"a chest ({', '.join(_CHEST_PAIRS)}) and a height ({', '.join(_HEIGHT_PAIRS)}): 96-100/170-176 or 48-50/3-4"
    ),
    GridId.CHILD: f"one height: {', '.join(GRIDS[GridId.CHILD])}",
    GridId.FOOTWEAR: f"one whole shoe size: {', '.join(GRIDS[GridId.FOOTWEAR])}",
    GridId.ONE_SIZE: "one",
}


def parse_size(text: str, grid: GridId, *, pointer: str = "") -> Size:
    """The canonical label of what ``text`` names. Refuses (``unknown-size``) with what would pass."""
    return read_size(text, grid, pointer=pointer).size


def read_size(text: str, grid: GridId, *, pointer: str = "") -> Reading:
    """Like ``parse_size``, keeping how much of the cell was named, so that parts may be added up."""
    try:
        return _READERS[grid](" ".join(text.translate(_DASHES).casefold().split()))
    except _Unread as unread:
        reason, passes = unread.args
    flaw = Flaw(
        pointer=pointer,
        reason=f"{shown(text)}: {reason}",
        passes=passes or _PASSES[grid],
        rule=UnknownSize.code,
    )
    raise UnknownSize(f"{shown(text)} is not a size of the grid {grid}", flaws=(flaw,), passes=flaw.passes)


def shown(text: str) -> str:
    """The text in quotes, cut so that a refusal stays short."""
    return repr(text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "…")


class _Unread(Exception):  # noqa: N818 - becomes an UnknownSize where the pointer is known
    """Arguments: the reason and what would pass (None: the grid's own answer)."""


def _numbers(text: str) -> list[_Number]:
    """The numbers in order; refuses any word or mark that is not of the notation."""
    if _DECIMAL.search(text):
        raise _Unread("a comma right between two numbers may be a fraction", None)
    numbers: list[_Number] = []
    label: str | None = None
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise _Unread(f"{text[place]!r} has no meaning here", None)
        place = token.end()
        if written := token["number"]:
            numbers.append(_Number(written=re.sub(r"\s", "", written), label=label))
            label = None
        elif word := token["word"]:
            if word in _CENTIMETRES and numbers and label is None:
                last = numbers[-1]
                numbers[-1] = _Number(written=last.written, label=last.label, centimetres=True)
            elif word in _LABELS:
                label = _LABELS[word] or label
            else:
                raise _Unread(f"the word {shown(word)} is unknown", None)
    if label is not None:
        raise _Unread("a number is missing after the last word", None)
    return numbers


def _adult(text: str) -> Reading:
    found: dict[str, _Measure] = {}
    for number in _numbers(text):
        measure = _MEASURES.get(number.written)
        if measure is None:
            raise _Unread(f"{number.written} is neither a chest nor a height of the grid", None)
        if number.label not in {None, measure.kind}:
            raise _Unread(f"{number.written} is called a {number.label} but can only be a {measure.kind}", None)
        if number.centimetres and not measure.centimetres:
            raise _Unread(f"{number.written} is not in centimetres", None)
        if measure.kind in found:
            raise _Unread(f"it names the {measure.kind} twice", None)
        found[measure.kind] = measure
    if not found:
        raise _Unread("no number in it", None)
    if _HEIGHT not in found:
        pair = found[_CHEST].pair
        raise _Unread("the height is missing", ", ".join(f"{pair}/{height}" for height in _HEIGHT_PAIRS))
    if _CHEST not in found:
        pair = found[_HEIGHT].pair
        raise _Unread("the chest is missing", ", ".join(f"{chest}/{pair}" for chest in _CHEST_PAIRS))
    chest, height = found[_CHEST], found[_HEIGHT]
    return Reading(size=Size(f"{chest.pair}/{height.pair}"), spans=(chest.span, height.span))


def _single(text: str, grid: GridId, *, centimetres: bool) -> Reading:
    numbers = _numbers(text)
    if len(numbers) != 1:
        raise _Unread(f"it names {len(numbers)} numbers instead of one", None)
    number = numbers[0]
    if "-" in number.written:
        raise _Unread("a pair names more than one size", None)
    if not centimetres and (number.centimetres or number.label == _HEIGHT):
        raise _Unread("centimetres are not a shoe size", None)
    if number.written not in GRIDS[grid]:
        raise _Unread("not a size of the grid", None)
    return Reading(size=Size(number.written))


def _one(text: str) -> Reading:
    if text not in _ONE_SIZE:
        raise _Unread("the grid has one size only", None)
    return Reading(size=GRIDS[GridId.ONE_SIZE][0])


_READERS = {
    GridId.ADULT: _adult,
    GridId.CHILD: lambda text: _single(text, GridId.CHILD, centimetres=True),
    GridId.FOOTWEAR: lambda text: _single(text, GridId.FOOTWEAR, centimetres=False),
    GridId.ONE_SIZE: _one,
}
