"""Evidence: proofs of domestic production, how they were verified, and their end."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.dependencies import App, Signed, Writing, answered
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import BinText, Day, DecimalText, Incoming, LongText, Strict, Text
from api.views.evidence import EvidenceView, RegisterCheckView
from domain.actors import Action
from domain.ids import EvidenceId, OrganizationId
from domain.organizations.evidence import (
    EvidenceNotFound,
    EvidenceOverlaps,
    EvidenceRefused,
    EvidenceType,
    Verification,
)
from domain.organizations.evidencing import EvidenceForm
from domain.organizations.model import OrganizationNotFound
from domain.tenders.model import StepNotAllowed

router = APIRouter(prefix="/v1", tags=["producers"])


class EvidenceBody(Strict):
    holder_bin: BinText
    type: EvidenceType
    number: Text
    issuer: Text
    product_codes: Annotated[list[Annotated[str, Field(max_length=20)]], Field(min_length=1, max_length=200)]
    local_content: DecimalText
    declared_capacity: int
    valid_from: Day
    valid_until: Day


class VerificationBody(Strict):
    how: Verification


class RevocationBody(Strict):
    reason: LongText


@step(
    router,
    "/evidence",
    action=Action.EVIDENCE_RECORD,
    answers=EvidenceView,
    refusals=(EvidenceRefused, EvidenceOverlaps, OrganizationNotFound),
)
async def record_evidence(body: Incoming[EvidenceBody], app: App, write: Writing) -> Response:
    """Record a proof of domestic production. A supplier's own is unverified; a registry operator's is verified."""
    command = write.command(EvidenceView.of)
    form = EvidenceForm(**(dict(body) | {"product_codes": tuple(body.product_codes)}))
    await app.evidencing.record(form, command=command)
    return answered(command)


@router.get(
    "/evidence", responses=responses("not-authenticated", "malformed-cursor"), response_model=Page[EvidenceView]
)
async def list_evidence(
    app: App, caller: Signed, paging: Paging, holder_id: Annotated[OrganizationId | None, Query()] = None
) -> Response:
    """Your own evidence; auditors and registry operators read any holder's."""
    found = await app.producers.evidence_page(
        caller.actor, holder=holder_id, after=paging.after(EvidenceId), limit=paging.limit + 1
    )
    return paged([EvidenceView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get("/evidence/{id}", responses=responses("not-authenticated", EvidenceNotFound))
async def read_evidence(id: EvidenceId, app: App, caller: Signed, response: Response) -> EvidenceView:
    evidence = await app.producers.evidence(caller.actor, id)
    response.headers["ETag"] = etag(evidence.version)
    return EvidenceView.of(evidence)


@step(
    router,
    "/evidence/{id}/verification",
    action=Action.EVIDENCE_VERIFY,
    answers=EvidenceView,
    refusals=(EvidenceNotFound, StepNotAllowed),
)
async def verify_evidence(id: EvidenceId, body: Incoming[VerificationBody], app: App, write: Writing) -> Response:
    """Say how a proof was verified."""
    command = write.command(EvidenceView.of)
    await app.evidencing.verify(id, how=body.how, command=command)
    return answered(command)


@step(
    router,
    "/evidence/{id}/register-check",
    action=Action.EVIDENCE_CHECK,
    answers=RegisterCheckView,
    refusals=(EvidenceNotFound, StepNotAllowed),
)
async def check_evidence_by_register(id: EvidenceId, app: App, write: Writing) -> Response:
    """Compare a proof with the imported register of its type. Without a difference it is verified by it."""
    command = write.command(RegisterCheckView.of)
    await app.evidencing.check_register(id, command=command)
    return answered(command)


@step(
    router,
    "/evidence/{id}/revocation",
    action=Action.EVIDENCE_VERIFY,
    answers=EvidenceView,
    refusals=(EvidenceNotFound, StepNotAllowed),
)
async def revoke_evidence(id: EvidenceId, body: Incoming[RevocationBody], app: App, write: Writing) -> Response:
    """Revoke a proof from today on."""
    command = write.command(EvidenceView.of)
    await app.evidencing.revoke(id, reason=body.reason, command=command)
    return answered(command)
