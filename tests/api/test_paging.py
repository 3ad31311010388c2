"""Lists: every item once, whatever the limit; a cursor has one spelling and any other is refused."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import APIRouter, Request, Response
from hypothesis import given
from hypothesis import strategies as st

from api.paging import Page, PageQuery, Paging, cursor_of, page_of_json, paged
from api.problems import EdgeRefusal
from api.schemas import Strict
from domain.ids import TenderId
from tests.api.sample import ask, client_of, dressed, pointers

IDS = [UUID(int=number) for number in range(1, 131)]


class ThingView(Strict):
    id: UUID


router = APIRouter(prefix="/v1")


@router.get("/things", response_model=Page[ThingView])
async def list_things(paging: Paging, kind: str = "all") -> Response:
    after = paging.after(TenderId)
    rows = [ThingView(id=each) for each in IDS if kind == "all" and (after is None or each > after)]
    return paged(rows[: paging.limit + 1], paging, key=lambda view: [str(view.id)])


@router.get("/texts", response_model=Page[ThingView])
async def list_texts(paging: Paging) -> Response:
    after = paging.after(TenderId)
    rows = [(f'{{"id":"{each}"}}', [str(each)]) for each in IDS if after is None or each > after]
    return page_of_json(rows[: paging.limit + 1], paging)


@pytest.mark.parametrize("path", ["/v1/things", "/v1/texts"])
@pytest.mark.parametrize("limit", [1, 43, 65, 100])
async def test_following_next_meets_every_item_once(path: str, limit: int) -> None:
    met: list[UUID] = []
    url: str | None = f"{path}?limit={limit}"
    async with client_of(dressed(router)) as client:
        while url:
            answer = await client.get(url)
            met += [UUID(item["id"]) for item in answer.json()["items"]]
            url = answer.links.get("next", {}).get("url")
            assert (url is not None) == (answer.json()["next"] is not None)
    assert met == IDS


async def test_fifty_items_are_given_where_nothing_is_asked() -> None:
    assert len((await ask(router, "GET", "/v1/things")).json()["items"]) == 50


async def test_an_empty_list_has_no_next() -> None:
    answer = await ask(router, "GET", "/v1/things?kind=none")
    assert answer.json() == {"items": [], "next": None}
    assert "link" not in answer.headers


async def test_the_link_keeps_the_filters() -> None:
    answer = await ask(router, "GET", "/v1/things?kind=all&limit=3")
    url = answer.links["next"]["url"]
    assert "kind=all" in url
    assert "limit=3" in url


@pytest.mark.parametrize("limit", ["0", "101", "-1", "5.0", "+5", "%205", "1_0", "", "x", "1" * 10])
async def test_a_limit_is_a_whole_number_from_1_to_100(limit: str) -> None:
    answer = await ask(router, "GET", f"/v1/things?limit={limit}")
    assert (answer.status_code, pointers(answer)) == (422, ["query:limit"])


def encoded(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


GOOD = str(IDS[0])


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!!",
        encoded([]),
        encoded([GOOD, GOOD]),
        encoded({"id": GOOD}),
        encoded([GOOD.replace("-", "")]),
        encoded([f"urn:uuid:{GOOD}"]),
        encoded([1]),
        encoded([None]),
        encoded([[GOOD]]),
        encoded(f'[ "{GOOD}" ]'),
        encoded("[" * 200),
        encoded([GOOD]) + "=",
        encoded([GOOD]) + "\n",
        encoded([GOOD])[:-1],
        "ә" * 40,
    ],
)
async def test_a_cursor_that_is_not_as_we_wrote_it_is_malformed(cursor: str) -> None:
    async with client_of(dressed(router)) as client:
        answer = await client.get("/v1/things", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed-cursor")
    assert pointers(answer) == ["query:cursor"]


def query(cursor: str) -> PageQuery:
    return PageQuery(request=Request({"type": "http"}), limit=1, cursor=cursor)


printable = st.text().filter(str.isprintable)


@given(st.datetimes(timezones=st.just(UTC)), printable, st.integers(0, 2**63 - 1), st.uuids())
def test_a_position_comes_back_as_it_was_written(at: datetime, text: str, number: int, id_: UUID) -> None:
    cursor = cursor_of([at.isoformat(), text, number, str(id_)])
    assert query(cursor).position(datetime, str, int, TenderId) == (at, text, number, id_)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (datetime, "2026-11-22T14:00:00"),
        (datetime, datetime(2026, 11, 22, tzinfo=UTC).astimezone().replace(tzinfo=None).isoformat()),
        (datetime, "0001-01-01T00:00:00+14:00"),
        (datetime, 5),
        (str, "a\0b"),
        (str, "\ud800"),
        (str, 5),
        (int, True),
        (int, -1),
        (int, 2**63),
        (int, "5"),
    ],
)
def test_a_value_of_another_kind_is_malformed(kind: Any, value: Any) -> None:
    with pytest.raises(EdgeRefusal, match="cannot be read"):
        query(cursor_of([value])).position(kind)
