"""Entities and rows: exact in both directions for everything that is stored, and their shapes are compared."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, make_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.bids import PostgresBids
from adapters.postgres.codec import Codec, ShapeMismatchError, converter, dumps
from adapters.postgres.rows.bids import BidRow
from adapters.postgres.rows.tenders import NeedRow
from domain.bids.model import Bid, BidStatus
from domain.bids.offers import LineOffer, LotOffer
from domain.garments import Size
from domain.ids import BidId, OrganizationId, TenderId
from domain.money import AMOUNT_MAX, Money
from domain.tenders.need import Need
from tests.api import (
    test_committees,
    test_complaints,
    test_consortia,
    test_documents,
    test_enquiries,
    test_execution,
    test_lot_studies,
    test_needs,
    test_notices,
    test_pools,
    test_prequalifications,
    test_procedures,
    test_registers,
    test_registries,
    test_scenarios,
    test_sealed_bids,
    test_two_worlds,
)
from tests.sealing import combinations
from tests.world import Databases, World


def codecs() -> list[Codec[Any]]:
    return [kind.codec for kind in Aggregates.__subclasses__()]


async def an_amendment(world: World) -> None:
    buyer = await world.buyer()
    path = f"/v1/tenders/{(await world.published(buyer))['id']}"
    await test_two_worlds.amends(world, buyer, buyer, path)


STORIES: tuple[Callable[[World], Awaitable[None]], ...] = (
    test_execution.test_a_contract_is_signed_delivered_remade_invoiced_and_paid_once,
    test_consortia.test_a_consortium_bids_and_everything_is_opened_as_it_was_sealed,
    test_documents.test_a_document_is_sealed_with_its_bid_and_opened_for_whom_it_is,
    test_needs.test_a_need_comes_in_from_both_forms_of_file_alike,
    test_procedures.test_a_buyers_own_values_are_taken_by_its_tenders,
    test_pools.test_members_see_the_sums_and_not_each_others_contacts,
    test_committees.test_auditors_see_every_step_and_no_event_tells_a_person_or_points,
    test_complaints.test_who_complains_about_documents_is_told_after_the_opening_only,
    test_registers.test_a_producer_is_kept_with_what_evidence_needs_and_without_telephones,
    test_registries.test_a_registry_that_is_not_configured_says_so,
    test_enquiries.test_questions_are_taken_while_bids_are_not_yet,
    an_amendment,
    test_prequalifications.test_a_supplier_applies_is_qualified_and_removed,
    test_notices.test_an_organisation_says_of_what_and_how_it_wants_to_be_told,
    test_lot_studies.test_a_draft_is_studied_and_a_cut_makes_lots_that_small_workshops_can_fill,
    test_scenarios.test_the_regions_and_the_new_and_the_small_are_those_of_the_day_it_was_made,
)
"""Between them they leave a row in the table of every aggregate, whatever other tests have left."""


async def test_every_row_of_a_whole_story_is_read_and_written_without_a_difference(
    world: World, database: Databases
) -> None:
    await world.lists()
    for story in STORIES:
        await story(world)
    await test_sealed_bids.test_one_flipped_byte_makes_that_bid_unreadable_and_drops_nothing(world, database)
    for codec in codecs():
        async with database.owner.reading.connect() as connection:
            rows = (await connection.execute(select(codec.table))).mappings().all()
        assert rows, f"the story leaves nothing in {codec.table.name}"
        for row in rows:
            entity = codec.entity(row)
            written = json_of(codec, codec.values(entity))
            assert written == dict(row), codec.table.name
            assert codec.entity(written) == entity, codec.table.name


def json_of(codec: Codec[Any], values: dict[str, Any]) -> dict[str, Any]:
    """The values as they come back through the database: what is nested has been JSON."""
    nested = {column.name for column in codec.table.columns if column.type.__class__.__name__ == "JSONB"}
    return {name: json.loads(dumps(value)) if name in nested else value for name, value in values.items()}


MONEY = st.decimals(min_value=0, max_value=AMOUNT_MAX, places=2).map(Money)
SIZES = st.lists(st.text(min_size=1, max_size=20).map(Size), max_size=4).map(tuple)
LINES = st.builds(
    LineOffer,
    line=st.integers(1, 20),
    unit_price=MONEY,
    sizes=SIZES,
    pieces_min=st.integers(1, 10**7),
    pieces_max=st.none() | st.integers(1, 10**7),
)
OFFERS = st.builds(LotOffer, lot=st.integers(1, 50), lines=st.lists(LINES, min_size=1, max_size=3).map(tuple))
BIDS = st.builds(
    Bid,
    id=st.uuids().map(BidId),
    tender_id=st.uuids().map(TenderId),
    bidder_id=st.uuids().map(OrganizationId),
    offers=st.lists(OFFERS, max_size=3).map(tuple),
    received_at=st.datetimes(timezones=st.just(UTC)),
    status=st.sampled_from(BidStatus),
    revision=st.integers(1, 10**6),
    terms=st.integers(1, 10**4),
    nonce=st.none() | st.binary(min_size=32, max_size=32),
    combination=combinations,
    without_consent=st.lists(st.uuids().map(OrganizationId), max_size=2).map(tuple),
    version=st.integers(0, 10**6),
)


@given(BIDS)
def test_a_bid_survives_its_row(bid: Bid) -> None:
    codec = PostgresBids.codec
    values = codec.values(bid)
    assert set(values) == {field.name for field in fields(Bid)}
    assert codec.entity(json_of(codec, values)) == bid


@given(MONEY)
def test_money_keeps_every_tiyn_as_text(money: Money) -> None:
    told = json.loads(dumps(converter.unstructure(money)))
    assert isinstance(told["amount"], str)
    assert converter.structure(told, Money) == money


@given(st.timedeltas(min_value=timedelta(hours=-12), max_value=timedelta(hours=14)))
def test_an_instant_in_any_zone_is_the_same_instant(shift: timedelta) -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC) + shift
    assert converter.structure(converter.unstructure(at), datetime) == at


def altered(name: str, kind: Any) -> type[Any]:
    """A need with one field of another type, or with one field more."""
    kinds = {field.name: field.type for field in fields(Need)} | {name: kind}
    return make_dataclass("Need", list(kinds.items()))


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        (altered("colour", str), "differ in {'colour'}"),
        (altered("name", str | None), "name is nullable on one side only"),
        (altered("name", tuple[str, ...]), "name should be JSONB"),
        (altered("entries", str), "entries should not be JSONB"),
        (altered("name", str | int), "more than one type"),
    ],
)
def test_an_entity_and_a_row_that_differ_stop_the_process(entity: type[Any], reason: str) -> None:
    with pytest.raises(ShapeMismatchError, match=reason):
        Codec(entity, NeedRow)


def test_a_row_of_something_else_stops_the_process() -> None:
    @dataclass(frozen=True)
    class Few:
        id: UUID

    with pytest.raises(ShapeMismatchError):
        Codec(Few, BidRow)
