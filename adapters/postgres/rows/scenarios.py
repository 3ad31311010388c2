"""Rows of the scenarios room."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from adapters.postgres.rows.columns import column, instant, key, money, nested, refers, text


class ScenarioRow(SQLModel, table=True):
    """``ix_scenarios_open`` is what the worker looks through."""

    __tablename__ = "scenarios"
    __table_args__ = (
        UniqueConstraint("evaluation_id", "number"),
        Index("ix_scenarios_tender", "tender_id", "id"),
        Index("ix_scenarios_open", "made_at", postgresql_where="status IN ('queued', 'solving')"),
    )

    id: UUID = key()
    tender_id: UUID = refers("tenders.id")
    evaluation_id: UUID = refers("evaluations.id")
    number: int
    title: str = text()
    lot: int | None
    rules: dict[str, Any] = nested()
    engine: str = text()
    seconds: int
    facts: dict[str, Any] = nested()
    reference: dict[str, Any] = nested()
    made_at: datetime = instant()
    status: str = text()
    attempt: int
    solution: dict[str, Any] | None = nested(nullable=True)
    stated: dict[str, Any] | None = nested(nullable=True)
    figures: dict[str, Any] | None = nested(nullable=True)
    failure: str | None = text(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    version: int


class ScenarioProblemRow(SQLModel, table=True):
    """What is asked, stored once: it can be large, and the scenario's own row is written at every step."""

    __tablename__ = "scenario_problems"

    scenario_id: UUID = Field(primary_key=True, foreign_key="scenarios.id")
    problem: dict[str, Any] = nested()


class ScenarioRunRow(SQLModel, table=True):
    """The pulse of the worker that solves it."""

    __tablename__ = "scenario_runs"

    scenario_id: UUID = Field(primary_key=True, foreign_key="scenarios.id")
    attempt: int
    leased_until: datetime = instant()
    effort: int | None = column(BigInteger, nullable=True)
    worth: Decimal | None = money(nullable=True)
    bound: Decimal | None = money(nullable=True)
    told_at: datetime | None = instant(nullable=True)
