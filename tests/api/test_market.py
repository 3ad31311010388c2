"""Tender and bids as their users meet them: sums, periods, refusals, secrecy, one effect per click."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from api.route_table import RouteTable
from domain.actors import PERMISSIONS, ROLES_OF_KIND, OrganizationKind, Role
from tests.api.test_complaints import until
from tests.documents import PDF
from tests.world import Json, Member, World, bid, evidence, tender


def code_of(response: object) -> tuple[int, str]:
    return response.status_code, response.json()["code"]  # type: ignore[attr-defined]  # an httpx response


async def test_sums_and_size_runs_that_do_not_agree_are_refused_by_field(world: World) -> None:
    buyer = await world.buyer()
    wrong = await buyer.post("/v1/tenders", tender(allocated="360000.01"))
    assert code_of(wrong) == (422, "allocated-sum-mismatch")
    assert wrong.json()["errors"] == [
        {"pointer": "/lots/0/allocated", "reason": "not the sum of price x pieces", "passes": "360000.00"}
    ]
    body = tender()
    body["lots"][0]["places"][0]["sizes"]["1"]["122"] = 49
    lost = await buyer.post("/v1/tenders", body)
    assert code_of(lost) == (422, "size-run-mismatch")
    assert lost.json()["errors"][0]["pointer"] == "/lots/0/lines/0/sizes/122"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("planned_price", 3600.0),
        ("ens_tru", "1412"),
        ("unit", "999"),
        ("standard_minutes", "0"),
        ("sizes", {"122": -1}),
    ],
)
async def test_a_wrong_line_is_refused_and_nothing_is_stored(world: World, field: str, value: object) -> None:
    buyer = await world.buyer()
    body = tender()
    body["lots"][0]["lines"][0][field] = value
    assert (await buyer.post("/v1/tenders", body)).status_code == 422
    assert (await buyer.read("/v1/tenders", mine="true"))["items"] == []


async def test_a_draft_is_invisible_to_strangers_and_changes_need_the_version_read(world: World) -> None:
    buyer, stranger = await world.buyer(), await world.buyer()
    draft = await buyer.made("/v1/tenders", tender())
    path = f"/v1/tenders/{draft['id']}"
    for other in (stranger, world.public):
        assert code_of(await other.get(path)) == (404, "tender-not-found")
    assert code_of(await buyer.put(path, tender())) == (428, "precondition-required")
    assert (await buyer.put(path, tender(pieces=200), If_Match='"1"')).status_code == 200
    assert code_of(await buyer.put(path, tender(), If_Match='"1"')) == (412, "stale-version")


async def test_the_least_bidding_period_is_kept_and_the_earliest_deadline_named(world: World) -> None:
    buyer = await world.buyer()
    draft = await buyer.made("/v1/tenders", tender())
    closes_at = (datetime.now(UTC) + timedelta(milliseconds=300)).isoformat().replace("+00:00", "Z")
    refused = await buyer.post(f"/v1/tenders/{draft['id']}/publication", {"closes_at": closes_at}, If_Match='"1"')
    assert code_of(refused) == (422, "timeline-refused")
    assert refused.json()["errors"][0]["rule"] == "bid_period_min"


async def test_who_may_not_bid_learns_the_rule_the_data_and_what_would_pass(world: World) -> None:
    published = await world.published(await world.buyer())
    path = f"/v1/tenders/{published['id']}/bids"
    reseller = await world.supplier(codes=())
    refused = await reseller.post(path, bid())
    assert code_of(refused) == (403, "not-eligible")
    assert refused.json()["errors"][0]["rule"] == "evidence_of_accepted_type"
    assert "register_extract" in refused.json()["errors"][0]["passes"]
    expired = await world.supplier(valid_until="2026-02-01")
    flaw = (await expired.post(path, bid())).json()["errors"][0]
    assert flaw["rule"] == "evidence_valid_on_day"
    assert "expired on 2026-02-01" in flaw["reason"]
    other_goods = await world.supplier(codes=("152000",))
    assert (await other_goods.post(path, bid())).json()["errors"][0]["rule"] == "evidence_covers_code"
    small = await world.supplier(capacity=10)
    flaw = (await small.post(path, bid())).json()["errors"][0]
    assert (flaw["rule"], flaw["passes"]) == (
        "declared_capacity_suffices",
        "an offer of at most 10 pieces of this product",
    )
    asked = await small.made("/v1/verdicts", {"tender_id": published["id"], "lot": 1})
    assert asked["eligible"] is False
    assert (await reseller.get(f"/v1/verdicts/{asked['id']}")).status_code == 404


async def test_a_suppliers_own_proof_is_not_called_verified(world: World) -> None:
    published = await world.published(await world.buyer())
    supplier = await world.supplier(codes=())
    recorded = await supplier.made("/v1/evidence", evidence(supplier.bin))
    assert recorded["verification"] == "none"
    refused = await supplier.post(f"/v1/tenders/{published['id']}/bids", bid())
    assert refused.json()["errors"][0]["rule"] == "evidence_verified"
    another = await world.supplier(codes=())
    assert code_of(await supplier.post("/v1/evidence", evidence(another.bin))) == (422, "evidence-refused")


async def test_a_bid_is_submitted_once_replaced_withdrawn_and_seen_by_nobody_else(world: World) -> None:
    buyer = await world.buyer()
    published = await world.published(buyer)
    path = f"/v1/tenders/{published['id']}/bids"
    supplier, rival = await world.supplier(), await world.supplier()
    made = await supplier.made(path, bid())
    assert code_of(await supplier.post(path, bid())) == (409, "bid-already-submitted")
    own = f"/v1/bids/{made['id']}"
    replaced = await supplier.step(f"{own}/replacement", bid("3200.00"), of=own)
    assert (replaced["revision"], replaced["lots"][0]["lines"][0]["unit_price"]) == (2, "3200.00")
    assert (await supplier.step(f"{own}/withdrawal", of=own))["status"] == "withdrawn"
    assert (await supplier.step(f"{own}/replacement", bid("3100.00"), of=own))["status"] == "submitted"
    for other in (buyer, rival):
        assert (await other.get(own)).status_code == 404
    assert code_of(await buyer.get(path)) == (409, "bids-not-opened")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (bid("3600.01"), (422, "bid-above-allocated")),
        (bid("0.00"), (422, "malformed-value")),
        (bid(sizes=["134"]), (422, "offer-refused")),
        (bid(pieces_min=101), (422, "offer-refused")),
        ({"lots": [{"lot": 2, "lines": [{"line": 1, "unit_price": "1.00"}]}]}, (422, "offer-refused")),
        ({"lots": [{"lot": 1, "lines": [{"line": 1, "unit_price": 3300.5}]}]}, (422, "invalid-request")),
        ({**bid(), "organization_id": str(uuid4())}, (422, "invalid-request")),
    ],
)
async def test_a_bad_bid_is_refused_and_nothing_is_stored(world: World, body: Json, expected: tuple[int, str]) -> None:
    published = await world.published(await world.buyer())
    supplier = await world.supplier()
    assert code_of(await supplier.post(f"/v1/tenders/{published['id']}/bids", body)) == expected
    assert (await supplier.read("/v1/bids"))["items"] == []


async def test_one_click_has_one_effect(world: World) -> None:
    published = await world.published(await world.buyer())
    path = f"/v1/tenders/{published['id']}/bids"
    supplier = await world.supplier()
    key = str(uuid4())
    first = await supplier.post(path, bid(), Idempotency_Key=key)
    again = await supplier.post(path, bid(), Idempotency_Key=key)
    assert (first.status_code, first.content, first.headers["ETag"]) == (201, again.content, again.headers["ETag"])
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await supplier.post(path, bid("3000.00"), Idempotency_Key=key)
    assert code_of(other) == (422, "idempotency-key-reused")
    assert len((await supplier.read("/v1/bids"))["items"]) == 1


async def test_the_same_request_at_once_has_one_effect(world: World) -> None:
    published = await world.published(await world.buyer())
    supplier = await world.supplier()
    key = str(uuid4())
    path = f"/v1/tenders/{published['id']}/bids"
    answers = await asyncio.gather(*(supplier.post(path, bid(), Idempotency_Key=key) for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"request-in-flight"}
    assert len((await supplier.read("/v1/bids"))["items"]) == 1


async def test_before_the_opening_no_reader_can_tell_seven_bids_from_none(world: World) -> None:
    """Every GET route that the application has, for everybody but the bidders: the same bytes before and after."""
    buyer, auditor, registry = await world.buyer(), await world.member(OrganizationKind.AUDITOR), await world.registry()
    outsider, *bidders = [await world.supplier() for _ in range(8)]
    published = await world.published(buyer)
    ids = {"id": published["id"], "tender_id": published["id"], "ocid": f"ocds-oimaqkz-{published['number']}"}
    ids |= {"organization_id": outsider.id, "number": "1", "register": "kato", "document_id": str(uuid4())}

    async def look() -> dict[tuple[int, str], object]:
        seen: dict[tuple[int, str], object] = {}
        for entry in RouteTable(world.app).entries:
            if "GET" not in entry.methods or not entry.template.startswith("/v1"):
                continue
            path = entry.template.format(**ids)
            for index, reader in enumerate((world.public, buyer, outsider, auditor, registry)):
                answer = await reader.get(path, **({"by": "buyer"} if "domestic-share" in path else {}))
                seen[index, path] = (answer.status_code, answer.headers.get("ETag"), _steady(answer))
        return seen

    before = await look()
    for number, bidder in enumerate(bidders):
        uploaded = (await bidder.upload(f"/v1/tenders/{published['id']}/documents", PDF)).json()
        documents = [{"id": uploaded["id"], "name": "Certificate.pdf", "sha256": uploaded["sha256"]}]
        offered = bid(f"{3000 + number}.00") | {"documents": documents}
        made = await bidder.made(f"/v1/tenders/{published['id']}/bids", offered)
        own = f"/v1/bids/{made['id']}"
        if number % 2:
            await bidder.step(f"{own}/replacement", bid("2900.00"), of=own)
    await bidder.step(f"{own}/withdrawal", of=own)
    after = await look()
    assert [key for key in before if before[key] != after[key]] == []


def _steady(answer: object) -> str:
    """The body without what differs between two requests anyhow."""
    content: bytes = answer.content  # type: ignore[attr-defined]  # an httpx response
    if content.startswith(b"PK"):  # a spreadsheet: the same table, the same bytes
        return content.hex()
    body = json.loads(content)
    for name in ("instance", "as_of", "publishedDate"):
        if isinstance(body, dict):
            body.pop(name, None)
    return json.dumps(body)


async def test_a_late_bid_is_refused_and_the_opening_shows_every_bid_once(world: World) -> None:
    buyer = await world.buyer()
    suppliers = [await world.supplier() for _ in range(3)]
    published = await world.published(buyer, seconds=1.3)
    path = f"/v1/tenders/{published['id']}/bids"
    for number, supplier in enumerate(suppliers):
        await supplier.made(path, bid(f"{3000 + number}.00"))
    assert (await world.opened(published))["status"] == "opened"
    assert code_of(await (await world.supplier()).post(path, bid())) == (409, "bidding-closed")
    shown = (await world.public.read(path))["items"]
    assert sorted(each["lots"][0]["lines"][0]["unit_price"] for each in shown) == ["3000.00", "3001.00", "3002.00"]


async def test_a_tender_is_cancelled_before_the_deadline_and_not_after(world: World) -> None:
    buyer = await world.buyer()
    body = {"reason": "budget_cut", "explanation": "The budget was cut"}
    published = await world.published(buyer)
    path = f"/v1/tenders/{published['id']}"
    assert (await buyer.step(f"{path}/cancellation", body, of=path))["status"] == "cancelled"
    due = await world.published(buyer, seconds=1.2)
    await until(due["closes_at"])
    refused = await buyer.post(f"/v1/tenders/{due['id']}/cancellation", body, If_Match='"2"')
    assert code_of(refused) == (409, "step-not-allowed")
    assert (await world.opened(due))["status"] == "failed"


async def test_a_tender_without_bids_fails(world: World) -> None:
    published = await world.published(await world.buyer(), seconds=1.1)
    seen = await world.opened(published)
    assert (seen["status"], seen["reason"]) == ("failed", "no_bids")


async def test_every_write_route_is_closed_to_every_role_that_the_table_does_not_name(world: World) -> None:
    """Each write route x each role: 403 exactly where the permission table says so; 401 without credentials."""
    members: dict[Role, Member] = {}
    for kind, roles in ROLES_OF_KIND.items():
        for role in roles:
            members[role] = await world.member(kind, (role,))
    cells = 0
    for entry in RouteTable(world.app).entries:
        permission = entry.extra.get("x-permission")
        if permission in {None, "public"}:
            continue
        path = entry.template
        for name in ("id", "tender_id", "organization_id"):
            path = path.replace(f"{{{name}}}", str(uuid4()))
        path = path.replace("{number}", "1")
        method = next(iter(entry.methods - {"HEAD"}))
        if path == "/v1/sessions/current":
            continue  # it would end the session that the next cells use
        for role, member in members.items():
            headers = member.headers | {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
            answer = await world.http.request(method, path, json={}, headers=headers)
            permitted = permission in PERMISSIONS[role]
            assert (answer.status_code != 403) is permitted, f"{method} {path} as {role}: {answer.text}"
            cells += 1
        stranger = await world.http.request(method, path, json={}, headers={"Idempotency-Key": "x", "If-Match": '"1"'})
        assert stranger.status_code == 401
    assert cells > 150
