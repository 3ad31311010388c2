"""Values at the edge of what a type can hold are refused, never an error of ours."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.actors import OrganizationKind
from tests.world import World, tender


@pytest.mark.parametrize("opens_at", ["9999-12-31T23:00:00Z", "9999-06-30T00:00:00Z", "2999-01-01T00:00:00Z"])
async def test_bidding_that_opens_ages_ahead_is_refused(world: World, opens_at: str) -> None:
    buyer = await world.buyer()
    draft = await buyer.made("/v1/tenders", tender())
    times = {"opens_at": opens_at, "closes_at": "9999-12-31T23:59:59Z"}
    refused = await buyer.post(f"/v1/tenders/{draft['id']}/publication", times, If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (422, "timeline-refused")
    assert refused.json()["errors"][0]["pointer"] == "/opens_at"


async def test_a_deadline_ages_ahead_is_refused(world: World) -> None:
    buyer = await world.buyer()
    draft = await buyer.made("/v1/tenders", tender())
    opens_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    times = {"opens_at": opens_at, "closes_at": "9999-12-31T23:59:59Z"}
    refused = await buyer.post(f"/v1/tenders/{draft['id']}/publication", times, If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (422, "timeline-refused")


@pytest.mark.parametrize("period", [{"from": "0001-01-01"}, {"to": "0001-01-01"}])
async def test_a_report_from_before_all_contracts_is_refused(world: World, period: dict[str, str]) -> None:
    auditor = await world.member(OrganizationKind.AUDITOR)
    refused = await auditor.get("/v1/reports/domestic-share", by="region", **period)
    assert (refused.status_code, refused.json()["code"]) == (422, "period-refused")
    late = await auditor.get("/v1/reports/domestic-share", by="region", **{"from": "9999-12-31"})
    assert late.status_code == 200
