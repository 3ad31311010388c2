"""Access: sessions, API keys, members, and who am I."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import App, Signed, Unkept, Writing, answered
from api.paging import Page, Paging, paged
from api.problems import responses
from api.routes.organizations import PersonBody
from api.routing import public_step, step
from api.schemas import BinText, Email, Incoming, Instant, Strict, Text
from domain.actors import Action, OrganizationKind, Role
from domain.ids import CredentialId, MembershipId, OrganizationId, PersonId
from domain.organizations.people import (
    Credential,
    CredentialNotFound,
    MemberExists,
    Membership,
    RoleNotOfKind,
    RolesBeyondOwn,
    WrongCredentials,
)
from domain.organizations.ports import KeyRow, MemberRow
from domain.organizations.registering import PersonForm
from domain.organizations.signing_in import Issued, KeyLifeTooLong

router = APIRouter(prefix="/v1", tags=["access"])

Roles = Annotated[list[Role], Field(min_length=1, max_length=7)]


class SessionBody(Strict):
    email: Email
    password: Annotated[str, Field(min_length=1, max_length=200)]
    bin: BinText | None = None


class SessionView(Strict):
    token: str
    expires_at: Instant


class MeView(Strict):
    person_id: PersonId
    name: str
    email: str
    organization_id: OrganizationId
    organization_kind: OrganizationKind
    roles: list[Role]


class MemberBody(PersonBody):
    roles: Roles


class MembershipView(Strict):
    id: MembershipId
    person_id: PersonId
    roles: list[Role]
    added_at: Instant

    @classmethod
    def of(cls, membership: Membership) -> Self:
        return cls(
            id=membership.id,
            person_id=membership.person_id,
            roles=list(membership.roles),
            added_at=membership.added_at,
        )


class MemberView(Strict):
    id: MembershipId
    person_id: PersonId
    name: str
    email: str
    roles: list[Role]
    added_at: Instant

    @classmethod
    def of(cls, row: MemberRow) -> Self:
        return cls(
            id=row.id,
            person_id=row.person_id,
            name=row.name,
            email=row.email,
            roles=list(row.roles),
            added_at=row.added_at,
        )


class KeyBody(Strict):
    name: Text
    roles: Roles
    days: Annotated[int, Field(ge=1, le=366)]


class KeyView(Strict):
    id: CredentialId
    name: str
    roles: list[Role]
    issued_at: Instant
    expires_at: Instant
    revoked_at: Instant | None

    @classmethod
    def of(cls, key: KeyRow | Credential) -> Self:
        return cls(
            id=key.id,
            name=key.name,
            roles=list(key.roles),
            issued_at=key.issued_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )


class NewKeyView(Strict):
    """``token`` is shown this once and stored nowhere."""

    key: KeyView
    token: str

    @classmethod
    def of(cls, issued: Issued) -> Self:
        return cls(key=KeyView.of(issued.credential), token=issued.token)


@public_step(
    router,
    "/sessions",
    why="Signing in is how credentials are got; a second session does no harm.",
    answers=SessionView,
    refusals=(WrongCredentials,),
)
async def sign_in(body: Incoming[SessionBody], app: App) -> SessionView:
    """A session for one of your memberships; ``bin`` chooses the organisation when you have several."""
    issued = await app.signing_in.sign_in(email=body.email, password=body.password, bin=body.bin)
    return SessionView(token=issued.token, expires_at=issued.credential.expires_at)


@step(router, "/sessions/current", action=Action.SESSION_END, answers=None, method="DELETE", status=204)
async def sign_out(app: App, write: Unkept) -> None:
    """End the session (or revoke the key) that this request carries."""
    await app.signing_in.revoke(write.caller.credential_id, caller=write.caller)


@router.get("/me", responses=responses("not-authenticated"))
async def read_me(app: App, caller: Signed) -> MeView:
    """Who the credentials speak for."""
    name, email = await app.organizations.person_name(caller.actor)
    actor = caller.actor
    return MeView(
        person_id=actor.person_id,
        name=name,
        email=email,
        organization_id=actor.organization_id,
        organization_kind=actor.kind,
        roles=sorted(actor.roles),
    )


@step(
    router,
    "/members",
    action=Action.MEMBER_MANAGE,
    answers=MembershipView,
    refusals=(MemberExists, RoleNotOfKind),
)
async def add_member(body: Incoming[MemberBody], app: App, write: Writing) -> Response:
    """Add a person to your organisation; a known e-mail joins with the password it has."""
    command = write.command(MembershipView.of)
    form = PersonForm(email=body.email, name=body.name, password=body.password)
    await app.registering.add_member(form, tuple(body.roles), command=command)
    return answered(command)


@router.get("/members", responses=responses("not-authenticated"), response_model=Page[MemberView])
async def list_members(app: App, caller: Signed, paging: Paging) -> Response:
    """The members of your organisation."""
    after = paging.after(MembershipId)
    rows = await app.organizations.members(caller.actor, after=after, limit=paging.limit + 1)
    return paged([MemberView.of(row) for row in rows], paging, key=lambda view: [str(view.id)])


@step(
    router,
    "/api-keys",
    action=Action.API_KEY_MANAGE,
    answers=NewKeyView,
    refusals=(RolesBeyondOwn, KeyLifeTooLong),
)
async def issue_key(body: Incoming[KeyBody], app: App, write: Unkept) -> Response:
    """A key for your own membership, with some of your own roles."""
    command = write.command(NewKeyView.of)
    await app.signing_in.issue_key(
        caller=write.caller, name=body.name, roles=tuple(body.roles), days=body.days, command=command
    )
    return answered(command)


@router.get("/api-keys", responses=responses("not-authenticated"), response_model=Page[KeyView])
async def list_keys(app: App, caller: Signed, paging: Paging) -> Response:
    """Your own keys, ended ones too."""
    after = paging.after(CredentialId)
    rows = await app.organizations.api_keys(caller.actor, after=after, limit=paging.limit + 1)
    return paged([KeyView.of(row) for row in rows], paging, key=lambda view: [str(view.id)])


@step(
    router,
    "/api-keys/{id}",
    action=Action.API_KEY_MANAGE,
    answers=None,
    method="DELETE",
    status=204,
    refusals=(CredentialNotFound,),
)
async def revoke_key(id: CredentialId, app: App, write: Unkept) -> None:
    """Revoke a key; it is refused from the next request on. Revoking twice is harmless."""
    await app.signing_in.revoke(id, caller=write.caller)
