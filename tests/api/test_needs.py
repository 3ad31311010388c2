"""Needs through the API: whole or not at all, every flaw by its cell."""

import io
from typing import Any
from uuid import uuid4

import httpx
import pytest
from openpyxl import Workbook

from tests.world import Member, World

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER = ["site", "kato", "address", "garment", "size", "pieces"]
ROW: list[Any] = ["School 1", "631010000", "1 Street", "Shirt", "134", 40]


async def upload(buyer: Member, content: bytes, media_type: str, **query: str) -> httpx.Response:
    headers = buyer.headers | {"Idempotency-Key": str(uuid4()), "Content-Type": media_type}
    params = {"name": "Need", "grid": "child"} | query
    return await buyer._http.post("/v1/needs", content=content, params=params, headers=headers)


def book(*rows: list[Any]) -> bytes:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "Need"
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def lines(*rows: list[Any]) -> bytes:
    return "\n".join(",".join(str(cell) for cell in row) for row in rows).encode()


async def test_a_need_comes_in_from_both_forms_of_file_alike(world: World) -> None:
    buyer = await world.buyer()
    rows = [HEADER, ROW, ["School 2", "631010000", "2 Street", "Shirt", "140", 25]]
    views = []
    for content, media_type in ((book(*rows), XLSX), (lines(*rows), CSV)):
        answer = await upload(buyer, content, media_type)
        assert answer.status_code == 201, answer.text
        views.append(answer.json())
    assert views[0]["sites"] == views[1]["sites"]
    assert views[0]["garments"] == [{"garment": "Shirt", "sizes": {"134": 40, "140": 25}, "pieces": 65}]
    assert (await (await world.buyer()).get(f"/v1/needs/{views[0]['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("rows", "pointer"),
    [
        ([HEADER[:-1], ROW[:-1]], "Need!"),
        ([HEADER, [*ROW[:-1], -3]], "Need!F2"),
        ([HEADER, [*ROW[:-1], 2.5]], "Need!F2"),
        ([HEADER, [*ROW[:-1], "=1+1"]], "Need!F2"),
        ([HEADER, [*ROW[:4], "999", 3]], "Need!E2"),
        ([HEADER, ["S", "991010000", *ROW[2:]]], "Need!B2"),
    ],
)
async def test_each_flaw_names_its_cell_and_nothing_is_stored(
    world: World, rows: list[list[Any]], pointer: str
) -> None:
    buyer = await world.buyer()
    refused = await upload(buyer, book(*rows), XLSX)
    assert refused.status_code == 422, refused.text
    assert any(flaw["pointer"].startswith(pointer) for flaw in refused.json()["errors"]), refused.json()


async def test_too_many_rows_too_many_bytes_and_other_types_are_refused(world: World) -> None:
    buyer = await world.buyer()
    long = lines(HEADER, *([f"S{n}", "631010000", "1 Street", "Shirt", 134, 1] for n in range(10_000)))
    refused = await upload(buyer, long, CSV)
    assert (refused.status_code, refused.json()["code"]) in {(422, "need-refused"), (422, "sheet-unreadable")}
    assert "5" in refused.json()["errors"][0]["passes"]
    huge = await upload(buyer, b"x" * 50_000_000, CSV)
    assert (huge.status_code, huge.json()["code"]) == (413, "body-too-large")
    other = await upload(buyer, b"%PDF", "application/pdf")
    assert (other.status_code, other.json()["code"]) == (415, "unsupported-media-type")


async def test_hostile_bodies_are_refused_before_anything_is_stored(world: World) -> None:
    buyer = await world.buyer()
    headers = buyer.headers | {"Content-Type": "application/json"}
    for body, status in (
        (b"{" + b'"x":"' + b"a" * 2_200_000 + b'"}', 413),
        (b'{"title":"a\\u0000b"}', 400),
        (b"[" * 5000 + b"]" * 5000, 400),
        (b'{"title":', 400),
    ):
        keyed = headers | {"Idempotency-Key": str(uuid4())}
        answer = await world.http.post("/v1/tenders", content=body, headers=keyed)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
