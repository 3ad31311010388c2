"""One click, one effect: keys are read in one way, and a kept answer is repeated byte for byte."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request, Response
from hypothesis import given
from hypothesis import strategies as st

from api.idempotency import answer_with, fingerprint, idempotency_key, to_response
from api.preconditions import etag
from api.schemas import MoneyText, Strict
from domain.money import Money
from domain.work import AlreadyAnswered, Answer, InFlight, KeyReused
from tests.api.sample import ask, client_of, dressed, pointers


class ThingView(Strict):
    name: str
    price: MoneyText


def keeping() -> APIRouter:
    """A route that keeps its answers as the unit of work does, in a dictionary."""
    router = APIRouter(prefix="/v1")
    kept: dict[str, tuple[bytes, Answer | None]] = {}

    @router.post("/things")
    async def create_thing(request: Request) -> Response:
        key = idempotency_key(request)
        print_ = fingerprint(request.method, request.url.path, await request.body())
        if key in kept:
            before, answer = kept[key]
            if answer is None:
                raise InFlight("still being handled")
            if before != print_:
                raise KeyReused("another request")
            raise AlreadyAnswered(answer)
        kept[key] = (print_, None)
        await asyncio.sleep(0.01)
        view = ThingView(name=f"Ине {len(kept)}", price=Money.of("12896"))
        answer = answer_with(view, 201, {"ETag": etag(1), "Location": "/v1/things/1"})
        kept[key] = (print_, answer)
        return to_response(answer)

    return router


async def create(client: httpx.AsyncClient, key: str, body: bytes = b"{}") -> httpx.Response:
    return await client.post("/v1/things", content=body, headers={"Idempotency-Key": key})


async def test_a_retry_gets_the_kept_answer_byte_for_byte() -> None:
    async with client_of(dressed(keeping())) as client:
        first = await create(client, "a")
        again = await create(client, '"a"')
        other = await create(client, "b")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content == '{"name":"Ине 1","price":"12896.00"}'.encode()
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert other.content != first.content


async def test_a_key_of_another_request_is_refused() -> None:
    async with client_of(dressed(keeping())) as client:
        await create(client, "a")
        other = await create(client, "a", b'{"other":1}')
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_second_click_while_the_first_is_handled_is_a_conflict() -> None:
    async with client_of(dressed(keeping())) as client:
        answers = await asyncio.gather(create(client, "a"), create(client, "a"))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Idempotency-Key", "")],
        [("Idempotency-Key", "a b")],
        [("Idempotency-Key", '"a')],
        [("Idempotency-Key", '""')],
        [("Idempotency-Key", '"a b"')],
        [("Idempotency-Key", '"a\\b"')],
        [("Idempotency-Key", '"a";x=1')],
        [("Idempotency-Key", "x" * 256)],
        [("Idempotency-Key", '"' + "x" * 256 + '"')],
        [("Idempotency-Key", "ключ".encode())],
        [("Idempotency-Key", "a"), ("Idempotency-Key", "b")],
    ],
)
async def test_a_missing_or_malformed_key_is_refused(headers: Any) -> None:
    answer = await ask(keeping(), "POST", "/v1/things", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-required")
    assert pointers(answer) == ["header:Idempotency-Key"]


def request(key: str) -> Request:
    return Request({"type": "http", "headers": [(b"idempotency-key", key.encode())]})


visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=255)


@given(visible)
def test_bare_and_quoted_spell_the_same_key(key: str) -> None:
    quoted = '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert idempotency_key(request(quoted)) == key
    if not key.startswith('"'):
        assert idempotency_key(request(key)) == key


part = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(part, part, st.binary(), part, part, st.binary())
def test_two_requests_have_one_fingerprint_only_if_they_are_the_same(
    method: str, path: str, body: bytes, method_2: str, path_2: str, body_2: bytes
) -> None:
    same = (method, path, body) == (method_2, path_2, body_2)
    assert (fingerprint(method, path, body) == fingerprint(method_2, path_2, body_2)) == same
    assert len(fingerprint(method, path, body)) == 32


def test_an_answer_without_a_view_has_no_body() -> None:
    response = to_response(answer_with(None, 204, {}))
    assert (response.status_code, response.body, response.media_type) == (204, b"", None)
