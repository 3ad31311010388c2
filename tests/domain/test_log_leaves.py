"""Leaves: canonical, hiding, disclosed field by field."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

import api.main
from domain.events import Event
from domain.log.leaves import (
    Disclosure,
    LoggedEvent,
    awaited_opening,
    canonical,
    discloses,
    disclosures,
    hidden,
    leaf,
    opened_tender,
)

SALT = bytes(range(32))
AT = datetime(2026, 11, 26, 9, 30, 0, 120, tzinfo=UTC)
EVERYTHING = (api.main,)
"""Importing the composition root defines every event."""
letters = st.text(st.characters(codec="utf-8", max_codepoint=0xD7FF))
"""Names of one plane: beyond it RFC 8785 orders names by UTF-16, and no event has such a name."""
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(letters, inner, max_size=4),
    max_leaves=12,
)


def event(**more: Any) -> LoggedEvent:
    given: dict[str, Any] = {
        "id": UUID(int=1), "xid": 5000001, "seq": 42, "type": "contract.signed", "subject": "contract",
        "subject_id": UUID(int=2), "sealed": False, "person_id": UUID(int=3), "organization_id": UUID(int=4),
        "at": AT, "data": {"in_force": True},
    }  # fmt: skip
    return LoggedEvent(**(given | more))


@given(values)
def test_the_form_is_that_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**80, -(2**63), 1.5, 1e300, float("inf")])
def test_no_number_brings_the_log_to_a_halt(value: float) -> None:
    assert canonical({"n": value}) == canonical({"n": value})


def test_the_same_instant_is_the_same_leaf_whatever_its_zone() -> None:
    almaty = AT.astimezone(timezone(timedelta(hours=5)))
    assert leaf(event(at=almaty), SALT) == leaf(event(), SALT)
    assert json.loads(leaf(event(), SALT))["at"] == "2026-11-26T09:30:00.000120Z"


def test_a_leaf_shows_type_kind_and_instant_and_hides_the_rest() -> None:
    told = json.loads(leaf(event(), SALT))
    assert {name: told[name] for name in told if name != "hidden"} == {
        "at": "2026-11-26T09:30:00.000120Z",
        "form": 1,
        "id": str(UUID(int=1)),
        "subject": "contract",
        "type": "contract.signed",
    }
    assert set(told["hidden"]) == {"data", "organization_id", "person_id", "place", "subject_id"}
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in told["hidden"].values())
    text = leaf(event(), SALT).decode()
    assert not any(secret in text for secret in (str(UUID(int=2)), str(UUID(int=3)), str(UUID(int=4)), "in_force"))


def test_the_same_event_under_another_salt_hides_otherwise() -> None:
    one, other = (json.loads(leaf(event(), salt))["hidden"] for salt in (SALT, bytes(32)))
    assert not set(one.values()) & set(other.values())


OTHER: dict[str, Any] = {
    "id": uuid4(), "xid": 5000002, "seq": 43, "type": "contract.lapsed", "subject": "tender", "subject_id": uuid4(),
    "sealed": True, "person_id": None, "organization_id": None, "at": AT + timedelta(microseconds=1),
    "data": {"in_force": False},
}  # fmt: skip


@pytest.mark.parametrize("name", LoggedEvent.__slots__)
def test_every_column_of_an_event_is_in_its_leaf(name: str) -> None:
    assert leaf(replace(event(), **{name: OTHER[name]}), SALT) != leaf(event(), SALT)


def test_what_is_disclosed_is_proven_by_the_leaf_field_by_field() -> None:
    made, shown = leaf(event(), SALT), disclosures(event(), SALT)
    assert set(shown) == {"data", "organization_id", "subject_id"}
    for name, each in shown.items():
        assert each.value == hidden(event())[name]
        assert discloses(made, name, each)
        assert not discloses(made, name, replace(each, value="other"))
        assert not discloses(made, name, replace(each, salt=bytes(32)))
    assert not discloses(made, "organization_id", shown["subject_id"])
    assert len({each.salt for each in shown.values()}) == len(shown)


@pytest.mark.parametrize("made", [b"", b"[]", b"{}", b'{"hidden": {"data": 1}}', b"\xff"])
def test_nothing_is_disclosed_by_what_is_no_leaf(made: bytes) -> None:
    assert not discloses(made, "data", Disclosure(salt=SALT, value={}))


def test_a_person_is_never_disclosed() -> None:
    registered = event(subject="person", type="person.registered")
    assert set(disclosures(registered, SALT)) == {"data", "organization_id"}
    assert "data" not in disclosures(event(data={"person_id": str(UUID(int=3))}), SALT)


def test_no_event_class_carries_a_persons_name_or_address_in_its_data() -> None:
    """``name`` is an organisation's; whoever adds a personal field here must hide it from disclosures."""

    def fields(kind: type[Event]) -> set[str]:
        own = set(getattr(kind, "__dataclass_fields__", {}))
        return own.union(*(fields(each) for each in kind.__subclasses__()))

    assert not fields(Event) & {"email", "iin", "person_name", "phone", "password", "signatory", "full_name"}


def test_a_bid_waits_for_its_tenders_opening_and_a_verdict_for_none() -> None:
    tender = UUID(int=9)
    submitted = event(type="bid.submitted", subject="bid", sealed=True, data={"tender_id": str(tender), "revision": 1})
    assert awaited_opening(submitted) == tender
    assert awaited_opening(event(subject="verdict", sealed=True)) is None
    assert awaited_opening(event()) is None
    assert opened_tender(event(type="tender.opened", subject="tender", subject_id=tender)) == tender
    assert opened_tender(event(type="tender.cancelled", subject="tender", subject_id=tender)) is None
