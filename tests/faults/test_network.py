"""Between application and PostgreSQL: the answer to a commit is lost, the network is slow, torn into pieces, or silent.

Whoever waits for a lost answer cannot know; the retry with the same key has one effect and gets the first answer.
"""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.faults.history import Outcome
from tests.faults.proxy import Mood, proxied
from tests.faults.report import judged
from tests.faults.scene import play
from tests.faults.stage import Run, Stage

pytestmark = pytest.mark.xdist_group("faults")

BIDDERS = 12
SECONDS = 2.0
SECONDS_LONG = 10.0
SILENT_SECONDS = 4.0
FORGOTTEN_AFTER = 3.0
ON_ITS_WAY_SECONDS = 1.0
"""An answer may have left before everything went silent."""
RECOVERED_WITHIN = 40.0
"""Connections that were forgotten are given up after the client's own timeout, and bids come in again."""

MOODS = {
    "the answer to a commit is lost": Mood(cuts_commits=0.25),
    "the end of a transaction is lost": Mood(cuts_ends=0.02),
    "slow": Mood(delay_seconds=0.01),
    "torn into pieces": Mood(fragment_bytes=3),
}


async def test_a_retry_after_a_lost_answer_has_one_effect(stage: Stage, run: Run) -> None:
    async with proxied(stage.lease.dsn, str(run.seed)) as proxy:
        apis = [await stage.start("serve", OIMAQ_DATABASE_URL=proxy.dsn) for _ in range(2 if run.long else 1)]
        await stage.start("work", OIMAQ_DATABASE_URL=proxy.dsn)
        ports = [api.port for api in apis]
        for name, mood in MOODS.items():
            if not run.long and name == "slow":
                continue
            cuts = proxy.cuts
            seconds = SECONDS_LONG if run.long else SECONDS
            proxy.mood = mood
            tender = await play(stage, ports, seconds=seconds, seed=f"{run.seed}/{name}", bidders=BIDDERS)
            cuts = proxy.cuts - cuts
            found = judged(f"network: {name}", [tender], seed=run.seed, connections_cut=cuts)
            assert found == []
            if mood.cuts_commits or mood.cuts_ends:
                assert cuts > 0, "something was cut"
            if mood.cuts_commits:
                assert any(each.replayed for each in tender.history.operations), "a kept answer was repeated"
        proxy.mood = Mood()
        openings = await stage.openings(ports[0])
        assert set(openings.values()) == {1}


async def test_a_silent_database_is_waited_for_and_a_forgotten_connection_given_up(stage: Stage, run: Run) -> None:
    """First a silence that ends; then the router forgets all connections: nothing is ever said on them again."""
    if not run.long:
        pytest.skip("waits for timeouts: make faults")
    async with proxied(stage.lease.dsn, str(run.seed)) as proxy:
        api = await stage.start("serve", OIMAQ_DATABASE_URL=proxy.dsn)

        async def misfortune() -> None:
            await asyncio.sleep(FORGOTTEN_AFTER)
            proxy.mood = Mood(silent=True)
            await asyncio.sleep(SILENT_SECONDS)
            proxy.mood = Mood()
            await asyncio.sleep(FORGOTTEN_AFTER)
            proxy.forget()
            forgotten_at.append(datetime.now(UTC))

        forgotten_at: list[datetime] = []
        seconds = FORGOTTEN_AFTER * 2 + SILENT_SECONDS + RECOVERED_WITHIN
        tender = await play(
            stage, [api.port], seconds=seconds, seed=str(run.seed), bidders=BIDDERS, meanwhile=[misfortune()]
        )
        again = [
            (each.answered_at - forgotten_at[0]).total_seconds()
            for each in tender.history.operations
            if each.outcome is Outcome.ACKNOWLEDGED and each.answered_at
        ]
        recovered = min((round(seconds, 1) for seconds in again if seconds > ON_ITS_WAY_SECONDS), default=None)
        found = judged("network: silent", [tender], seed=run.seed, recovered_after_s=recovered)
        assert found == []
        assert recovered is not None, "bids came in again without a restart"
