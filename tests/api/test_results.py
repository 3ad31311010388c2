"""The bundle and the protocol of an award: who may read them and when, what they hide, and that they are repeated."""

import asyncio
import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from api.deployment import engines
from api.replaying import bundles, tender
from domain.actors import OrganizationKind
from domain.ids import TenderId
from domain.replay.replaying import replay
from tests.world import Databases, Json, Member, World, bid

CHEAPER = text("""
UPDATE evaluations SET allocation = jsonb_set(allocation, '{shares,0,unit_price,amount}', '"1.00"')
WHERE tender_id = :id
""")
LOW = bid("3000.00", pieces_max=60)


async def evaluated(world: World, buyer: Member, *bids: tuple[Member, Json], award: bool = True) -> str:
    """The path of a tender that was evaluated, and awarded."""
    published = await world.published(buyer, seconds=2.0, procedure="among-producers")
    path = f"/v1/tenders/{published['id']}"
    for supplier, body in bids:
        await supplier.made(f"{path}/bids", body)
    await world.opened(published)
    await buyer.made(f"{path}/evaluation")
    if award:
        await buyer.step(f"{path}/award", of=path)
    return path


def id_of(path: str) -> TenderId:
    return TenderId(UUID(path.rsplit("/", 1)[1]))


async def test_a_bundle_is_everybodys_after_the_award_and_nobodys_before(world: World) -> None:
    buyer, winner = await world.buyer(), await world.supplier()
    path = await evaluated(world, buyer, (winner, LOW), (await world.supplier(), bid()), award=False)
    auditor = await world.member(OrganizationKind.AUDITOR)
    for reader in (world.public, buyer, winner, auditor):
        refused = await reader.get(f"{path}/bundle")
        assert (refused.status_code, refused.json()["code"]) == (409, "tender-not-awarded")
    await buyer.step(f"{path}/award", of=path)
    everybodys = await world.public.get(f"{path}/bundle")
    assert everybodys.status_code == 200
    again = await world.public.get(f"{path}/bundle")
    assert (again.content, again.headers["ETag"]) == (everybodys.content, everybodys.headers["ETag"])
    unknown = await world.public.get(f"/v1/tenders/{uuid4()}/bundle")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "tender-not-found")


async def test_every_reader_gets_the_same_parts_and_the_facts_that_are_his(world: World, tmp_path: Path) -> None:
    buyer, winner, loser = await world.buyer(), await world.supplier(), await world.supplier()
    path = await evaluated(world, buyer, (winner, LOW), (loser, bid("3500.00")))
    auditor = await world.member(OrganizationKind.AUDITOR)
    texts = {
        name: (await reader.get(f"{path}/bundle")).content
        for name, reader in {"public": world.public, "buyer": buyer, "winner": winner, "auditor": auditor}.items()
    }
    read = {name: json.loads(each) for name, each in texts.items()}
    assert len({json.dumps([each["parts"], each["sha256"], each["whole"]]) for each in read.values()}) == 1
    assert {name: len(each["disclosed"]) for name, each in read.items()} == {
        "public": 0, "buyer": 0, "winner": 1, "auditor": 2
    }  # fmt: skip
    (own,) = read["winner"]["disclosed"].values()
    assert own["facts"]["bin"] == winner.bin
    assert loser.bin.encode() not in texts["winner"]
    for name, each in texts.items():
        replayed = replay(each, engines())
        assert (replayed.text, replayed.disclosed) == (each, len(read[name]["disclosed"]))
    file = tmp_path / "bundle.json"
    file.write_bytes(texts["public"])
    assert bundles([file], engines()) == 0
    assert bundles([file, tmp_path / "missing.json"], engines()) == 1


async def test_an_award_is_replayed_from_the_database_and_a_changed_row_is_named(
    world: World, database: Databases, capsys: pytest.CaptureFixture[str]
) -> None:
    buyer, winner = await world.buyer(), await world.supplier()
    path = await evaluated(world, buyer, (winner, LOW), (await world.supplier(), bid("3500.00")))
    id = id_of(path)
    assert await tender(world.application, id, engines()) == 0
    assert "by greedy/2, 2 of 2 verdicts from their facts" in capsys.readouterr().out
    async with database.owner.engine.begin() as connection:
        await connection.execute(CHEAPER, {"id": id})
    assert await tender(world.application, id, engines()) == 1
    told = capsys.readouterr().err
    assert f"{id}: replay-differs: /solution/allocation/shares/0/unit_price/amount" in told
    assert 'said "1.00", reached "3000.00"' in told


def replayed_by_an_operator(dsn: str, home: Path, id: TenderId) -> subprocess.CompletedProcess[str]:
    """The command as it is typed, in the auditor's role of the database."""
    environment = {**os.environ, "OIMAQ_DATABASE_URL": dsn, "OIMAQ_HOME": str(home)}
    called = [sys.executable, "-m", "api.cli", "replay", "tender", str(id)]
    return subprocess.run(called, capture_output=True, text=True, timeout=120, check=False, env=environment)


async def test_the_command_replays_an_award_in_the_auditors_role(world: World, dsn: str, tmp_path: Path) -> None:
    buyer, winner = await world.buyer(), await world.supplier()
    path = await evaluated(world, buyer, (winner, LOW), (await world.supplier(), bid("3500.00")))
    done = await asyncio.to_thread(replayed_by_an_operator, dsn, tmp_path, id_of(path))
    assert done.returncode == 0, done.stderr
    assert f"{id_of(path)}: the same bytes, by greedy/2, 2 of 2 verdicts from their facts" in done.stdout
    nothing = await asyncio.to_thread(replayed_by_an_operator, dsn, tmp_path, TenderId(uuid4()))
    assert (nothing.returncode, nothing.stderr.split(":")[0]) == (1, "tender-not-found")


async def test_a_bid_that_is_not_admitted_is_in_the_bundle_with_its_rules_and_without_their_words(world: World) -> None:
    buyer, winner, late = await world.buyer(), await world.supplier(), await world.supplier()
    published = await world.published(buyer, seconds=2.0, procedure="among-producers")
    path = f"/v1/tenders/{published['id']}"
    await winner.made(f"{path}/bids", bid("3000.00"))
    await late.made(f"{path}/bids", bid("2900.00"))
    (proof,) = (await late.read("/v1/evidence"))["items"]
    await world.opened(published)
    async with world.database.engine.begin() as connection:
        await connection.execute(text("UPDATE evidence SET valid_until = '2026-01-11' WHERE id = :id"), proof)
    await buyer.made(f"{path}/evaluation")
    await buyer.step(f"{path}/award", of=path)
    answer = await world.public.get(f"{path}/bundle")
    (rejected,) = (each for each in answer.json()["parts"]["evaluation"]["admissions"] if not each["admitted"])
    assert (rejected["reason"], rejected["detail"]) == ("not_eligible", None)
    assert proof["number"].encode() not in answer.content
    (judged,) = (each for each in answer.json()["parts"]["verdicts"] if not each["eligible"])
    assert {"rule": "evidence_valid_on_day", "result": "failed", "line": 1} in judged["results"]
    assert replay(answer.content, engines()).judgements == 2

    told = await late.read(f"{path}/protocol", language="kk")
    (row,) = (each for each in told["lots"][0]["admissions"] if not each["admitted"])
    assert row["reason"] == {"code": "not_eligible", "words": "қатысушы талаптарға сай емес"}
    assert "дәлел күшінде" in {each["rule"]["words"] for each in row["rules"]}


async def test_a_protocol_is_read_by_whoever_reads_the_evaluation(world: World) -> None:
    buyer, winner = await world.buyer(), await world.supplier()
    path = await evaluated(world, buyer, (winner, LOW), (await world.supplier(), bid("3500.00")), award=False)
    auditor, stranger = await world.member(OrganizationKind.AUDITOR), await world.supplier()
    for reader, before, after in ((buyer, 200, 200), (auditor, 200, 200), (winner, 404, 200), (stranger, 404, 404)):
        for format in ("json", "pdf"):
            assert (await reader.get(f"{path}/protocol", format=format)).status_code == before
            assert (await reader.get(f"{path}/evaluation")).status_code == before
        if after != before:
            await buyer.step(f"{path}/award", of=path)
        assert (await reader.get(f"{path}/protocol")).status_code == after
    assert (await world.public.get(f"{path}/protocol")).status_code == 401
    unknown = await buyer.get(f"/v1/tenders/{uuid4()}/protocol")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "evaluation-not-found")
    for wrong in ({"language": "en"}, {"format": "docx"}, {"paper": "a4"}):
        assert (await buyer.get(f"{path}/protocol", **wrong)).status_code == 422


async def test_a_protocol_says_who_sews_what_for_how_much_and_names_its_bundle(world: World) -> None:
    buyer, cheap, dear = await world.buyer(), await world.supplier(), await world.supplier()
    path = await evaluated(world, buyer, (cheap, LOW), (dear, bid("3500.00")))
    told = await dear.read(f"{path}/protocol")
    assert told["bundle"] == (await world.public.read(f"{path}/bundle"))["whole"]
    (lot,) = told["lots"]
    (line,) = lot["lines"]
    assert {each["party"]["bin"]: (each["pieces"], each["sum"]) for each in line["winners"]} == {
        cheap.bin: (60, "180000.00"),
        dear.bin: (40, "140000.00"),
    }
    assert (lot["awarded"], told["awarded"]) == ("320000.00", "320000.00")
    ranked = [(each["rank"], each["party"]["bin"], each["bound"]["code"]) for each in line["ranking"]]
    assert ranked == [(1, cheap.bin, "nothing"), (2, dear.bin, "demand")]
    assert line["ranking"][1]["bound"]["words"] == "потребность исчерпана"
    made = (await buyer.read("/v1/contracts", tender_id=path.rsplit("/", 1)[1]))["items"]
    numbers = {each["number"] for each in made}
    assert {number for each in told["participants"] for number in each["contracts"]} == numbers
    sources = {each["name"]["code"]: each["source"] for each in told["figures"]}
    assert sources["award_rule"]


async def test_a_protocol_is_printed_to_the_same_bytes_in_each_language(world: World) -> None:
    buyer, winner = await world.buyer(), await world.supplier()
    path = await evaluated(world, buyer, (winner, bid()))
    prints = {}
    for language in ("kk", "ru"):
        one, other = [await winner.get(f"{path}/protocol", format="pdf", language=language) for _ in range(2)]
        assert one.headers["Content-Type"] == "application/pdf"
        assert one.headers["Content-Disposition"].endswith(f'-{language}.pdf"')
        assert one.content.startswith(b"%PDF-")
        assert one.content == other.content
        assert one.headers["ETag"] == f'"{sha256(one.content).hexdigest()}"'
        prints[language] = one.content
    assert prints["kk"] != prints["ru"]
