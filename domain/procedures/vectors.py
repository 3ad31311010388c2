"""Worked examples of a package: each formula by name, given texts in, one text out.

The same functions that decide tenders are asked here, so an example that is right says something about the product.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.errors import MalformedValue
from domain.money import Money
from domain.organizations import local_content
from domain.procedures import pricing
from domain.procedures.failing import lot_failure
from domain.procedures.package import Package, Vector
from domain.procedures.rules import Rules
from domain.procedures.timeline import (
    annual_threshold,
    answer_by,
    complaints_until,
    decide_by,
    earliest_closing,
    earliest_opening,
    payment_due_on,
    questions_until,
    sign_by,
)
from domain.procedures.units import boolean, percent, whole
from domain.procedures.vocabulary import Failure


@dataclass(frozen=True, slots=True)
class _Given:
    """The texts of a vector, read when asked for."""

    texts: Mapping[str, str]

    def money(self, name: str) -> Money:
        return Money.of(self.text(name))

    def at(self, name: str) -> datetime:
        at = datetime.fromisoformat(self.text(name))
        if at.tzinfo is None:
            raise MalformedValue(f"{name} carries no time zone", passes="2026-03-02T09:00:00+05:00")
        return at

    def day(self, name: str) -> date:
        return date.fromisoformat(self.text(name))

    def flag(self, name: str) -> bool:
        return boolean(self.text(name))

    def whole(self, name: str) -> int:
        return whole(self.text(name))

    def decimal(self, name: str) -> Decimal:
        return self.money(name).amount

    def text(self, name: str) -> str:
        if name not in self.texts:
            raise MalformedValue(f"The example gives no {name}", passes=f"given.{name}")
        return self.texts[name]


def _or_none(found: object) -> str:
    return "none" if found is None else str(found)


def _sum(money: Money | None) -> str:
    return "none" if money is None else str(money.amount)


def _yes(found: bool) -> str:  # noqa: FBT001 - what is asked
    return "true" if found else "false"


FORMULAS: Mapping[str, Callable[[Rules, _Given], str]] = {
    "is_dumping": lambda r, g: _yes(
        pricing.is_dumping(r, price=g.money("bid"), allocated=g.money("allocated"), bids=_bids(g))
    ),
    "anti_dumping_sum": lambda r, g: _sum(
        pricing.anti_dumping_sum(r, price=g.money("bid"), allocated=g.money("allocated"))
    ),
    "conditional_price": lambda r, g: _sum(
        pricing.conditional_price(r, price=g.money("price"), producer=g.flag("producer"))
    ),
    "bid_security": lambda r, g: _sum(pricing.bid_security(r, allocated=g.money("allocated"))),
    "contract_security": lambda r, g: _sum(
        pricing.contract_security(r, sum=g.money("sum"), producer=g.flag("producer"))
    ),
    "advance_most": lambda r, g: _sum(pricing.advance_most(r, sum=g.money("sum"), producer=g.flag("producer"))),
    "earliest_opening": lambda r, g: earliest_opening(r, published_at=g.at("published_at")).isoformat(),
    "earliest_closing": lambda r, g: earliest_closing(
        r, opens_at=g.at("opens_at"), attempt=g.whole("attempt")
    ).isoformat(),
    "questions_until": lambda r, g: questions_until(r, closes_at=g.at("closes_at")).isoformat(),
    "complaints_until": lambda r, g: complaints_until(r, awarded_at=g.at("awarded_at")).isoformat(),
    "sign_by": lambda r, g: sign_by(r, from_at=g.at("from_at")).isoformat(),
    "payment_due_on": lambda r, g: payment_due_on(r, g.day("accepted_on"), producer=g.flag("producer")).isoformat(),
    "delivery_earliest_on": lambda r, g: (
        r.period("delivery_period_min_producers" if g.flag("producer") else "delivery_period_min")
        .due_on(g.day("signed_on"))
        .isoformat()
    ),
    "answer_by": lambda r, g: answer_by(r, asked_at=g.at("asked_at")).isoformat(),
    "decide_by": lambda r, g: decide_by(r, filed_at=g.at("filed_at")).isoformat(),
    "local_content_of_product": lambda _, g: str(
        local_content.of_product(foreign_materials=g.decimal("foreign_materials"), cost=g.decimal("cost"))
    ),
    "local_content_of_goods": lambda _, g: str(local_content.of_goods(_parts(g), contract_sum=g.decimal("sum"))),
    "evidence_types": lambda r, g: " ".join(sorted(r.evidence_types(g.day("on")))),
    "unchecked": lambda r, g: "refuse" if r.refuses_unchecked(g.text("stage")) else "accept",
    "vat_rate": lambda r, g: _or_none(r.on("vat_rate", g.day("on"))),
    "annual_threshold": lambda r, g: _sum(annual_threshold(r, g.day("on"))),
    "lot_failure": lambda r, g: _or_none(lot_failure(r, bids=g.whole("bids"), admitted=g.whole("admitted"))),
    "follow_up": lambda r, g: _or_none(r.follow_up(Failure(g.text("failure")))),
}


def _bids(given: _Given) -> tuple[Money, ...]:
    return tuple(Money.of(each) for each in given.texts.get("bids", "").split())


def _parts(given: _Given) -> list[tuple[Decimal, Decimal]]:
    """``cost:percent`` entries."""
    entries = (entry.partition(":") for entry in given.text("parts").split())
    return [(Decimal(cost), percent(share)) for cost, _, share in entries]


def evaluate(package: Package, vector: Vector) -> str:
    """What the formula gives. Refuses (``malformed-value``) an unknown formula, and what is missing from ``given`` or
    cannot be read; (``unknown-method``) a method that the package does not have.
    """
    formula = FORMULAS.get(vector.formula)
    if formula is None:
        raise MalformedValue(f"There is no formula {vector.formula!r}", passes=", ".join(FORMULAS))
    try:
        return formula(Rules(package.pinned(vector.method)), _Given(vector.given))
    except (ArithmeticError, ValueError) as error:
        passes = "days as 2026-03-02, sums as 1000.00"
        raise MalformedValue(f"{dict(vector.given)} cannot be read: {error}", passes=passes) from error
