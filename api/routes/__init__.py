"""Routes: one module per resource."""

from fastapi import APIRouter

from api.routes import (
    access,
    bids,
    contracts,
    events,
    frameworks,
    health,
    needs,
    ocds,
    organizations,
    payments,
    pools,
    procedures,
    producers,
    reports,
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
    health.router,
    pools.router,
    frameworks.router,
)
