"""What prices are less when bids are compared: conditional discounts of the package, and discounts for quality.

The formula stands in ``domain/tenders/criteria.py``; everything here is exact until its one rounding.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from domain.evaluating.scores import ScoreSheet
from domain.organizations.verdict import Verdict
from domain.procedures.rules import Rules
from domain.tenders.criteria import Criterion

_STEP = Decimal("0.01")
_FULL = 100


def quality_discount(criteria: tuple[Criterion, ...], sheets: Iterable[ScoreSheet]) -> Decimal:
    """Of one bid, in per cent; ``sheets`` are the latest of each member who takes part. Nothing without any."""
    given = list(sheets)
    if not given:
        return Decimal("0.00")
    percent = Fraction(0)
    for criterion in criteria:
        marks = [Fraction(_FULL * sheet.points(criterion.number), criterion.scale) for sheet in given]
        mark = sum(marks, Fraction(0)) / len(marks)
        percent += Fraction(criterion.weight) * mark / _FULL
    hundredths = percent * _FULL + Fraction(1, 2)
    return Decimal(hundredths.numerator // hundredths.denominator) * _STEP


def conditional_discounts(rules: Rules, verdict: Verdict, lines: Iterable[int]) -> Mapping[int, Decimal]:
    """Per line of the verdict's lot: a producer's discount where a proof that counts covers the line (rules 687
    p. 271-1).
    """
    percent = rules.percent("discount_producer_percent")
    return {line: percent if line in verdict.evidence else Decimal(0) for line in lines}
