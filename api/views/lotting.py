"""Views of studies of lots: counts without names, and none that would tell what one or two workshops can."""

from typing import Self

from api.schemas import Day, Instant, MoneyText, Strict
from domain.errors import Titles
from domain.ids import LotStudyId, TenderId
from domain.lotting.coverage import Coverage, KeptOut
from domain.lotting.cuts import Way
from domain.lotting.discretion import told, told_before, told_of_small, told_pieces
from domain.lotting.ports import ShownStudy, StudyHead
from domain.lotting.study import Figures, LotFindings, Part, ProposedCut, Reason
from domain.lotting.words import NOTES, costs_in_words, reason_in_words, way_in_words


class LotStudyBody(Strict):
    """``bid_on`` is the day on which bids are expected, null today: evidence must be valid on it, and free minutes are
    counted from it.
    """

    bid_on: Day | None = None


class CutApplicationBody(Strict):
    """Nothing to say: the study holds the cut."""


class WordsView(Strict):
    code: str
    en: str
    ru: str
    kk: str

    @classmethod
    def of(cls, code: str, titles: Titles) -> Self:
        return cls(code=code, en=titles.en, ru=titles.ru, kk=titles.kk)


class CoverageView(Strict):
    """How many workshops could sew some piece, how many everything alone, and how many pieces all together could sew at
    least (``reached``); of them the small ones, and those of a region of delivery (``local``). ``in_doubt`` of the
    workshops depend on a rule that could not be checked. A null count is fewer than three; null pieces are theirs.
    """

    pieces: int
    workshops: int | None
    alone: int | None
    reached: int | None
    reached_percent: int | None
    small_workshops: int | None
    small_alone: int | None
    small_reached: int | None
    small_reached_percent: int | None
    local: int | None
    in_doubt: int | None

    @classmethod
    def of(cls, coverage: Coverage) -> Self:
        reached, small = told_pieces(coverage.everybody), told_of_small(coverage)
        return cls(
            pieces=coverage.pieces,
            workshops=told(coverage.everybody.workshops),
            alone=told(coverage.everybody.alone),
            reached=reached,
            reached_percent=None if reached is None else reached * 100 // coverage.pieces,
            small_workshops=told(coverage.small.workshops),
            small_alone=told(coverage.small.alone),
            small_reached=small,
            small_reached_percent=None if small is None else small * 100 // coverage.pieces,
            local=told(coverage.local),
            in_doubt=told(coverage.in_doubt),
        )


class KeptOutView(Strict):
    """``workshops`` that could not bid fail this rule, ``only`` of them no other. Null: fewer than three."""

    rule: str
    workshops: int | None
    only: int | None

    @classmethod
    def of(cls, kept: KeptOut) -> Self:
        return cls(rule=kept.rule, workshops=told(kept.workshops), only=told(kept.only))


class LotFindingsView(Strict):
    lot: int
    coverage: CoverageView
    kept_out: list[KeptOutView]

    @classmethod
    def of(cls, findings: LotFindings) -> Self:
        return cls(
            lot=findings.lot,
            coverage=CoverageView.of(findings.coverage),
            kept_out=[KeptOutView.of(each) for each in findings.kept_out],
        )


class FiguresView(Strict):
    """``alone``: workshops that could fill the lot, or one of its parts, alone. ``small_percent`` of the pieces are in
    lots that at least three small workshops could each fill alone.
    """

    workshops: int | None
    alone: int | None
    small_percent: int
    reached_percent: int | None

    @classmethod
    def of(cls, figures: Figures) -> Self:
        workshops = told(figures.workshops)
        return cls(
            workshops=workshops,
            alone=told(figures.alone),
            small_percent=figures.small_percent,
            reached_percent=None if workshops is None else figures.reached_percent,
        )


class ReasonView(Strict):
    """One gain by a stated measure. ``before`` null: fewer than three workshops, or what they reach."""

    code: str
    before: int | None
    after: int
    words: WordsView

    @classmethod
    def of(cls, reason: Reason, before: Figures) -> Self:
        return cls(
            code=reason.code,
            before=told_before(reason, before.workshops),
            after=reason.after,
            words=WordsView.of(reason.code, reason_in_words(reason, before.workshops)),
        )


class PartView(Strict):
    """``alone``: workshops that could fill the part alone, ``small_alone`` of them. Null: fewer than three."""

    title: str
    pieces: int
    allocated: MoneyText
    due_on: Day
    alone: int | None
    small_alone: int | None

    @classmethod
    def of(cls, part: Part) -> Self:
        return cls(
            title=part.title,
            pieces=part.pieces,
            allocated=part.allocated,
            due_on=part.due_on,
            alone=told(part.alone),
            small_alone=told(part.small),
        )


class CutView(Strict):
    """A cut of a lot: what it makes, why, what it takes, and the figures before and after."""

    number: int
    lot: int
    way: Way
    words: WordsView
    reasons: list[ReasonView]
    costs: list[WordsView]
    before: FiguresView
    after: FiguresView
    parts: list[PartView]

    @classmethod
    def of(cls, cut: ProposedCut) -> Self:
        return cls(
            number=cut.number,
            lot=cut.lot,
            way=cut.recipe.way,
            words=WordsView.of(cut.recipe.way, way_in_words(cut.recipe)),
            reasons=[ReasonView.of(each, cut.before) for each in cut.reasons],
            costs=[WordsView.of(code, words) for code, words in costs_in_words(cut.recipe).items()],
            before=FiguresView.of(cut.before),
            after=FiguresView.of(cut.after),
            parts=[PartView.of(each) for each in cut.parts],
        )


class LotStudySummary(Strict):
    """``workshops`` were looked at, all that are registered and not suspended; ``bounded``: there are more. ``fixed``:
    the draft repeats a failed tender, so no cuts are proposed.
    """

    id: LotStudyId
    tender_id: TenderId
    tender_version: int
    package: str
    bid_on: Day
    fixed: bool
    workshops: int
    bounded: bool
    cuts: int
    studied_at: Instant

    @classmethod
    def of(cls, head: StudyHead) -> Self:
        return cls(
            id=head.id,
            tender_id=head.tender_id,
            tender_version=head.tender_version,
            package=head.package,
            bid_on=head.bid_on,
            fixed=head.fixed,
            workshops=head.workshops,
            bounded=head.bounded,
            cuts=head.cuts,
            studied_at=head.studied_at,
        )


class LotStudyView(Strict):
    study: LotStudySummary
    lots: list[LotFindingsView]
    cuts: list[CutView]
    notes: list[WordsView]

    @classmethod
    def of(cls, shown: ShownStudy) -> Self:
        return cls(
            study=LotStudySummary.of(shown.head),
            lots=[LotFindingsView.of(each) for each in shown.findings.lots],
            cuts=[CutView.of(each) for each in shown.findings.cuts],
            notes=[WordsView.of(code, titles) for code, titles in NOTES.items()],
        )
