"""Bodies: strict, and still each thing that JSON can only spell as a string is read, in one form."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from api.schemas import (
    BinText,
    Day,
    DecimalText,
    Email,
    Incoming,
    Instant,
    LongText,
    MoneyText,
    Pieces,
    SizesMap,
    Strict,
    Text,
    instant_text,
)
from domain.ids import TenderId
from domain.money import Money
from tests.api.sample import ask, pointers


class Colour(StrEnum):
    RED = "red"


class EverythingBody(Strict):
    id: UUID | None = None
    tender_id: TenderId | None = None
    colour: Colour | None = None
    day: Day | None = None
    instant: Instant | None = None
    price: MoneyText | None = None
    minutes: DecimalText | None = None
    pair: tuple[int, str] | None = None
    colours: list[Colour] | None = None
    sizes: SizesMap | None = None
    pieces: Pieces | None = None
    flag: bool | None = None
    ratio: float | None = None
    name: Text | None = None
    story: LongText | None = None
    email: Email | None = None
    bin: BinText | None = None
    numbered: dict[Annotated[str, Field(pattern="^[1-9]$")], SizesMap] | None = None
    inner: list["EverythingBody"] | None = None


router = APIRouter(prefix="/v1")


@router.post("/everything")
async def post_everything(body: Incoming[EverythingBody]) -> EverythingBody:
    return body


async def post(**fields: Any) -> httpx.Response:
    return await ask(router, "POST", "/v1/everything", json=fields)


ID = "8f14e45f-ceea-467f-a8f0-000000000001"


@pytest.mark.parametrize(
    ("name", "sent", "shown"),
    [
        ("id", ID, ID),
        ("tender_id", ID, ID),
        ("colour", "red", "red"),
        ("day", "2026-11-22", "2026-11-22"),
        ("instant", "2026-11-22T14:00:00Z", "2026-11-22T14:00:00.000000Z"),
        ("instant", "2026-11-22T19:00:00.5+05:00", "2026-11-22T14:00:00.500000Z"),
        ("price", "12896.00", "12896.00"),
        ("price", "0.5", "0.50"),
        ("price", "9999999999999999.99", "9999999999999999.99"),
        ("minutes", "62.50", "62.50"),
        ("pair", [1, "a"], [1, "a"]),
        ("colours", ["red", "red"], ["red", "red"]),
        ("sizes", {"96-100/170-176": 40}, {"96-100/170-176": 40}),
        ("numbered", {"1": {"a": 1}}, {"1": {"a": 1}}),
        ("pieces", 40, 40),
        ("flag", True, True),
        ("name", "  Іскер «Өрім» — 🧵  ", "Іскер «Өрім» — 🧵"),
        ("story", "one\n\ttwo", "one\n\ttwo"),
        ("email", "Aigul@Example.KZ", "aigul@example.kz"),
        ("bin", "950440001673", "950440001673"),
    ],
)
async def test_what_fits_is_read_and_shown_in_one_form(name: str, sent: Any, shown: Any) -> None:
    answer = await post(**{name: sent})
    assert answer.status_code == 200, answer.text
    assert answer.json()[name] == shown


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("id", 1),
        ("id", "not-a-uuid"),
        ("colour", "blue"),
        ("colour", 1),
        ("day", "2026-02-30"),
        ("day", "20261122"),
        ("day", "2026-11-22T00:00:00Z"),
        ("day", 0),
        ("instant", "2026-11-22T14:00:00"),
        ("instant", "2026-11-22 14:00:00Z"),
        ("instant", "2026-11-22"),
        ("instant", "2026-02-30T14:00:00Z"),
        ("instant", "2026-11-22T24:00:00Z"),
        ("instant", "0001-01-01T00:00:00+14:00"),
        ("instant", 1700000000),
        ("price", 12896),
        ("price", 12896.5),
        ("price", "12896.005"),
        ("price", "-1.00"),
        ("price", "1e3"),
        ("price", "NaN"),
        ("price", " 1"),
        ("price", "007"),
        ("price", "١"),
        ("price", "1" * 17),
        ("price", {"amount": "1.00", "currency": "USD"}),
        ("minutes", 62.5),
        ("minutes", "62.50001"),
        ("pair", [1]),
        ("pair", ["1", "a"]),
        ("colours", {"red": 1}),
        ("pieces", "40"),
        ("pieces", 40.0),
        ("pieces", True),
        ("pieces", False),
        ("pieces", 0),
        ("flag", 1),
        ("flag", "true"),
        ("ratio", "1.5"),
        ("name", ""),
        ("name", "   "),
        ("name", "two\nlines"),
        ("name", "bell\u0007"),
        ("name", "c\u00851"),
        ("name", "gnp.\u202eexe"),
        ("name", "x" * 301),
        ("name", 5),
        ("story", "ver\u000btical"),
        ("email", "nobody"),
        ("email", "a@b\n.kz"),
        ("bin", "950440001674"),
        ("bin", 950440001673),
        ("unknown", 1),
    ],
)
async def test_what_does_not_fit_is_refused_at_its_place(name: str, sent: Any) -> None:
    answer = await post(inner=[{name: sent}])
    assert answer.status_code == 422
    assert pointers(answer)[0].startswith(f"/inner/0/{name}")


async def test_a_flaw_of_a_house_type_tells_what_passes() -> None:
    answer = await post(price=1, bin="950440001674")
    passes = {flaw["pointer"]: flaw["passes"] for flaw in answer.json()["errors"]}
    assert passes == {"/price": '"12896.00"', "/bin": "950440001673"}


async def test_all_flaws_are_told_at_once() -> None:
    answer = await post(price=1, day=2, name="")
    assert sorted(pointers(answer)) == ["/day", "/name", "/price"]


def test_a_view_is_made_from_values_and_never_from_their_spelling() -> None:
    view = EverythingBody(id=UUID(ID), day=date(2026, 11, 22), price=Money.of("-1"), colour=Colour.RED)
    assert view.model_dump(mode="json", exclude_none=True) == {
        "id": ID,
        "day": "2026-11-22",
        "price": "-1.00",
        "colour": "red",
    }
    with pytest.raises(ValidationError):
        EverythingBody.model_validate({"colour": "red"})
    with pytest.raises(ValidationError):
        EverythingBody(instant=datetime(2026, 1, 1))  # noqa: DTZ001 - a naive instant is the point


def test_a_decimal_is_never_shown_with_an_exponent() -> None:
    assert EverythingBody(minutes=Decimal("1E+2")).model_dump()["minutes"] == "100"


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=zones))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_an_instant_survives_its_spelling(at: datetime) -> None:
    text = instant_text(at)
    assert text.endswith("Z")
    assert EverythingBody.model_validate_json(f'{{"instant":"{text}"}}').instant == at.astimezone(UTC)
