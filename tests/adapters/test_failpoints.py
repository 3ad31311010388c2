"""Failpoints strike where they are asked to, as often as they are asked to, and exist only where they are asked for."""

import asyncio

import pytest

from adapters.identifiers import uuid7
from adapters.postgres.engine import Database
from adapters.postgres.failpoints import Struck, failing, parse
from adapters.postgres.work import Transactions
from api.deployment import units_of_work
from api.settings import Settings
from domain.ids import TenderId
from domain.tenders.model import TenderNotFound
from domain.work import Begin, Busy
from tests.world import KEYRING

NOBODYS = TenderId(uuid7())


def failing_at(database: Database, places: str) -> Begin:
    return failing(parse(places))(database.engine.begin, KEYRING.answers)


async def number(begin: Begin) -> str:
    """A unit of work that has one effect, which a rollback does not take back: a number is drawn."""
    async with begin() as work:
        return await work.tenders.next_number(2026)


def test_an_entry_is_a_place_an_effect_and_a_count() -> None:
    found = parse("tenders.save.before=exit, commit.before=cut:3,commit.after=delay(0.5):2")
    assert [(each.place, each.effect, each.seconds, each.left) for each in found] == [
        ("tenders.save.before", "exit", 0.0, 1),
        ("commit.before", "cut", 0.0, 3),
        ("commit.after", "delay", 0.5, 2),
    ]


@pytest.mark.parametrize(
    "text",
    ["tenders.save=exit", "tenders.sav.before=exit", "tender.save.before=exit", "commits.before=exit",
     "commit.before=explode", "now.before=exit", "tenders.__init__.before=exit",
     "commit.before=delay", "commit.before=delay(61)", "nonsense"],
)  # fmt: skip
def test_what_would_never_strike_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="OIMAQ_FAILPOINTS"):
        parse(text)


async def test_an_exception_strikes_as_often_as_asked(database: Database) -> None:
    begin = failing_at(database, "tenders.next_number.before=exception:2")
    for _ in range(2):
        with pytest.raises(Struck):
            await number(begin)
    assert await number(begin)


async def test_several_effects_of_one_place_come_in_their_order(database: Database) -> None:
    begin = failing_at(database, "tenders.next_number.after=exception,tenders.next_number.after=cut")
    with pytest.raises(Struck):
        await number(begin)
    with pytest.raises(Busy):
        await number(begin)
    assert await number(begin)


@pytest.mark.parametrize("place", ["tenders.next_number.before", "commit.before"])
async def test_a_cut_connection_is_busy_and_the_next_unit_has_another(database: Database, place: str) -> None:
    begin = failing_at(database, f"{place}=cut")
    with pytest.raises(Busy):
        await number(begin)
    assert await number(begin)


async def test_a_delay_waits(database: Database) -> None:
    begin = failing_at(database, "commit.before=delay(0.2)")
    started = asyncio.get_running_loop().time()
    await number(begin)
    assert asyncio.get_running_loop().time() - started >= 0.2


async def test_after_a_failed_method_its_after_is_not_met(database: Database) -> None:
    begin = failing_at(database, "tenders.get.after=exception")
    with pytest.raises(TenderNotFound):
        async with begin() as work:
            await work.tenders.get(NOBODYS)


async def test_they_are_wired_only_where_they_are_asked_for(database: Database) -> None:
    assert units_of_work(Settings(failpoints=None)) is Transactions
    units = units_of_work(Settings(failpoints="tenders.next_number.before=exception"))
    with pytest.raises(Struck):
        await number(units(database.engine.begin, KEYRING.answers))
