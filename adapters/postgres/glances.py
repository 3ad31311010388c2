"""What bids are checked against, read for all that come at one moment: one statement of the bare driver, no lock."""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from adapters.postgres.bids import PostgresEnvelopes
from adapters.postgres.organizations import PostgresOrganizations
from adapters.postgres.producers import PostgresEvidence
from adapters.postgres.suppliers import EVIDENCE_MAX, MINUTES_OF, RECORD_JSON, record_columns, record_of
from adapters.postgres.tenders import PostgresTenders
from adapters.sealing.deployment import KeptUnder
from domain.bids.envelope import Envelope
from domain.bids.intake import Glance
from domain.bids.model import BidNotFound
from domain.ids import BidId, TenderId
from domain.organizations.model import OrganizationNotFound
from domain.tenders.model import Tender, TenderNotFound
from domain.work import AlreadyAnswered, Command, KeyReused

TENDERS_CACHED_MAX = 1000
_ENVELOPE = PostgresEnvelopes.codec
_SHUT = frozenset({"ciphertext", "sealed_record"})
"""Nobody but the opener reads what is sealed."""


def _seen(name: str) -> str:
    return "''::bytea" if name in _SHUT else f"b.{name}"


_GLANCE = f"""
SELECT {record_columns("extract(year FROM today.day)")},
  ARRAY(SELECT e FROM evidence e WHERE e.holder_id = o.id ORDER BY e.id DESC LIMIT {EVIDENCE_MAX}) AS evidence,
  EXISTS (SELECT FROM prequalification_applications a
    WHERE a.prequalification_id = t.prequalification_id AND a.supplier_id = o.id
      AND a.status = 'qualified' AND a.qualified_until >= today.day) AS qualified,
  t.id AS tender_id, t.version AS tender_version, t.prequalification_id, b.id IS NOT NULL AS bid_found,
  {", ".join(f"{_seen(name)} AS bid_{name}" for name in _ENVELOPE.names)},
  k.fingerprint, k.answer, today.at
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::uuid[]) WITH ORDINALITY
  AS asked (tender_id, bid_id, name, supplier_id, place)
CROSS JOIN (SELECT at, (at AT TIME ZONE 'Asia/Almaty')::date AS day
  FROM (SELECT coalesce($5::timestamptz, clock_timestamp()) AS at) now) today
LEFT JOIN sealed_bids b ON b.id = asked.bid_id
LEFT JOIN tenders t ON t.id = coalesce(asked.tender_id, b.tender_id)
LEFT JOIN kept_answers k ON k.name = asked.name
LEFT JOIN organizations o ON o.id = asked.supplier_id {MINUTES_OF}
ORDER BY asked.place
"""  # noqa: S608 - our text, columns of our own table
_TENDERS = "SELECT * FROM tenders WHERE id = ANY($1::uuid[])"
_TENDER_JSON = PostgresTenders.codec.nested
_EVIDENCE_JSON = PostgresEvidence.codec.nested
_SUPPLIER_JSON = (*PostgresOrganizations.codec.nested, *RECORD_JSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A tender or a bid that somebody wants to have a glance at; ``under`` is where his command's answer is kept."""

    command: Command
    under: KeptUnder | None
    tender_id: TenderId | None = None
    bid_id: BidId | None = None


class Glances:
    """``clock`` says what time it is in the place of the database's, in tests that have one of their own."""

    def __init__(self, clock: Callable[[], datetime] | None) -> None:
        self._clock = clock
        self._tenders: OrderedDict[TenderId, Tender] = OrderedDict()

    async def read(self, connection: asyncpg.Connection, asks: Sequence[Ask]) -> list[Glance | Exception]:
        rows = await connection.fetch(
            _GLANCE,
            [ask.tender_id for ask in asks],
            [ask.bid_id for ask in asks],
            [ask.under.name if ask.under else None for ask in asks],
            [ask.command.by.organization_id for ask in asks],
            self._clock() if self._clock else None,
        )
        refused = [_refused(ask, row) for ask, row in zip(asks, rows, strict=True)]
        live = [row for row, refusal in zip(rows, refused, strict=True) if refusal is None]
        tenders = await self._read_tenders(connection, live)
        return [refusal or _glance(row, tenders) for row, refusal in zip(rows, refused, strict=True)]

    async def _read_tenders(
        self, connection: asyncpg.Connection, rows: Sequence[Mapping[Any, Any]]
    ) -> dict[TenderId, Tender]:
        """Those that are known by their present version need not be read: a version never changes."""
        versions: dict[TenderId, int] = {row["tender_id"]: row["tender_version"] for row in rows}
        known = {id: self._tenders[id] for id in versions if id in self._tenders}
        tenders = {id: tender for id, tender in known.items() if tender.version == versions[id]}
        missing = [id for id in versions if id not in tenders]
        if missing:
            for row in await connection.fetch(_TENDERS, missing):
                tender: Tender = PostgresTenders.codec.entity(_decoded(row, _TENDER_JSON))
                tenders[tender.id] = self._tenders[tender.id] = tender
        for id in versions:
            self._tenders.move_to_end(id)
        while len(self._tenders) > TENDERS_CACHED_MAX:
            self._tenders.popitem(last=False)
        return tenders


def replayed(under: KeptUnder, command: Command, *, fingerprint: bytes, answer: bytes) -> Exception:
    """What a command is told whose key has an answer: that one, or that the key belongs to another request."""
    if fingerprint != under.fingerprint(command.fingerprint):
        return KeyReused("This key belongs to another request", passes="a new Idempotency-Key")
    return AlreadyAnswered(under.opened(answer))


def _refused(ask: Ask, row: Mapping[Any, Any]) -> Exception | None:
    if ask.under is not None and row["answer"] is not None:
        return replayed(ask.under, ask.command, fingerprint=row["fingerprint"], answer=row["answer"])
    if ask.bid_id is not None and not row["bid_found"]:
        return BidNotFound("There is no such bid")
    if row["tender_id"] is None:
        return TenderNotFound("There is no such tender")
    if row["id"] is None:
        return OrganizationNotFound("There is no such organisation")
    return None


def _glance(row: Mapping[Any, Any], tenders: Mapping[TenderId, Tender]) -> Glance:
    evidence = tuple(PostgresEvidence.codec.entity(_decoded(each, _EVIDENCE_JSON)) for each in row["evidence"])
    return Glance(
        at=row["at"],
        tender=tenders[row["tender_id"]],
        supplier=record_of(_decoded(row, _SUPPLIER_JSON), evidence),
        prequalified=None if row["prequalification_id"] is None else row["qualified"],
        envelope=_envelope(row) if row["bid_found"] else None,
    )


def _envelope(row: Mapping[Any, Any]) -> Envelope:
    envelope: Envelope = _ENVELOPE.entity({name: row[f"bid_{name}"] for name in _ENVELOPE.names})
    return envelope


def _decoded(row: Mapping[Any, Any], nested: Iterable[str]) -> dict[str, Any]:
    """The bare driver leaves JSON as text."""
    texts = {name: row[name] for name in nested}
    return dict(row) | {name: None if text is None else json.loads(text) for name, text in texts.items()}
