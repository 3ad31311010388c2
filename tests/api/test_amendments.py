"""Amendments and extensions through the API: what bidders agree to, what becomes of those who do not."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from adapters.postgres.engine import Database
from domain.actors import OrganizationKind, Role
from domain.ids import TenderId
from tests.api.test_complaints import DOCUMENTS, UPHELD, code_of, decide, reviewer_of, until
from tests.api.test_contracts_flow import clicks
from tests.api.test_pools import SHIRT, drafted, events, need, publication, row, tender_of
from tests.ocds_schema import Check
from tests.world import Json, Member, World, agreement, bid, built, tender

SECONDS = 2.5
OTHER_CODE = "152011.300.000012"


@pytest.fixture
async def brisk(database: Database) -> AsyncIterator[World]:
    """A world where an amendment leaves bidders a second."""
    async with built(database, amendment_remaining_min="PT1S") as world:
        yield world


def later(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def amendment(reason: str = "The sizes were wrong", closes_at: str | None = None, **more: Any) -> Json:
    body = tender(**more)
    return {"title": body["title"], "lots": body["lots"], "reason": reason, "closes_at": closes_at}


async def feed(auditor: Member) -> list[Json]:
    """Every event that the feed has by now."""
    found: list[Json] = []
    after: dict[str, str] = {}
    while page := (await auditor.read("/v1/events", limit="100", **after))["items"]:
        found += page
        after = {"after": page[-1]["id"]}
    return found


async def published(world: World, *, seconds: float = 3600, **more: Any) -> tuple[Member, str, Json]:
    buyer = await world.buyer()
    found = await world.published(buyer, seconds=seconds, procedure="among-producers", **more)
    return buyer, f"/v1/tenders/{found['id']}", found


class Own(str):
    """The path of a bid, with what its bidder was answered."""

    __slots__ = ("made",)
    made: Json

    def agreed(self, *, terms: int = 2) -> Json:
        return agreement(self.made, terms=terms)


async def own(supplier: Member, path: str, body: Json | None = None) -> Own:
    made = await supplier.made(f"{path}/bids", body or bid())
    found = Own(f"/v1/bids/{made['id']}")
    found.made = made
    return found


async def test_an_amendment_is_read_by_everybody_and_bidders_confirm_or_are_not_admitted(
    brisk: World, flaws: Check
) -> None:
    buyer, path, found = await published(brisk, seconds=SECONDS)
    faithful, changed, silent = [await brisk.supplier() for _ in range(3)]
    mine, theirs = await own(faithful, path), await own(changed, path, bid("3400.00"))
    await own(silent, path, bid("3000.00"))
    amended = await buyer.step(f"{path}/amendments", amendment(price="3350.00"), of=path)
    assert (amended["terms"], amended["allocated"], amended["status"]) == (2, "335000.00", "published")
    (told,) = (await brisk.public.read(f"{path}/amendments"))["items"]
    assert (told["number"], told["kind"], told["reason"]) == (1, "amendment", "The sizes were wrong")
    assert (told["terms_before"], told["terms_after"]) == (1, 2)
    assert (told["closes_at_before"], told["closes_at_after"]) == (found["closes_at"], amended["closes_at"])
    assert {"op": "replace", "path": "/lots/0/allocated", "before": "360000.00", "after": "335000.00"} in told[
        "changes"
    ]
    before = await faithful.read(mine)
    assert (before["terms"], before["revision"]) == (1, 1)
    for terms in (1, 3):
        refused = await faithful.post(f"{mine}/confirmation", mine.agreed(terms=terms), If_Match='"1"')
        assert code_of(refused) == (409, "terms-changed")
    for strange in (theirs.agreed(), mine.agreed() | {"nonce": "0" * 64}):
        refused = await faithful.post(f"{mine}/confirmation", strange, If_Match='"1"')
        assert code_of(refused) == (422, "copy-refused")
    given = await faithful.step(f"{mine}/confirmation", mine.agreed(), of=mine)
    confirmed = await faithful.read(mine)
    sealed = {name: given[name] for name in ("commitment", "ciphertext_sha256")}
    assert confirmed == before | {"terms": 2, "revision": 2} | sealed
    assert given["commitment"] != before["commitment"]
    assert given["lots"] == mine.made["lots"]
    again = await faithful.post(f"{mine}/confirmation", agreement(given), If_Match='"2"')
    assert code_of(again) == (409, "step-not-allowed")
    above = await changed.post(f"{theirs}/confirmation", theirs.agreed(), If_Match='"1"')
    assert code_of(above) == (422, "bid-above-allocated")
    stale = await changed.post(f"{theirs}/replacement", bid("3200.00") | {"terms": 1}, If_Match='"1"')
    assert code_of(stale) == (409, "terms-changed")
    replaced = await changed.step(f"{theirs}/replacement", bid("3200.00"), of=theirs)
    assert (replaced["terms"], replaced["revision"]) == (2, 2)
    await brisk.opened(amended)
    shown = (await brisk.public.read(f"{path}/bids"))["items"]
    assert {each["bidder_id"]: each["terms"] for each in shown} == {faithful.id: 2, changed.id: 2, silent.id: 1}
    evaluation = await buyer.made(f"{path}/evaluation")
    reasons = {each["bidder_id"]: each["reason"] for each in evaluation["admissions"]}
    assert reasons == {faithful.id: None, changed.id: None, silent.id: "terms_not_accepted"}
    (contract,) = (await buyer.step(f"{path}/award", of=path))["contracts"]
    assert contract["supplier_id"] == changed.id
    await _told_in_open_data(brisk, found, flaws)


async def _told_in_open_data(world: World, found: Json, flaws: Check) -> None:
    package = await world.public.read(f"/v1/ocds/records/ocds-oimaqkz-{found['number']}")
    assert flaws("record-package-schema", package) == []
    (record,) = package["records"]
    assert [each["tag"] for each in record["releases"]] == [
        ["tender"], ["tenderAmendment"], ["tenderUpdate"], ["award"],
    ]  # fmt: skip
    (told,) = record["compiledRelease"]["tender"]["amendments"]
    first, second, *_ = record["releases"]
    assert (told["amendsReleaseID"], told["releaseID"]) == (first["id"], second["id"])
    assert told["rationale"] == "The sizes were wrong"
    assert "amendments" not in first["tender"]


async def test_offers_of_lines_and_sizes_that_went_are_opened_shown_and_rejected_without_harm(
    brisk: World, flaws: Check
) -> None:
    """One bid on a line that is gone, one on a size that is gone, one on pieces that are too many now."""
    body = tender(procedure="among-producers")
    (lot,) = body["lots"]
    second = lot["lines"][0] | {"name": "Blouse", "sizes": {"134": 10}}
    place = {
        "name": "West",
        "kato": "631010000",
        "address": "West",
        "due_on": "2027-08-20",
        "sizes": {"2": {"134": 10}},
    }
    wide = lot | {"lines": [*lot["lines"], second], "places": [*lot["places"], place], "allocated": "396000.00"}
    buyer = await brisk.buyer()
    draft = await buyer.made("/v1/tenders", body | {"lots": [wide]})
    path = f"/v1/tenders/{draft['id']}"
    await buyer.step(f"{path}/publication", {"closes_at": later(SECONDS)}, of=path)
    suppliers = [await brisk.supplier() for _ in range(3)]
    line = {"line": 2, "unit_price": "3000.00"}
    for supplier, offered in zip(
        suppliers,
        ({"lots": [{"lot": 1, "lines": [line]}]}, bid(sizes=["128"]), bid(pieces_min=60)),
        strict=True,
    ):
        await supplier.made(f"{path}/bids", offered)
    narrow = amendment(pieces=100)
    (left,) = narrow["lots"]
    left["lines"][0]["sizes"] = {"122": 50}
    left["places"] = left["places"][:1]
    left["allocated"] = "180000.00"
    amended = await buyer.step(f"{path}/amendments", narrow, of=path)
    (told,) = (await brisk.public.read(f"{path}/amendments"))["items"]
    assert [change["path"] for change in told["changes"] if change["op"] == "remove"] == [
        "/lots/0/lines/0/sizes/128", "/lots/0/lines/1", "/lots/0/places/2", "/lots/0/places/1",
    ]  # fmt: skip
    assert (await brisk.opened(amended))["status"] == "opened"
    assert len((await brisk.public.read(f"{path}/bids"))["items"]) == 3
    package = await brisk.public.read(f"/v1/ocds/records/ocds-oimaqkz-{amended['number']}")
    assert flaws("record-package-schema", package) == []
    evaluation = await buyer.made(f"{path}/evaluation")
    assert [each["reason"] for each in evaluation["admissions"]] == ["terms_not_accepted"] * 3
    failed = await brisk.public.read(path)
    assert (failed["status"], failed["reason"]) == ("failed", "none_admitted")


async def test_a_confirmation_is_judged_as_a_bid_is(brisk: World) -> None:
    buyer, path, _ = await published(brisk)
    supplier = await brisk.supplier()
    mine = await own(supplier, path)
    other = amendment()
    other["lots"][0]["lines"][0]["ens_tru"] = OTHER_CODE
    await buyer.step(f"{path}/amendments", other, of=path)
    refused = await supplier.post(f"{mine}/confirmation", mine.agreed(), If_Match='"1"')
    assert code_of(refused) == (403, "not-eligible")
    assert refused.json()["errors"][0]["rule"] == "evidence_covers_code"
    assert (await supplier.read(mine))["terms"] == 1


async def test_of_amendments_at_once_one_wins_and_the_others_are_stale(brisk: World) -> None:
    buyer, path, _ = await published(brisk)
    assert await clicks(buyer, f"{path}/amendments", amendment(price="3500.00"), If_Match='"2"') == {
        "created": 1,
        "stale-version": 3,
    }
    answers = await asyncio.gather(
        buyer.post(f"{path}/amendments", amendment(price="3400.00"), If_Match='"3"'),
        buyer.post(f"{path}/extension", {"closes_at": later(9000), "reason": "More time"}, If_Match='"3"'),
        buyer.post(f"{path}/cancellation", {"reason": "budget_cut", "explanation": "Cut"}, If_Match='"3"'),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412]


async def test_amendments_that_do_not_fit_are_refused_and_leave_nothing(brisk: World) -> None:
    buyer, path, _ = await published(brisk, seconds=3600)
    supplier, stranger = await brisk.supplier(), await brisk.buyer()
    two = amendment()
    two["lots"] = [*two["lots"], *two["lots"]]
    wrong_sum = amendment(allocated="1.00")
    cases: list[tuple[Json, int, str]] = [
        (amendment(), 422, "amendment-refused"),
        (two, 422, "amendment-refused"),
        (wrong_sum, 422, "allocated-sum-mismatch"),
        (amendment(price="3500.00", closes_at=later(60)), 422, "timeline-refused"),
        (amendment(price="3500.00", closes_at=later(181 * 86400)), 422, "timeline-refused"),
        (amendment(price="3500.00", reason=""), 422, "invalid-request"),
        (amendment(price="3500.00") | {"procedure": "private"}, 422, "invalid-request"),
    ]
    before = await buyer.read(path)
    for body, status, code in cases:
        assert code_of(await buyer.post(f"{path}/amendments", body, If_Match='"2"')) == (status, code), code
    for closes_at in (before["closes_at"], later(60), later(181 * 86400)):
        refused = await buyer.post(f"{path}/extension", {"closes_at": closes_at, "reason": "x"}, If_Match='"2"')
        assert code_of(refused) == (422, "timeline-refused")
    body = amendment(price="3500.00")
    assert code_of(await buyer.post(f"{path}/amendments", body)) == (428, "precondition-required")
    assert code_of(await stranger.post(f"{path}/amendments", body, If_Match='"2"')) == (404, "tender-not-found")
    assert code_of(await supplier.post(f"{path}/amendments", body, If_Match='"2"')) == (403, "not-permitted")
    officer = await brisk.member(OrganizationKind.BUYER, (Role.OFFICER,))
    assert code_of(await officer.post(f"{path}/extension", body, If_Match='"2"')) == (403, "not-permitted")
    assert await buyer.read(path) == before
    assert (await brisk.public.read(f"{path}/amendments"))["items"] == []
    draft = await buyer.made("/v1/tenders", tender())
    drafted_path = f"/v1/tenders/{draft['id']}"
    assert code_of(await buyer.post(f"{drafted_path}/amendments", body, If_Match='"1"')) == (409, "step-not-allowed")
    assert code_of(await brisk.public.get(f"{drafted_path}/amendments")) == (404, "tender-not-found")


async def test_a_package_without_amendments_refuses_them_by_their_code(database: Database) -> None:
    async with built(database, amendment_rule="none") as world:
        buyer, path, _ = await published(world)
        refused = await buyer.post(f"{path}/amendments", amendment(price="3500.00"), If_Match='"2"')
        assert code_of(refused) == (409, "amendment-not-allowed")


async def test_where_the_package_restarts_the_whole_period_runs_anew(database: Database) -> None:
    async with built(database, amendment_rule="restart", bid_period_min="PT1H") as world:
        buyer, path, found = await published(world, seconds=3601)
        supplier = await world.supplier()
        await own(supplier, path)
        amended = await buyer.step(f"{path}/amendments", amendment(price="3500.00"), of=path)
        period = datetime.fromisoformat(amended["closes_at"]) - datetime.fromisoformat(amended["opens_at"])
        assert period >= timedelta(hours=1)
        assert amended["opens_at"] > found["opens_at"]
        assert amended["closes_at"] >= found["closes_at"]


async def test_nothing_is_changed_once_the_deadline_has_come(brisk: World) -> None:
    buyer, path, found = await published(brisk, seconds=2.0)
    await until(found["closes_at"])
    for step, body in (
        ("amendments", amendment(price="3500.00")),
        ("extension", {"closes_at": later(60), "reason": "Too late"}),
    ):
        assert code_of(await buyer.post(f"{path}/{step}", body, If_Match='"2"')) == (409, "step-not-allowed")
    assert (await brisk.opened(found))["closes_at"] == found["closes_at"]


async def test_an_extension_puts_the_deadline_off_and_asks_nobody_to_confirm(brisk: World) -> None:
    buyer, path, found = await published(brisk, seconds=3.0)
    supplier, late = await brisk.supplier(), await brisk.supplier()
    auditor = await brisk.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    await own(supplier, path)
    extended = await buyer.step(f"{path}/extension", {"closes_at": later(6), "reason": "More bids"}, of=path)
    assert extended["terms"] == 1
    await until(found["closes_at"])
    assert (await brisk.public.read(path))["status"] == "published"
    await own(late, path)
    (told,) = (await brisk.public.read(f"{path}/amendments"))["items"]
    assert (told["kind"], told["terms_before"], told["terms_after"]) == ("extension", 1, 1)
    assert told["changes"] == [
        {"op": "replace", "path": "/closes_at", "before": found["closes_at"], "after": extended["closes_at"]}
    ]
    (event,) = await events(auditor, found["id"], "tender.extended", 1)
    assert (event["reason"], datetime.fromisoformat(event["closes_at_before"])) == (
        "More bids",
        datetime.fromisoformat(found["closes_at"]),
    )
    await brisk.opened(found)
    evaluation = await buyer.made(f"{path}/evaluation")
    assert [each["admitted"] for each in evaluation["admissions"]] == [True, True]


async def test_the_list_of_amendments_goes_on_where_its_page_ended(brisk: World) -> None:
    buyer, path, _ = await published(brisk)
    for price in ("3500.00", "3400.00", "3300.00"):
        await buyer.step(f"{path}/amendments", amendment(price=price), of=path)
    page = await brisk.public.read(f"{path}/amendments", limit="2")
    rest = await brisk.public.read(f"{path}/amendments", limit="2", cursor=page["next"])
    assert [each["number"] for each in (*page["items"], *rest["items"])] == [1, 2, 3]
    assert [each["terms_after"] for each in (*page["items"], *rest["items"])] == [2, 3, 4]
    assert rest["next"] is None
    far = await brisk.public.get(f"{path}/amendments", cursor="WzkyMjMzNzIwMzY4NTQ3NzU4MDdd")  # [2^63 - 1]
    assert (far.status_code, far.json()["items"]) == (200, [])


async def test_an_upheld_complaint_is_heeded_by_an_amendment(brisk: World) -> None:
    buyer, path, _ = await published(brisk, seconds=SECONDS)
    supplier, reviewer = await brisk.supplier(), await reviewer_of(brisk)
    mine = await own(supplier, path)
    made = await supplier.made(f"{path}/complaints", DOCUMENTS)
    await decide(reviewer, made, UPHELD)
    extended = await buyer.step(f"{path}/extension", {"closes_at": later(SECONDS + 1), "reason": "Time"}, of=path)
    assert extended["terms"] == 1
    amended = await buyer.step(f"{path}/amendments", amendment(pieces=90, price="3500.00"), of=path)
    await supplier.step(f"{mine}/confirmation", mine.agreed(), of=mine)
    await brisk.opened(amended)
    await buyer.made(f"{path}/evaluation")
    (contract,) = (await buyer.step(f"{path}/award", of=path))["contracts"]
    assert (contract["supplier_id"], contract["lines"][0]["pieces"]) == (supplier.id, 90)


async def test_an_extension_alone_does_not_heed_a_complaint(brisk: World) -> None:
    buyer, path, _ = await published(brisk, seconds=SECONDS)
    supplier, reviewer = await brisk.supplier(), await reviewer_of(brisk)
    await own(supplier, path)
    await decide(reviewer, await supplier.made(f"{path}/complaints", DOCUMENTS), UPHELD)
    extended = await buyer.step(f"{path}/extension", {"closes_at": later(SECONDS), "reason": "Time"}, of=path)
    await brisk.opened(extended)
    await buyer.made(f"{path}/evaluation")
    etag = (await buyer.get(path)).headers["ETag"]
    assert code_of(await buyer.post(f"{path}/award", If_Match=etag)) == (409, "decision-not-followed")


async def test_the_garments_of_a_pool_stay_while_their_words_change(brisk: World) -> None:
    organizer, _, pool, path = await drafted(brisk)
    assert (await publication(organizer, path)).status_code == httpx.codes.CREATED
    before = (await brisk.public.read(path))["lots"]
    body = tender_of(pool, SHIRT, pieces=70)
    (lot,) = body["lots"]
    changed = {"title": body["title"], "reason": "A better name", "lots": [lot | {"title": "Uniform shirts"}]}
    amended = await organizer.step(f"{path}/amendments", changed, of=path)
    assert amended["lots"] == [before[0] | {"title": "Uniform shirts"}]
    etag = (await organizer.get(path)).headers["ETag"]
    strange = tender_of(f"/v1/pools/{uuid4()}", SHIRT, pieces=70)["lots"]
    for lots, code in ((strange, "pool-not-found"), (amendment()["lots"], "amendment-refused")):
        refused = await organizer.post(f"{path}/amendments", changed | {"lots": lots}, If_Match=etag)
        assert refused.json()["code"] == code


async def test_more_pieces_come_from_another_need_of_the_buyers_own(brisk: World) -> None:
    buyer, path, _ = await published(brisk)
    more = await need(buyer, row("North", SHIRT, 122, 70), row("West", SHIRT, 134, 50))
    foreign = await need(await brisk.buyer(), row("North", SHIRT, 122, 70))
    body = amendment(pieces=120)
    (lot,) = body["lots"]
    lot |= {"places": [], "due_on": "2027-08-20"}
    lot["lines"][0] |= {"sizes": None, "need": {"need_id": foreign, "garment": SHIRT}}
    refused = await buyer.post(f"{path}/amendments", body, If_Match='"2"')
    assert code_of(refused) == (404, "need-not-found")
    lot["lines"][0]["need"]["need_id"] = more
    amended = await buyer.step(f"{path}/amendments", body, of=path)
    (changed,) = amended["lots"]
    assert changed["lines"][0]["sizes"] == {"122": 70, "134": 50}
    assert [place["name"] for place in changed["places"]] == ["North", "West"]


async def test_every_bid_that_races_an_amendment_is_of_the_terms_of_its_moment(brisk: World) -> None:
    buyer, path, _ = await published(brisk)
    suppliers = [await brisk.supplier() for _ in range(12)]

    async def bids(number: int, supplier: Member) -> Json:
        await asyncio.sleep(number * 0.01)
        return await supplier.made(f"{path}/bids", bid())

    async def amends() -> None:
        await asyncio.sleep(0.05)
        await buyer.made(f"{path}/amendments", amendment(price="3500.00"), If_Match='"2"')

    first, *racing, last = suppliers
    made = [await first.made(f"{path}/bids", bid())]
    *raced, _ = await asyncio.gather(*(bids(*each) for each in enumerate(racing)), amends())
    made += [each for each in raced if each is not None]
    made.append(await last.made(f"{path}/bids", bid()))
    (told,) = (await brisk.public.read(f"{path}/amendments"))["items"]
    assert [each["terms"] for each in made] == [2 if each["received_at"] > told["amended_at"] else 1 for each in made]
    assert (len(made), made[0]["terms"], made[-1]["terms"]) == (12, 1, 2)


async def test_an_extension_in_the_last_moment_holds_or_the_tender_is_opened(brisk: World) -> None:
    """Extensions race those who close: who was answered 201 has the later deadline, nobody else."""
    tenders = [await published(brisk, seconds=2.0 + number * 0.02) for number in range(8)]
    loop = asyncio.get_running_loop()

    async def extends(number: int, buyer: Member, path: str, found: Json) -> tuple[httpx.Response, Json]:
        closes_at = datetime.fromisoformat(found["closes_at"])
        moment = loop.time() + (closes_at - datetime.now(UTC)).total_seconds()
        await asyncio.sleep(moment - loop.time() - 0.4 + number * 0.06)
        body = {"closes_at": later(60), "reason": "Just in time"}
        answer, _ = await asyncio.gather(
            buyer.post(f"{path}/extension", body, If_Match='"2"'),
            brisk.application.tendering.apply_due(TenderId(UUID(found["id"]))),
        )
        await asyncio.sleep(max(moment - loop.time(), 0) + 0.05)
        return answer, await brisk.public.read(path)

    told = await asyncio.gather(*(extends(number, *each) for number, each in enumerate(tenders)))
    for answer, seen in told:
        if answer.status_code == httpx.codes.CREATED:
            assert (seen["status"], seen["closes_at"]) == ("published", answer.json()["closes_at"])
        else:
            assert answer.json()["code"] in {"step-not-allowed", "stale-version"}
            assert seen["status"] == "failed"
    assert any(answer.status_code == httpx.codes.CREATED for answer, _ in told)


async def test_the_feed_tells_an_amendment_and_seals_its_confirmations(brisk: World) -> None:
    buyer, path, found = await published(brisk)
    supplier = await brisk.supplier()
    auditor = await brisk.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    mine = await own(supplier, path)
    await buyer.step(f"{path}/amendments", amendment(price="3500.00"), of=path)
    await supplier.step(f"{mine}/confirmation", mine.agreed(), of=mine)
    (event,) = await events(auditor, found["id"], "tender.amended", 1)
    assert (event["terms"], event["reason"]) == (2, "The sizes were wrong")
    assert event["paths"] == ["/lots/0/allocated", "/lots/0/lines/0/planned_price"]
    told = json.dumps(await feed(auditor))
    assert found["id"] in told
    assert mine.rsplit("/", 1)[1] not in told
