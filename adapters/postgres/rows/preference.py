"""Rows of the preference ledger."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Numeric
from sqlmodel import SQLModel

from adapters.postgres.rows.columns import column, instant, key, money, nested, refers


class PreferenceRow(SQLModel, table=True):
    __tablename__ = "preference_entries"
    __table_args__ = (Index("ix_preference_entries_recorded", "recorded_at", "id"),)

    id: UUID = key()
    tender_id: UUID = refers("tenders.id", index=True)
    evaluation_id: UUID = refers("evaluations.id")
    producers_only: bool
    discount_percent: Decimal = column(Numeric(5, 2))
    admitted_more: int
    lots: list[Any] = nested()
    gains: list[Any] = nested()
    with_rule: Decimal = money()
    without_rule: Decimal = money()
    changed_lots: int
    recorded_at: datetime = instant()
    version: int
