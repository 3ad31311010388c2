"""Organisations: registration, confirmation, suspension."""

from typing import Self

from fastapi import APIRouter, Response

from api.dependencies import App, Signed, Unkept, Version, Writing, answered
from api.preconditions import etag
from api.problems import responses
from api.routing import public_step, step
from api.schemas import (
    BankAccountText,
    BinText,
    Email,
    Incoming,
    Instant,
    KatoText,
    LongText,
    Password,
    Phone,
    Strict,
    Text,
)
from domain.actors import Action, OrganizationKind
from domain.errors import StaleVersion
from domain.ids import OrganizationId, PersonId
from domain.organizations.contacts import Contacts
from domain.organizations.model import BinTaken, Organization, OrganizationNotFound, OrganizationStatus
from domain.organizations.people import EmailTaken
from domain.organizations.registering import KindNotOpen, OrganizationForm, PersonForm
from domain.tenders.model import StepNotAllowed

router = APIRouter(prefix="/v1", tags=["organisations"])


class OrganizationBody(Strict):
    bin: BinText
    kind: OrganizationKind
    name: Text
    kato: KatoText
    address: Text
    phone: Phone
    email: Email
    director: Text | None = None
    bank_account: BankAccountText | None = None


class PersonBody(Strict):
    email: Email
    name: Text
    password: Password


class ContactsBody(Strict):
    """``bank_account`` is an IBAN of Kazakhstan. What is not given is no longer known."""

    address: Text
    phone: Phone
    email: Email
    director: Text | None = None
    bank_account: BankAccountText | None = None


class RegistrationBody(Strict):
    organization: OrganizationBody
    founder: PersonBody


class OrganizationView(Strict):
    """An organisation as its members, auditors and registry operators see it, and nobody else: the director's name is
    a person's.
    """

    id: OrganizationId
    bin: str
    kind: OrganizationKind
    name: str
    kato: str
    address: str
    phone: str
    email: str
    director: str | None
    bank_account: str | None
    status: OrganizationStatus
    registered_at: Instant

    @classmethod
    def of(cls, organization: Organization) -> Self:
        return cls(
            id=organization.id,
            bin=organization.bin,
            kind=organization.kind,
            name=organization.name,
            kato=organization.kato,
            address=organization.address,
            phone=organization.phone,
            email=organization.email,
            director=organization.director,
            bank_account=organization.bank_account,
            status=organization.status,
            registered_at=organization.registered_at,
        )


class RegistrationView(Strict):
    organization: OrganizationView
    person_id: PersonId


class SuspensionBody(Strict):
    reason: LongText


@public_step(
    router,
    "/registrations",
    why="An organisation that is not yet known has no credentials; a BIN registers once, so a retry is safe.",
    answers=RegistrationView,
    refusals=(BinTaken, EmailTaken, KindNotOpen),
)
async def register_organization(body: Incoming[RegistrationBody], app: App) -> RegistrationView:
    """Register an organisation by its BIN; its founder receives every role of its kind."""
    registered = await app.registering.register(
        OrganizationForm(**dict(body.organization)), PersonForm(**dict(body.founder))
    )
    return RegistrationView(organization=OrganizationView.of(registered.organization), person_id=registered.person.id)


@router.get(
    "/organizations/{id}",
    responses=responses("not-authenticated", OrganizationNotFound),
)
async def read_organization(id: OrganizationId, app: App, caller: Signed, response: Response) -> OrganizationView:
    """Your own organisation; auditors and registry operators read any."""
    organization = await app.organizations.organization(caller.actor, id)
    response.headers["ETag"] = etag(organization.version)
    return OrganizationView.of(organization)


@step(
    router,
    "/organization",
    action=Action.ORGANIZATION_CONTACTS,
    answers=OrganizationView,
    method="PUT",
    status=200,
    refusals=(StaleVersion, "precondition-required"),
)
async def change_contacts(body: Incoming[ContactsBody], app: App, write: Unkept, version: Version) -> Response:
    """Replace the contact data of your organisation; the version is that of ``GET /v1/organizations/{id}``."""
    command = write.command(OrganizationView.of, status=200)
    await app.registering.change_contacts(Contacts(**dict(body)), version=version, command=command)
    return answered(command)


@step(
    router,
    "/organizations/{id}/confirmation",
    action=Action.ORGANIZATION_CONFIRM,
    answers=OrganizationView,
    refusals=(OrganizationNotFound, StepNotAllowed),
)
async def confirm_organization(id: OrganizationId, app: App, write: Writing) -> Response:
    """Confirm that the founder speaks for this BIN."""
    command = write.command(OrganizationView.of)
    await app.registering.confirm(id, command=command)
    return answered(command)


@step(
    router,
    "/organizations/{id}/suspension",
    action=Action.ORGANIZATION_SUSPEND,
    answers=OrganizationView,
    refusals=(OrganizationNotFound, StepNotAllowed),
)
async def suspend_organization(
    id: OrganizationId, body: Incoming[SuspensionBody], app: App, write: Writing
) -> Response:
    """Suspend an organisation; its credentials stop at once. Confirming it again lifts the suspension."""
    command = write.command(OrganizationView.of)
    await app.registering.suspend(id, reason=body.reason, command=command)
    return answered(command)
