"""Checks before a step: the year's threshold before a publication, a price before a bid. They store nothing."""

from typing import Annotated, Self

from fastapi import APIRouter, Query

from api.dependencies import App, Reader, Signed
from api.problems import responses
from api.schemas import Instant, MoneyText, Strict
from api.views.bid_bodies import LotNumber
from domain.ids import TenderId
from domain.money import Money
from domain.procedures.price_check import Dumping, PriceCheck, Terms, price_check
from domain.procedures.rules import Rules
from domain.tenders.model import TenderNotFound, TenderStatus
from domain.tenders.thresholds import GroupCheck, Purchase, ThresholdCheck, ThresholdUnknown

router = APIRouter(prefix="/v1", tags=["tenders"])

PRICE = r"^(0|[1-9][0-9]{0,15})(\.[0-9]{1,2})?$"
"""An amount in a query."""


class PurchaseView(Strict):
    tender_id: TenderId
    number: str
    method: str
    status: TenderStatus
    published_at: Instant
    sum: MoneyText

    @classmethod
    def of(cls, purchase: Purchase) -> Self:
        return cls(
            tender_id=purchase.tender_id,
            number=purchase.number,
            method=purchase.method,
            status=purchase.status,
            published_at=purchase.published_at,
            sum=purchase.sum,
        )


class GroupCheckView(Strict):
    """``group`` is the first six digits of ENS TRU. ``sum`` is ``own`` and ``bought`` together, ``left`` what the
    threshold leaves after it (null without a threshold). ``exceeds``: the sum is above it. ``splitting``: several
    purchases, each below it, reach it together. ``purchases`` are the newest of ``count``, without this tender.
    """

    group: str
    own: MoneyText
    bought: MoneyText
    sum: MoneyText
    left: MoneyText | None
    exceeds: bool
    splitting: bool
    count: int
    purchases: list[PurchaseView]

    @classmethod
    def of(cls, check: GroupCheck) -> Self:
        others = check.others
        return cls(
            group=check.group,
            own=check.own,
            bought=check.sum - check.own,
            sum=check.sum,
            left=check.left,
            exceeds=check.exceeds,
            splitting=check.splitting,
            count=others.count if others else 0,
            purchases=[PurchaseView.of(each) for each in others.shown] if others else [],
        )


class ThresholdCheckView(Strict):
    """``threshold`` null: the method has no limit. Sums are without VAT: planned ones of what is being bought,
    contracted ones of what was awarded.
    """

    year: int
    method: str
    currency: str = "KZT"
    threshold: MoneyText | None
    groups: list[GroupCheckView]

    @classmethod
    def of(cls, check: ThresholdCheck) -> Self:
        return cls(
            year=check.year,
            method=check.method,
            threshold=check.threshold,
            groups=[GroupCheckView.of(group) for group in check.groups],
        )


class TermsView(Strict):
    bid_security: MoneyText
    contract_security: MoneyText
    conditional_price: MoneyText

    @classmethod
    def of(cls, terms: Terms) -> Self:
        return cls(
            bid_security=terms.bid_security,
            contract_security=terms.contract_security,
            conditional_price=terms.conditional_price,
        )


class PriceCheckView(Strict):
    """``threshold`` is the least price that is no dumping; ``anti_dumping_sum`` is paid beside the contract security.
    ``producer`` and ``other``: for a producer of the register, and for anybody else. ``conditional_price`` is for
    comparison only: the contract is at the price.
    """

    lot: int
    currency: str = "KZT"
    price: MoneyText
    allocated: MoneyText
    above_allocated: bool
    dumping: Dumping
    threshold: MoneyText | None
    consequence: str
    anti_dumping_sum: MoneyText | None
    producer: TermsView
    other: TermsView

    @classmethod
    def of(cls, lot: int, check: PriceCheck) -> Self:
        return cls(
            lot=lot,
            price=check.price,
            allocated=check.allocated,
            above_allocated=check.above_allocated,
            dumping=check.dumping,
            threshold=check.threshold,
            consequence=check.consequence,
            anti_dumping_sum=check.anti_dumping_sum,
            producer=TermsView.of(check.producer),
            other=TermsView.of(check.other),
        )


@router.get("/tenders/{id}/threshold-check", responses=responses("not-authenticated", TenderNotFound, ThresholdUnknown))
async def check_tender_threshold(id: TenderId, app: App, caller: Signed) -> ThresholdCheckView:
    """What you bought and are buying of the tender's goods this year, against the limit of its method: your own
    drafts and tenders; auditors see published ones.
    """
    return ThresholdCheckView.of(await app.tenders.threshold_check(caller.actor, id))


@router.get(
    "/tenders/{id}/price-check",
    responses=responses("not-authenticated", TenderNotFound),
    openapi_extra={"x-public": True},
)
async def check_price(
    id: TenderId,
    app: App,
    reader: Reader,
    lot: Annotated[LotNumber, Query()],
    price: Annotated[str, Query(pattern=PRICE, examples=["360000.00"])],
) -> PriceCheckView:
    """What a price for a whole lot, without VAT, would mean by the tender's own rules, whatever others bid."""
    tender = await app.tenders.tender(reader, id)
    found = tender.lot(lot)
    if found is None:
        raise TenderNotFound("There is no such lot")
    return PriceCheckView.of(
        lot, price_check(Rules(tender.procedure), price=Money.of(price), allocated=found.allocated)
    )
