"""Rows of the capacity room."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric
from sqlmodel import Field, SQLModel

from adapters.postgres.rows.columns import column, refers


def standard_minutes() -> Any:
    """At two decimals."""
    return column(Numeric(18, 2))


class CapacityBookingRow(SQLModel, table=True):
    """What a contract has booked in a week, named by its Monday. ``excess`` is beyond what the week had."""

    __tablename__ = "capacity_bookings"
    __table_args__ = (
        Index("ix_capacity_bookings_contract", "contract_id"),
        CheckConstraint("minutes >= 0 AND excess >= 0 AND minutes + excess > 0", name="positive"),
    )

    supplier_id: UUID = refers("organizations.id", primary_key=True)
    week: date = Field(primary_key=True)
    contract_id: UUID = refers("contracts.id", primary_key=True)
    minutes: Decimal = standard_minutes()
    excess: Decimal = standard_minutes()


class CapacityWeekRow(SQLModel, table=True):
    """The second wall: sums that a trigger keeps, whoever books, with or without the lock of the workshop. ``minutes``
    is what the week had when it was last booked.
    """

    __tablename__ = "capacity_weeks"
    __table_args__ = (CheckConstraint("booked BETWEEN 0 AND minutes", name="booked"),)

    supplier_id: UUID = refers("organizations.id", primary_key=True)
    week: date = Field(primary_key=True)
    minutes: Decimal = standard_minutes()
    booked: Decimal = standard_minutes()


class CapacityHoldRow(SQLModel, table=True):
    """The most that an opened bid may come to; it counts while its tender is opened or evaluated."""

    __tablename__ = "capacity_holds"
    __table_args__ = (
        Index("ix_capacity_holds_supplier", "supplier_id"),
        Index("ix_capacity_holds_tender", "tender_id"),
    )

    bid_id: UUID = refers("bids.id", primary_key=True)
    supplier_id: UUID = refers("organizations.id", primary_key=True)
    due_on: date = Field(primary_key=True)
    tender_id: UUID = refers("tenders.id")
    minutes: Decimal = standard_minutes()
