"""An award is decided again from its bundle, byte for byte; what was changed is found and named."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.solver.exact import Exact
from domain.awards.greedy import Greedy
from domain.awards.model import LotResult, RejectionReason, failures, lot_results, unawardable
from domain.awards.solution import Engine
from domain.errors import Refusal
from domain.replay.bundle import PARTS, bundle_of, read_bundle
from domain.replay.difference import first_difference
from domain.replay.ports import Settled
from domain.replay.refusals import BundleBroken, EngineUnknown, ReplayDiffers
from domain.replay.replaying import replay
from domain.sealing.canonical import canonical_json
from domain.sealing.refusals import NotCanonical
from tests.awards.watching import Watching
from tests.replays.markets import CODE, SALTS, settled

ROOT = Path(__file__).resolve().parents[2]
COUNT = 200
ENGINES = {Greedy().name: Greedy()}
LOADING = """
import runpy, sys
before = set(sys.modules)
sys.argv = ["replay_bundle.py", *sys.stdin.read().split()]
try:
    runpy.run_path({script!r}, run_name="__main__")
finally:
    tops = {{name.partition(".")[0] for name in set(sys.modules) - before}}
    print([top for top in sorted(tops - sys.stdlib_module_names) if top[0] != "_"], file=sys.stderr)
"""
Json = dict[str, Any]


def text_of(told: Settled, *, disclosed: bool = True) -> bytes:
    shown = [verdict.id for verdict in told.verdicts] if disclosed else []
    return bundle_of(told, salts=SALTS, code=CODE, disclose=shown).canonical()


def clean_process(files: list[Path]) -> subprocess.CompletedProcess[str]:
    """Python without our environment, told nothing but the names of the files."""
    loading = LOADING.format(script=str(ROOT / "scripts" / "replay_bundle.py"))
    command = [sys.executable, "-I", "-c", loading]
    names = " ".join(map(str, files))
    return subprocess.run(command, input=names, capture_output=True, text=True, timeout=60, check=False, env={})


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    called = [sys.executable, "-m", "api.cli", *arguments]
    return subprocess.run(called, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)


async def test_200_tenders_are_replayed_in_a_clean_process_to_the_same_bytes(tmp_path: Path) -> None:
    files, wholes, results, reasons = [], [], set[LotResult](), set[RejectionReason | None]()
    for seed in range(COUNT):
        told = await settled(seed)
        results |= set(told.evaluation.results.values())
        reasons |= {each.reason for each in told.evaluation.admissions}
        bundle = bundle_of(told, salts=SALTS, code=CODE, disclose=[each.id for each in told.verdicts if seed % 2])
        file = tmp_path / f"{seed}.json"
        file.write_bytes(bundle.canonical())
        files.append(file)
        wholes.append(bundle.whole)
    assert {LotResult.AWARDED, LotResult.NO_ADMITTED_BIDS, LotResult.NOT_FILLED} <= results
    assert {None, RejectionReason.NOT_ELIGIBLE, RejectionReason.PRICE_ABOVE_ALLOCATED} <= reasons
    done = clean_process(files)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{whole}  {file}" for whole, file in zip(wholes, files, strict=True)]
    foreign = set(json.loads(done.stderr.replace("'", '"'))) - {"tzdata"}
    assert foreign == {"domain"}, "a third party needs nothing else of ours, and nothing of others"


async def test_a_clean_process_names_what_was_changed(tmp_path: Path) -> None:
    raw = text_of(await settled(3))
    file = tmp_path / "changed.json"
    file.write_bytes(raw.replace(b'"engine":"greedy/2"', b'"engine":"greedy/3"'))
    done = clean_process([file])
    assert (done.returncode, done.stdout) == (1, "")
    assert "changed.json: bundle-broken: solution:" in done.stderr


@pytest.mark.parametrize("part", PARTS)
async def test_any_byte_that_changes_is_found_and_its_part_named(part: str) -> None:
    """Every 97th byte of the part, so that names, texts and numbers are met."""
    raw = text_of(await settled(7))
    body = canonical_json(read_bundle(raw).parts[part])
    start = raw.index(body)
    found = set()
    for at in range(start, start + len(body), 97):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises((BundleBroken, NotCanonical)) as refused:
            replay(changed, ENGINES)
        if isinstance(refused.value, BundleBroken):
            assert refused.value.detail.startswith(f"{part}: ")
        found.add(type(refused.value))
    assert BundleBroken in found


def forged(raw: bytes, change: Callable[[Json], None]) -> bytes:
    """Changed by somebody who knows how to hash."""
    bundle = read_bundle(raw)
    value = json.loads(raw)
    change(value)
    return replace(bundle, parts=value["parts"], disclosed=value["disclosed"]).canonical()


def _richer(value: Json) -> None:
    value["parts"]["solution"]["allocation"]["shares"][0]["unit_price"]["amount"] = "1.00"


def _cheaper(value: Json) -> None:
    value["parts"]["bids"][0]["offers"][0]["lines"][0]["unit_price"]["amount"] = "1.00"


def _forgotten(value: Json) -> None:
    del value["parts"]["bids"][-1]


def _judged_away(value: Json) -> None:
    value["parts"]["verdicts"].pop()


def _let_in(value: Json) -> None:
    rejected = next(each for each in value["parts"]["evaluation"]["admissions"] if not each["admitted"])
    rejected |= {"admitted": True, "reason": None, "detail": None}


def _more_capable(value: Json) -> None:
    units = value["parts"]["problem"]["units"]
    units[next(iter(units))] += 1


def _kinder(value: Json) -> None:
    id = next(iter(value["disclosed"]))
    value["disclosed"][id]["facts"]["status"] = "suspended"


def _unsaid(value: Json) -> None:
    id = next(iter(value["disclosed"]))
    value["disclosed"][id]["salt"] = "00" * 32


def _another_rule(value: Json) -> None:
    value["parts"]["tender"]["procedure"]["parameters"]["producers_only"] = "false"


def _won(value: Json) -> None:
    value["parts"]["evaluation"]["results"]["1"] = "failed"


def _nobody(value: Json) -> None:
    value["parts"]["evaluation"]["set_aside"] = [{"bid_id": "x", "reason": "unreadable", "detail": ""}]


FORGERIES: list[tuple[Callable[[Json], None], type[Refusal], str]] = [
    (_richer, ReplayDiffers, "/solution/allocation/shares/0/unit_price/amount"),
    (_cheaper, ReplayDiffers, "/problem/offers/0/unit_price/amount"),
    (_forgotten, ReplayDiffers, "/verdicts/"),
    (_judged_away, ReplayDiffers, "/"),
    (_let_in, ReplayDiffers, "/evaluation/admissions/"),
    (_more_capable, ReplayDiffers, "/problem/units/"),
    (_kinder, ReplayDiffers, "/disclosed/"),
    (_unsaid, ReplayDiffers, "/verdicts/"),
    (_another_rule, ReplayDiffers, "/verdicts/0/rules_sha256"),
    (_won, ReplayDiffers, "/evaluation/results/1"),
    (_nobody, NotCanonical, "/evaluation/set_aside/0/bid_id"),
]


@pytest.fixture(scope="module")
async def eventful() -> bytes:
    """All of a kind in one: somebody was rejected, somebody awarded, units were counted."""
    for seed in range(COUNT):
        told = await settled(seed)
        admitted = {each.admitted for each in told.evaluation.admissions}
        first = told.evaluation.admissions[0]
        if (
            admitted == {True, False}
            and first.admitted
            and told.evaluation.problem.units
            and told.evaluation.results[1] is LotResult.AWARDED
        ):
            offers = told.evaluation.problem.offers
            if offers and offers[0].bid_id == told.bids[0].id and told.bids[0].offers[0].lot == offers[0].lot:
                return text_of(told)
    raise AssertionError("no seed makes one")


@pytest.mark.parametrize(("change", "refusal", "place"), FORGERIES, ids=lambda value: getattr(value, "__name__", None))
def test_a_forger_who_hashes_anew_is_found_by_deciding_anew(
    eventful: bytes, change: Callable[[Json], None], refusal: type[Refusal], place: str
) -> None:
    assert replay(eventful, ENGINES).text == eventful
    with pytest.raises(refusal) as refused:
        replay(forged(eventful, change), ENGINES)
    said = refused.value.facts.get("pointer") or refused.value.flaws[0].pointer
    assert str(said).startswith(place), refused.value.detail


async def test_what_is_hashed_is_the_same_for_every_reader_and_tells_no_facts() -> None:
    told = await settled(11)
    everybodys, auditors = text_of(told, disclosed=False), text_of(told)
    assert read_bundle(everybodys).whole == read_bundle(auditors).whole
    assert json.loads(everybodys)["parts"] == json.loads(auditors)["parts"]
    for verdict in told.verdicts:
        facts = verdict.inputs
        assert facts is not None
        for secret in (facts.bin, facts.evidence[0].number, "minutes_booked", "awarded_pieces"):
            assert f'"{secret}"'.encode() in auditors
            assert f'"{secret}"'.encode() not in everybodys
    for person in told.tender.opening_approved_by:
        assert str(person).encode() not in auditors


async def test_who_wrote_the_bundle_changes_nothing_that_is_hashed() -> None:
    told = await settled(11)
    upgraded = bundle_of(told, salts=SALTS, code=replace(CODE, version="9.9.9"))
    assert upgraded.whole == bundle_of(told, salts=SALTS, code=CODE).whole
    assert replay(upgraded.canonical(), ENGINES).whole == upgraded.whole


async def test_who_was_barred_by_a_decision_stays_so_and_the_decision_is_named() -> None:
    told = await settled(3, excluding=True)
    excluded = [each for each in told.evaluation.admissions if each.reason is RejectionReason.EXCLUDED_BY_DECISION]
    assert {each.bidder_id for each in excluded} == {told.bids[0].bidder_id}
    raw = text_of(told)
    assert replay(raw, ENGINES).text == raw
    assert b"complaint J-2026-000007" in raw


async def test_an_award_of_the_exact_engine_is_found_again_by_its_effort() -> None:
    exact = Exact()
    engines: dict[str, Engine] = {**ENGINES, exact.name: exact}
    tried = 0
    for seed in range(12):
        told = await settled(seed)
        evaluation = told.evaluation
        solution = exact.solve(evaluation.problem, Watching(), effort=3)
        admissions = evaluation.admissions
        failed = unawardable(told.tender, admissions)
        results = lot_results(told.tender, admissions, solution.allocation, unawardable=failed)
        chosen = replace(
            evaluation,
            allocation=solution.allocation,
            engine=solution.engine,
            effort=solution.effort,
            results=results,
            failures=failures(results, failed),
        )
        raw = text_of(replace(told, evaluation=chosen))
        assert replay(raw, engines).text == raw
        tried += solution.allocation != evaluation.allocation
        with pytest.raises(EngineUnknown):
            replay(raw, ENGINES)
    assert tried, "some of these awards are other than the greedy's"


async def test_the_command_replays_files_and_ends_at_the_first_that_differs(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    raw = text_of(await settled(3))
    good.write_bytes(raw)
    bad.write_bytes(forged(raw, _forgotten))
    done = command("replay", "bundle", str(good), str(bad), str(good))
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stdout.splitlines()] == [f"{good}:"]
    assert done.stderr.startswith(f"{bad}: replay-differs: /verdicts/")


async def test_an_engine_that_is_not_here_is_said_to_be_so_and_not_guessed() -> None:
    told = await settled(1)
    before = replace(told, evaluation=replace(told.evaluation, engine="greedy/1"))
    with pytest.raises(EngineUnknown, match="greedy/1"):
        replay(text_of(before), ENGINES)


async def test_verdicts_of_before_their_facts_were_kept_are_taken_as_they_stand() -> None:
    told = await settled(5)
    old = replace(told, verdicts=tuple(replace(each, inputs=None) for each in told.verdicts))
    replayed = replay(text_of(old), ENGINES)
    assert (replayed.disclosed, replayed.judgements) == (0, len(told.verdicts))


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"format":"oimaq-bundle/1"}', b'{ "format":1}', b"[" * 10_000])
def test_what_is_no_bundle_is_refused(raw: bytes) -> None:
    with pytest.raises(NotCanonical):
        replay(raw, ENGINES)


def test_the_first_difference_is_found_where_it_is() -> None:
    one: Json = {"a": [1, {"b": "x"}], "c": None}
    others: tuple[tuple[Json, str], ...] = (
        ({"a": [1, {"b": "y"}], "c": None}, "/a/1/b"),
        ({"a": [1], "c": None}, "/a/length"),
        ({"a": [True, {"b": "x"}], "c": None}, "/a/0"),
        ({"a": [1, {"b": "x"}]}, "/c"),
    )
    for other, place in others:
        found = first_difference("", one, other)
        assert found is not None
        assert found[0] == place
    assert first_difference("", one, dict(one)) is None
