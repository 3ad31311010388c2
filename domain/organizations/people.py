"""People, their memberships in organisations, and the credentials that speak for a membership.

A person may act for several organisations; a credential (a session or an API key) always speaks for one
membership and never for more roles than it. Secrets are known only as SHA-256 of an opaque 256-bit token.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.actors import ROLES_OF_KIND, OrganizationKind, Role
from domain.errors import Conflict, Flaw, Forbidden, Invalid, NotFound, Titles
from domain.events import By, Event
from domain.ids import CredentialId, MembershipId, OrganizationId, PersonId


class EmailTaken(Conflict):
    code = "email-taken"
    titles = Titles(
        "A person with this e-mail exists", "Человек с этим адресом уже есть", "Бұл поштамен адам тіркелген"
    )


class MemberExists(Conflict):
    code = "member-exists"
    titles = Titles("The person is a member already", "Человек уже участник", "Адам бұрыннан мүше")


class RoleNotOfKind(Invalid):
    code = "role-not-of-kind"
    titles = Titles(
        "This organisation has no such role", "У этой организации нет такой роли", "Бұл ұйымда мұндай рөл жоқ"
    )


class RolesBeyondOwn(Forbidden):
    code = "roles-beyond-own"
    titles = Titles(
        "A key cannot have roles that you lack",
        "Ключ не может иметь ролей, которых нет у вас",
        "Кілтте сізде жоқ рөл бола алмайды",
    )


class WrongCredentials(Forbidden):
    """One answer for an unknown account, a wrong password and a foreign organisation."""

    code = "wrong-credentials"
    titles = Titles("The e-mail or the password is wrong", "Неверный адрес или пароль", "Пошта немесе құпиясөз қате")


class CredentialNotFound(NotFound):
    code = "credential-not-found"
    titles = Titles("There is no such key", "Такого ключа нет", "Мұндай кілт жоқ")


class CredentialKind(StrEnum):
    SESSION = "session"
    API_KEY = "api_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded(Event):
    """Names roles and ids only: personal data stay out of the events."""

    type: ClassVar[str] = "member.added"
    subject: ClassVar[str] = "membership"
    organization_id: OrganizationId
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRegistered(Event):
    type: ClassVar[str] = "person.registered"
    subject: ClassVar[str] = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialIssued(Event):
    type: ClassVar[str] = "credential.issued"
    subject: ClassVar[str] = "credential"
    kind: CredentialKind
    membership_id: MembershipId


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRevoked(Event):
    type: ClassVar[str] = "credential.revoked"
    subject: ClassVar[str] = "credential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``password_hash`` is an Argon2id string; ``email`` is lower case."""

    id: PersonId
    email: str
    name: str
    password_hash: str
    registered_at: datetime
    version: int = 0

    def registered(self, *, by: By) -> PersonRegistered:
        return PersonRegistered(subject_id=self.id, by=by, at=self.registered_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    id: MembershipId
    person_id: PersonId
    organization_id: OrganizationId
    roles: tuple[Role, ...]
    added_at: datetime
    version: int = 0

    def added(self, *, kind: OrganizationKind, by: By) -> MemberAdded:
        """Refuse roles that an organisation of this kind does not have."""
        wrong = [role for role in self.roles if role not in ROLES_OF_KIND[kind]]
        if wrong or not self.roles:
            passing = ", ".join(sorted(ROLES_OF_KIND[kind]))
            flaw = Flaw(pointer="/roles", reason=f"not for a {kind}: {wrong}", passes=passing)
            raise RoleNotOfKind(f"A member of a {kind} holds one or more of: {passing}", flaws=(flaw,))
        return MemberAdded(
            subject_id=self.id, by=by, at=self.added_at, organization_id=self.organization_id, roles=self.roles
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    id: CredentialId
    kind: CredentialKind
    membership_id: MembershipId
    name: str
    roles: tuple[Role, ...]
    token_sha256: bytes
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    version: int = 0

    def issued(self, *, by: By) -> CredentialIssued:
        return CredentialIssued(
            subject_id=self.id, by=by, at=self.issued_at, kind=self.kind, membership_id=self.membership_id
        )

    def revoke(self, *, by: By, at: datetime) -> tuple["Credential", CredentialRevoked]:
        """Revoking twice is harmless."""
        return replace(self, revoked_at=self.revoked_at or at), CredentialRevoked(subject_id=self.id, by=by, at=at)
