"""Local content in percent with two decimals, as methodology 260 and the rules of the register (order 327) count it.

The definition in order 327 speaks of the share of *foreign* materials, its appendix 3 counts the opposite; the formula
of the appendix is followed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.errors import MalformedValue
from domain.money import Money, total

_STEP = Decimal("0.01")


def of_product(*, foreign_materials: Decimal, cost: Decimal) -> Decimal:
    """``100 - foreign materials / cost x 100``; cost without VAT and profit, both in tenge (order 327, appendix 3)."""
    if not Decimal(0) <= foreign_materials <= cost or cost == 0:
        raise MalformedValue("Foreign materials are part of the cost", passes=f"0 to {cost}")
    return (100 - foreign_materials / cost * 100).quantize(_STEP, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """A part of a product's cost in tenge, without VAT and profit. Wages and own work are not foreign."""

    name: str
    amount: Money
    foreign_material: bool


def of_cost_lines(lines: Iterable[CostLine]) -> tuple[Money, Money, Decimal]:
    """Cost, foreign materials in it, and the local content that follows; refuses (``malformed-value``) a cost of 0."""
    known = tuple(lines)
    cost = total(line.amount for line in known)
    foreign = total(line.amount for line in known if line.foreign_material)
    return cost, foreign, of_product(foreign_materials=foreign.amount, cost=cost.amount)


def of_goods(parts: Iterable[tuple[Decimal, Decimal]], *, contract_sum: Decimal) -> Decimal:
    """The sum over goods of cost x their percentage / contract sum (methodology 260, p. 9).

    ``parts`` are (cost in tenge, percent); a percentage is 0 where there is no evidence.
    """
    if contract_sum <= 0:
        raise MalformedValue("A contract's sum is positive", passes="more than 0")
    weighted = sum((cost * percent for cost, percent in parts), Decimal(0))
    return (weighted / contract_sum).quantize(_STEP, ROUND_HALF_UP)
