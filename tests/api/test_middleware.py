"""The layers around every route: bounds, forms, ids, logs, headers."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
import structlog
from fastapi import APIRouter, FastAPI, Query, Request
from hypothesis import given
from hypothesis import strategies as st

from api.middleware.bodies import BODY_MAX, UPLOAD_MAX
from api.middleware.json_text import DEPTH_MAX, is_too_deep, refuse_odd_json
from api.observability import only_allowed
from api.problems import EdgeRefusal
from tests.api.sample import ask, client_of, dressed, pointers, raising

router = APIRouter(prefix="/v1")


@router.post("/echo")
async def echo(request: Request) -> int:
    return len(await request.body())


@router.post("/needs")
async def need(request: Request) -> int:
    return len(await request.body())


@router.get("/things")
async def things(limit: int = 5, tag: Annotated[list[str] | None, Query()] = None) -> list[str]:
    return [str(limit), *(tag or [])]


@router.get("/things/{id}")
async def thing(id: str, request: Request) -> str:
    request.state.organization_id = UUID(int=7)
    return id


async def send_json(text: bytes | str) -> tuple[int, str]:
    answer = await ask(router, "POST", "/v1/echo", content=text, headers={"Content-Type": "application/json"})
    return answer.status_code, answer.text


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield b" " * 65536
    yield b" " * (size % 65536)


@pytest.mark.parametrize(("path", "limit"), [("/v1/echo", BODY_MAX), ("/v1/needs", UPLOAD_MAX)])
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_body_may_be_as_large_as_its_limit_and_not_a_byte_larger(
    path: str, limit: int, *, streamed: bool
) -> None:
    async with client_of(dressed(router)) as client:
        fits = await client.post(path, content=chunks(limit) if streamed else b" " * limit)
        larger = await client.post(path, content=chunks(limit + 1) if streamed else b" " * (limit + 1))
    assert (fits.status_code, fits.json()) == (200, limit)
    assert (larger.status_code, larger.json()["code"]) == (413, "body-too-large")
    assert larger.json()["passes"] == f"at most {limit} bytes"
    assert larger.headers["connection"] == "close"


async def drive(app: FastAPI, headers: list[tuple[bytes, bytes]], *messages: dict[str, object]) -> tuple[int, int]:
    """The status and how many messages of the request were taken."""
    sent: list[dict[str, object]] = []
    waiting = list(messages)

    async def receive() -> dict[str, object]:
        return waiting.pop(0)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/echo", "headers": headers, "query_string": b""}
    await app(scope, receive, send)  # type: ignore[arg-type]  # plain dicts are what servers send
    return int(str(sent[0]["status"])), len(messages) - len(waiting)


async def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    declared = [(b"content-length", str(BODY_MAX + 1).encode())]
    assert await drive(dressed(router), declared, {"type": "http.request", "body": b"x"}) == (413, 0)


@pytest.mark.parametrize("declared", [b"-1", b"9" * 5000, "٣".encode(), b"1e3"])
async def test_a_length_that_is_none_is_refused_unread(declared: bytes) -> None:
    headers = [(b"content-length", declared)]
    assert await drive(dressed(router), headers, {"type": "http.request", "body": b"x"}) == (413, 0)


async def test_a_client_that_leaves_within_its_body_reaches_no_route() -> None:
    part = {"type": "http.request", "body": b"x", "more_body": True}
    assert await drive(dressed(router), [], part, {"type": "http.disconnect"}) == (400, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting"),
        ("[NaN]", "NaN"),
        ("[-Infinity]", "-Infinity"),
        ("[1e999]", "out of range"),
        ('{"a":1,"a":2}', "'a' stands twice"),
        (r'["\u0000"]', "byte 2"),
        (r'[["\u0000"]]', "byte 3"),
        (r'{"\u0000":1}', "byte 2"),
        (r'"\uD800"', "byte 1"),
        (r'"\udc00\ud800"', "byte 1"),
        (r'"\\\ud800x"', "byte 3"),
        (b'["\x00"]', "control character"),
        (b'["\xed\xa0\x80"]', "not UTF-8 at byte 2"),
        ('["a"]'.encode("utf-16"), "not UTF-8"),
        (b"\xef\xbb\xbf{}", "Expecting value"),
        ("1" * 5000, "digit"),
        ("[" * 33 + "]" * 33, "nested"),
        ('{"a":' * 33 + "1" + "}" * 33, "nested"),
        ("[" * 500_000, "nested"),
    ],
)
async def test_json_that_no_honest_client_sends_is_refused(text: Any, reason: str) -> None:
    status, answer = await send_json(text)
    assert status == 400
    assert "malformed-request" in answer
    assert reason in answer


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "",
        r'["\ud83e\uddf5"]',
        r'["\\u0000"]',
        r'["\\\\ud800"]',
        '["' + "[" * 100 + '"]',
        r'["\"' + "[" * 100 + '"]',
        "[" * DEPTH_MAX + "]" * DEPTH_MAX,
        "[" + "[]," * 1000 + "[]]",
        '{"Өлшем": "96-100/170-176"}',
    ],
)
async def test_ordinary_json_passes(text: Any) -> None:
    assert (await send_json(text))[0] == 200


async def test_what_is_not_json_is_not_looked_at() -> None:
    answer = await ask(router, "POST", "/v1/echo", content=b"\x00[[[[", headers={"Content-Type": "text/csv"})
    assert answer.status_code == 200


def nested() -> st.SearchStrategy[Any]:
    leaves = st.text() | st.integers()
    return st.recursive(leaves, lambda inner: st.lists(inner, min_size=1) | st.dictionaries(st.text(), inner))


@given(nested())
def test_depth_is_counted_right(value: Any) -> None:
    def depth(each: object) -> int:
        inner = list(each.values()) if isinstance(each, dict) else each if isinstance(each, list) else None
        return 0 if inner is None else 1 + max(map(depth, inner), default=0)

    padding = max(0, DEPTH_MAX - depth(value))
    text = json.dumps(value)
    wrapped = "[" * padding + text + "]" * padding
    assert is_too_deep(wrapped.encode()) == (depth(value) > DEPTH_MAX)
    assert is_too_deep(f"[{wrapped}]".encode())


@pytest.mark.parametrize(
    "body",
    [
        b'"' + b'\\"' * 500_000,
        b"[" * 40 + b'"' + b'\\"' * 500_000,
        b"[" + b"[]," * 340_000 + b"[]]",
        b'["' + b"\\u0411" * 170_000 + b'"]',
        b"{" + b",".join(b'"%d":1' % n for n in range(90_000)) + b',"89999":1}',
        b'["' + b"\\ud83e\\uddf5" * 85_000 + b'"]',
    ],
)
def test_no_body_of_a_mebibyte_holds_the_process_up(body: Any) -> None:
    assert len(body) <= BODY_MAX + 100_000
    started = time.process_time()
    with suppress(EdgeRefusal):
        refuse_odd_json(body)
    assert time.process_time() - started < 1.5


async def test_an_unknown_query_parameter_is_refused_with_those_that_are_known() -> None:
    answer = await ask(router, "GET", "/v1/things?limt=5&offset=1")
    assert answer.status_code == 422
    assert pointers(answer) == ["query:limt", "query:offset"]
    assert answer.json()["errors"][0]["passes"] == "limit, tag"


async def test_a_repeated_query_parameter_is_refused_unless_it_is_a_list() -> None:
    async with client_of(dressed(router)) as client:
        twice = await client.get("/v1/things?limit=1&limit=2")
        tags = await client.get("/v1/things?tag=a&tag=b&limit=1")
    assert (twice.status_code, pointers(twice)) == (422, ["query:limit"])
    assert tags.json() == ["1", "a", "b"]


async def test_a_write_route_takes_no_query_parameters_that_it_does_not_name() -> None:
    assert (await ask(router, "POST", "/v1/echo?dry_run=true")).status_code == 422


async def test_a_nul_in_path_or_query_reaches_no_route() -> None:
    async with client_of(dressed(router)) as client:
        assert (await client.get("/v1/things/a%00b")).status_code == 404
        assert (await client.get("/v1/things?tag=a%00b")).status_code == 400


async def test_an_unknown_route_with_a_query_is_still_unknown() -> None:
    assert (await ask(router, "GET", "/v1/nothing?x=1")).status_code == 404


async def test_a_request_id_that_is_a_uuid_is_kept_and_any_other_is_replaced() -> None:
    mine = str(uuid4())
    async with client_of(dressed(router)) as client:
        kept = await client.get("/v1/things", headers={"X-Request-Id": mine})
        other = await client.get("/v1/things", headers={"X-Request-Id": "x\ty forged=1"})
    assert kept.headers["x-request-id"] == mine
    assert str(UUID(other.headers["x-request-id"])) != mine


async def test_one_line_is_logged_with_the_template_and_without_what_was_asked() -> None:
    with structlog.testing.capture_logs() as lines:
        await ask(router, "GET", "/v1/things/my-secret", headers={"Authorization": "Bearer my-secret"})
        await ask(router, "GET", "/v1/things?tag=my-secret")
        await ask(router, "GET", "/v1/my-secret")
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/v1/things/{id}", 200),
        ("GET", "/v1/things", 200),
        ("GET", None, 404),
    ]
    assert lines[0]["organization_id"] == str(UUID(int=7))
    assert lines[0]["milliseconds"] >= 0
    assert set(lines[0]) == {
        "event", "log_level", "method", "route", "status", "milliseconds", "request_id", "organization_id",
    }  # fmt: skip
    assert "my-secret" not in str(lines)


async def test_an_unexpected_error_is_logged_by_its_kind_and_place_without_its_text() -> None:
    with structlog.testing.capture_logs() as lines:
        answer = await ask(raising(lambda: RuntimeError("price 42")), "GET", "/v1/thing")
    broken = next(line for line in lines if line["event"] == "broken")
    assert broken["error"] == "RuntimeError"
    assert any("read_thing" in place for place in broken["where"])
    assert broken["request_id"] == answer.headers["x-request-id"]
    assert "price" not in str([line for line in lines if line["log_level"] != "debug"])
    assert lines[-1]["status"] == 500


def test_a_field_that_is_not_allowed_does_not_reach_the_log() -> None:
    line = only_allowed(None, "info", {"event": "request", "status": 200, "token": "abc", "price": 42})
    assert line == {"event": "request", "status": 200, "dropped": ["price", "token"]}


@pytest.mark.parametrize("path", ["/v1/things", "/v1/nothing", "/v1/things?x=1"])
async def test_every_answer_wears_the_security_headers(path: str) -> None:
    headers = (await ask(router, "GET", path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'; frame-ancestors 'none'")
    assert "max-age" in headers["strict-transport-security"]


async def test_only_the_documentation_page_may_run_scripts() -> None:
    async with client_of(dressed(router)) as client:
        docs = await client.get("/docs")
        elsewhere = await client.get("/docsx")
    assert docs.status_code == 200
    assert "script-src" in docs.headers["content-security-policy"]
    assert "script-src" not in elsewhere.headers["content-security-policy"]


async def test_a_route_under_an_included_prefix_is_logged_and_checked_by_its_whole_path() -> None:
    outer = APIRouter(prefix="/outer")
    outer.include_router(router, prefix="/inner")
    with structlog.testing.capture_logs() as lines:
        answer = await ask(outer, "GET", "/outer/inner/v1/things?no=1")
        await ask(outer, "GET", "/outer/inner/v1/things?limit=1")
        wrong = await ask(outer, "PUT", "/outer/inner/v1/things")
    assert answer.status_code == 422
    assert wrong.headers["allow"] == "GET"
    assert [line["route"] for line in lines] == ["/outer/inner/v1/things"] * 3
