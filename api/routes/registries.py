"""Registries: asking them, and taking over what they hold. What they said is kept, also that they said nothing."""

import base64
import hashlib
from typing import Annotated, Any, Self

from fastapi import APIRouter, Response
from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema, model_validator

from api.dependencies import App, Writing, answered
from api.routes.tenders import DRAFT_REFUSALS
from api.routing import step
from api.schemas import BinText, Day, DecimalText, Incoming, Strict, Text, refuse
from api.views.registries import (
    EvidenceCheckView,
    ImportedView,
    OrganizationCheckView,
    SignatureCheckView,
    UnreliableCheckView,
)
from domain.actors import Action
from domain.errors import MalformedValue
from domain.ids import EvidenceId, OrganizationId, WrongBin
from domain.organizations.evidence import EvidenceNotFound
from domain.organizations.model import OrganizationNotFound
from domain.registries.announcing import AnnouncementNotFound, AnnouncementOfAnother, AnnouncementRefused, ByHand
from domain.registries.model import NotYourBin, RegistryAnswerRefused, RegistryUnavailable

router = APIRouter(prefix="/v1", tags=["registries"])

FAILURES = (RegistryUnavailable, RegistryAnswerRefused)
_BASE64_MAX = 700_000


def _bytes(value: Any) -> bytes:
    passes = f"1 to {_BASE64_MAX} characters of Base64"
    if not isinstance(value, str) or not 0 < len(value) <= _BASE64_MAX:
        refuse("Bytes are a string of Base64", passes)
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        refuse("This is not Base64", passes)


Base64 = Annotated[
    bytes,
    PlainValidator(_bytes),
    WithJsonSchema({"type": "string", "contentEncoding": "base64", "minLength": 1, "maxLength": _BASE64_MAX}),
]


class CheckBody(Strict):
    """Nothing to say: the registry is asked about the BIN that is stored."""


class UnreliableCheckBody(Strict):
    bin: BinText


class SignatureCheckBody(Strict):
    """``data`` for a detached signature; ``data_sha256`` alone is enough where the CMS carries its data."""

    cms: Base64
    data: Base64 | None = None
    data_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.data is None) is (self.data_sha256 is None):
            refuse("data and data_sha256 are both given or both missing", "exactly one of data and data_sha256")
        return self

    @property
    def digest(self) -> str:
        return self.data_sha256 or hashlib.sha256(self.data or b"").hexdigest()


class ImportBody(Strict):
    """The register knows neither sewing minutes nor a delivery day that can be read: both are put on every line and
    place, to be revised in the draft.
    """

    announcement: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}-[0-9]{1,3}$"), Field(examples=["16744298-1"])]
    procedure: Text
    standard_minutes: DecimalText
    due_on: Day


@step(
    router,
    "/organizations/{id}/registry-check",
    action=Action.ORGANIZATION_CHECK,
    answers=OrganizationCheckView,
    refusals=(OrganizationNotFound, WrongBin, *FAILURES),
)
async def check_organization(id: OrganizationId, _body: Incoming[CheckBody], app: App, write: Writing) -> Response:
    """Ask the statistics office about an organisation's BIN: its data, and whether name and region agree."""
    command = write.command(OrganizationCheckView.of)
    await app.asking.organization(id, command=command)
    return answered(command)


@step(
    router,
    "/evidence/{id}/registry-check",
    action=Action.EVIDENCE_VERIFY,
    answers=EvidenceCheckView,
    refusals=(EvidenceNotFound, WrongBin, *FAILURES),
)
async def check_evidence(id: EvidenceId, _body: Incoming[CheckBody], app: App, write: Writing) -> Response:
    """Ask the state portal about the holder: its mark of a domestic producer verifies evidence that nothing has yet.

    An outage changes nothing: the evidence stays as it is, and that nobody answered is kept.
    """
    command = write.command(EvidenceCheckView.of)
    await app.asking.evidence(id, command=command)
    return answered(command)


@step(
    router,
    "/unreliable-checks",
    action=Action.UNRELIABLE_CHECK,
    answers=UnreliableCheckView,
    refusals=(WrongBin, NotYourBin, OrganizationNotFound, *FAILURES),
)
async def check_unreliable(body: Incoming[UnreliableCheckBody], app: App, write: Writing) -> Response:
    """Ask the list of unreliable participants of state procurement. Suppliers ask about their own BIN."""
    command = write.command(UnreliableCheckView.of)
    await app.asking.unreliable(body.bin, command=command)
    return answered(command)


@step(
    router,
    "/tenders/imports",
    action=Action.TENDER_DRAFT,
    answers=ImportedView,
    refusals=(
        AnnouncementNotFound,
        AnnouncementOfAnother,
        AnnouncementRefused,
        OrganizationNotFound,
        MalformedValue,
        *DRAFT_REFUSALS,
        *FAILURES,
    ),
)
async def import_announcement(body: Incoming[ImportBody], app: App, write: Writing) -> Response:
    """Make a draft of your own announcement on the state portal; what could not be taken over is listed."""
    command = write.command(ImportedView.of)
    given = ByHand(procedure=body.procedure, standard_minutes=body.standard_minutes, due_on=body.due_on)
    await app.taking_over.draft(body.announcement, given, command=command)
    return answered(command)


@step(
    router,
    "/signature-checks",
    action=Action.SIGNATURE_CHECK,
    answers=SignatureCheckView,
    refusals=FAILURES,
)
async def check_signature(body: Incoming[SignatureCheckBody], app: App, write: Writing) -> Response:
    """Verify a digital signature (CMS). Without a configured verifier nothing is called verified."""
    command = write.command(SignatureCheckView.of)
    await app.asking.signature(body.cms, data=body.data, data_sha256=body.digest, command=command)
    return answered(command)
