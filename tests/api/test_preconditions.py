"""ETags: a change names the version it was made from; a read that brings nothing new brings no body."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, Response

from api.preconditions import etag, if_match, is_known
from tests.api.sample import ask, client_of, dressed

router = APIRouter(prefix="/v1")


@router.get("/thing")
async def read_thing(response: Response) -> dict[str, int]:
    response.headers["ETag"] = etag(3)
    return {"version": 3}


@router.put("/thing")
async def put_thing(version: Annotated[int, Depends(if_match)], response: Response) -> int:
    response.headers["ETag"] = etag(version + 1)
    return version


async def test_the_version_is_read_from_if_match() -> None:
    assert (await ask(router, "PUT", "/v1/thing", headers={"If-Match": ' "3" '})).json() == 3


async def test_a_change_without_if_match_is_told_what_to_send() -> None:
    answer = await ask(router, "PUT", "/v1/thing")
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition-required")
    assert answer.json()["errors"][0]["pointer"] == "header:If-Match"


@pytest.mark.parametrize("tag", ["*", 'W/"3"', "3", '"3", "4"', '"03"', '"-1"', '""', "", '"٣"', '"1234567890"'])
async def test_what_cannot_be_the_version_that_was_read_is_stale(tag: str) -> None:
    answer = await ask(router, "PUT", "/v1/thing", headers={"If-Match": tag.encode()})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale-version")


async def test_two_if_match_headers_are_stale() -> None:
    answer = await ask(router, "PUT", "/v1/thing", headers=[("If-Match", '"3"'), ("If-Match", '"4"')])
    assert answer.status_code == 412


async def test_a_read_that_brings_nothing_new_brings_no_body() -> None:
    async with client_of(dressed(router)) as client:
        first = await client.get("/v1/thing")
        again = await client.get("/v1/thing", headers={"If-None-Match": first.headers["etag"]})
        changed = await client.get("/v1/thing", headers={"If-None-Match": '"2"'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == '"3"'
    assert again.headers["x-content-type-options"] == "nosniff"
    assert "content-type" not in again.headers
    assert "content-length" not in again.headers
    assert (changed.status_code, changed.json()) == (200, {"version": 3})


async def test_a_change_is_never_answered_304() -> None:
    answer = await ask(router, "PUT", "/v1/thing", headers={"If-Match": '"3"', "If-None-Match": "*"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("tag", "header", "known"),
    [
        ('"3"', '"3"', True),
        ('"3"', 'W/"3"', True),
        ('"3"', '"1", "3"', True),
        ('"3"', "*", True),
        ('"3"', '"33"', False),
        ('"3"', "3", False),
        ('"3"', "", False),
        (None, "*", False),
    ],
)
def test_reads_compare_weakly(tag: str | None, header: str, *, known: bool) -> None:
    assert is_known(tag, header) is known
