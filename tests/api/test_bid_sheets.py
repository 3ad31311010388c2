"""Spreadsheets of bids over HTTP: filled in, looked at, sent, and handed out again after the opening."""

import io
from typing import Any

import httpx
from openpyxl import load_workbook

from domain.bids.sheet import COLUMNS
from tests.api.test_consortia import agrees, full, published
from tests.world import Member, World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def rows_of(content: bytes) -> list[dict[str, Any]]:
    header, *rows = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    assert header == COLUMNS
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def filled(content: bytes, **cells: Any) -> bytes:
    """The table with these cells changed."""
    book = load_workbook(io.BytesIO(content))
    for place, value in cells.items():
        book.worksheets[0][place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def sent(member: Member, path: str, content: bytes, kind: str = XLSX) -> httpx.Response:
    return await member.upload(f"{path}/bid-sheet", content, Content_Type=kind)


async def test_a_template_is_filled_previewed_and_sent_and_nothing_is_stored_before(world: World) -> None:
    supplier = await world.supplier()
    _, path = await published(world)
    template = await supplier.get(f"{path}/bid-sheet")
    assert template.headers["content-disposition"].startswith("attachment;")
    kinds = [(row["kind"], row["lot"]) for row in rows_of(template.content)]
    assert kinds == [("offer", 1), ("answer", 1), ("offer", 2)]
    preview = await sent(supplier, path, filled(template.content, H2=3300, K2=30, L3="125", H4="3 100,50"))
    assert preview.status_code == 200, preview.text
    assert preview.json()["lots"][0]["lines"][0]["answers"] == [{"parameter": "Density", "value": "125"}]
    assert (await supplier.read("/v1/bids"))["items"] == []
    made = await supplier.made(f"{path}/bids", preview.json())
    assert {name: made[name] for name in ("lots", "combination")} == preview.json()


async def test_a_table_that_does_not_fit_is_refused_at_its_cells(world: World) -> None:
    supplier = await world.supplier()
    _, path = await published(world)
    template = (await supplier.get(f"{path}/bid-sheet")).content
    for cells, code, pointer in (
        ({"H2": "3600.01"}, "bid-above-allocated", "Report!H2"),
        ({"H2": "3600.00", "L3": "9"}, "specification-not-met", "Report!L3"),
        ({"H2": "=1+1"}, "bid-sheet-refused", "Report!H2"),
        ({"B2": 9}, "offer-refused", "Report!A1"),
    ):
        answer = await sent(supplier, path, filled(template, **cells))
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await sent(supplier, path, b"kind\n", "text/csv")).json()["code"] == "unsupported-media-type"
    assert (await sent(supplier, path, b"PK\x03\x04")).json()["code"] == "sheet-unreadable"


async def test_an_opened_bid_of_a_consortium_comes_as_the_table_that_makes_it(world: World) -> None:
    leader, member, rival = await world.supplier(), await world.supplier(), await world.supplier()
    _, path = await published(world, seconds=3.0)
    await agrees(member, leader, path)
    made = await leader.made(f"{path}/bids", full(member))
    own = f"/v1/bids/{made['id']}/sheet"
    assert (await leader.get(own)).json()["code"] == "bids-not-opened"
    assert (await rival.get(own)).json()["code"] == "bid-not-found"
    await world.opened({"id": made["tender_id"]})
    assert (await member.get(own)).json()["code"] == "bid-not-found"
    told = await leader.get(own)
    assert {row["member_bin"] for row in rows_of(told.content)} == {"", member.bin}
    again = await sent(leader, path, told.content)
    assert again.status_code == 200, again.text
    found = again.json()
    for lot in made["lots"]:  # blank sizes are all of them, and the table names each
        for line in lot["lines"]:
            line["sizes"] = line["sizes"] or ["122", "128"]
    assert found["lots"] == made["lots"]
    assert found["combination"] == made["combination"]
    refused = await sent(rival, path, told.content)
    assert refused.json()["errors"][0]["reason"].endswith("has not agreed to you as his leader")
