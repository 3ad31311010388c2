"""A buyer's tenders beside each other: which one follows which, and what was bought of one kind of goods in a year."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.tenders import PostgresTenders
from domain.ids import OrganizationId, TenderId
from domain.money import Money
from domain.tenders.model import Tender, TenderStatus
from domain.tenders.thresholds import PURCHASES_SHOWN, GroupPurchases, Purchase, year_bounds

FOLLOW_UP = """
SELECT * FROM tenders WHERE follows = :id AND NOT (status = 'cancelled' AND published_at IS NULL)
"""
_FOLLOW_UP = text(FOLLOW_UP)
_PIECES = "(SELECT coalesce(sum((cell->>1)::bigint), 0) FROM jsonb_array_elements(line->'run'->'cells') cell)"
OF_GROUPS = text(f"""
WITH bought AS (
  SELECT t.id, t.number, t.procedure->>'method' AS method, t.status, t.published_at FROM tenders t
  WHERE t.buyer_id = :buyer_id AND t.id <> :apart_from AND t.published_at >= :begins_at AND t.published_at < :ends_at
    AND t.status NOT IN ('cancelled', 'failed')
), lines AS (
  SELECT b.*, left(line->>'ens_tru', 6) AS product_group,
    (line->'planned_price'->>'amount')::numeric * {_PIECES} AS sum
  FROM bought b JOIN tenders t ON t.id = b.id
  CROSS JOIN jsonb_array_elements(t.lots) lot CROSS JOIN jsonb_array_elements(lot->'lines') line
  WHERE b.status NOT IN ('awarded', 'completed')
  UNION ALL
  SELECT b.*, left(line->>'ens_tru', 6), (line->'unit_price'->>'amount')::numeric * {_PIECES}
  FROM bought b JOIN contracts c ON c.tender_id = b.id CROSS JOIN jsonb_array_elements(c.lines) line
  WHERE b.status IN ('awarded', 'completed') AND c.kind <> 'call_off'
    AND (c.status NOT IN ('lapsed', 'annulled') OR c.leftover->>'state' = 'waiting')
), purchases AS (
  SELECT id, number, method, status, published_at, product_group, sum(sum) AS sum FROM lines
  WHERE product_group = ANY(:groups) GROUP BY id, number, method, status, published_at, product_group
), ranked AS (
  SELECT *, sum(sum) OVER mine AS total, count(*) OVER mine AS count, max(sum) OVER mine AS largest,
    row_number() OVER (PARTITION BY product_group ORDER BY published_at DESC, id DESC) AS place
  FROM purchases WINDOW mine AS (PARTITION BY product_group)
)
SELECT * FROM ranked WHERE place <= :shown ORDER BY product_group, place
""")  # noqa: S608 - constants of this module only; values are parameters
"""One statement, hence one instant. A framework counts with all that may be ordered, so its call-offs do not; a lapsed
contract counts as long as its lines wait for the next best.
"""


def of_groups_values(
    buyer_id: OrganizationId, *, groups: tuple[str, ...], year: int, apart_from: TenderId
) -> dict[str, Any]:
    begins_at, ends_at = year_bounds(year)
    return {
        "buyer_id": buyer_id,
        "groups": list(groups),
        "apart_from": apart_from,
        "begins_at": begins_at,
        "ends_at": ends_at,
        "shown": PURCHASES_SHOWN,
    }


def groups_of(rows: list[Any]) -> tuple[GroupPurchases, ...]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["product_group"], []).append(row)
    return tuple(
        GroupPurchases(
            group=group,
            sum=Money(mine[0]["total"]),
            count=mine[0]["count"],
            largest=Money(mine[0]["largest"]),
            shown=tuple(
                Purchase(
                    tender_id=TenderId(row["id"]),
                    number=row["number"],
                    method=row["method"],
                    status=TenderStatus(row["status"]),
                    published_at=row["published_at"],
                    sum=Money(row["sum"]),
                )
                for row in mine
            ),
        )
        for group, mine in found.items()
    )


class PostgresPurchases:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def follow_up(self, id: TenderId) -> Tender | None:
        row = (await self._connection.execute(_FOLLOW_UP, {"id": id})).mappings().one_or_none()
        if row is None:
            return None
        tender: Tender = PostgresTenders.codec.entity(row)
        return tender

    async def of_groups(
        self, buyer_id: OrganizationId, *, groups: tuple[str, ...], year: int, apart_from: TenderId
    ) -> tuple[GroupPurchases, ...]:
        values = of_groups_values(buyer_id, groups=groups, year=year, apart_from=apart_from)
        return groups_of(list((await self._connection.execute(OF_GROUPS, values)).mappings().all()))
