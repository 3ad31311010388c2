"""Who reads what: every route that is not public asks for credentials, every list is scoped to its reader.

The matrix of writes and roles is in ``test_market``.
"""

from uuid import uuid4

import httpx
import pytest

from api.route_table import RouteTable
from api.routing import READS
from domain.actors import OrganizationKind, Role
from tests.api.test_people import registration
from tests.world import Member, World, bid, evidence, tender

PUBLIC = {
    "/v1/tenders",
    "/v1/tenders/{id}",
    "/v1/tenders/{tender_id}/bids",
    "/v1/tenders/{tender_id}/manifest",
    "/v1/tenders/{tender_id}/bundle",
    "/v1/keys",
    "/v1/tenders/{tender_id}/complaints",
    "/v1/tenders/{tender_id}/amendments",
    "/v1/tenders/{tender_id}/enquiries",
    "/v1/enquiries/{id}",
    "/v1/procedures",
    "/v1/procedures/{id}",
    "/v1/ocds/records",
    "/v1/ocds/records/{ocid}",
    "/v1/ocds/releases/{ocid}",
    "/v1/registers",
    "/v1/registers/{register}/records",
    "/v1/tenders/{id}/follow-up",
    "/v1/tenders/{id}/price-check",
    "/v1/prequalifications",
    "/v1/prequalifications/{id}",
    "/v1/prequalifications/{id}/suppliers",
    "/v1/log/key",
    "/v1/log/checkpoint",
    "/v1/log/inclusion",
    "/v1/log/consistency",
    "/v1/log/leaves",
}


async def test_only_the_public_routes_are_read_without_credentials(world: World) -> None:
    open_to_all = set()
    for entry in RouteTable(world.app).entries:
        if not entry.methods <= READS or not entry.template.startswith("/v1"):
            continue
        path = entry.template.format(
            id=uuid4(),
            tender_id=uuid4(),
            document_id=uuid4(),
            organization_id=uuid4(),
            ocid="x",
            number="1",
            register="kato",
        )
        answer = await world.http.get(path, params={"by": "buyer"} if entry.query and "by" in entry.query else {})
        if answer.status_code != httpx.codes.UNAUTHORIZED:
            open_to_all.add(entry.template)
            assert entry.extra.get("x-public") or entry.extra.get("security") == [], entry.template
        else:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer"), entry.template
    assert open_to_all == PUBLIC


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic dTpw", "Bearer a b", "Bearer ключ"])
async def test_credentials_that_are_wrong_are_refused_even_where_none_are_needed(world: World, header: str) -> None:
    for path in ("/v1/tenders", "/v1/me"):
        answer = await world.http.get(path, headers={b"Authorization": header.encode()})
        assert answer.status_code == 401, path


async def test_only_auditors_read_the_feed(world: World) -> None:
    others = [await world.buyer(), await world.supplier(codes=()), await world.registry()]
    others.append(await world.member(OrganizationKind.AUDITOR, (Role.ADMINISTRATOR,)))
    assert {(await other.get("/v1/events")).status_code for other in others} == {403}
    auditor = await world.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    assert (await auditor.get("/v1/events")).status_code == 200


async def test_evidence_is_listed_for_its_holder_auditors_and_registries(world: World) -> None:
    holder, rival, buyer = await world.supplier(), await world.supplier(codes=()), await world.buyer()
    (proof,) = (await holder.read("/v1/evidence"))["items"]
    for reader in (rival, buyer):
        assert (await reader.get(f"/v1/evidence/{proof['id']}")).status_code == 404
        listed = await reader.get("/v1/evidence", holder_id=holder.id)
        assert proof["id"] not in listed.text
    for reader in (await world.registry(), await world.member(OrganizationKind.AUDITOR)):
        assert (await reader.read("/v1/evidence", holder_id=holder.id))["items"] == [proof]


async def test_members_and_keys_are_listed_for_their_own_only(world: World) -> None:
    one, other = await world.buyer(), await world.buyer()
    made = await one.made("/v1/api-keys", {"name": "n", "roles": ["officer"], "days": 1})
    assert made["token"] not in (await one.get("/v1/api-keys")).text
    assert made["key"]["id"] not in (await other.get("/v1/api-keys")).text
    assert (await other.delete(f"/v1/api-keys/{made['key']['id']}")).status_code == 404
    assert len((await one.read("/v1/members"))["items"]) == len((await other.read("/v1/members"))["items"]) == 1


async def signed_in(world: World, kind: str) -> Member:
    """The founder of an organisation that nobody has confirmed."""
    form = registration(kind=kind)
    made = await world.public.made("/v1/registrations", form)
    founder = form["founder"]
    session = await world.public.made("/v1/sessions", {"email": founder["email"], "password": founder["password"]})
    return Member(world.http, session["token"], made["organization"]["id"], form["organization"]["bin"])


async def test_an_unconfirmed_buyer_drafts_and_does_not_publish(world: World) -> None:
    buyer = await signed_in(world, "buyer")
    draft = await buyer.made("/v1/tenders", tender())
    refused = await buyer.post(
        f"/v1/tenders/{draft['id']}/publication", {"closes_at": "2027-01-01T00:00:00Z"}, If_Match='"1"'
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "organization-not-confirmed")


async def test_an_unconfirmed_supplier_does_not_bid_and_learns_why(world: World) -> None:
    published = await world.published(await world.buyer())
    supplier = await signed_in(world, "supplier")
    await (await world.registry()).made("/v1/evidence", evidence(supplier.bin))
    refused = await supplier.post(f"/v1/tenders/{published['id']}/bids", bid())
    assert (refused.status_code, refused.json()["code"]) == (403, "not-eligible")
    assert any("confirm" in str(flaw) for flaw in refused.json()["errors"])


async def test_a_session_that_was_ended_and_a_key_that_ended_itself_are_refused(world: World) -> None:
    buyer = await world.buyer()
    made = await buyer.made("/v1/api-keys", {"name": "n", "roles": ["officer"], "days": 1})
    key = Member(world.http, made["token"], buyer.id, buyer.bin)
    for member in (key, buyer):
        assert (await member.delete("/v1/sessions/current")).status_code == 204
        assert (await member.get("/v1/me")).status_code == 401


async def test_a_key_of_few_roles_makes_no_key_of_more(world: World) -> None:
    buyer = await world.buyer()
    made = await buyer.made("/v1/api-keys", {"name": "n", "roles": ["officer"], "days": 1})
    key = Member(world.http, made["token"], buyer.id, buyer.bin)
    refused = await key.post("/v1/api-keys", {"name": "m", "roles": ["approver"], "days": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "roles-beyond-own")
    draft = await key.made("/v1/tenders", tender())
    refused = await key.post(
        f"/v1/tenders/{draft['id']}/publication", {"closes_at": "2027-01-01T00:00:00Z"}, If_Match='"1"'
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")
    assert "approver" in refused.json()["passes"]
