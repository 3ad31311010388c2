"""Names that agree, entries in force, numbers of persons, and what is kept of an answer."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.errors import MalformedValue
from domain.ids import WrongBin, check_digit
from domain.registries.agreement import names_agree
from domain.registries.answers import UnreliableEntry
from domain.registries.model import Outcome, Question, Registry, RegistryAnswer, RegistryAnswerId, parse_company_bin

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ('ТОО "Оймақ"', 'Товарищество с ограниченной ответственностью "ОЙМАҚ"', True),
        ("«Оймақ» ЖШС", "Оймақ", True),
        ("ТОО «Семёновка-1»", "семеновка 1, ТОО", True),
        ("ТОО Оймақ", "ТОО Оймақ Плюс", False),
        ("Тоолай", "лай", False),
        ("ТОО", "АО", False),
    ],
)
def test_names_agree_whatever_the_form_and_the_quotes(one: str, other: str, *, agree: bool) -> None:
    assert names_agree(one, other) is agree
    assert names_agree(other, one) is agree


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), True),
        (None, None, True),
        (date(2026, 11, 25), None, False),
        (None, date(2026, 11, 23), False),
    ],
)
def test_an_entry_counts_from_its_first_to_its_last_day(
    since: date | None, until: date | None, *, counts: bool
) -> None:
    assert UnreliableEntry(name="n", since=since, until=until).in_force_on(date(2026, 11, 24)) is counts


def test_the_number_of_a_person_is_refused_and_not_repeated() -> None:
    eleven = "90010130001"
    personal = f"{eleven}{check_digit(eleven)}"
    with pytest.raises(WrongBin) as refused:
        parse_company_bin(personal)
    assert personal not in f"{refused.value} {refused.value.flaws}"
    assert parse_company_bin("950440001673") == "950440001673"


@pytest.mark.parametrize(
    "parts",
    [
        {"outcome": Outcome.ANSWERED},
        {"outcome": Outcome.UNAVAILABLE, "answer": {}},
        {"outcome": Outcome.UNAVAILABLE},
        {"outcome": Outcome.ANSWERED, "answer": {}, "error": "down"},
    ],
)
def test_an_answer_is_never_kept_as_a_failure_nor_a_failure_as_an_answer(parts: dict[str, Any]) -> None:
    with pytest.raises(MalformedValue):
        RegistryAnswer(
            id=RegistryAnswerId(UUID(int=1)),
            registry=Registry.GOSZAKUP,
            question=Question.UNRELIABLE,
            subject="950440001673",
            asked_at=AT,
            **parts,
        )
