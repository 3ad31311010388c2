"""Notices as pure functions: what is told to whom, which lot fits whom, when a delivery is tried again."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

import api.main
from adapters.notices.texts import SUMS
from domain.events import CLOCK, Event
from domain.garments import GarmentKind, GarmentLine, GridId, Size, SizeRun, Unit
from domain.ids import EventId, Kato, OrganizationId, TenderId, WebhookEndpointId, parse_ens_tru
from domain.money import Money
from domain.notices.delivery import MAIL, TRIES_MAX, WAITS, DeliveryState, Outcome, next_try, state_after
from domain.notices.endpoint import WebhookEndpoint
from domain.notices.subscription import Interest, SubscriptionRefused, what_may_pass, within_minutes
from domain.notices.table import TABLE, Happened, Rule, tellings
from domain.tenders.lot import DeliveryPlace, Lot
from domain.tenders.model import StepNotAllowed
from tests.domain.suppliers import CATEGORY, FACTS, proof, stored

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
EVERYTHING = api.main
"""Importing the composition root defines every event."""
FACTS_OF_SUBJECTS = {
    "tender_number", "tender_title", "closes_at", "contract_number", "pool_number", "pool_title", "evidence_number",
    "valid_until",
}  # fmt: skip


def event_types(kind: type[Event] = Event) -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    for sub in kind.__subclasses__():
        if "type" in vars(sub):
            found[sub.type] = sub
        found |= event_types(sub)
    return found


KNOWN = event_types()
RULES = [(type, rule) for type, rules in TABLE.items() for rule in rules]


def happened(type: str, *, sealed: bool = False, **data: Any) -> Happened:
    return Happened(
        id=EventId(UUID(int=1)),
        type=type,
        subject=type.split(".", maxsplit=1)[0],
        subject_id=UUID(int=2),
        sealed=sealed,
        organization_id=OrganizationId(UUID(int=3)),
        at=AT,
        data=data,
        facts={"tender_number": "T-1", "tender_title": "Shirts", "closes_at": "2026-12-01T00:00:00+00:00"},
        tender_id=TenderId(UUID(int=4)),
        contract_id=None,
        place=("1", 1),
    )


def test_every_rule_is_about_an_event_that_exists() -> None:
    assert set(TABLE) <= set(KNOWN)


@pytest.mark.parametrize(("type", "rule"), RULES)
def test_a_rule_names_only_what_its_event_or_the_facts_can_tell(type: str, rule: Rule) -> None:
    told = {field.name for field in fields(KNOWN[type])}
    assert set(rule.names) <= told | FACTS_OF_SUBJECTS
    assert rule.only is None or rule.only[0] in told


@pytest.mark.parametrize(("type", "rule"), RULES)
def test_what_can_come_before_the_opening_tells_neither_price_nor_bidder(type: str, rule: Rule) -> None:
    if type.split(".", maxsplit=1)[0] not in {"tender", "bid", "enquiry", "complaint", "verdict"}:
        return
    assert not set(rule.names) & (SUMS | {"allocated", "bids", "organization_id", "excluded_id", "bidder_id"})


def test_what_is_sealed_is_told_to_nobody_but_where_the_rule_says_that_it_may() -> None:
    """A buyer is told of a question, and not whose it is."""
    assert tellings(happened("tender.cancelled", sealed=True)) == ()
    (asked,) = tellings(happened("enquiry.asked", sealed=True, organization_id="a bidder"))
    assert set(asked.data) == {"tender_number", "tender_title"}
    assert {type for type, rule in RULES if rule.sealed} == {"enquiry.asked"}


def test_an_unknown_event_is_told_to_nobody() -> None:
    assert tellings(happened("moon.landed")) == ()


def test_only_named_fields_are_copied_and_the_events_own_go_before_the_facts() -> None:
    told = tellings(happened("tender.extended", closes_at="2027-01-01T00:00:00+00:00", allocated="1.00"))
    assert [telling.data for telling in told] == [
        {"tender_number": "T-1", "tender_title": "Shirts", "closes_at": "2027-01-01T00:00:00+00:00"}
    ]


@pytest.mark.parametrize(
    ("type", "data", "kinds"),
    [
        ("contract.signed", {"in_force": False}, ["contract.signed"]),
        ("contract.signed", {"in_force": True}, ["contract.in_force"]),
        ("payment.moved", {"status": "awaiting_confirmation"}, ["payment.to_confirm"]),
        ("payment.moved", {"status": "failed"}, ["payment.failed"]),
        ("payment.moved", {"status": "succeeded"}, []),
        ("tender.published", {}, ["tender.invited", "tender.published"]),
    ],
)
def test_a_rule_applies_to_the_values_it_names(type: str, data: dict[str, Any], kinds: list[str]) -> None:
    assert [telling.kind for telling in tellings(happened(type, **data))] == kinds


def line(number: int, code: str, kind: GarmentKind, pieces: int, minutes: str = "20.00") -> GarmentLine:
    return GarmentLine(
        number=number,
        name="Shirt",
        ens_tru=parse_ens_tru(code),
        kind=kind,
        unit=Unit.PIECE,
        standard_minutes=Decimal(minutes),
        planned_price=Money(Decimal("10.00")),
        run=SizeRun(GridId.CHILD, ((Size("122"), pieces),)),
    )


SHIRTS = line(1, "141413.900.000014", GarmentKind.SCHOOL_SHIRT, 100)
SUITS = line(2, "141211.290.000016", GarmentKind.WORKWEAR_SUIT, 40, "60.00")


def place(number: int, kato: str, **runs: int) -> DeliveryPlace:
    return DeliveryPlace(
        number=number,
        name="Place",
        kato=Kato(kato),
        address="Street",
        due_on=AT.date(),
        runs={int(name[1:]): SizeRun(GridId.CHILD, ((Size("122"), pieces),)) for name, pieces in runs.items()},
    )


LOT = Lot(
    number=1,
    title="Clothes",
    lines=(SHIRTS, SUITS),
    places=(place(1, "631010000", _1=70, _2=40), place(2, "711310000", _1=30)),
    allocated=Money(Decimal("1400.00")),
)


@pytest.mark.parametrize(
    ("interest", "fits"),
    [
        ({}, True),
        ({"codes": ("1414",)}, True),
        ({"codes": ("141413900000014",)}, True),
        ({"codes": ("141413900000015",)}, False),
        ({"codes": ("1520",)}, False),
        ({"kinds": (GarmentKind.WORKWEAR_SUIT,)}, True),
        ({"kinds": (GarmentKind.MITTENS,)}, False),
        ({"codes": ("1520",), "kinds": (GarmentKind.WORKWEAR_SUIT,)}, True),
        ({"regions": ("71",)}, True),
        ({"regions": ("711310000",)}, True),
        ({"regions": ("10",)}, False),
        ({"kinds": (GarmentKind.WORKWEAR_SUIT,), "regions": ("71",)}, False),
        ({"pieces_min": 140}, True),
        ({"pieces_min": 141}, False),
        ({"pieces_max": 140}, True),
        ({"pieces_max": 139}, False),
        ({"codes": ("1414",), "regions": ("71",), "pieces_min": 30, "pieces_max": 30}, True),
        ({"codes": ("1414",), "regions": ("71",), "pieces_min": 31}, False),
        ({"codes": ("1414",), "pieces_max": 99}, False),
    ],
)
def test_a_subscription_fits_a_lot_by_line_region_and_pieces(interest: dict[str, Any], fits: bool) -> None:  # noqa: FBT001 - the expected answer
    assert Interest(**interest).fits(LOT) is fits


@pytest.mark.parametrize(
    ("interest", "pointer"),
    [
        ({"codes": ("141",)}, "/codes/0"),
        ({"codes": ("1414", "14.14")}, "/codes/1"),
        ({"codes": ("1" * 16,)}, "/codes/0"),
        ({"regions": ("99",)}, "/regions/0"),
        ({"regions": ("6",)}, "/regions/0"),
        ({"pieces_min": 2, "pieces_max": 1}, "/pieces_max"),
    ],
)
def test_a_subscription_that_could_never_fit_is_refused(interest: dict[str, Any], pointer: str) -> None:
    with pytest.raises(SubscriptionRefused) as refused:
        Interest(**interest)
    assert [flaw.pointer for flaw in refused.value.flaws] == [pointer]


@pytest.mark.parametrize(
    ("minutes", "pieces"),
    [
        (None, {1: 100, 2: 40}),
        ("4400", {1: 100, 2: 40}),
        ("2060", {1: 100, 2: 1}),
        ("2059", {1: 100}),
        ("20", {1: 1}),
        ("19.99", {}),
    ],
)
def test_capacity_says_how_much_of_a_lot_can_be_sewn(minutes: str | None, pieces: dict[int, int]) -> None:
    assert within_minutes((SHIRTS, SUITS), None if minutes is None else Decimal(minutes)) == pieces


def test_what_only_a_part_would_pass_is_looked_at_as_that_part() -> None:
    small = stored(replace(FACTS, **proof(declared_capacity=150)), CATEGORY)
    assert not small.eligible
    assert what_may_pass(small, {1: 400}) == {1: 150}
    passed = stored(replace(FACTS, lines=(replace(FACTS.lines[0], pieces=150),), **proof(declared_capacity=150)))
    assert passed.eligible


def test_no_part_passes_where_another_rule_fails() -> None:
    assert what_may_pass(stored(replace(FACTS, workshop=None)), {1: 400}) == {}
    assert what_may_pass(stored(replace(FACTS, **proof(product_codes=("1520",)))), {1: 400}) == {}


def test_eight_tries_within_a_day_each_wait_longer_than_the_one_before() -> None:
    assert TRIES_MAX == 8
    assert sum(WAITS, timedelta()) < timedelta(hours=24)
    assert list(WAITS) == sorted(set(WAITS))
    assert next_try(1, at=AT) == AT + timedelta(minutes=1)
    assert next_try(9, at=AT) == AT + timedelta(hours=12)


@pytest.mark.parametrize(
    ("outcome", "tries", "channel", "state"),
    [
        (Outcome(), 1, MAIL, DeliveryState.SENT),
        (Outcome(), 8, "an endpoint", DeliveryState.SENT),
        (Outcome(failure="no"), 7, MAIL, DeliveryState.WAITING),
        (Outcome(failure="no"), 8, MAIL, DeliveryState.FAILED),
        (Outcome(failure="no"), 8, "an endpoint", DeliveryState.PARKED),
        (Outcome(failure="no", final=True), 1, MAIL, DeliveryState.FAILED),
        (Outcome(failure="gone", final=True), 1, "an endpoint", DeliveryState.PARKED),
    ],
)
def test_a_delivery_is_sent_waits_fails_or_is_parked(
    outcome: Outcome, tries: int, channel: str, state: DeliveryState
) -> None:
    assert state_after(outcome, tries=tries, channel=channel) is state


ENDPOINT = WebhookEndpoint(
    id=WebhookEndpointId(UUID(int=5)),
    organization_id=OrganizationId(UUID(int=3)),
    url="https://example.kz/",
    added_at=AT,
)


def test_an_endpoints_secret_belongs_to_it_to_its_rotation_and_to_the_key() -> None:
    rotated, _ = ENDPOINT.rotate(by=CLOCK, at=AT)
    other = replace(ENDPOINT, id=WebhookEndpointId(UUID(int=6)))
    secrets = {ENDPOINT.secret(b"k"), rotated.secret(b"k"), other.secret(b"k"), ENDPOINT.secret(b"another")}
    assert len(secrets) == 4
    assert ENDPOINT.secret(b"k") in secrets
    assert all(secret.startswith("whsec_") and secret not in repr(ENDPOINT) for secret in secrets)


def test_only_a_parked_endpoint_is_resumed() -> None:
    parked, event = ENDPOINT.park(failure="no", at=AT)
    assert (parked.parked_at, parked.failure, event.failure) == (AT, "no", "no")
    resumed, _ = parked.resume(by=CLOCK, at=AT)
    assert (resumed.parked_at, resumed.failure) == (None, None)
    with pytest.raises(StepNotAllowed):
        resumed.resume(by=CLOCK, at=AT)
