"""Reads of the organisations room: explicit SQL, scoped by the actor."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.callers import Callers, Found
from adapters.postgres.organizations import PostgresOrganizations
from adapters.postgres.reading import rows_of
from domain.actors import Actor, OrganizationKind, Role
from domain.ids import CredentialId, MembershipId, OrganizationId, PersonId
from domain.organizations.model import Organization, OrganizationNotFound
from domain.organizations.ports import Caller, KeyRow, MemberRow

_CALLER = text("""
SELECT c.id AS credential_id, c.roles AS credential_roles, m.id AS membership_id, m.roles, m.person_id,
       o.id AS organization_id, o.kind, extract(epoch FROM c.expires_at - clock_timestamp())::float8 AS lasts
FROM credentials c JOIN memberships m ON m.id = c.membership_id JOIN organizations o ON o.id = m.organization_id
WHERE c.token_sha256 = :token_sha256 AND c.revoked_at IS NULL AND c.expires_at > clock_timestamp()
  AND o.status <> 'suspended'
""")
_ORGANIZATION = text("SELECT * FROM organizations WHERE id = :id")
_PERSON = text("SELECT name, email FROM people WHERE id = :id")
_MEMBERS = text("""
SELECT m.id, m.person_id, p.name, p.email, m.roles, m.added_at
FROM memberships m JOIN people p ON p.id = m.person_id
WHERE m.organization_id = :organization_id AND (CAST(:after AS uuid) IS NULL OR m.id > :after)
ORDER BY m.id LIMIT :limit
""")
_KEYS = text("""
SELECT c.id, c.name, c.roles, c.issued_at, c.expires_at, c.revoked_at
FROM credentials c JOIN memberships m ON m.id = c.membership_id
WHERE m.organization_id = :organization_id AND m.person_id = :person_id AND c.kind = 'api_key'
  AND (CAST(:after AS uuid) IS NULL OR c.id > :after)
ORDER BY c.id LIMIT :limit
""")


def _roles(values: list[str]) -> tuple[Role, ...]:
    return tuple(Role(value) for value in values)


class PostgresOrganizationQueries:
    def __init__(self, reading: AsyncEngine, callers: Callers) -> None:
        self._reading = reading
        self._callers = callers

    async def caller(self, token_sha256: bytes) -> Caller | None:
        return await self._callers.of(token_sha256, self._look_up)

    async def _look_up(self, token_sha256: bytes) -> Found | None:
        rows = await rows_of(self._reading, _CALLER, token_sha256=token_sha256)
        if not rows:
            return None
        row = rows[0]
        actor = Actor(
            person_id=PersonId(row["person_id"]),
            organization_id=OrganizationId(row["organization_id"]),
            kind=OrganizationKind(row["kind"]),
            # A role taken from the member is taken from the keys that carry it, too.
            roles=frozenset(_roles(row["credential_roles"])) & frozenset(_roles(row["roles"])),
        )
        caller = Caller(
            actor=actor,
            credential_id=CredentialId(row["credential_id"]),
            membership_id=MembershipId(row["membership_id"]),
        )
        return Found(caller=caller, lasts=row["lasts"])

    async def organization(self, actor: Actor, id: OrganizationId) -> Organization:
        wide = actor.is_auditor or actor.is_registry_operator
        rows = await rows_of(self._reading, _ORGANIZATION, id=id) if wide or id == actor.organization_id else []
        if not rows:
            raise OrganizationNotFound("There is no such organisation")
        entity: Organization = PostgresOrganizations.codec.entity(rows[0])
        return entity

    async def person_name(self, actor: Actor) -> tuple[str, str]:
        row = (await rows_of(self._reading, _PERSON, id=actor.person_id))[0]
        return row["name"], row["email"]

    async def members(self, actor: Actor, *, after: MembershipId | None, limit: int) -> list[MemberRow]:
        rows = await rows_of(self._reading, _MEMBERS, organization_id=actor.organization_id, after=after, limit=limit)
        return [MemberRow(**(dict(row) | {"roles": _roles(row["roles"])})) for row in rows]

    async def api_keys(self, actor: Actor, *, after: CredentialId | None, limit: int) -> list[KeyRow]:
        rows = await rows_of(
            self._reading,
            _KEYS,
            organization_id=actor.organization_id,
            person_id=actor.person_id,
            after=after,
            limit=limit,
        )
        return [KeyRow(**(dict(row) | {"roles": _roles(row["roles"])})) for row in rows]
