"""Routes: one module per resource."""

from fastapi import APIRouter

from api.routes import (
    access,
    bids,
    complaints,
    contracts,
    events,
    health,
    needs,
    ocds,
    organizations,
    payments,
    procedures,
    producers,
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
    health.router,
    complaints.router,
    signing.router,
)
