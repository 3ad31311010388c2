"""Column shapes that every row module uses, and the naming of constraints."""

from typing import Any

from sqlalchemy import DateTime, LargeBinary, Numeric, Text, types
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = SQLModel.metadata


class Xid8(types.UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "XID8"


ischema_names["xid8"] = Xid8  # so that the drift check can read the type back


def column(kind: Any, *, nullable: bool = False, **more: Any) -> Any:
    return Field(sa_type=kind, nullable=nullable, **more)


def text(**more: Any) -> Any:
    return column(Text, **more)


def instant(**more: Any) -> Any:
    return column(DateTime(timezone=True), **more)


def nested(**more: Any) -> Any:
    return column(JSONB, **more)


def money(**more: Any) -> Any:
    """Tenge and tiyn, without VAT."""
    return column(Numeric(18, 2), **more)


def blob(**more: Any) -> Any:
    return column(LargeBinary, **more)


def key() -> Any:
    return Field(primary_key=True)


def refers(target: str, **more: Any) -> Any:
    """A foreign key to ``table.column``."""
    return Field(foreign_key=target, **more)
