"""What of an event stands in the log: a record that tells nobody anything by itself.

In clear are the event's id, its type, the kind of its subject and its instant. Everything that may be personal, sealed
or somebody's business (whom it concerns, who caused it, its data, its place in the order) is a commitment:
``HMAC(HMAC(salt, name), value)``. So each field can be disclosed alone, by its own salt, to whoever may see it. The
salts stand beside the leaves in the database and are drawn when an event is numbered, so that commands pay nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest, digest
from typing import Any, Final
from uuid import UUID

from domain.bids.model import BidEvent
from domain.tenders.events import TenderOpened

FORM: Final = 1
SALT_BYTES: Final = 32
_ALGORITHM: Final = "sha256"
_CANONICAL: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event as it is stored, every column of it; ``xid`` and ``seq`` are its place in the order of the feed."""

    id: UUID
    xid: int
    seq: int
    type: str
    subject: str
    subject_id: UUID
    sealed: bool
    person_id: UUID | None
    organization_id: UUID | None
    at: datetime
    data: Mapping[str, Any]

    @property
    def place(self) -> tuple[int, int]:
        return self.xid, self.seq


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One hidden field in clear, with the salt that proves it."""

    salt: bytes
    value: Any


def canonical(value: Any) -> bytes:
    """JSON in the form of RFC 8785, for what events hold: text, whole numbers, booleans, null; names of plain letters.
    Any other number has a stable form as well, so that no event can bring the log to a halt.
    """
    return _CANONICAL.encode(value).encode()


def hidden(event: LoggedEvent) -> dict[str, Any]:
    """The fields that are committed to, as JSON values."""
    return {
        "data": event.data,
        "organization_id": _text(event.organization_id),
        "person_id": _text(event.person_id),
        "place": [event.sealed, str(event.xid), str(event.seq)],
        "subject_id": str(event.subject_id),
    }


def leaf(event: LoggedEvent, salt: bytes) -> bytes:
    """The leaf's bytes; its hash is ``tree.leaf_hash`` of them."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    record: dict[str, Any] = {
        "at": at,
        "form": FORM,
        "hidden": {name: commitment(field_salt(salt, name), value) for name, value in hidden(event).items()},
        "id": str(event.id),
        "subject": event.subject,
        "type": event.type,
    }
    return canonical(record)


def awaited_opening(event: LoggedEvent) -> UUID | None:
    """The tender whose opening brings a sealed event into the public tree; None for what stays sealed."""
    if event.sealed and event.subject == BidEvent.subject:
        return UUID(event.data["tender_id"])
    return None


def opened_tender(event: LoggedEvent) -> UUID | None:
    """The tender that this event opens."""
    return event.subject_id if event.type == TenderOpened.type else None


def field_salt(salt: bytes, name: str) -> bytes:
    return digest(salt, name.encode(), _ALGORITHM)


def commitment(salt: bytes, value: Any) -> str:
    return digest(salt, canonical(value), _ALGORITHM).hex()


def disclosures(event: LoggedEvent, salt: bytes) -> dict[str, Disclosure]:
    """What may be shown of an event to those who may see it: never a person, never its place, which counts others."""
    shown = {"data", "organization_id", "subject_id"}
    if event.subject == "person":
        shown.remove("subject_id")
    if "person_id" in event.data:
        shown.remove("data")
    values = hidden(event)
    return {name: Disclosure(salt=field_salt(salt, name), value=values[name]) for name in sorted(shown)}


def discloses(leaf: bytes, name: str, disclosure: Disclosure) -> bool:
    """Whether the leaf commits to this value of the field."""
    try:
        committed = json.loads(leaf)["hidden"][name]
    except (ValueError, KeyError, TypeError):
        return False
    return isinstance(committed, str) and compare_digest(committed, commitment(disclosure.salt, disclosure.value))


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)
