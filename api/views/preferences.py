"""Views of the preference ledger."""

from typing import Self

from api.schemas import DecimalText, Instant, MoneyText, Strict
from domain.awards.preference import Gain, LotPreference, PreferenceEntry, PreferenceReport
from domain.ids import EvaluationId, PreferenceId, TenderId
from domain.organizations.workshop import Size


class GainView(Strict):
    """Awards to the bidders of a region (two digits of KATO) and size, with the rule and without it."""

    region: str
    size: Size
    with_rule: MoneyText
    without_rule: MoneyText
    pieces_with: int
    pieces_without: int

    @classmethod
    def of(cls, gain: Gain) -> Self:
        return cls(
            region=gain.region,
            size=gain.size,
            with_rule=gain.with_rule,
            without_rule=gain.without_rule,
            pieces_with=gain.pieces_with,
            pieces_without=gain.pieces_without,
        )


class LotPreferenceView(Strict):
    """A sum is null where the lot would not be awarded."""

    lot: int
    with_rule: MoneyText | None
    without_rule: MoneyText | None
    changed_hands: bool

    @classmethod
    def of(cls, lot: LotPreference) -> Self:
        return cls(lot=lot.lot, with_rule=lot.with_rule, without_rule=lot.without_rule, changed_hands=lot.changed_hands)


class PreferenceView(Strict):
    """One award. ``difference`` is what the rule cost, over the lots that are awarded with it and without it."""

    id: PreferenceId
    tender_id: TenderId
    evaluation_id: EvaluationId
    producers_only: bool
    discount_percent: DecimalText
    admitted_more: int
    with_rule: MoneyText
    without_rule: MoneyText
    difference: MoneyText
    changed_lots: int
    lots: list[LotPreferenceView]
    gains: list[GainView]
    recorded_at: Instant

    @classmethod
    def of(cls, entry: PreferenceEntry) -> Self:
        return cls(
            id=entry.id,
            tender_id=entry.tender_id,
            evaluation_id=entry.evaluation_id,
            producers_only=entry.producers_only,
            discount_percent=entry.discount_percent,
            admitted_more=entry.admitted_more,
            with_rule=entry.with_rule,
            without_rule=entry.without_rule,
            difference=entry.difference,
            changed_lots=entry.changed_lots,
            lots=[LotPreferenceView.of(each) for each in entry.lots],
            gains=[GainView.of(each) for each in entry.gains],
            recorded_at=entry.recorded_at,
        )


class PreferenceReportView(Strict):
    """Awards of a period, oldest first; the sums and ``gains`` are over all of them."""

    as_of: Instant
    currency: str = "KZT"
    rows: list[PreferenceView]
    with_rule: MoneyText
    without_rule: MoneyText
    difference: MoneyText
    gains: list[GainView]

    @classmethod
    def of(cls, report: PreferenceReport) -> Self:
        return cls(
            as_of=report.as_of,
            rows=[PreferenceView.of(each) for each in report.entries],
            with_rule=report.with_rule,
            without_rule=report.without_rule,
            difference=report.difference,
            gains=[GainView.of(each) for each in report.gains],
        )
