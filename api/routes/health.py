"""Health: alive (the process answers) and ready (the database answers)."""

from fastapi import APIRouter

from api.dependencies import App
from api.problems import responses
from api.schemas import Strict

router = APIRouter(prefix="/health", tags=["health"])


class HealthView(Strict):
    status: str


@router.get("/live", openapi_extra={"security": []})
async def is_live() -> HealthView:
    return HealthView(status="live")


@router.get("/ready", responses=responses("busy"), openapi_extra={"security": []})
async def is_ready(app: App) -> HealthView:
    """Refuses (503) while the database does not answer."""
    await app.tenders.due(limit=1)
    return HealthView(status="ready")
