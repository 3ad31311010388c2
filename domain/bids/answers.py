"""Specification answers: does what is offered meet what the specification line asks for?

The official form puts each requirement on a line: parameter, operator, value. A bidder answers by parameter with one
value, which meets every line of that parameter. Numbers are compared as numbers (decimal comma or point, with or
without the line's unit), everything else as words.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from domain.bids.offers import Answer
from domain.errors import Flaw
from domain.garments import GarmentLine, Operator, SpecificationLine

_NUMBER = r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,6})?"
_SPAN = re.compile(rf"({_NUMBER})\s*(?:-|\u2013|\u2014|\.\.|\u2026)\s*({_NUMBER})")
_ASKS = {Operator.EQUAL: "exactly", Operator.AT_LEAST: "at least", Operator.AT_MOST: "at most",
         Operator.RANGE: "within", Operator.ONE_OF: "one of"}  # fmt: skip


def answer_flaws(line: GarmentLine, answers: tuple[Answer, ...], *, required: bool, pointer: str) -> Iterator[Flaw]:
    """What is wrong with the answers to a line's specification. ``required``: mandatory lines must be answered."""
    asked = {_words(each.parameter): each.parameter for each in line.specification}
    given: dict[str, tuple[int, Answer]] = {}
    for place, answer in enumerate(answers):
        known = _words(answer.parameter)
        where = f"{pointer}/answers/{place}/parameter"
        if known not in asked:
            passes = ", ".join(dict.fromkeys(asked.values())) or "no answers: the line has no specification"
            yield Flaw(pointer=where, reason=f"no parameter {answer.parameter!r} in the specification", passes=passes)
        elif known in given:
            yield Flaw(pointer=where, reason=f"{answer.parameter!r} is answered twice", passes="one answer")
        else:
            given[known] = place, answer
    for asks in line.specification:
        found = given.get(_words(asks.parameter))
        if found is None:
            if required and asks.mandatory:
                reason = f"{asks.parameter!r} is not answered"
                yield Flaw(pointer=f"{pointer}/answers", reason=reason, passes=told(asks))
        elif asks.mandatory and meets(asks, found[1].value) is False:
            where = f"{pointer}/answers/{found[0]}/value"
            yield Flaw(pointer=where, reason=f"{asks.parameter}: {found[1].value!r}", passes=told(asks))


def meets(asks: SpecificationLine, value: str) -> bool | None:
    """Whether ``value`` meets the line; None where the line's own value cannot be compared, which is people's work."""
    if asks.operator is Operator.EQUAL:
        return _same(asks.value, value, asks.unit)
    if asks.operator is Operator.ONE_OF:
        return any(_same(each, value, asks.unit) for each in _list(asks.value))
    asked, offered = _span(asks.value, asks.unit), _span(value, asks.unit)
    if asked is None or offered is None:
        return None if asked is None else False
    enough, bounded = offered[0] >= asked[0], offered[1] <= asked[1]
    return {Operator.AT_LEAST: enough, Operator.AT_MOST: bounded, Operator.RANGE: enough and bounded}[asks.operator]


def told(asks: SpecificationLine) -> str:
    """The requirement in words: ``at least 210 g/m2``."""
    return f"{_ASKS[asks.operator]} {asks.value}" + (f" {asks.unit}" if asks.unit else "")


def _same(asked: str, value: str, unit: str | None) -> bool:
    numbers = _number(asked, unit), _number(value, unit)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return _words(_bare(asked, unit)) == _words(_bare(value, unit))


def _list(text: str) -> list[str]:
    """A comma parts the words only where nothing clearer does: it stands in numbers too."""
    return re.split(r"[;|]" if re.search(r"[;|]", text) else ",", text)


def _span(text: str, unit: str | None) -> tuple[Decimal, Decimal] | None:
    """Both ends of a range; of a number twice itself."""
    number = _number(text, unit)
    if number is not None:
        return number, number
    found = _SPAN.fullmatch(_bare(text, unit))
    if found is None:
        return None
    low, high = _decimal(found[1]), _decimal(found[2])
    return (low, high) if low <= high else None


def _number(text: str, unit: str | None) -> Decimal | None:
    bare = _bare(text, unit)
    return _decimal(bare) if re.fullmatch(_NUMBER, bare) else None


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def _bare(text: str, unit: str | None) -> str:
    """Without the line's unit behind it."""
    bare = text.strip()
    if unit and bare.casefold().endswith(unit.strip().casefold()):
        bare = bare[: -len(unit.strip())].rstrip()
    return bare


def _words(text: str) -> str:
    return " ".join(text.casefold().split())
