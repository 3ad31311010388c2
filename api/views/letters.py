"""Views of explanations: letters to losers, why a lot is open."""

from typing import Self

from api.schemas import DecimalText, Instant, MoneyText, SizesMap, Strict
from api.views.verdicts import RuleView
from domain.awards.allocation import Bound
from domain.awards.changes import Change, Changed
from domain.awards.counterfactual import Counterfactual
from domain.awards.infeasible import Feasible
from domain.awards.letters import Letter, LineLetter, LotLetter
from domain.awards.model import LotResult, RejectionReason
from domain.awards.open_lots import OpenLot
from domain.awards.relaxing import Relaxation, Relaxed
from domain.awards.sentences import Sentence
from domain.ids import BidId, EvaluationId, OrganizationId, TenderId


class TextsView(Strict):
    en: str
    ru: str
    kk: str


class SentenceView(Strict):
    """``code`` is stable, ``data`` are what the texts say in their own words."""

    code: str
    data: dict[str, str]
    text: TextsView

    @classmethod
    def of(cls, sentence: Sentence) -> Self:
        text = sentence.text
        return cls(code=sentence.code, data=sentence.data, text=TextsView(en=text.en, ru=text.ru, kk=text.kk))


class ChangeView(Strict):
    """``present`` and ``needed`` are tenge, pieces or minutes, whichever ``changed`` counts; ``pieces`` of the lot
    would have been given. ``smallest``: it was confirmed that less does not do.
    """

    changed: Changed
    line: int
    sewer_id: OrganizationId
    present: DecimalText
    needed: DecimalText
    sizes: SizesMap | None
    pieces: int
    smallest: bool

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(
            changed=change.changed,
            line=change.line,
            sewer_id=change.bidder_id,
            present=change.present,
            needed=change.needed,
            sizes=None if change.run is None else dict(change.run.cells),
            pieces=change.pieces,
            smallest=change.smallest,
        )


class WouldHaveWonView(Strict):
    """Each change alone, confirmed by awarding again. None and not ``cut_short``: no single change would have."""

    had: int
    changes: list[ChangeView]
    cut_short: bool

    @classmethod
    def of(cls, found: Counterfactual) -> Self:
        return cls(had=found.had, changes=[ChangeView.of(each) for each in found.changes], cut_short=found.cut_short)


class LineLetterView(Strict):
    line: int
    sewer_id: OrganizationId
    rank: int
    unit_price: MoneyText
    compared_price: MoneyText
    asked: int
    given: int
    bound: Bound

    @classmethod
    def of(cls, line: LineLetter) -> Self:
        return cls(
            line=line.line,
            sewer_id=line.sewer_id,
            rank=line.rank,
            unit_price=line.unit_price,
            compared_price=line.compared,
            asked=line.asked,
            given=line.given,
            bound=line.bound,
        )


class LotLetterView(Strict):
    """``reason`` and ``rules`` where the bid was rejected, otherwise ``lines`` and ``would_have_won``."""

    lot: int
    result: LotResult
    reason: RejectionReason | None
    detail: str | None
    rules: list[RuleView]
    lines: list[LineLetterView]
    would_have_won: WouldHaveWonView | None
    sentences: list[SentenceView]

    @classmethod
    def of(cls, lot: LotLetter) -> Self:
        return cls(
            lot=lot.lot,
            result=lot.result,
            reason=lot.reason,
            detail=lot.detail,
            rules=[RuleView.of(each) for each in lot.rules],
            lines=[LineLetterView.of(each) for each in lot.lines],
            would_have_won=None if lot.would_have_won is None else WouldHaveWonView.of(lot.would_have_won),
            sentences=[SentenceView.of(each) for each in lot.sentences],
        )


class LetterView(Strict):
    """What a bidder is told of the lots of which it was given nothing, or less than it offered."""

    tender_id: TenderId
    evaluation_id: EvaluationId
    evaluated_at: Instant
    bidder_id: OrganizationId
    bid_id: BidId
    lots: list[LotLetterView]

    @classmethod
    def of(cls, letter: Letter) -> Self:
        return cls(
            tender_id=letter.tender_id,
            evaluation_id=letter.evaluation_id,
            evaluated_at=letter.evaluated_at,
            bidder_id=letter.bidder_id,
            bid_id=letter.bid_id,
            lots=[LotLetterView.of(each) for each in letter.lots],
        )


class LoserView(Strict):
    bidder_id: OrganizationId


class RelaxationView(Strict):
    """``sum`` is what the lot would cost, ``others`` what its neighbours would cost more (or less); ``proven``: less
    of the same was proven not to do.
    """

    relaxed: Relaxed
    sentence: SentenceView
    sum: MoneyText
    others: MoneyText
    unfilled: int
    proven: bool

    @classmethod
    def of(cls, each: Relaxation) -> Self:
        return cls(
            relaxed=each.relaxed,
            sentence=SentenceView.of(each.sentence),
            sum=each.sum,
            others=each.others,
            unfilled=each.unfilled,
            proven=each.proven,
        )


class OpenLotView(Strict):
    """Why a lot is open. ``reasons`` conflict together, or (``each_alone``) each suffices; ``minimal``: without any
    one of them it could be filled. ``feasible``: whether ``engine`` could fill it after all, or proved that nobody can.
    ``relaxations`` let it be filled, the cheapest first.
    """

    lot: int
    feasible: Feasible
    proven: bool
    engine: str
    reasons: list[SentenceView]
    each_alone: bool
    minimal: bool
    relaxations: list[RelaxationView]

    @classmethod
    def of(cls, found: OpenLot) -> Self:
        conflict = found.conflict
        return cls(
            lot=conflict.lot,
            feasible=conflict.feasible,
            proven=conflict.proven,
            engine=conflict.engine,
            reasons=[SentenceView.of(each) for each in conflict.reasons],
            each_alone=conflict.each_alone,
            minimal=conflict.minimal,
            relaxations=[RelaxationView.of(each) for each in found.relaxations],
        )
