"""Local content in percent with two decimals, as methodology 260 and the rules of the register (order 327) count it.

The definition in order 327 speaks of the share of *foreign* materials, its appendix 3 counts the opposite; the formula
of the appendix is followed.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from domain.errors import MalformedValue

_STEP = Decimal("0.01")


def of_product(*, foreign_materials: Decimal, cost: Decimal) -> Decimal:
    """``100 - foreign materials / cost x 100``; cost without VAT and profit, both in tenge (order 327, appendix 3)."""
    if not Decimal(0) <= foreign_materials <= cost or cost == 0:
        raise MalformedValue("Foreign materials are part of the cost", passes=f"0 to {cost}")
    return (100 - foreign_materials / cost * 100).quantize(_STEP, ROUND_HALF_UP)


def of_goods(parts: Iterable[tuple[Decimal, Decimal]], *, contract_sum: Decimal) -> Decimal:
    """The sum over goods of cost x their percentage / contract sum (methodology 260, p. 9).

    ``parts`` are (cost in tenge, percent); a percentage is 0 where there is no evidence.
    """
    if contract_sum <= 0:
        raise MalformedValue("A contract's sum is positive", passes="more than 0")
    weighted = sum((cost * percent for cost, percent in parts), Decimal(0))
    return (weighted / contract_sum).quantize(_STEP, ROUND_HALF_UP)
