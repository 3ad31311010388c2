"""Bids in full over HTTP: a consortium agrees, bids, is opened as it was sealed; and nobody sees it before."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from nacl.exceptions import CryptoError
from sqlalchemy import text

from adapters.sealing.deployment import ConsentLetters
from domain.actors import OrganizationKind
from domain.consortia.model import Parties
from domain.ids import ConsentId, OrganizationId, PersonId
from domain.reports.ocds import ocid_of
from tests.api.test_sealed_bids import verifier
from tests.world import Databases, Json, Member, World, agreement, bid, tender

DENSITY = {"parameter": "Density", "operator": ">=", "value": "120", "unit": "g/m2"}


def two_lots() -> Json:
    """Two lots of a hundred shirts; the first has a specification."""
    (lot,) = tender()["lots"]
    first = lot | {"lines": [line | {"specification": [DENSITY]} for line in lot["lines"]]}
    return {"lots": [first, lot]}


async def published(world: World, *, seconds: float = 3600) -> tuple[Member, str]:
    """A buyer, and the path of his tender of two lots."""
    buyer = await world.buyer()
    draft = await buyer.made("/v1/tenders", tender() | two_lots())
    path = f"/v1/tenders/{draft['id']}"
    closes_at = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    await buyer.step(f"{path}/publication", {"closes_at": closes_at}, of=path)
    return buyer, path


async def agrees(member: Member, leader: Member, path: str) -> Json:
    return await member.made(f"{path}/consortium-consents", {"leader_bin": leader.bin})


def line(price: str = "3300.00", **more: Any) -> Json:
    return {"line": 1, "unit_price": price, **more}


def full(*members: Member) -> Json:
    """Price breaks, an answer, a lead time, a package, and a share of lot 2 for each member."""
    first = line(
        breaks=[{"pieces_from": 60, "unit_price": "3200.00"}], answers=[{"parameter": "density", "value": "125"}]
    )
    share = [{"lot": 2, "lines": [line("3250.00", sizes=["122"], pieces_max=25)]}]
    return {
        "lots": [
            {"lot": 1, "lines": [first], "lead_days": 30},
            {"lot": 2, "lines": [line("3400.00", sizes=["128"])]},
        ],
        "combination": {
            "packages": [{"lots": [1, 2], "percent": "2.50", "pieces_min": 10}],
            "members": [{"organization_id": member.id, "lots": share} for member in members],
        },
    }


async def test_a_consortium_bids_and_everything_is_opened_as_it_was_sealed(world: World) -> None:
    leader, member = await world.supplier(), await world.supplier()
    _, path = await published(world, seconds=3.0)
    consent = await agrees(member, leader, path)
    assert (consent["leader"]["id"], consent["member"]["bin"]) == (leader.id, member.bin)
    body = full(member)
    made = await leader.made(f"{path}/bids", body)
    assert json.loads(made["copy"])["format"] == "oimaq-bid/3"
    (key,) = (await world.public.read("/v1/keys"))["receipts"]
    kept = made["copy"].encode(), bytes.fromhex(made["nonce"]), bytes.fromhex(key["public_key"])
    assert verifier().fault(made["receipt"].encode(), *kept) is None
    await world.opened({"id": made["tender_id"]})
    (opened,) = (await world.public.read(f"{path}/bids"))["items"]
    assert opened["lots"] == made["lots"]
    assert opened["combination"] == made["combination"]
    (share,), packages = opened["combination"]["members"], opened["combination"]["packages"]
    assert packages == body["combination"]["packages"]
    assert share["lots"][0]["lines"] == [
        line("3250.00", sizes=["122"], pieces_min=1, pieces_max=25, breaks=[], answers=[])
    ]
    assert (opened["lots"][0]["lead_days"], opened["without_consent"]) == (30, [])
    assert (await leader.read(f"/v1/bids/{made['id']}"))["combination"] == made["combination"]
    query = "SELECT organization_id::text, lot FROM verdicts WHERE tender_id = :id AND stage = 'bid'"
    async with world.database.reading.connect() as connection:
        judged = (await connection.execute(text(query), {"id": made["tender_id"]})).all()
    assert {tuple(each) for each in judged} == {(leader.id, 1), (leader.id, 2), (member.id, 2)}
    release = (await world.public.get(f"/v1/ocds/records/{await ocid(world, made['tender_id'])}")).json()
    assert member.bin in json.dumps(release)


async def ocid(world: World, tender_id: str) -> str:
    return ocid_of((await world.public.read(f"/v1/tenders/{tender_id}"))["number"])


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"combination": {"either_or": [[1, 3]]}}, 422, "offer-refused", "/either_or/0"),
        (
            {"combination": {"packages": [{"lots": [1, 2], "percent": "0.001"}]}},
            422,
            "offer-refused",
            "/packages/0/percent",
        ),
        ({"lots": [{"lot": 1, "lines": [line()], "lead_days": 3000}]}, 422, "delivery-too-late", "/lots/0/lead_days"),
        (
            {"lots": [{"lot": 1, "lines": [line(answers=[{"parameter": "Density", "value": "119"}])]}]},
            422,
            "specification-not-met",
            "/lots/0/lines/0/answers/0/value",
        ),
        (
            {"lots": [{"lot": 1, "lines": [line(breaks=[{"pieces_from": 9, "unit_price": "3300.01"}])]}]},
            422,
            "offer-refused",
            "/lots/0/lines/0/breaks/0/unit_price",
        ),
        (
            {
                "lots": [
                    {"lot": 1, "lines": [line(breaks=[{"pieces_from": n, "unit_price": "1.00"} for n in range(2, 9)])]}
                ]
            },
            422,
            "bid-beyond-procedure",
            "/lots/0/lines/0/breaks",
        ),
    ],
)
async def test_what_does_not_fit_is_refused_with_its_place(
    world: World, change: Json, status: int, code: str, pointer: str
) -> None:
    supplier = await world.supplier()
    _, path = await published(world)
    answer = await supplier.post(f"{path}/bids", full() | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_member_who_has_not_agreed_or_may_not_sew_is_refused_by_his_place(world: World) -> None:
    leader, member, reseller = await world.supplier(), await world.supplier(), await world.supplier(codes=())
    _, path = await published(world)
    answer = await leader.post(f"{path}/bids", full(member))
    assert (answer.status_code, answer.json()["code"]) == (403, "consortium-consent-missing")
    assert answer.json()["errors"][0]["pointer"] == "/members/0"
    await agrees(member, leader, path)
    await agrees(reseller, leader, path)
    answer = await leader.post(f"{path}/bids", full(member, reseller))
    assert (answer.status_code, answer.json()["code"]) == (403, "not-eligible")
    assert {each["pointer"] for each in answer.json()["errors"]} == {"/members/1/lots/0"}
    assert (await leader.read("/v1/bids"))["items"] == []
    await leader.made(f"{path}/bids", full(member))


async def test_a_consent_that_is_revoked_in_time_is_shown_with_the_opened_bid(world: World) -> None:
    leader, member = await world.supplier(), await world.supplier()
    _, path = await published(world, seconds=3.0)
    consent = await agrees(member, leader, path)
    made = await leader.made(f"{path}/bids", full(member))
    own = f"/v1/consortium-consents/{consent['id']}"
    revoked = await member.step(f"{own}/revocation", of=own)
    assert (revoked["status"], revoked["leader"]["id"]) == ("revoked", leader.id)
    again = await member.post(f"{own}/revocation", If_Match='"2"')
    assert (again.status_code, again.json()["code"]) == (409, "step-not-allowed")
    await world.opened({"id": made["tender_id"]})
    (opened,) = (await world.public.read(f"{path}/bids"))["items"]
    assert opened["without_consent"] == [member.id]
    late = await member.post(f"{path}/consortium-consents", {"leader_bin": leader.bin})
    assert (late.status_code, late.json()["code"]) == (409, "bidding-closed")


async def test_after_the_deadline_a_consent_stands(world: World) -> None:
    leader, member = await world.supplier(), await world.supplier()
    _, path = await published(world, seconds=2.0)
    consent = await agrees(member, leader, path)
    await world.opened({"id": consent["tender_id"]})
    late = await member.post(f"/v1/consortium-consents/{consent['id']}/revocation", If_Match='"1"')
    assert (late.status_code, late.json()["code"]) == (409, "bidding-closed")


async def test_one_consent_stands_for_a_leader_and_only_a_supplier_leads(world: World) -> None:
    leader, member, buyer = await world.supplier(), await world.supplier(), await world.buyer()
    _, path = await published(world)
    consents = f"{path}/consortium-consents"
    await agrees(member, leader, path)
    twice = await member.post(consents, {"leader_bin": leader.bin})
    assert (twice.status_code, twice.json()["code"]) == (409, "consent-already-granted")
    for stranger in (member.bin, buyer.bin, "990140000006"):
        refused = await member.post(consents, {"leader_bin": stranger})
        assert refused.json()["code"] in {"leader-refused", "invalid-request"}
    own = f"/v1/consortium-consents/{(await member.read(consents))['items'][0]['id']}"
    await member.step(f"{own}/revocation", of=own)
    await agrees(member, leader, path)
    statuses = [each["status"] for each in (await leader.read(consents))["items"]]
    assert sorted(statuses) == ["granted", "revoked"]


async def test_a_consent_is_seen_by_its_two_and_by_nobody_else(world: World, database: Databases) -> None:
    leader, member, rival = await world.supplier(), await world.supplier(), await world.supplier()
    buyer, path = await published(world)
    auditor = await world.member(OrganizationKind.AUDITOR)
    consents = f"{path}/consortium-consents"
    consent = await agrees(member, leader, path)
    own = f"/v1/consortium-consents/{consent['id']}"
    for party in (leader, member):
        assert (await party.read(own)) == consent
        assert (await party.read(consents))["items"] == [consent]
    for other in (buyer, rival, auditor):
        assert (await other.get(own)).json()["code"] == "consent-not-found"
        assert (await other.read(consents))["items"] == []
    for stranger in (leader, rival):
        refused = await stranger.post(f"{own}/revocation", If_Match='"1"')
        assert (refused.status_code, refused.json()["code"]) == (404, "consent-not-found")
    assert "consent" not in (await auditor.get("/v1/events", limit="100")).text
    async with database.owner.reading.connect() as connection:
        query = "SELECT c::text AS row, e.* FROM consents c JOIN events e ON e.subject_id = c.id WHERE c.id = :id"
        rows = (await connection.execute(text(query), {"id": consent["id"]})).mappings().all()
    for row in rows:
        told = str(dict(row))
        assert not any(id in told or id.replace("-", "") in told for id in (leader.id, member.id, member.bin))
        assert row["sealed"]


def test_a_letter_opens_with_its_own_consent_and_secret_only() -> None:
    parties = Parties(leader_id=OrganizationId(uuid4()), member_id=OrganizationId(uuid4()), person_id=PersonId(uuid4()))
    letters, id = ConsentLetters(b"d" * 32), ConsentId(uuid4())
    letter = letters.sealed(id, parties)
    assert letters.opened(id, letter) == parties
    for strange, other in ((letters, ConsentId(uuid4())), (ConsentLetters(b"e" * 32), id)):
        with pytest.raises(CryptoError):
            strange.opened(other, letter)


async def test_a_full_bid_is_replaced_and_confirmed_with_all_of_it(world: World) -> None:
    leader, member = await world.supplier(), await world.supplier()
    buyer, path = await published(world)
    await agrees(member, leader, path)
    made = await leader.made(f"{path}/bids", bid())
    assert json.loads(made["copy"])["format"] == "oimaq-bid/2"
    replaced = await leader.made(f"/v1/bids/{made['id']}/replacement", full(member), If_Match='"1"')
    assert replaced["combination"]["members"][0]["organization_id"] == member.id
    body = tender() | two_lots() | {"reason": "A better title", "title": "Better shirts"}
    await buyer.made(f"{path}/amendments", {name: body[name] for name in ("title", "lots", "reason")}, If_Match='"2"')
    confirmed = await leader.post(f"/v1/bids/{made['id']}/confirmation", agreement(replaced), If_Match='"2"')
    assert confirmed.status_code == httpx.codes.CREATED, confirmed.text
    assert confirmed.json()["combination"] == replaced["combination"]
    assert confirmed.json()["lots"] == replaced["lots"]
