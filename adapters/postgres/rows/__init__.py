"""Rows: SQLModel table classes, one module per room. They validate nothing, so they never leave the adapter.

Importing this package fills the metadata that the migrations are compared with.
"""

from adapters.postgres.rows import (
    bids,
    capacity,
    complaints,
    consortia,
    contracts,
    enquiries,
    log,
    lotting,
    notices,
    organizations,
    payments,
    pools,
    prequalification,
    procedures,
    producers,
    registers,
    registries,
    scenarios,
    shell,
    tenders,
)

__all__ = [
    "bids",
    "capacity",
    "complaints",
    "consortia",
    "contracts",
    "enquiries",
    "log",
    "lotting",
    "notices",
    "organizations",
    "payments",
    "pools",
    "prequalification",
    "procedures",
    "producers",
    "registers",
    "registries",
    "scenarios",
    "shell",
    "tenders",
]
