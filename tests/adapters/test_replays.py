"""Stored verdicts are reached again, byte for byte, from what is stored; a changed one is found and named."""

import json
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from adapters.postgres.producers import PostgresVerdicts
from adapters.postgres.tenders import PostgresTenders
from api.replaying import verdicts as replay_all
from domain.ids import TenderId, VerdictId
from domain.organizations.origin_rules import judge
from domain.organizations.replaying import WORDS, NotReplayable, canonical, replay, rules_sha256
from domain.organizations.verdict import Result, RuleOutcome, Verdict
from domain.procedures.rules import Rules
from tests.domain.suppliers import AT, CATEGORY, FACTS, PRIVATE, stored
from tests.random_facts import RULES, random_facts
from tests.world import Databases, World

COUNT = 1000
SEED = 20261126


def random_verdict(random: Random, rules: Rules, *, tender_id: TenderId, supplier: str) -> Verdict:
    facts = random_facts(random)
    judged = judge(facts, rules)
    return Verdict(
        id=VerdictId(UUID(int=random.getrandbits(128))),
        organization_id=replace(facts, organization_id=UUID(supplier)).organization_id,  # type: ignore[arg-type]  # an id
        tender_id=tender_id,
        lot=1,
        stage=facts.stage,
        on=facts.on,
        package=str(rules.procedure),
        eligible=judged.eligible,
        accepted=judged.accepted,
        outcomes=judged.outcomes,
        local_content=judged.local_content,
        evidence=judged.evidence,
        judged_at=AT,
        inputs=facts,
        rules_sha256=rules_sha256(rules.procedure),
        version=1,
    )


@pytest.fixture
async def thousand(world: World, database: Databases) -> AsyncIterator[list[Verdict]]:
    """Verdicts of random facts under every method of the packages, stored in two statements."""
    supplier = await world.supplier(codes=())
    made = await world.published(await world.buyer())
    codec, tenders = PostgresVerdicts.codec, PostgresTenders.codec
    random = Random(SEED)  # noqa: S311 - examples, not secrets
    async with database.reading.connect() as connection:
        found = (await connection.execute(text("SELECT * FROM tenders WHERE id = :id"), {"id": made["id"]})).mappings()
        tender = tenders.entity(found.one())
    twins = [replace(tender, id=TenderId(uuid4()), number=f"R-{uuid4()}", procedure=rules.procedure) for rules in RULES]
    drawn = [
        random_verdict(random, Rules(twin.procedure), tender_id=twin.id, supplier=supplier.id)
        for twin in (random.choice(twins) for _ in range(COUNT))
    ]
    rows = [codec.values(each) for each in drawn]  # made before: an idle transaction is ended by the server
    async with database.owner.engine.begin() as connection:
        await connection.execute(tenders.insert, [tenders.values(each) for each in twins])
        await connection.execute(codec.insert, rows)
    yield drawn
    async with database.owner.engine.begin() as connection:
        ids: dict[str, Any] = {"ids": [each.id for each in drawn]}
        await connection.execute(text("DELETE FROM verdicts WHERE id = ANY(:ids)"), ids)
        await connection.execute(text("DELETE FROM tenders WHERE id = ANY(:ids)"), {"ids": [each.id for each in twins]})


async def test_a_thousand_stored_verdicts_are_replayed_to_the_same_bytes_and_a_changed_one_is_named(
    world: World, database: Databases, thousand: list[Verdict], capsys: pytest.CaptureFixture[str]
) -> None:
    results = {(outcome.rule, outcome.result) for verdict in thousand for outcome in verdict.outcomes}
    rules = {rule for rule, _ in results}
    decided = {rule for rule, result in results if result in {Result.FAILED, Result.COULD_NOT_BE_CHECKED}}
    assert decided == rules, "every rule said no or did not know at least once"

    archive, after, seen = world.application.verdict_archive, None, 0
    own = {each.id: each for each in thousand}
    while page := await archive.verdicts(after=after, limit=500):
        for each in page:
            if each.verdict.id in own:
                assert each.verdict == own[each.verdict.id]
                seen += 1
        after = page[-1].verdict.id
    assert seen == COUNT

    assert await replay_all(world.application, limit=3) == 0
    assert capsys.readouterr().out.startswith("3 verdicts")
    assert await replay_all(world.application, limit=None) == 0
    assert int(capsys.readouterr().out.split()[0]) >= COUNT
    changed = min(thousand, key=lambda each: each.id)
    tamper = text("UPDATE verdicts SET eligible = NOT eligible WHERE id = :id")
    async with database.owner.engine.begin() as connection:
        await connection.execute(tamper, {"id": changed.id})
    assert await replay_all(world.application, limit=None) == 1
    assert str(changed.id) in capsys.readouterr().err


def test_a_verdict_of_before_and_one_of_other_rules_are_refused_and_not_guessed() -> None:
    verdict = stored(FACTS)
    assert replay(verdict, CATEGORY) == canonical(verdict)
    with pytest.raises(NotReplayable, match="without its facts"):
        replay(replace(verdict, inputs=None), CATEGORY)
    with pytest.raises(NotReplayable, match="by other rules"):
        replay(verdict, PRIVATE)


def test_any_change_of_what_was_said_changes_the_bytes() -> None:
    verdict = stored(FACTS)
    (first, *rest) = verdict.outcomes
    for changed in (
        replace(verdict, accepted=False),
        replace(verdict, evidence={1: "another"}),
        replace(verdict, outcomes=(replace(first, reason="because"), *rest)),
        replace(verdict, outcomes=(*rest, first)),
    ):
        assert canonical(changed) != replay(verdict, CATEGORY)


def test_every_field_of_an_outcome_is_among_the_bytes() -> None:
    (first, *_) = json.loads(canonical(stored(FACTS)))["outcomes"]
    assert set(first) == {field.name for field in fields(RuleOutcome)}


class Noting(dict[str, str]):
    """Parameters that remember which of them were read."""

    def __init__(self, values: dict[str, str], read: set[str]) -> None:
        super().__init__(values)
        self.read = read

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        return super().__getitem__(name)


def test_the_hash_names_exactly_the_words_that_verdicts_read() -> None:
    random = Random(SEED)  # noqa: S311 - examples, not secrets
    read: set[str] = set()
    for _ in range(300):
        pinned = random.choice(RULES).procedure
        judge(random_facts(random), Rules(replace(pinned, parameters=Noting(pinned.parameters, read))))
    assert read == set(WORDS)


def test_another_value_of_such_a_word_is_another_hash_and_another_word_is_not() -> None:
    pinned = CATEGORY.procedure
    known = rules_sha256(pinned)
    for word in WORDS:
        assert rules_sha256(replace(pinned, parameters=pinned.parameters | {word: "other"})) != known
    assert rules_sha256(replace(pinned, parameters=pinned.parameters | {"vat_rate": "other"})) == known
