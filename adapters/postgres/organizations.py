"""Repositories of the organisations room."""

from typing import ClassVar

from sqlalchemy import select

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.rows.organizations import CredentialRow, MembershipRow, OrganizationRow, PersonRow
from domain.errors import NotFound
from domain.ids import OrganizationId, PersonId
from domain.organizations.model import Organization, OrganizationNotFound
from domain.organizations.people import Credential, CredentialNotFound, Membership, Person


class PostgresOrganizations(Aggregates[Organization]):
    codec: ClassVar = Codec(Organization, OrganizationRow)
    missing: ClassVar[type[NotFound]] = OrganizationNotFound

    async def by_bin(self, bin: str) -> Organization | None:
        return await self._first(self.codec.table.c.bin == bin)


class PostgresPeople(Aggregates[Person]):
    codec: ClassVar = Codec(Person, PersonRow)
    missing: ClassVar[type[NotFound]] = OrganizationNotFound

    async def by_email(self, email: str) -> Person | None:
        return await self._first(self.codec.table.c.email == email)


class PostgresMemberships(Aggregates[Membership]):
    codec: ClassVar = Codec(Membership, MembershipRow)
    missing: ClassVar[type[NotFound]] = OrganizationNotFound

    async def of(self, person_id: PersonId, organization_id: OrganizationId) -> Membership | None:
        c = self.codec.table.c
        return await self._first(c.person_id == person_id, c.organization_id == organization_id)

    async def of_person(self, person_id: PersonId) -> tuple[Membership, ...]:
        c = self.codec.table.c
        return await self._all(select(self.codec.table).where(c.person_id == person_id).order_by(c.added_at).limit(100))


class PostgresCredentials(Aggregates[Credential]):
    codec: ClassVar = Codec(Credential, CredentialRow)
    missing: ClassVar[type[NotFound]] = CredentialNotFound
