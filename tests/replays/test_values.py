"""Values as JSON and back: exact in both directions, strict, and the same text when the code knows more."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Any
from uuid import UUID

import pytest

from domain.awards.problem import Problem
from domain.ids import BidId
from domain.organizations.facts import Facts
from domain.replay.values import read, written
from domain.sealing.canonical import canonical_json
from domain.sealing.refusals import NotCanonical
from tests.awards.small_problems import small_problem
from tests.random_facts import random_facts


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    id: BidId
    at: datetime
    colours: frozenset[Colour]
    by_line: dict[int, Decimal]
    pair: tuple[int, str]
    on: date | None
    raw: bytes = b""
    share: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBefore:
    """The same before fields were added."""

    id: BidId
    at: datetime
    colours: frozenset[Colour]
    by_line: dict[int, Decimal]
    pair: tuple[int, str]
    on: date | None


VALUES: dict[str, Any] = {
    "id": BidId(UUID(int=7)),
    "at": datetime(2026, 11, 24, 12, tzinfo=timezone(timedelta(hours=5))),
    "colours": frozenset({Colour.RED}),
    "by_line": {2: Decimal("0.50")},
    "pair": (1, "x"),
    "on": None,
}
TEXT: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-000000000007",
    "at": "2026-11-24T07:00:00.000000Z",
    "colours": ["red"],
    "by_line": {"2": "0.50"},
    "pair": [1, "x"],
    "on": None,
}


def test_every_kind_of_value_has_one_text_and_comes_back() -> None:
    known = Known(**VALUES)
    assert written(known) == TEXT
    assert read(TEXT, Known) == known
    assert read(TEXT, Known).at.tzinfo == UTC


def test_a_field_that_is_added_later_changes_no_text_of_before() -> None:
    assert written(Known(**VALUES)) == written(KnownBefore(**VALUES))
    assert written(Known(**VALUES, share=Decimal("0.00"))) == TEXT | {"share": "0.00"}, "0.00 is another text than 0"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"id": "7"}, "/id"),
        ({"id": 7}, "/id"),
        ({"at": "yesterday"}, "/at"),
        ({"colours": ["blue"]}, "/colours/0"),
        ({"colours": "red"}, "/colours"),
        ({"by_line": {"two": "1"}}, "/by_line/two"),
        ({"by_line": {"2": "a lot"}}, "/by_line/2"),
        ({"by_line": {"2": 1}}, "/by_line/2"),
        ({"pair": [1]}, "/pair"),
        ({"pair": [True, "x"]}, "/pair/0"),
        ({"on": "2026-13-01"}, "/on"),
        ({"stranger": 1}, ""),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        read(TEXT | change, Known)
    assert refused.value.flaws[0].pointer == pointer
    with pytest.raises(NotCanonical):
        read({name: each for name, each in TEXT.items() if name != "pair"}, Known)


def test_facts_and_problems_of_every_kind_come_back_as_they_were() -> None:
    random = Random(20261126)  # noqa: S311 - examples, not secrets
    for seed in range(200):
        facts, problem = random_facts(random), small_problem(seed)
        for value, kind in ((facts, Facts), (problem, Problem)):
            again = read(written(value), kind)
            assert again == value
            assert canonical_json(written(again)) == canonical_json(written(value))
