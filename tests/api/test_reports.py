"""Feed, domestic share and open data over HTTP: who sees what, and that the figures are right."""

import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import httpx
import openpyxl
import pytest

from adapters.passwords import Argon2Passwords
from adapters.postgres.engine import Database
from adapters.postgres.work import Transactions
from adapters.procedures.files import shipped
from api.app import create_app
from api.main import assemble
from domain.actors import OrganizationKind, Role
from domain.contracts.model import Contract
from domain.events import CLOCK, By
from domain.ids import (
    Bin,
    ContractId,
    CredentialId,
    Kato,
    MembershipId,
    OrganizationId,
    PersonId,
    TenderId,
    check_digit,
)
from domain.money import Money
from domain.organizations.model import Organization, OrganizationStatus
from domain.organizations.people import Credential, CredentialKind, Membership, Person
from domain.organizations.signing_in import token_sha256
from domain.procedures.catalogue import Procedures
from domain.reports.ocds import ocid_of
from domain.tenders.model import Tender
from domain.work import Begin
from tests.domain import process_sample as sample
from tests.world import KEYRING

BASE = "https://oimaq.example"
AT = datetime(2026, 11, 22, 19, tzinfo=UTC)
"""Midnight of 23 November in legal time."""


@dataclass(frozen=True)
class Member:
    id: OrganizationId
    bin: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def begin(database: Database) -> Begin:
    """Real commits: the reports read on connections of their own."""
    return Transactions(database.engine.begin, KEYRING.answers)


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(assemble(database, Argon2Passwords(), Procedures(shipped()), {}, keyring=KEYRING, base_url=BASE))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE) as client:
        yield client


async def member(begin: Begin, kind: OrganizationKind, role: Role, *, kato: str = "711210000") -> Member:
    """A confirmed organisation with one person and a token."""
    first = next(text for text in iter(lambda: str(uuid4().int)[:11], "") if check_digit(text) is not None)
    bin, token = f"{first}{check_digit(first)}", uuid4().hex
    organization = Organization(
        id=OrganizationId(uuid4()),
        bin=Bin(bin),
        kind=kind,
        name=f"=Организация {bin}",
        kato=Kato(kato),
        address="ул. 1",
        phone="+7",
        email="a@example.kz",
        registered_at=AT,
        status=OrganizationStatus.CONFIRMED,
    )
    person = Person(id=PersonId(uuid4()), email=f"{bin}@example.kz", name="Иван", password_hash="x", registered_at=AT)
    membership = Membership(
        id=MembershipId(uuid4()),
        person_id=person.id,
        organization_id=organization.id,
        roles=(role,),
        added_at=AT,
    )
    credential = Credential(
        id=CredentialId(uuid4()),
        kind=CredentialKind.SESSION,
        membership_id=membership.id,
        name="test",
        roles=(role,),
        token_sha256=token_sha256(token),
        issued_at=AT,
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
    )
    by = By(person_id=person.id, organization_id=organization.id)
    async with begin() as work:
        await work.organizations.save(organization, because=organization.registered(by=by))
        await work.people.save(person, because=person.registered(by=by))
        await work.memberships.save(membership, because=membership.added(kind=kind, by=by))
        await work.credentials.save(credential, because=credential.issued(by=by))
    return Member(id=organization.id, bin=bin, token=token)


async def auditor(begin: Begin) -> Member:
    return await member(begin, OrganizationKind.AUDITOR, Role.AUDITOR)


async def buyer(begin: Begin) -> Member:
    return await member(begin, OrganizationKind.BUYER, Role.APPROVER)


async def supplier(begin: Begin, *, kato: str = "631010000") -> Member:
    return await member(begin, OrganizationKind.SUPPLIER, Role.WORKSHOP_MANAGER, kato=kato)


async def published_tender(begin: Begin, by: Member) -> Tender:
    """Open for bids whatever the day."""
    number = f"T-2026-{uuid4().int % 10**12}"
    draft = replace(sample.tender(number), id=TenderId(uuid4()), buyer_id=by.id)
    closes_at = datetime.now(UTC) + timedelta(days=1)
    found, event = draft.publish(procedure=sample.PINNED, opens_at=AT, closes_at=closes_at, by=CLOCK, at=AT)
    async with begin() as work:
        return await work.tenders.save(found, because=event)


async def concluded(begin: Begin, tender: Tender, contract: Contract, winner: Member, at: datetime = AT) -> Contract:
    stored = replace(
        contract,
        id=ContractId(uuid4()),
        number=f"C-2026-{uuid4().int % 10**12}",
        tender_id=tender.id,
        buyer_id=tender.buyer_id,
        supplier_id=winner.id,
        concluded_at=at,
    )
    async with begin() as work:
        return await work.contracts.save(stored, because=stored.concluded(by=CLOCK))


async def test_the_share_is_domestic_of_contracted_with_its_totals(begin: Begin, client: httpx.AsyncClient) -> None:
    who, reader = await buyer(begin), await auditor(begin)
    zhezkazgan, almaty = await supplier(begin, kato="621010000"), await supplier(begin, kato="751110000")
    tender = await published_tender(begin, who)
    without = sample.contract_line(local_content=Decimal("0.00"), evidence_number=None, unit_price=Money.of("9000.00"))
    await concluded(begin, tender, sample.paid_contract(), zhezkazgan)
    await concluded(begin, tender, replace(sample.contract(), lines=(without,)), almaty)

    answer = await client.get("/v1/reports/domestic-share?by=region", headers=who.headers)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert [(row["key"], row["name"]) for row in report["rows"]] == [("62", "Ulytau"), ("75", "Almaty")]
    first, second = report["rows"]
    assert first == {
        "key": "62",
        "name": "Ulytau",
        "contracts": 1,
        "pieces": 100,
        "contracted": "1200010.00",
        "domestic": "720006.00",
        "share": "60.00",
        "paid": "1140009.50",
    }
    assert (second["domestic"], second["share"], second["paid"]) == ("0.00", "0.00", "0.00")
    total = report["total"]
    assert (total["contracts"], total["contracted"], total["share"]) == (2, "2100010.00", "34.29")

    for by, key in (("buyer", who.bin), ("product", "141211")):
        other = (await client.get(f"/v1/reports/domestic-share?by={by}", headers=who.headers)).json()
        assert [row["key"] for row in other["rows"]] == [key]
        assert other["total"] == total
    everything = (await client.get("/v1/reports/domestic-share?by=buyer", headers=reader.headers)).json()
    assert who.bin in [row["key"] for row in everything["rows"]]


async def test_the_period_is_half_open_in_legal_days(begin: Begin, client: httpx.AsyncClient) -> None:
    who, winner = await buyer(begin), await supplier(begin)
    tender = await published_tender(begin, who)
    await concluded(begin, tender, sample.contract(), winner, at=AT - timedelta(microseconds=1))
    await concluded(begin, tender, sample.contract(), winner, at=AT)

    async def contracts(query: str) -> int:
        answer = await client.get(f"/v1/reports/domestic-share?by=buyer&{query}", headers=who.headers)
        found: int = answer.json()["total"]["contracts"]
        return found

    assert await contracts("from=2026-11-22&to=2026-11-23") == 1
    assert await contracts("from=2026-11-23&to=2026-11-24") == 1
    assert await contracts("to=2026-11-23") == 1
    assert await contracts("") == 2
    refused = await client.get("/v1/reports/domestic-share?by=buyer&from=2026-11-23&to=2026-11-23", headers=who.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "period-refused")


async def test_a_buyer_sees_his_own_contracts_and_others_nothing(begin: Begin, client: httpx.AsyncClient) -> None:
    who, other, winner = await buyer(begin), await buyer(begin), await supplier(begin)
    await concluded(begin, await published_tender(begin, who), sample.contract(), winner)
    answer = (await client.get("/v1/reports/domestic-share?by=buyer", headers=other.headers)).json()
    assert (answer["rows"], answer["total"]["contracts"], answer["total"]["share"]) == ([], 0, "0.00")
    refused = await client.get("/v1/reports/domestic-share?by=buyer", headers=winner.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")
    assert (await client.get("/v1/reports/domestic-share?by=buyer")).status_code == 401


async def test_the_files_say_what_the_json_says(begin: Begin, client: httpx.AsyncClient) -> None:
    who, winner = await buyer(begin), await supplier(begin)
    await concluded(begin, await published_tender(begin, who), sample.paid_contract(), winner)
    url = "/v1/reports/domestic-share?by=buyer&format="
    text = await client.get(f"{url}csv", headers=who.headers)
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert text.headers["content-disposition"].startswith('attachment; filename="domestic-share-by-buyer-')
    lines = text.content.decode("utf-8-sig").splitlines()
    assert lines[1] == f"{who.bin},'=Организация {who.bin},1,100,1200010.00,720006.00,60.00,1140009.50"
    assert lines[2] == "total,,1,100,1200010.00,720006.00,60.00,1140009.50"
    sheet = openpyxl.load_workbook(io.BytesIO((await client.get(f"{url}xlsx", headers=who.headers)).content))["Report"]
    cells = [cell.value for cell in sheet[2]]
    assert cells[0] == who.bin
    assert cells[4:] == [1200010, 720006, 60, 1140009.5]


async def test_auditors_read_the_feed_without_people_and_others_do_not(begin: Begin, client: httpx.AsyncClient) -> None:
    reader, who = await auditor(begin), await buyer(begin)
    tender = await published_tender(begin, who)
    seen, cursor = [], ""
    while (page := (await client.get(f"/v1/events?limit=100{cursor}", headers=reader.headers)).json())["items"]:
        seen += page["items"]
        cursor = f"&after={page['next']}"
    (mine,) = [each for each in seen if each["subject_id"] == str(tender.id)]
    assert set(mine) == {"id", "type", "subject", "subject_id", "organization_id", "at", "data"}
    assert mine["type"] == "tender.published"
    assert {each["subject_id"] for each in seen if each["subject"] == "person"} == {None}
    assert page["next"] == seen[-1]["id"]
    assert (await client.get("/v1/events", headers=who.headers)).status_code == 403
    unknown = await client.get(f"/v1/events?after={UUID(int=1)}", headers=reader.headers)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "malformed-cursor")


async def test_a_published_tender_is_open_data_for_everybody(begin: Begin, client: httpx.AsyncClient) -> None:
    who = await buyer(begin)
    tender = await published_tender(begin, who)
    ocid = ocid_of(tender.number)
    record = await client.get(f"/v1/ocds/records/{ocid}")
    assert record.status_code == 200, record.text
    package = json.loads(record.text, parse_float=Decimal)
    assert package["uri"] == f"{BASE}/v1/ocds/records/{ocid}"
    assert package["records"][0]["compiledRelease"]["tender"]["value"]["amount"] == tender.allocated.amount
    release = (await client.get(f"/v1/ocds/releases/{ocid}")).json()
    assert [each["tag"] for each in release["releases"]] == [["tender"]]
    page = (await client.get("/v1/ocds/records?limit=1")).json()
    found = [each["ocid"] for each in page["items"]]
    while page["next"]:
        page = (await client.get(f"/v1/ocds/records?limit=1&cursor={page['next']}")).json()
        found += [each["ocid"] for each in page["items"]]
    assert ocid in found
    assert len(found) == len(set(found))


async def test_a_draft_is_not_open_data(begin: Begin, client: httpx.AsyncClient) -> None:
    who = await buyer(begin)
    draft = replace(sample.tender(f"T-2026-{uuid4().int % 10**12}"), id=TenderId(uuid4()), buyer_id=who.id)
    async with begin() as work:
        await work.tenders.save(draft, because=draft.drafted(by=CLOCK))
    for kind in ("records", "releases"):
        drafted = await client.get(f"/v1/ocds/{kind}/{ocid_of(draft.number)}")
        nowhere = await client.get(f"/v1/ocds/{kind}/{ocid_of('T-2026-0')}")
        assert (drafted.status_code, nowhere.status_code) == (404, 404)
        assert drafted.json()["code"] == nowhere.json()["code"] == "tender-not-found"
    listed = (await client.get("/v1/ocds/records?limit=100")).json()["items"]
    assert ocid_of(draft.number) not in [each["ocid"] for each in listed]
