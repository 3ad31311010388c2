"""Stored problems in their new form: capacity by days, planned prices, the sewer of every step of the trace.

What was decided stays what it was. Until now every lot was filled as far as offers went, and the results said
afterwards which lots that was enough for; so the lots of these problems count as lots that may be awarded in part.
Minutes were one sum until the last day: they are the same on every day. Planned prices and days come from the tender.
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

EVALUATION = sa.text(
    "SELECT e.problem, e.allocation, t.lots FROM evaluations e JOIN tenders t ON t.id = e.tender_id WHERE e.id = :id"
)
CHANGE = sa.text(
    "UPDATE evaluations SET problem = CAST(:problem AS jsonb), allocation = CAST(:allocation AS jsonb) WHERE id = :id"
)
Json = dict[str, Any]


def upgrade() -> None:
    _change(_dated)


def downgrade() -> None:
    _change(_undated)


def _change(form: Any) -> None:
    """One after another: an evaluation may be large."""
    connection = op.get_bind()
    for id in connection.execute(sa.text("SELECT id FROM evaluations ORDER BY id")).scalars().all():
        problem, allocation = form(connection.execute(EVALUATION, {"id": id}).one())
        connection.execute(CHANGE, {"id": id, "problem": json.dumps(problem), "allocation": json.dumps(allocation)})


def _dated(row: Any) -> tuple[Json, Json]:
    lots = {lot["number"]: lot for lot in row.lots}
    problem, minutes = dict(row.problem), row.problem.get("minutes")
    problem.pop("minutes", None)
    demands = [dict(demand, **_of_tender(lots[demand["lot"]], demand["line"])) for demand in problem.get("demands", ())]
    days = sorted({demand["due_on"] for demand in demands})
    capacity = None
    if minutes is not None:
        capacity = {bidder: [{"until": day, "minutes": free} for day in days] for bidder, free in minutes.items()}
    offers = [{"breaks": [], "discount_percent": "0", **offer} for offer in problem.get("offers", ())]
    problem |= {"demands": demands, "offers": offers, "capacity": capacity}
    problem |= {name: [] for name in ("either_or", "packages", "joints", "limits", "quotas")}
    bidders = {offer["bid_id"]: offer["bidder_id"] for offer in offers}
    trace = [dict(step, bidder_id=bidders[step["bid_id"]]) for step in row.allocation.get("trace", ())]
    return problem, dict(row.allocation, trace=trace)


def _of_tender(lot: Json, number: int) -> Json:
    (line,) = (line for line in lot["lines"] if line["number"] == number)
    return {
        "planned_price": line["planned_price"],
        "due_on": max(place["due_on"] for place in lot["places"]),
        "partial": True,
    }


def _undated(row: Any) -> tuple[Json, Json]:
    """The minutes until the last day are the sum that was."""
    capacity = row.problem["capacity"]
    problem = {
        "demands": [_without(demand, "planned_price", "due_on", "partial") for demand in row.problem["demands"]],
        "offers": [_without(offer, "breaks", "discount_percent") for offer in row.problem["offers"]],
        "minutes": None if capacity is None else dict(_last(capacity)),
        "units": row.problem.get("units", {}),
    }
    trace = [_without(step, "bidder_id") for step in row.allocation["trace"]]
    return problem, dict(row.allocation, trace=trace)


def _last(capacity: dict[str, list[Json]]) -> Iterator[tuple[str, str]]:
    for bidder, free in capacity.items():
        if free:
            yield bidder, free[-1]["minutes"]


def _without(values: Json, *names: str) -> Json:
    return {name: value for name, value in values.items() if name not in names}
