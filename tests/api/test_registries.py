"""The registries' routes: what is asked, what is kept, and what an outage does not change."""

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from adapters.postgres.engine import Database
from adapters.postgres.work import Transactions
from adapters.registries.fakes import FakeCompanyRegister, FakeSupplierRegister, NoVerifier
from domain.actors import OrganizationKind
from domain.ids import Bin
from domain.registries.answers import Company, Subject, UnreliableEntry
from domain.registries.model import (
    Outcome,
    Question,
    Registry,
    RegistryAnswer,
    RegistryAnswerRefused,
    RegistryUnavailable,
)
from domain.registries.ports import Registries
from tests.adapters.test_registries_goszakup import ANNOUNCEMENT
from tests.world import KEYRING, Member, World, built, evidence

IMPORT = {"announcement": "16744298-1", "procedure": "private", "standard_minutes": "90.00", "due_on": "2027-03-01"}
OUTAGES = (
    (RegistryUnavailable("goszakup cannot be reached"), "registry-unavailable", Outcome.UNAVAILABLE),
    (RegistryAnswerRefused("goszakup: it answered a page of HTML"), "registry-answer-malformed", Outcome.MALFORMED),
)


@dataclass
class Setting:
    world: World
    database: Database
    portal: FakeSupplierRegister = field(default_factory=FakeSupplierRegister)
    office: FakeCompanyRegister = field(default_factory=FakeCompanyRegister)

    async def latest(self, registry: Registry, question: Question, subject: str) -> RegistryAnswer | None:
        async with Transactions(self.database.engine.begin, KEYRING.answers)() as work:
            return await work.registry_answers.latest(registry=registry, question=question, subject=subject)


@pytest.fixture
async def setting(database: Database) -> AsyncIterator[Setting]:
    portal, office = FakeSupplierRegister(), FakeCompanyRegister()
    asked = Registries(suppliers=portal, companies=office, signatures=NoVerifier())
    async with built(database, registries=asked) as world:
        yield Setting(world, database, portal, office)


def code_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def subject(bin: str, *, producer: bool = True) -> Subject:
    return Subject(bin=Bin(bin), name="Sewing", domestic_producer=producer, small_business=True)


async def own_evidence(supplier: Member) -> str:
    made = await supplier.made("/v1/evidence", evidence(supplier.bin))
    assert made["verification"] == "none"
    return f"/v1/evidence/{made['id']}"


async def test_the_producers_mark_verifies_evidence_and_the_answer_is_kept(setting: Setting) -> None:
    supplier, registry = await setting.world.supplier(codes=()), await setting.world.registry()
    setting.portal.subjects[supplier.bin] = subject(supplier.bin)
    path = await own_evidence(supplier)
    checked = await registry.made(f"{path}/registry-check")
    assert (checked["confirmed"], checked["evidence"]["verification"]) == (True, "registry_service")
    assert checked["provenance"]["subject"] == supplier.bin
    assert (await supplier.read(path))["verification"] == "registry_service"
    kept = await setting.latest(Registry.GOSZAKUP, Question.SUBJECT, supplier.bin)
    assert kept is not None
    assert (kept.outcome, kept.sha256) == (Outcome.ANSWERED, checked["provenance"]["sha256"])
    assert kept.answer == {
        "found": True, "bin": supplier.bin, "name": "Sewing", "domestic_producer": True, "small_business": True,
    }  # fmt: skip
    again = await registry.made(f"{path}/registry-check")
    assert (again["confirmed"], again["evidence"]["verification"]) == (False, "registry_service")


async def test_without_the_mark_or_the_company_evidence_stays_as_it_is(setting: Setting) -> None:
    supplier, registry = await setting.world.supplier(codes=()), await setting.world.registry()
    path = await own_evidence(supplier)
    unknown = await registry.made(f"{path}/registry-check")
    assert (unknown["subject"], unknown["confirmed"], unknown["evidence"]["verification"]) == (None, False, "none")
    setting.portal.subjects[supplier.bin] = subject(supplier.bin, producer=False)
    unmarked = await registry.made(f"{path}/registry-check")
    assert (unmarked["subject"]["domestic_producer"], unmarked["evidence"]["verification"]) == (False, "none")


async def test_a_registry_operators_own_import_and_a_revocation_are_not_overwritten(setting: Setting) -> None:
    supplier, registry = await setting.world.supplier(codes=()), await setting.world.registry()
    setting.portal.subjects[supplier.bin] = subject(supplier.bin)
    imported = await registry.made("/v1/evidence", evidence(supplier.bin))
    checked = await registry.made(f"/v1/evidence/{imported['id']}/registry-check")
    assert (checked["confirmed"], checked["evidence"]["verification"]) == (False, "registry_import")
    await registry.made(f"/v1/evidence/{imported['id']}/revocation", {"reason": "false"})
    path = await own_evidence(supplier)
    await registry.made(f"{path}/revocation", {"reason": "false"})
    assert not (await registry.made(f"{path}/registry-check"))["confirmed"]


@pytest.mark.parametrize(("failure", "code", "outcome"), OUTAGES, ids=["down", "lies"])
async def test_an_outage_changes_nothing_and_is_kept(
    setting: Setting, failure: RegistryUnavailable | RegistryAnswerRefused, code: str, outcome: Outcome
) -> None:
    supplier, registry = await setting.world.supplier(codes=()), await setting.world.registry()
    path = await own_evidence(supplier)
    setting.portal.failure = failure
    refused = await registry.post(f"{path}/registry-check")
    assert code_of(refused) == (503, code)
    assert refused.headers["Retry-After"]
    assert (await supplier.read(path))["verification"] == "none"
    kept = await setting.latest(Registry.GOSZAKUP, Question.SUBJECT, supplier.bin)
    assert kept is not None
    assert (kept.outcome, kept.error, kept.answer) == (outcome, failure.detail, None)
    refused = await registry.post("/v1/unreliable-checks", {"bin": supplier.bin})
    assert (refused.status_code, "listed" in refused.json()) == (503, False)


async def test_a_retry_is_answered_as_it_was_also_while_the_registry_is_down(setting: Setting) -> None:
    supplier, registry = await setting.world.supplier(codes=()), await setting.world.registry()
    body, key = {"bin": supplier.bin}, str(uuid4())
    first = await registry.post("/v1/unreliable-checks", body, Idempotency_Key=key)
    asked = setting.portal.asked
    setting.portal.failure = RegistryUnavailable("down")
    again = await registry.post("/v1/unreliable-checks", body, Idempotency_Key=key)
    assert (first.status_code, again.content) == (201, first.content)
    assert (again.headers["Idempotent-Replayed"], setting.portal.asked) == ("true", asked)


async def test_the_unreliable_list_is_asked_and_told_entry_by_entry(setting: Setting) -> None:
    supplier, officer = await setting.world.supplier(codes=()), await setting.world.buyer()
    ended = UnreliableEntry(name="Sewing", since=date(2020, 1, 1), until=date(2022, 1, 1))
    setting.portal.entries[supplier.bin] = (ended,)
    checked = await officer.made("/v1/unreliable-checks", {"bin": supplier.bin})
    assert (checked["listed"], len(checked["entries"])) == (False, 1)
    setting.portal.entries[supplier.bin] = (ended, replace(ended, until=None))
    assert (await officer.made("/v1/unreliable-checks", {"bin": supplier.bin}))["listed"] is True
    kept = await setting.latest(Registry.GOSZAKUP, Question.UNRELIABLE, supplier.bin)
    assert kept is not None
    assert kept.answer is not None
    assert kept.answer["entries"][1] == {"name": "Sewing", "since": "2020-01-01", "until": None}
    clean = await setting.world.supplier(codes=())
    assert (await officer.made("/v1/unreliable-checks", {"bin": clean.bin}))["entries"] == []


async def test_a_supplier_asks_about_itself_and_nobody_about_a_person(setting: Setting) -> None:
    supplier, other = await setting.world.supplier(codes=()), await setting.world.supplier(codes=())
    assert (await supplier.made("/v1/unreliable-checks", {"bin": supplier.bin}))["listed"] is False
    asked = setting.portal.asked
    assert code_of(await supplier.post("/v1/unreliable-checks", {"bin": other.bin})) == (403, "not-your-bin")
    refused = await (await setting.world.registry()).post("/v1/unreliable-checks", {"bin": "900101300017"})
    assert code_of(refused) == (422, "wrong-bin")
    assert setting.portal.asked == asked


async def test_an_organisation_is_compared_with_the_statistics_office(setting: Setting) -> None:
    supplier, registry = await setting.world.supplier(codes=()), await setting.world.registry()
    path = f"/v1/organizations/{supplier.id}"
    unknown = await registry.made(f"{path}/registry-check")
    assert (unknown["company"], unknown["name_agrees"], unknown["region_agrees"]) == (None, None, None)
    name = (await registry.read(path))["name"]
    setting.office.companies[supplier.bin] = Company(
        bin=Bin(supplier.bin), name=f'ТОО "{name}"', registered_on=date(2020, 1, 1), oked="14120", other_okeds=(),
        size="105", kato="751410000", address="Almaty", director=None,
    )  # fmt: skip
    checked = await registry.made(f"{path}/registry-check")
    assert (checked["name_agrees"], checked["region_agrees"]) == (True, False)
    assert (checked["company"]["registered_on"], checked["organization"]["id"]) == ("2020-01-01", supplier.id)
    setting.office.failure = RegistryUnavailable("down")
    assert code_of(await registry.post(f"{path}/registry-check")) == (503, "registry-unavailable")
    assert code_of(await registry.post(f"/v1/organizations/{uuid4()}/registry-check")) == (
        404,
        "organization-not-found",
    )


async def test_an_announcement_becomes_a_draft_of_its_buyer(setting: Setting) -> None:
    buyer = await setting.world.buyer()
    setting.portal.announcements["16744298-1"] = replace(ANNOUNCEMENT, organizer_bin=Bin(buyer.bin))
    imported = await buyer.made("/v1/tenders/imports", IMPORT)
    draft = imported["tender"]
    assert (draft["status"], draft["allocated"], len(draft["lots"])) == ("draft", "1440000.00", 1)
    (line,) = draft["lots"][0]["lines"]
    assert (line["kind"], line["grid"], line["sizes"], line["standard_minutes"]) == (
        "other", "one_size", {"one": 120}, "90.00",
    )  # fmt: skip
    assert [place["kato"] for place in draft["lots"][0]["places"]] == ["631010000", "101010000"]
    assert {"lot": "87197522-ОИ2", "what": "the lot"}.items() <= {
        key: value for left in imported["left_out"] for key, value in left.items() if left["lot"]
    }.items()
    assert (await buyer.read(f"/v1/tenders/{draft['id']}"))["title"] == "Приобретение спецодежды (16744298-1)"
    kept = await setting.latest(Registry.GOSZAKUP, Question.ANNOUNCEMENT, "16744298-1")
    assert kept is not None
    assert kept.answer is not None
    assert kept.answer["lots"][0]["points"] == [7001]


async def test_an_announcement_that_is_foreign_missing_or_wrong_makes_no_draft(setting: Setting) -> None:
    buyer = await setting.world.buyer()
    assert code_of(await buyer.post("/v1/tenders/imports", IMPORT)) == (404, "announcement-not-found")
    setting.portal.announcements["16744298-1"] = ANNOUNCEMENT
    assert code_of(await buyer.post("/v1/tenders/imports", IMPORT)) == (403, "announcement-of-another")
    (suits, _cloth) = ANNOUNCEMENT.lots
    half = replace(suits, lines=(replace(suits.lines[0], count=suits.lines[0].count / 7),))
    setting.portal.announcements["16744298-1"] = replace(ANNOUNCEMENT, organizer_bin=Bin(buyer.bin), lots=(half,))
    refused = await buyer.post("/v1/tenders/imports", IMPORT)
    assert code_of(refused) == (422, "announcement-refused")
    assert refused.json()["errors"][0]["pointer"].endswith("/points/7001/count")
    for wrong in ({"announcement": "../../v3/rnu"}, {"standard_minutes": "0"}, {"procedure": "none"}):
        setting.portal.announcements["16744298-1"] = replace(ANNOUNCEMENT, organizer_bin=Bin(buyer.bin))
        assert (await buyer.post("/v1/tenders/imports", IMPORT | wrong)).status_code in {404, 422}
    assert (await buyer.read("/v1/tenders", mine="true"))["items"] == []


async def test_a_retried_import_makes_one_draft(setting: Setting) -> None:
    buyer, key = await setting.world.buyer(), str(uuid4())
    setting.portal.announcements["16744298-1"] = replace(ANNOUNCEMENT, organizer_bin=Bin(buyer.bin))
    first = await buyer.post("/v1/tenders/imports", IMPORT, Idempotency_Key=key)
    setting.portal.announcements.clear()
    again = await buyer.post("/v1/tenders/imports", IMPORT, Idempotency_Key=key)
    assert (first.status_code, again.content, again.headers["ETag"]) == (201, first.content, first.headers["ETag"])
    assert len((await buyer.read("/v1/tenders", mine="true"))["items"]) == 1


async def test_without_a_verifier_no_signature_is_called_verified(setting: Setting) -> None:
    officer = await setting.world.buyer()
    cms = base64.b64encode(b"cms").decode()
    checked = await officer.made("/v1/signature-checks", {"cms": cms, "data": base64.b64encode(b"text").decode()})
    assert (checked["verified"], checked["verified_by"], checked["signers"]) == (False, None, [])
    assert checked["reason"] == "not verified: no verifier is configured"
    assert checked["data_sha256"] == hashlib.sha256(b"text").hexdigest()
    kept = await setting.latest(Registry.NCANODE, Question.SIGNATURE, hashlib.sha256(b"cms").hexdigest())
    assert kept is not None
    assert kept.answer is not None
    assert kept.answer["verified"] is False
    for wrong in ({"cms": cms}, {"cms": cms, "data": "YQ==", "data_sha256": "0" * 64}, {"cms": "%", "data": "YQ=="}):
        assert code_of(await officer.post("/v1/signature-checks", wrong)) == (422, "invalid-request")


async def test_a_registry_that_is_not_configured_says_so(world: World) -> None:
    registry, supplier = await world.registry(), await world.supplier(codes=())
    refused = await registry.post("/v1/unreliable-checks", {"bin": supplier.bin})
    assert code_of(refused) == (503, "registry-unavailable")
    assert refused.json()["passes"] == "OIMAQ_GOSZAKUP_TOKEN"
    refused = await registry.post(f"/v1/organizations/{supplier.id}/registry-check")
    assert refused.json()["passes"] == "OIMAQ_STATISTICS_URL"


async def test_every_asking_is_an_event_for_auditors(setting: Setting) -> None:
    supplier, auditor = await setting.world.supplier(codes=()), await setting.world.member(OrganizationKind.AUDITOR)
    await supplier.made("/v1/unreliable-checks", {"bin": supplier.bin})
    found: list[Any] = []
    after: dict[str, str] = {}
    while not found:
        page = await auditor.read("/v1/events", limit="100", **after)
        found = [
            event
            for event in page["items"]
            if event["type"] == "registry.asked" and event["data"]["asked_about"] == supplier.bin
        ]
        assert found or page["items"], "the feed ended without the event"
        after = {"after": page["next"]}
    assert found[0]["data"]["outcome"] == "answered"
