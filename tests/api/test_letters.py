"""Explanations over HTTP: who reads which letter, why a lot is open, and the preference ledger."""

from decimal import Decimal
from uuid import uuid4

import httpx

from adapters.postgres.engine import Database
from domain.actors import OrganizationKind
from tests.api.test_statement_budgets import counted
from tests.world import Json, Member, World, bid

STATEMENTS = 2
"""Of every read here: the credential's look-up, and one more."""


async def evaluated(world: World, buyer: Member, *bids: tuple[Member, Json], revoked: Member | None = None) -> str:
    """The path of a tender that is evaluated; ``revoked`` lost his proof after he bid."""
    published = await world.published(buyer, seconds=2.0, procedure="among-producers")
    path = f"/v1/tenders/{published['id']}"
    for supplier, body in bids:
        await supplier.made(f"{path}/bids", body)
    if revoked is not None:
        (proof,) = (await revoked.read("/v1/evidence"))["items"]
        await (await world.registry()).made(f"/v1/evidence/{proof['id']}/revocation", {"reason": "false data"})
    await world.opened(published)
    await buyer.made(f"{path}/evaluation")
    return path


async def awarded(world: World, buyer: Member, *bids: tuple[Member, Json], revoked: Member | None = None) -> str:
    path = await evaluated(world, buyer, *bids, revoked=revoked)
    await buyer.step(f"{path}/award", of=path)
    return path


async def test_a_loser_reads_his_letter_after_the_award_and_nobody_reads_anothers(world: World) -> None:
    buyer, cheap, dear = await world.buyer(), await world.supplier(), await world.supplier()
    auditor = await world.member(OrganizationKind.AUDITOR)
    path = await evaluated(world, buyer, (cheap, bid("3000.00")), (dear, bid("3500.00")))
    for reader in (dear, buyer, auditor):
        assert (await reader.get(f"{path}/letters/{dear.id}")).status_code == httpx.codes.NOT_FOUND, "not awarded yet"
    await buyer.step(f"{path}/award", of=path)
    letter = await dear.read(f"{path}/letter")
    assert (await dear.get(f"{path}/letter")).headers["ETag"] == f'"{letter["evaluation_id"]}"'
    (lot,) = letter["lots"]
    assert (lot["result"], lot["lines"][0]["rank"], lot["lines"][0]["given"]) == ("awarded", 2, 0)
    assert lot["would_have_won"]["changes"] == [
        {
            "changed": "unit_price",
            "line": 1,
            "sewer_id": dear.id,
            "present": "3500.00",
            "needed": "2999.99",
            "sizes": None,
            "pieces": 100,
            "smallest": True,
        }
    ]
    assert "2999.99" in lot["sentences"][-1]["text"]["kk"]
    for reader in (dear, buyer, auditor):
        assert await reader.read(f"{path}/letters/{dear.id}") == letter
    for reader in (cheap, await world.supplier(), await world.buyer()):
        answers = [await reader.get(f"{path}/letters/{id}") for id in (dear.id, uuid4())]
        told = [(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers]
        assert told[0] == told[1] == (404, "letter-not-found", "There is no letter that you may read")
    assert (await cheap.get(f"{path}/letter")).status_code == httpx.codes.NOT_FOUND, "he was given all that he offered"
    assert cheap.id not in str(letter)


async def test_the_buyer_lists_who_is_owed_a_letter(world: World) -> None:
    buyer, cheap = await world.buyer(), await world.supplier()
    losers = [await world.supplier() for _ in range(3)]
    bids = [(each, bid(f"3{place}00.00")) for place, each in enumerate(losers, start=1)]
    path = await awarded(world, buyer, (cheap, bid("3000.00")), *bids)
    first = await buyer.read(f"{path}/letters", limit="2")
    rest = await buyer.read(f"{path}/letters", limit="2", cursor=first["next"])
    assert rest["next"] is None
    listed = [each["bidder_id"] for each in (*first["items"], *rest["items"])]
    assert listed == sorted(each.id for each in losers)
    assert (await cheap.get(f"{path}/letters")).status_code == httpx.codes.NOT_FOUND


async def test_a_letter_is_read_as_text_in_the_readers_language(world: World) -> None:
    buyer, cheap, dear = await world.buyer(), await world.supplier(), await world.supplier()
    path = await awarded(world, buyer, (cheap, bid("3000.00")), (dear, bid("3500.00")))
    for tag, words in (("en", "rank 2"), ("ru", "место 2"), ("kk", "орны 2")):
        answer = await world.http.get(f"{path}/letter/text", headers=dear.headers | {"Accept-Language": tag})
        assert answer.status_code == httpx.codes.OK
        assert (answer.headers["Content-Language"], answer.headers["Vary"]) == (tag, "Accept-Language")
        assert words in answer.text


async def test_who_was_kept_out_reads_the_rule_and_the_ledger_tells_what_it_cost(world: World) -> None:
    buyer, dear, cheap = await world.buyer(), await world.supplier(), await world.supplier()
    path = await awarded(world, buyer, (dear, bid("3500.00")), (cheap, bid("3000.00")), revoked=cheap)
    (lot,) = (await cheap.read(f"{path}/letter"))["lots"]
    assert (lot["reason"], lot["would_have_won"]) == ("not_eligible", None)
    assert "evidence_valid_on_day" in {rule["rule"] for rule in lot["rules"]}
    auditor = await world.member(OrganizationKind.AUDITOR)
    report = await buyer.read("/v1/reports/preferences")
    (entry,) = report["rows"]
    assert entry["tender_id"] == path.rsplit("/", 1)[1]
    assert (entry["with_rule"], entry["without_rule"], entry["difference"]) == ("350000.00", "300000.00", "50000.00")
    assert (entry["admitted_more"], entry["changed_lots"], entry["producers_only"]) == (1, 1, True)
    (gain,) = report["gains"]
    assert (gain["region"], gain["size"], gain["pieces_with"], gain["pieces_without"]) == ("63", "small", 100, 100)
    everybody = await auditor.read("/v1/reports/preferences")
    assert entry in everybody["rows"]
    assert Decimal(everybody["difference"]) == sum(Decimal(row["difference"]) for row in everybody["rows"])
    assert (await dear.get("/v1/reports/preferences")).status_code == httpx.codes.FORBIDDEN
    nothing = await buyer.read("/v1/reports/preferences", to="2020-01-01")
    assert (nothing["rows"], nothing["difference"]) == ([], "0.00")


async def test_a_lot_that_stays_open_is_explained_to_the_buyer_and_auditors(world: World) -> None:
    buyer, one, other = await world.buyer(), await world.supplier(), await world.supplier()
    path = await evaluated(
        world, buyer, (one, bid("3000.00", sizes=["122"])), (other, bid("3500.00", sizes=["122", "128"], pieces_max=30))
    )
    found = await buyer.read(f"{path}/lots/1/conflict")
    assert (found["feasible"], found["proven"], found["each_alone"]) == ("no", True, True)
    assert [each["text"]["en"] for each in found["reasons"]] == ["Line 1, size 128: 30 pieces offered, 50 needed."]
    told = [(each["relaxed"], each["sum"], each["unfilled"]) for each in found["relaxations"]]
    assert told == [("capacity", "327000.00", 0), ("partial", "255000.00", 20)]
    auditor = await world.member(OrganizationKind.AUDITOR)
    assert await auditor.read(f"{path}/lots/1/conflict") == found
    for reader in (one, await world.buyer()):
        refused = await reader.get(f"{path}/lots/1/conflict")
        assert (refused.status_code, refused.json()["code"]) == (404, "lot-not-open")
    assert (await buyer.get(f"{path}/lots/2/conflict")).status_code == httpx.codes.NOT_FOUND


async def test_each_explanation_is_one_statement(world: World, database: Database) -> None:
    buyer, cheap, dear = await world.buyer(), await world.supplier(), await world.supplier()
    path = await awarded(world, buyer, (cheap, bid("3000.00")), (dear, bid("3500.00")))
    for reader, where in (
        (dear, f"{path}/letter"),
        (dear, f"{path}/letter/text"),
        (buyer, f"{path}/letters"),
        (buyer, f"{path}/letters/{dear.id}"),
        (buyer, f"{path}/lots/1/conflict"),
        (buyer, "/v1/reports/preferences"),
    ):
        async with counted(database) as seen:
            await reader.get(where)
        assert len(seen) <= STATEMENTS, where
