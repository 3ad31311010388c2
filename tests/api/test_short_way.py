"""The short way of a write: the same answers and the same refusals as the ordinary one."""

from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from api.app import documented_app
from api.short_way import ShortWay
from tests.world import World

SHORT = {"submit_bid", "replace_bid", "confirm_bid", "withdraw_bid"}
BODY = b'{"lots": [{"lot": 1, "lines": [{"line": 1, "unit_price": "3300.00"}]}]}'


def test_every_write_of_a_bid_takes_the_short_way_and_no_read_does() -> None:
    routes = [each.original_route for each in iter_route_contexts(documented_app().routes)]
    taking = {each.name for each in routes if isinstance(each, ShortWay) and each.is_short}
    assert taking == SHORT


async def sent(world: World, path: str, body: bytes, **headers: str) -> httpx.Response:
    supplier = await world.supplier()
    return await supplier.upload(path, body, **headers)


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
async def test_a_sound_bid_is_taken_whatever_way_it_goes(world: World, media_type: str) -> None:
    tender = await world.published(await world.buyer())
    path = f"/v1/tenders/{tender['id']}/bids"
    answer = await sent(world, path, BODY, **{"Content-Type": media_type})
    assert answer.status_code == httpx.codes.CREATED, answer.text


UNUSUAL: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "a field more": (BODY[:-1] + b', "more": 1}', {}, 422, "invalid-request"),
    "no body": (b"", {}, 422, "invalid-request"),
    "another media type": (BODY, {"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
    "no key": (BODY, {"Idempotency-Key": ""}, 422, "idempotency-key-required"),
    "no token": (BODY, {"Authorization": ""}, 401, "not-authenticated"),
}


@pytest.mark.parametrize("what", UNUSUAL)
async def test_what_is_unusual_is_refused_as_everywhere(world: World, what: str) -> None:
    tender = await world.published(await world.buyer())
    body, headers, status, code = UNUSUAL[what]
    usual = {"Content-Type": "application/json"}
    answer = await sent(world, f"/v1/tenders/{tender['id']}/bids", body, **(usual | headers))
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), answer.text


async def test_an_id_that_is_none_is_refused_as_everywhere(world: World) -> None:
    usual = {"Content-Type": "application/json"}
    answer = await sent(world, "/v1/tenders/one/bids", BODY, **usual)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
