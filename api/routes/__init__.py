"""Routes: one module per resource."""

from fastapi import APIRouter

from api.routes import (
    access,
    bids,
    contracts,
    health,
    needs,
    organizations,
    payments,
    procedures,
    producers,
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
    health.router,
)
