"""Problems: one shape, the right status, the reader's language, nothing that was not asked for."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Header, HTTPException
from pydantic import Field

from api.languages import language
from api.problems import EDGE, EdgeRefusal, catalogue, responses, status_of
from api.schemas import Incoming, SizesMap, Strict
from domain.actors import Action
from domain.errors import Flaw, MalformedValue, NotPermitted, Refusal, StaleVersion, leaves
from domain.ids import WrongBin, parse_bin
from domain.work import InFlight, KeyReused
from tests.api.sample import ask, client_of, dressed, pointers, raising


class Colour(StrEnum):
    RED = "red"


class LineBody(Strict):
    sizes: SizesMap
    colour: Colour
    tags: Annotated[list[str], Field(max_length=1)] = Field(default_factory=list)


class OrderBody(Strict):
    id: UUID
    lines: list[LineBody]


router = APIRouter(prefix="/v1")


@router.get("/orders/{number}")
async def read_order(number: int, wide: bool = False, x_depth: Annotated[int, Header()] = 1) -> int:  # noqa: FBT001, FBT002 - a query flag
    return number


@router.put("/orders/{number}")
async def put_order(number: int, body: Incoming[OrderBody]) -> int:
    return number + len(body.lines)


@router.delete("/orders/{number}")
async def delete_order(number: int) -> None: ...


LINE = {"sizes": {"96-100/170-176": 1}, "colour": "red"}
ORDER = {"id": "8f14e45f-ceea-467f-a8f0-000000000001", "lines": [LINE]}


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(NotPermitted, 403), (StaleVersion, 412), (InFlight, 409), (KeyReused, 422), (MalformedValue, 422)],
)
async def test_a_refusal_is_answered_with_the_status_of_its_kind(refusal: type[Refusal], status: int) -> None:
    answer = await ask(raising(lambda: refusal("because")), "GET", "/v1/thing")
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == refusal.code
    assert answer.json()["type"] == f"/problems/{refusal.code}"
    assert answer.json()["detail"] == "because"
    assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"


async def test_flaws_what_passes_and_facts_are_told() -> None:
    def make() -> Exception:
        flaw = Flaw(pointer="/a", reason="is wrong", passes="right")
        at = datetime(2026, 11, 22, 14, tzinfo=UTC)
        return MalformedValue("no", flaws=(flaw,), passes="right", action=Action.BID_SUBMIT, at=at, count=2)

    document = (await ask(raising(make), "GET", "/v1/thing")).json()
    assert document["errors"] == [{"pointer": "/a", "reason": "is wrong", "passes": "right"}]
    assert document["passes"] == "right"
    assert document["facts"] == {"action": "bid.submit", "at": "2026-11-22T14:00:00.000000Z", "count": 2}


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "en"),
        ("", "en"),
        ("kk-KZ", "kk"),
        ("ru", "ru"),
        ("de, ru;q=0.5", "ru"),
        ("en;q=0.1, kk;q=0.9, ru;q=0.8", "kk"),
        ("ru;q=0, kk;q=0.001", "kk"),
        ("ru, kk", "ru"),
        ("kk;q=0", "en"),
        ("*", "en"),
        ("kk;q=nan, ru;q=inf", "en"),
        ("kk; q=1.5", "en"),
        ("x" * 10_000, "en"),
    ],
)
def test_the_language_is_the_best_that_the_reader_takes(accept: str | None, chosen: str) -> None:
    assert language(accept) == chosen


async def test_titles_come_in_the_readers_language() -> None:
    answer = await ask(raising(lambda: StaleVersion("no")), "GET", "/v1/thing", headers={"Accept-Language": "kk"})
    assert answer.json()["title"] == StaleVersion.titles.kk
    assert answer.headers["content-language"] == "kk"
    assert "Accept-Language" in answer.headers["vary"]


async def test_an_unexpected_error_tells_its_request_id_and_nothing_else() -> None:
    answer = await ask(raising(lambda: RuntimeError("secret 42")), "GET", "/v1/thing")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal-error"
    assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in answer.text


async def test_an_unknown_route_and_a_wrong_method_are_problems() -> None:
    async with client_of(dressed(router)) as client:
        unknown = await client.get("/v1/nothing")
        wrong = await client.post("/v1/orders/1")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no-such-route")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")


async def test_allow_names_every_method_of_every_route_that_shares_the_path() -> None:
    answer = await ask(router, "PATCH", "/v1/orders/1")
    assert answer.headers["allow"] == "DELETE, GET, PUT"


@pytest.mark.parametrize("status", [400, 401, 404, 413, 415, 418])
async def test_a_bare_http_exception_becomes_a_problem(status: int) -> None:
    answer = await ask(raising(lambda: HTTPException(status)), "GET", "/v1/thing")
    assert answer.status_code == (400 if status == 418 else status)
    assert answer.json()["code"] in EDGE
    assert ("www-authenticate" in answer.headers) == (status == 401)


async def put(body: object) -> httpx.Response:
    return await ask(router, "PUT", "/v1/orders/1", json=body)


async def test_a_fitting_body_passes() -> None:
    assert (await put(ORDER)).json() == 2


async def test_flaws_of_a_body_are_json_pointers_with_escaped_slashes() -> None:
    line = LINE | {"sizes": {"96-100/170-176": "1", "a~b": 0}, "colour": "blue"}
    answer = await put(ORDER | {"lines": [LINE, line], "extra": 1})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid-request"
    assert sorted(pointers(answer)) == [
        "/extra",
        "/lines/1/colour",
        "/lines/1/sizes/96-100~1170-176",
        "/lines/1/sizes/a~0b",
    ]
    passes = {flaw["pointer"]: flaw.get("passes") for flaw in answer.json()["errors"]}
    assert passes["/lines/1/colour"] == "'red'"
    assert passes["/lines/1/sizes/a~0b"] == "at least 1"


async def test_a_bad_key_of_an_object_is_pointed_at_by_its_own_name() -> None:
    answer = await put(ORDER | {"lines": [LINE | {"sizes": {"x" * 21: 1}}]})
    assert pointers(answer) == ["/lines/0/sizes/" + "x" * 21]


@pytest.mark.parametrize("body", [None, [], "text", 7])
async def test_a_body_of_another_shape_is_pointed_at_as_a_whole(body: Any) -> None:
    answer = await put(body)
    assert answer.status_code == 422
    assert pointers(answer) == [""]


async def test_a_missing_body_is_a_flaw_of_the_whole() -> None:
    answer = await ask(router, "PUT", "/v1/orders/1")
    assert (answer.status_code, pointers(answer)) == (422, [""])


async def test_flaws_of_path_query_and_header_are_named() -> None:
    answer = await ask(router, "GET", "/v1/orders/x?wide=perhaps", headers={"X-Depth": "y"})
    assert sorted(pointers(answer)) == ["header:X-Depth", "path:number", "query:wide"]


async def test_what_was_sent_is_not_repeated() -> None:
    answer = await put({"id": "hunter2-secret", "lines": [{"sizes": {"s": "hunter2"}, "colour": "hunter2"}]})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


async def test_a_thousand_flaws_are_told_as_a_hundred() -> None:
    answer = await put(ORDER | {f"extra{number}": 1 for number in range(1000)})
    assert len(answer.json()["errors"]) == 100
    assert "1000" in answer.json()["detail"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
async def test_a_body_that_is_not_json_is_an_unsupported_media_type(content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await ask(router, "PUT", "/v1/orders/1", content=b"a=1", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert pointers(answer) == ["header:Content-Type"]


async def test_a_lone_surrogate_in_a_detail_does_not_break_the_answer() -> None:
    answer = await ask(raising(lambda: EdgeRefusal("malformed-request", "\ud800")), "GET", "/v1/thing")
    assert answer.status_code == 400
    assert answer.json()["detail"] == "\ud800"


async def test_a_flaw_of_the_domain_keeps_its_pointer() -> None:
    answer = await ask(raising(_refusal_of_bin), "GET", "/v1/thing")
    assert pointers(answer) == ["/bin"]
    assert answer.json()["errors"][0]["passes"] == "950440001673"


def _refusal_of_bin() -> Exception:
    with pytest.raises(WrongBin) as caught:
        parse_bin("1")
    return caught.value


def test_every_code_has_titles_in_three_languages_and_a_status_and_is_given_out_once() -> None:
    codes = [leaf.code for leaf in leaves()]
    assert len(codes) == len(set(codes))
    assert not set(codes) & set(EDGE)
    for code, (status, titles) in catalogue().items():
        assert 400 <= status < 600
        assert all((titles.en, titles.ru, titles.kk)), code
    assert all(status_of(leaf) for leaf in leaves())


def test_responses_are_grouped_by_status_for_the_document() -> None:
    declared = responses("invalid-request", "malformed-cursor", StaleVersion, NotPermitted)
    assert {status: row["description"] for status, row in declared.items()} == {
        403: "not-permitted",
        412: "stale-version",
        422: "invalid-request, malformed-cursor",
    }


def test_a_misspelt_code_does_not_pass() -> None:
    with pytest.raises(KeyError):
        responses("invalid-rekwest")
