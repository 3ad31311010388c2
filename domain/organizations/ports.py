"""What the organisations room needs from outside: repositories, password hashing, reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from domain.actors import Actor, Role
from domain.events import Event
from domain.ids import CredentialId, EvidenceId, MembershipId, OrganizationId, PersonId, TenderId, VerdictId
from domain.organizations.contacts import Contacts
from domain.organizations.evidence import Evidence, EvidenceType
from domain.organizations.facts import PortalWord
from domain.organizations.model import Organization
from domain.organizations.people import Credential, Membership, Person
from domain.organizations.verdict import Verdict
from domain.organizations.workshop import Workshop
from domain.registries.standing import RegisterStanding
from domain.tenders.procedure import PinnedProcedure


class Organizations(Protocol):
    async def get(self, id: OrganizationId) -> Organization: ...
    async def lock(self, id: OrganizationId) -> Organization: ...
    async def by_bin(self, bin: str) -> Organization | None: ...
    async def save(self, entity: Organization, *, because: Event) -> Organization: ...


class People(Protocol):
    async def by_email(self, email: str) -> Person | None: ...
    async def save(self, entity: Person, *, because: Event) -> Person: ...


class Memberships(Protocol):
    async def of(self, person_id: PersonId, organization_id: OrganizationId) -> Membership | None: ...
    async def of_person(self, person_id: PersonId) -> tuple[Membership, ...]: ...
    async def save(self, entity: Membership, *, because: Event) -> Membership: ...


class Credentials(Protocol):
    async def get(self, id: CredentialId) -> Credential: ...
    async def save(self, entity: Credential, *, because: Event) -> Credential: ...


class Workshops(Protocol):
    async def find(self, id: OrganizationId) -> Workshop | None: ...
    async def save(self, entity: Workshop, *, because: Event) -> Workshop: ...


class EvidenceStore(Protocol):
    async def get(self, id: EvidenceId) -> Evidence: ...
    async def lock(self, id: EvidenceId) -> Evidence: ...
    async def of_holder(self, holder_id: OrganizationId, type: EvidenceType) -> tuple[Evidence, ...]:
        """Not revoked, newest first, a hundred at most."""

    async def save(self, entity: Evidence, *, because: Event) -> Evidence: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierRecord:
    """What is stored about a supplier, as the verdict needs it."""

    organization: Organization
    workshop: tuple[Decimal, Decimal] | None
    """Standard minutes a week, and those that contracts in force bind; None without a profile."""
    evidence: tuple[Evidence, ...]
    awarded_pieces: Mapping[str, int]
    """Pieces awarded this year, per first six digits of the product code."""
    standing: RegisterStanding
    portal: PortalWord
    others: tuple[Contacts, ...] = ()
    """Contact data of the other bidders of the lot."""


class Verdicts(Protocol):
    async def record(
        self, supplier_id: OrganizationId, *, tender_id: TenderId, lot: int, year: int, others: bool = False
    ) -> SupplierRecord:
        """Everything in two statements, so that a bid stays one short transaction. ``others``: the other bidders of the
        lot as well, whom nobody may look at before the opening.
        """

    async def get(self, id: VerdictId) -> Verdict: ...
    async def save(self, entity: Verdict, *, because: Event) -> Verdict: ...
    async def add_all(self, entities: Sequence[Verdict], *, because: Sequence[Event]) -> None: ...


class Passwords(Protocol):
    """Argon2id; slow on purpose, so both are awaited off the event loop."""

    async def hash(self, password: str) -> str: ...
    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Same work for an unknown account (None), which never matches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who a valid credential speaks for."""

    actor: Actor
    credential_id: CredentialId
    membership_id: MembershipId


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    id: MembershipId
    person_id: PersonId
    name: str
    email: str
    roles: tuple[Role, ...]
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    id: CredentialId
    name: str
    roles: tuple[Role, ...]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class OrganizationQueries(Protocol):
    async def caller(self, token_sha256: bytes) -> Caller | None:
        """None for an unknown, expired or revoked credential and a suspended organisation. What changes is known to
        every process within a second.
        """

    async def organization(self, actor: Actor, id: OrganizationId) -> Organization: ...
    async def person_name(self, actor: Actor) -> tuple[str, str]: ...
    async def members(self, actor: Actor, *, after: MembershipId | None, limit: int) -> list[MemberRow]: ...
    async def api_keys(self, actor: Actor, *, after: CredentialId | None, limit: int) -> list[KeyRow]: ...


class ProducerQueries(Protocol):
    async def workshop(self, actor: Actor, id: OrganizationId) -> Workshop:
        """Any workshop's profile, for anybody with credentials: capacity is what buyers look for."""

    async def evidence(self, actor: Actor, id: EvidenceId) -> Evidence:
        """For its holder, auditors and registry operators."""

    async def evidence_page(
        self, actor: Actor, *, holder: OrganizationId | None, after: EvidenceId | None, limit: int
    ) -> list[Evidence]: ...
    async def verdict(self, actor: Actor, id: VerdictId) -> Verdict:
        """For its supplier; those of award and signing, after the opening, for the tender's buyer, auditors and
        registry operators.
        """

    async def expiring(self, *, limit: int) -> list[EvidenceId]:
        """Evidence whose holder is to be warned today in legal time, soonest end first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerdict:
    """A verdict beside the rules that its tender pinned."""

    verdict: Verdict
    procedure: PinnedProcedure


class VerdictArchive(Protocol):
    async def verdicts(self, *, after: VerdictId | None, limit: int) -> list[StoredVerdict]:
        """Those that were stored with their facts, in the order of their ids."""
