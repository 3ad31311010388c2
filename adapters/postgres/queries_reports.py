"""Reads of the reports room: the event feed, the domestic share, whole contracting processes."""

from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.postgres.amendments import PostgresAmendments
from adapters.postgres.bids import PostgresBids
from adapters.postgres.contracts import PostgresContracts, PostgresEvaluations
from adapters.postgres.enquiries import PostgresEnquiries
from adapters.postgres.reading import one, rows_of
from adapters.postgres.tenders import PostgresTenders
from adapters.postgres.violations import translated
from domain.actors import Actor
from domain.bids.model import Bid
from domain.ids import Bin, EventId, Kato, OrganizationId, TenderId
from domain.money import Money
from domain.reports.ports import FeedItem, ProcessSummary, must_audit
from domain.reports.process import Party, Process
from domain.reports.shares import (
    ROWS_MAX,
    DomesticShare,
    Grouping,
    Period,
    ReportTooLarge,
    Share,
    group_name,
    scope,
)
from domain.tenders.model import Tender, TenderNotFound

_PLACE = text("SELECT xid::text AS xid, seq FROM events WHERE id = :id AND NOT sealed")
_FEED = text("""
SELECT id, type, subject, CASE WHEN subject = 'person' THEN NULL ELSE subject_id END AS subject_id,
  organization_id, at, data - 'person_id' AS data
FROM events
WHERE NOT sealed AND xid < pg_snapshot_xmin(pg_current_snapshot())
  AND (xid, seq) > (CAST(CAST(:xid AS text) AS xid8), CAST(:seq AS bigint))
ORDER BY xid, seq LIMIT :limit
""")


class PostgresFeed:
    """Ordered by transaction, and below the oldest one that is still open: a slow commit is never passed by."""

    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def after(self, actor: Actor, id: EventId | None, *, limit: int) -> list[FeedItem] | None:
        must_audit(actor)
        place: Any = {"xid": "0", "seq": 0}
        if id is not None:
            place = await one(self._reading, _PLACE, id=id)
            if place is None:
                return None
        rows = await rows_of(self._reading, _FEED, xid=place["xid"], seq=place["seq"], limit=limit)
        return [FeedItem(**row) for row in rows]


_KEYS = {
    Grouping.BUYER: "b.bin",
    Grouping.REGION: "left(s.kato, 2)",
    Grouping.PRODUCT: "left(line->>'ens_tru', 6)",
}


def _share(by: Grouping) -> TextClause:
    """One statement, hence one instant. A framework is counted by its call-offs: it is only the most that may be
    ordered. Goods are paid when the invoice of their delivery is; a defective piece is in
    no invoice, so a line's paid pieces are the accepted ones of its paid deliveries.
    """
    name = "b.name" if by is Grouping.BUYER else "NULL::text"
    return text(f"""
WITH lines AS (
  SELECT c.id AS contract_id, {_KEYS[by]} AS key, {name} AS name,
    (line->'unit_price'->>'amount')::numeric AS price, (line->>'local_content')::numeric AS local_content,
    (SELECT coalesce(sum((cell->>1)::bigint), 0) FROM jsonb_array_elements(line->'run'->'cells') cell) AS pieces,
    (SELECT coalesce(sum((cell->>1)::bigint), 0)
     FROM jsonb_array_elements(c.invoices) invoice
     JOIN jsonb_array_elements(c.deliveries) delivery ON delivery->'invoice' = invoice->'number'
     CROSS JOIN jsonb_array_elements(delivery->'accepted') goods
     CROSS JOIN jsonb_array_elements(goods->'run'->'cells') cell
     WHERE invoice->>'status' = 'paid' AND goods->'lot' = line->'lot' AND goods->'line' = line->'line') AS paid_pieces
  FROM contracts c
  JOIN organizations b ON b.id = c.buyer_id
  JOIN organizations s ON s.id = c.supplier_id
  CROSS JOIN jsonb_array_elements(c.lines) line
  WHERE c.kind <> 'framework' AND c.status NOT IN ('lapsed', 'annulled')
    AND (CAST(:buyer_id AS uuid) IS NULL OR c.buyer_id = :buyer_id)
    AND (CAST(:begins_at AS timestamptz) IS NULL OR c.concluded_at >= :begins_at)
    AND (CAST(:ends_at AS timestamptz) IS NULL OR c.concluded_at < :ends_at)
)
SELECT grouping(key) = 1 AS is_total, key, max(name) AS name, count(DISTINCT contract_id) AS contracts,
  coalesce(sum(pieces), 0)::bigint AS pieces, coalesce(sum(price * pieces), 0) AS contracted,
  coalesce(sum(round(price * pieces * local_content / 100, 2)), 0) AS domestic,
  coalesce(sum(price * paid_pieces), 0) AS paid, statement_timestamp() AS as_of
FROM lines GROUP BY GROUPING SETS ((key), ())
ORDER BY is_total DESC, key LIMIT :limit
""")  # noqa: S608 - two expressions from the constants above; values are parameters


_SHARES = {by: _share(by) for by in Grouping}


class PostgresReports:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def domestic_share(self, actor: Actor, by: Grouping, period: Period) -> DomesticShare:
        found = await rows_of(
            self._reading,
            _SHARES[by],
            buyer_id=scope(actor),
            begins_at=period.begins_at,
            ends_at=period.ends_at,
            limit=ROWS_MAX + 2,
        )
        total, *rows = found
        if len(rows) > ROWS_MAX:
            raise ReportTooLarge(f"More than {ROWS_MAX} rows", passes="a shorter period")
        return DomesticShare(
            by=by,
            period=period,
            as_of=total["as_of"],
            rows=tuple(_row(row, row["key"], group_name(by, row["key"], row["name"])) for row in rows),
            total=_row(total, "total", ""),
        )


def _row(row: Any, key: str, name: str) -> Share:
    return Share(
        key=key,
        name=name,
        contracts=row["contracts"],
        pieces=row["pieces"],
        contracted=Money(row["contracted"]),
        domestic=Money(row["domestic"]),
        paid=Money(row["paid"]),
    )


_TENDER = text("SELECT * FROM tenders WHERE number = :number AND published_at IS NOT NULL")
_BIDS = text("SELECT * FROM bids WHERE tender_id = :tender_id AND status = 'opened' ORDER BY received_at, id")
_EVALUATION = text("""
SELECT * FROM evaluations WHERE tender_id = :tender_id AND replaces IS NULL
ORDER BY evaluated_at DESC, id DESC LIMIT 1
""")
_CONTRACTS = text("SELECT * FROM contracts WHERE tender_id = :tender_id ORDER BY number")
_AMENDMENTS = text("SELECT * FROM amendments WHERE tender_id = :tender_id ORDER BY number")
_ENQUIRIES = text("SELECT * FROM enquiries WHERE tender_id = :tender_id AND answered_at IS NOT NULL ORDER BY number")
_PARTIES = text("SELECT id, bin, name, kato FROM organizations WHERE id = ANY(:ids)")
_NUMBER = text("SELECT number FROM tenders WHERE id = :id")
_CHANGED = text("SELECT max(at) AS at FROM events WHERE subject_id = ANY(:ids) AND NOT sealed")
_PAGE = text("""
SELECT id, number, title, published_at FROM tenders
WHERE published_at IS NOT NULL
  AND (CAST(:at AS timestamptz) IS NULL OR (published_at, id) > (:at, CAST(:id AS uuid)))
ORDER BY published_at, id LIMIT :limit
""")


class PostgresProcesses:
    """Satisfies ``domain.reports.ports.Processes``; several statements on one snapshot."""

    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading
        self._snapshots = reading.execution_options(isolation_level="REPEATABLE READ")

    async def process(self, number: str) -> Process:
        with translated():
            async with self._snapshots.begin() as connection:
                rows = await _rows(connection, _TENDER, number=number)
                if not rows:
                    raise TenderNotFound("There is no such contracting process")
                tender: Tender = PostgresTenders.codec.entity(rows[0])
                return await _process(connection, tender, rows[0]["published_at"])

    async def page(self, *, after: tuple[datetime, TenderId] | None, limit: int) -> list[ProcessSummary]:
        at, id = after or (None, None)
        rows = await rows_of(self._reading, _PAGE, at=at, id=id, limit=limit)
        return [ProcessSummary(**row) for row in rows]


async def _process(connection: AsyncConnection, tender: Tender, published_at: datetime) -> Process:
    """Bids after the opening only; the evaluation after the award only."""
    key = {"tender_id": tender.id}
    rows = await _rows(connection, _BIDS, **key) if tender.opened_at is not None else []
    bids: list[Bid] = [PostgresBids.codec.entity(row) for row in rows]
    awarded = tender.awarded_at is not None
    evaluations = await _rows(connection, _EVALUATION, **key) if awarded else []
    contracts = await _rows(connection, _CONTRACTS, **key) if awarded else []
    amendments = await _rows(connection, _AMENDMENTS, **key)
    enquiries = await _rows(connection, _ENQUIRIES, **key)
    named = {tender.buyer_id, *(id for bid in bids for id in bid.sewers), *(row["supplier_id"] for row in contracts)}
    parties = await _rows(connection, _PARTIES, ids=list(named))
    subjects = [tender.id, *(row["id"] for row in (*contracts, *enquiries))]
    (changed,) = await _rows(connection, _CHANGED, ids=subjects)
    prior = await _rows(connection, _NUMBER, id=tender.follows) if tender.follows is not None else []
    return Process(
        tender=tender,
        parties={OrganizationId(row["id"]): _party(row) for row in parties},
        bids=tuple(bids),
        evaluation=PostgresEvaluations.codec.entity(evaluations[0]) if evaluations else None,
        contracts=tuple(PostgresContracts.codec.entity(row) for row in contracts),
        amendments=tuple(PostgresAmendments.codec.entity(row) for row in amendments),
        enquiries=tuple(PostgresEnquiries.codec.entity(row) for row in enquiries),
        prior=prior[0]["number"] if prior else None,
        changed_at=changed["at"] or published_at,
    )


def _party(row: Any) -> Party:
    return Party(bin=Bin(row["bin"]), name=row["name"], kato=Kato(row["kato"]))


async def _rows(connection: AsyncConnection, statement: TextClause, **values: Any) -> list[Any]:
    return list((await connection.execute(statement, values)).mappings().all())
