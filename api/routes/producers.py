"""Producers: the workshop's profile, its evidence, and verdicts on whether it may bid."""

from typing import Annotated, Self

from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.dependencies import App, Signed, Unkept, Version, Writing, answered
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import BinText, Day, DecimalText, Incoming, Instant, KatoText, LongText, Strict, Text
from domain.actors import Action
from domain.errors import MalformedValue, StaleVersion
from domain.garments import GarmentKind
from domain.ids import EvidenceId, OrganizationId, TenderId, VerdictId
from domain.organizations.evidence import (
    Evidence,
    EvidenceNotFound,
    EvidenceRefused,
    EvidenceType,
    Verification,
)
from domain.organizations.model import OrganizationNotFound
from domain.organizations.producing import EvidenceForm, WorkshopForm
from domain.organizations.verdict import Result, RuleOutcome, Stage, Verdict, VerdictNotFound
from domain.organizations.workshop import Workshop, WorkshopNotFound
from domain.tenders.model import StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["producers"])


class WorkshopBody(Strict):
    """``efficiency`` is the share of paid minutes that become standard minutes, more than 0 and at most 1."""

    kato: KatoText
    zone: Text | None = None
    products: Annotated[list[GarmentKind], Field(min_length=1, max_length=20)]
    operators: int
    shift_minutes: int
    shifts: int
    working_days: int
    efficiency: DecimalText


class WorkshopView(Strict):
    id: OrganizationId
    kato: str
    zone: str | None
    products: list[GarmentKind]
    operators: int
    shift_minutes: int
    shifts: int
    working_days: int
    efficiency: DecimalText
    minutes_per_week: DecimalText
    described_at: Instant

    @classmethod
    def of(cls, workshop: Workshop) -> Self:
        return cls(
            id=workshop.id,
            kato=workshop.kato,
            zone=workshop.zone,
            products=list(workshop.products),
            operators=workshop.operators,
            shift_minutes=workshop.shift_minutes,
            shifts=workshop.shifts,
            working_days=workshop.working_days,
            efficiency=workshop.efficiency,
            minutes_per_week=workshop.minutes_per_week,
            described_at=workshop.described_at,
        )


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


class EvidenceView(Strict):
    id: EvidenceId
    holder_id: OrganizationId
    holder_bin: str
    type: EvidenceType
    number: str
    issuer: str
    product_codes: list[str]
    local_content: DecimalText
    declared_capacity: int
    valid_from: Day
    valid_until: Day
    verification: Verification
    revoked_on: Day | None
    recorded_at: Instant

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        return cls(
            id=evidence.id,
            holder_id=evidence.holder_id,
            holder_bin=evidence.holder_bin,
            type=evidence.type,
            number=evidence.number,
            issuer=evidence.issuer,
            product_codes=list(evidence.product_codes),
            local_content=evidence.local_content,
            declared_capacity=evidence.declared_capacity,
            valid_from=evidence.valid_from,
            valid_until=evidence.valid_until,
            verification=evidence.verification,
            revoked_on=evidence.revoked_on,
            recorded_at=evidence.recorded_at,
        )


class VerificationBody(Strict):
    how: Verification


class RevocationBody(Strict):
    reason: LongText


class VerdictBody(Strict):
    tender_id: TenderId
    lot: Annotated[int, Field(ge=1, le=50)]


class RuleView(Strict):
    """One named rule: its result, the data it looked at, and what would pass. ``line`` null is about the supplier."""

    rule: str
    line: int | None
    result: Result
    data: dict[str, str]
    reason: str | None
    passes: str | None

    @classmethod
    def of(cls, outcome: RuleOutcome) -> Self:
        return cls(
            rule=outcome.rule,
            line=outcome.line,
            result=outcome.result,
            data=outcome.data,
            reason=outcome.reason,
            passes=outcome.passes,
        )


class VerdictView(Strict):
    id: VerdictId
    organization_id: OrganizationId
    tender_id: TenderId
    lot: int
    stage: Stage
    on: Day
    package: str
    eligible: bool
    rules: list[RuleView]
    local_content: dict[str, DecimalText]
    evidence: dict[str, str]
    judged_at: Instant

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        return cls(
            id=verdict.id,
            organization_id=verdict.organization_id,
            tender_id=verdict.tender_id,
            lot=verdict.lot,
            stage=verdict.stage,
            on=verdict.on,
            package=verdict.package,
            eligible=verdict.eligible,
            rules=[RuleView.of(outcome) for outcome in verdict.outcomes],
            local_content={str(line): share for line, share in sorted(verdict.local_content.items())},
            evidence={str(line): number for line, number in sorted(verdict.evidence.items())},
            judged_at=verdict.judged_at,
        )


@step(
    router,
    "/workshop",
    action=Action.WORKSHOP_DESCRIBE,
    answers=WorkshopView,
    method="PUT",
    status=200,
    refusals=(MalformedValue, StaleVersion, "precondition-required"),
)
async def describe_workshop(body: Incoming[WorkshopBody], app: App, write: Unkept, version: Version) -> Response:
    """Describe your workshop, or change the description. If-Match is ``"0"`` the first time."""
    command = write.command(WorkshopView.of, status=200)
    form = WorkshopForm(**(dict(body) | {"products": tuple(body.products)}))
    await app.producing.describe(form, version=version, command=command)
    return answered(command)


@router.get("/workshop", responses=responses("not-authenticated", WorkshopNotFound))
async def read_own_workshop(app: App, caller: Signed, response: Response) -> WorkshopView:
    """Your own profile."""
    workshop = await app.producers.workshop(caller.actor, caller.actor.organization_id)
    response.headers["ETag"] = etag(workshop.version)
    return WorkshopView.of(workshop)


@router.get("/workshops/{organization_id}", responses=responses("not-authenticated", WorkshopNotFound))
async def read_workshop(organization_id: OrganizationId, app: App, caller: Signed) -> WorkshopView:
    """Any workshop's profile: capacity is what buyers look for."""
    return WorkshopView.of(await app.producers.workshop(caller.actor, organization_id))


@step(
    router,
    "/evidence",
    action=Action.EVIDENCE_RECORD,
    answers=EvidenceView,
    refusals=(EvidenceRefused, OrganizationNotFound),
)
async def record_evidence(body: Incoming[EvidenceBody], app: App, write: Writing) -> Response:
    """Record a proof of domestic production. A supplier's own is unverified; a registry operator's is verified."""
    command = write.command(EvidenceView.of)
    form = EvidenceForm(**(dict(body) | {"product_codes": tuple(body.product_codes)}))
    await app.producing.record(form, command=command)
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
    await app.producing.verify(id, how=body.how, command=command)
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
    await app.producing.revoke(id, reason=body.reason, command=command)
    return answered(command)


@step(
    router,
    "/verdicts",
    action=Action.VERDICT_ASK,
    answers=VerdictView,
    refusals=(TenderNotFound, OrganizationNotFound),
)
async def ask_verdict(body: Incoming[VerdictBody], app: App, write: Writing) -> Response:
    """May we bid on this whole lot today, and if not, what is missing?"""
    command = write.command(VerdictView.of)
    await app.producing.look(body.tender_id, body.lot, command=command)
    return answered(command)


@router.get("/verdicts/{id}", responses=responses("not-authenticated", VerdictNotFound))
async def read_verdict(id: VerdictId, app: App, caller: Signed) -> VerdictView:
    """Your own verdict; those of award and signing also for the buyer and auditors, after the opening."""
    return VerdictView.of(await app.producers.verdict(caller.actor, id))
