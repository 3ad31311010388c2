"""Routes: one module per resource."""

from fastapi import APIRouter

from api.routes import (
    access,
    bids,
    complaints,
    contracts,
    events,
    frameworks,
    health,
    log,
    needs,
    ocds,
    organizations,
    payments,
    pools,
    procedures,
    producers,
    registers,
    registries,
    reports,
    signing,
    tenders,
)

ROUTERS: tuple[APIRouter, ...] = (
    organizations.router,
    access.router,
    producers.router,
    procedures.router,
    needs.router,
    tenders.router,
    bids.router,
    contracts.router,
    payments.router,
    events.router,
    reports.router,
    ocds.router,
    registries.router,
    health.router,
    registers.router,
    complaints.router,
    signing.router,
    pools.router,
    frameworks.router,
    log.router,
)
