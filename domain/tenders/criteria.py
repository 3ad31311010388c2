"""Criteria beside the price, published with a tender. What they may come to together is bounded by the package.

The formula, published with every tender that has criteria:

    a member's mark   = 100 x points / scale
    a criterion's mark = mean of its members' marks
    quality discount  = sum of weight x mark / 100 over the criteria, in per cent, half up to 0.01
    discounts         = quality discount + conditional discount of the package
    compared price    = unit price x (100 - discounts) / 100, half up to the tiyn

Bids are compared by it; nobody is paid less for it.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.errors import Flaw, Invalid, Titles
from domain.procedures.rules import Rules

CRITERIA_MAX = 20
SCALE_MAX = 1000
_STEP = Decimal("0.01")


class CriteriaRefused(Invalid):
    code = "criteria-refused"
    titles = Titles(
        "The criteria do not fit the procedure", "Критерии не подходят к процедуре", "Критерийлер рәсімге сай емес"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """``weight`` is what full points take off a price when bids are compared, in per cent; points are whole numbers
    from 0 to ``scale``. The weights of a tender are together its quality weight.
    """

    number: int
    name: str
    weight: Decimal
    scale: int


def quality_weight(criteria: tuple[Criterion, ...]) -> Decimal:
    return sum((each.weight for each in criteria), Decimal(0))


def check_criteria(rules: Rules, criteria: tuple[Criterion, ...]) -> None:
    """Refuse (``criteria-refused``) more weight than the package allows, criteria without any, and senseless scales."""
    for index, each in enumerate(criteria):
        pointer = f"/criteria/{index}"
        if each.weight <= 0 or each.weight.quantize(_STEP) != each.weight:
            raise _refused(f"{pointer}/weight", f"{each.weight} per cent", "above 0, at most two decimals")
        if not 1 <= each.scale <= SCALE_MAX:
            raise _refused(f"{pointer}/scale", f"points to {each.scale}", f"1 to {SCALE_MAX}")
    if len({each.name.casefold() for each in criteria}) != len(criteria):
        raise _refused("/criteria", "a name stands twice", "each criterion once")
    if len(criteria) > CRITERIA_MAX:
        raise _refused("/criteria", f"{len(criteria)} criteria", f"at most {CRITERIA_MAX}")
    weight, most = quality_weight(criteria), rules.quality_percent_max
    if weight > most:
        flaw = Flaw(
            pointer="/criteria",
            reason=f"the weights are {weight} per cent together",
            passes=f"at most {most} per cent" if most else "no criteria",
            rule="discount_quality_percent",
        )
        raise CriteriaRefused(f"{rules.procedure} bounds what criteria may weigh", flaws=(flaw,), passes=flaw.passes)


def _refused(pointer: str, reason: str, passes: str) -> CriteriaRefused:
    flaw = Flaw(pointer=pointer, reason=reason, passes=passes)
    return CriteriaRefused(f"{pointer}: {reason}", flaws=(flaw,), passes=passes)
