"""Problems for tests in few words: pieces of two sizes, bids numbered from 1, one sewer each unless said otherwise."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.awards.problem import Demand, Offer
from domain.garments import GridId, Size, SizeRun
from domain.ids import BidId, OrganizationId
from domain.money import Money

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
EARLY, LATE = date(2027, 1, 20), date(2027, 2, 20)
SMALL, LARGE = Size("122"), Size("128")


def bid(number: int) -> BidId:
    return BidId(UUID(int=number))


def sewer(number: int) -> OrganizationId:
    return OrganizationId(UUID(int=1000 + number))


def run(small: int, large: int = 0) -> SizeRun:
    return SizeRun.of(GridId.CHILD, {SMALL: small, LARGE: large})


def demand(small: int, large: int = 0, *, lot: int = 1, **changes: Any) -> Demand:
    values = {"line": 1, "standard_minutes": Decimal(10), "due_on": EARLY, "planned_price": Money.of(20)} | changes
    return Demand(lot=lot, product="141413", run=run(small, large), **values)  # type: ignore[arg-type]  # its fields


def offer(number: int, price: str, pieces: SizeRun, *, by: int | None = None, **changes: Any) -> Offer:
    most = changes.pop("most", pieces.pieces)
    values = {"lot": 1, "line": 1, "pieces_min": changes.pop("least", 1), "pieces_max": most} | changes
    return Offer(
        bid_id=bid(number),
        bidder_id=sewer(by or number),
        unit_price=Money.of(price),
        run=pieces,
        received_at=NOON + timedelta(seconds=number),
        **values,
    )
