"""Events into their table; the domain's event dataclass becomes one row, in the transaction that caused it."""

from dataclasses import fields
from typing import Any

from sqlalchemy import insert

from adapters.identifiers import uuid7
from adapters.postgres.codec import converter
from adapters.postgres.rows.shell import EventRow
from domain.events import Event

EVENT_INSERT = insert(EventRow.__table__)  # type: ignore[attr-defined]  # SQLModel adds it to every table class
_COMMON = frozenset(field.name for field in fields(Event))


def event_values(event: Event) -> dict[str, Any]:
    data = converter.unstructure(event)
    return {
        "id": uuid7(),
        "type": event.type,
        "subject": event.subject,
        "subject_id": event.subject_id,
        "sealed": event.sealed,
        "person_id": event.by.person_id,
        "organization_id": event.by.organization_id,
        "at": event.at,
        "data": {name: value for name, value in data.items() if name not in _COMMON},
    }
