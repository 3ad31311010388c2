"""The study of a draft's lots: how far the market reaches over each, and the cuts that would open it to more.

A cut is proposed where it gains something by a stated measure (``_MEASURES``); the reasons are kept with the figures
before and after. What a cut takes is told beside it: more contracts, a later day.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from domain.lotting.coverage import Coverage, Floor, KeptOut
from domain.lotting.cuts import Recipe, cut, recipes
from domain.lotting.market import Market
from domain.money import Money
from domain.tenders.lot import Lot
from domain.tenders.model import LOTS_MAX

FEWEST = 3
"""Fewer workshops are no competition, and figures of fewer would tell what one of them can."""
SHARE_GAIN = 10
"""Percentage points."""
CUTS_OF_LOT_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of a lot, or of all its parts. ``workshops`` could sew some piece; ``alone`` of them could fill the lot, or a
    part of it, alone; ``small_pieces`` are in lots that at least three small ones could each fill alone; ``reached`` of
    the pieces could be sewn by all together.
    """

    pieces: int
    workshops: int
    alone: int
    small_pieces: int
    reached: int

    @property
    def small_percent(self) -> int:
        return self.small_pieces * 100 // self.pieces

    @property
    def reached_percent(self) -> int:
        return self.reached * 100 // self.pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One gain of a cut: ``code`` names the measure; the figures are of workshops, or per cent."""

    code: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotFindings:
    """``kept_out`` says by which rules, those first that keep out most."""

    lot: int
    coverage: Coverage
    kept_out: tuple[KeptOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """``alone``: workshops that could fill it alone, ``small`` of them."""

    title: str
    allocated: Money
    pieces: int
    due_on: date
    alone: int
    small: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedCut:
    """``number`` counts from 1 over the study. Of a lot the best is first."""

    number: int
    lot: int
    recipe: Recipe
    reasons: tuple[Reason, ...]
    before: Figures
    after: Figures
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    lots: tuple[LotFindings, ...]
    cuts: tuple[ProposedCut, ...]


def study(lots: tuple[Lot, ...], market: Market, *, fixed: bool = False) -> Findings:
    """Each lot by itself, as if the others were not there; the same input gives the same findings. ``fixed``: the draft
    must stay as it is, so no cuts are proposed.
    """
    floor = Floor(market)
    findings = tuple(
        LotFindings(lot=lot.number, coverage=floor.coverage((lot,)), kept_out=floor.kept_out(lot)) for lot in lots
    )
    proposed = () if fixed else tuple(each for lot in lots for each in _proposed(lot, floor, LOTS_MAX - len(lots)))
    cuts = tuple(_numbered(number, *each, floor) for number, each in enumerate(proposed, start=1))
    return Findings(lots=findings, cuts=cuts)


_Proposal = tuple[Lot, Recipe, tuple[Reason, ...], Figures, Figures]


def _proposed(lot: Lot, floor: Floor, room: int) -> list[_Proposal]:
    """The best few, one of each way. The order of what is equally good is that of the recipes."""
    before = _figures((lot,), floor)
    found: list[_Proposal] = []
    for recipe in recipes(lot):
        if recipe.parts - 1 <= room:
            after = _figures(cut(lot, recipe), floor, whole=None if recipe.days else before)
            if reasons := tuple(_reasons(before, after)):
                found.append((lot, recipe, reasons, before, after))
    found.sort(key=lambda each: _rank(each[1], each[4]))
    best_of_way = {each[1].way: each for each in reversed(found)}
    return [each for each in found if best_of_way[each[1].way] is each][:CUTS_OF_LOT_MAX]


def _rank(recipe: Recipe, after: Figures) -> tuple[int, ...]:
    """Smaller is better. What small ones could reach comes first, then that nothing is due later."""
    return -after.small_percent, recipe.days, -after.alone, -after.workshops, -after.reached, recipe.parts


def _figures(lots: tuple[Lot, ...], floor: Floor, *, whole: Figures | None = None) -> Figures:
    """Parts are bought at once, so what all of them together could sew is as in the ``whole``, if nothing is due on
    another day.
    """
    every = [floor.tasks((lot,)) for lot in lots]
    fillers = [floor.alone(tasks) for tasks in every]
    pieces = [sum(task.pieces for task in tasks) for tasks in every]
    bidders = frozenset() if whole else floor.bidders(floor.tasks(lots))
    return Figures(
        pieces=sum(pieces),
        workshops=whole.workshops if whole else len(bidders),
        alone=len(frozenset().union(*fillers)),
        small_pieces=sum(
            of_part for of_part, alone in zip(pieces, fillers, strict=True) if floor.small(alone) >= FEWEST
        ),
        reached=whole.reached if whole else floor.reached(floor.tasks(lots), bidders),
    )


def _more(before: int, after: int) -> bool:
    """Three workshops more, and half as many again."""
    return after >= before + FEWEST and 2 * after >= 3 * before


def _larger(before: int, after: int) -> bool:
    return after >= before + SHARE_GAIN


_MEASURES: tuple[tuple[str, Callable[[Figures], int], Callable[[int, int], bool]], ...] = (
    ("small_share", lambda figures: figures.small_percent, _larger),
    ("more_alone", lambda figures: figures.alone, _more),
    ("more_workshops", lambda figures: figures.workshops, _more),
    ("more_reached", lambda figures: figures.reached_percent if figures.workshops >= FEWEST else 0, _larger),
)
"""Code, figure, and when it counts as a gain."""


def _reasons(before: Figures, after: Figures) -> Iterator[Reason]:
    for code, figure, gained in _MEASURES:
        if gained(figure(before), figure(after)):
            yield Reason(code=code, before=figure(before), after=figure(after))


def _numbered(
    number: int, lot: Lot, recipe: Recipe, reasons: tuple[Reason, ...], before: Figures, after: Figures, floor: Floor
) -> ProposedCut:
    return ProposedCut(
        number=number,
        lot=lot.number,
        recipe=recipe,
        reasons=reasons,
        before=before,
        after=after,
        parts=tuple(_part(part, floor) for part in cut(lot, recipe)),
    )


def _part(lot: Lot, floor: Floor) -> Part:
    tasks = floor.tasks((lot,))
    alone = floor.alone(tasks)
    return Part(
        title=lot.title,
        allocated=lot.allocated,
        pieces=sum(task.pieces for task in tasks),
        due_on=lot.due_on,
        alone=len(alone),
        small=floor.small(alone),
    )
