"""SigningIn: sessions and API keys, their issue and their end."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.actors import Role
from domain.errors import Flaw, Invalid, Titles
from domain.events import By
from domain.ids import CredentialId, MembershipId, NewId
from domain.organizations.people import (
    Credential,
    CredentialKind,
    CredentialNotFound,
    RolesBeyondOwn,
    WrongCredentials,
)
from domain.organizations.ports import Caller, Passwords
from domain.work import Begin, Command

SESSION_LIFE = timedelta(hours=12)
KEY_LIFE_MAX = timedelta(days=366)


class KeyLifeTooLong(Invalid):
    code = "key-life-out-of-range"
    titles = Titles("The key's life is out of range", "Срок ключа вне пределов", "Кілттің мерзімі шектен тыс")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A new credential and its token, which is shown this once and stored nowhere."""

    credential: Credential
    token: str


def token_sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class SigningIn:
    def __init__(self, begin: Begin, passwords: Passwords, new_id: NewId, new_token: Callable[[], str]) -> None:
        self._begin = begin
        self._passwords = passwords
        self._new_id = new_id
        self._new_token = new_token

    async def sign_in(self, *, email: str, password: str, bin: str | None = None) -> Issued:
        """A session for one membership; ``bin`` chooses the organisation of a person who has several.

        Unknown e-mail, wrong password and foreign organisation cost the same work and get the same answer.
        """
        async with self._begin() as work:
            person = await work.people.by_email(email.lower())
        if not await self._passwords.matches(password, person.password_hash if person else None) or person is None:
            raise WrongCredentials("The e-mail or the password is wrong")
        async with self._begin() as work:
            memberships = await work.memberships.of_person(person.id)
            if bin is not None:
                organization = await work.organizations.by_bin(bin)
                memberships = tuple(m for m in memberships if organization and m.organization_id == organization.id)
            if not memberships:
                raise WrongCredentials("The e-mail or the password is wrong")
            membership = memberships[0]
            at = await work.now()
            issued = self._issue(
                kind=CredentialKind.SESSION,
                membership_id=membership.id,
                name="session",
                roles=membership.roles,
                at=at,
                expires_at=at + SESSION_LIFE,
            )
            by = By(person_id=person.id, organization_id=membership.organization_id)
            await work.credentials.save(issued.credential, because=issued.credential.issued(by=by))
        return issued

    async def issue_key(
        self, *, caller: Caller, name: str, roles: tuple[Role, ...], days: int, command: Command
    ) -> Issued:
        """An API key for the caller's own membership, with no roles that the caller lacks."""
        beyond = sorted(set(roles) - command.by.roles)
        if beyond or not roles:
            passing = ", ".join(sorted(command.by.roles))
            flaw = Flaw(pointer="/roles", reason=f"not yours: {beyond}", passes=passing)
            raise RolesBeyondOwn("A key has one or more of your own roles", flaws=(flaw,))
        if not 1 <= days <= KEY_LIFE_MAX.days:
            flaw = Flaw(pointer="/days", reason=f"{days} days", passes=f"1 to {KEY_LIFE_MAX.days}")
            raise KeyLifeTooLong("A key lives from a day to a year", flaws=(flaw,))
        async with self._begin(command) as work:
            at = await work.now()
            issued = self._issue(
                kind=CredentialKind.API_KEY,
                membership_id=caller.membership_id,
                name=name,
                roles=tuple(sorted(roles)),
                at=at,
                expires_at=at + timedelta(days=days),
            )
            by = By.actor(command.by)
            await work.credentials.save(issued.credential, because=issued.credential.issued(by=by))
            return work.answers(issued)

    async def revoke(self, id: CredentialId, *, caller: Caller) -> None:
        """End one of the caller's own credentials; in force at once. Another membership's is not found."""
        async with self._begin() as work:
            credential = await work.credentials.get(id)
            if credential.membership_id != caller.membership_id:
                raise CredentialNotFound("There is no such key")
            revoked, event = credential.revoke(by=By.actor(caller.actor), at=await work.now())
            await work.credentials.save(revoked, because=event)

    def _issue(
        self,
        *,
        kind: CredentialKind,
        membership_id: MembershipId,
        name: str,
        roles: tuple[Role, ...],
        at: datetime,
        expires_at: datetime,
    ) -> Issued:
        token = self._new_token()
        credential = Credential(
            id=CredentialId(self._new_id()),
            kind=kind,
            membership_id=membership_id,
            name=name,
            roles=roles,
            token_sha256=token_sha256(token),
            issued_at=at,
            expires_at=expires_at,
        )
        return Issued(credential=credential, token=token)
