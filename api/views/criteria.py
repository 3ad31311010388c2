"""Criteria beside the price, as a buyer writes them and everybody reads them."""

from typing import Annotated, Self

from pydantic import Field

from api.schemas import DecimalText, Strict, Text
from domain.tenders.criteria import CRITERIA_MAX, SCALE_MAX, Criterion


class CriterionBody(Strict):
    """``weight`` is what full points take off a price when bids are compared, in per cent; points run to ``scale``."""

    name: Text
    weight: DecimalText
    scale: Annotated[int, Field(ge=1, le=SCALE_MAX)]


CriteriaBody = Annotated[list[CriterionBody], Field(max_length=CRITERIA_MAX)]


def criteria_of(bodies: list[CriterionBody]) -> tuple[Criterion, ...]:
    return tuple(
        Criterion(number=number, name=each.name, weight=each.weight, scale=each.scale)
        for number, each in enumerate(bodies, start=1)
    )


class CriterionView(Strict):
    number: int
    name: str
    weight: DecimalText
    scale: int

    @classmethod
    def of(cls, criterion: Criterion) -> Self:
        return cls(number=criterion.number, name=criterion.name, weight=criterion.weight, scale=criterion.scale)
