"""Registering: organisations come in, are confirmed or suspended, and gain members."""

from dataclasses import dataclass

from domain.actors import ROLES_OF_KIND, OrganizationKind, Role
from domain.errors import Flaw, Invalid, StaleVersion, Titles
from domain.events import CLOCK, By
from domain.ids import Bin, Kato, MembershipId, NewId, OrganizationId, PersonId
from domain.organizations.contacts import BankAccount, Contacts
from domain.organizations.model import BinTaken, Organization
from domain.organizations.people import MemberExists, Membership, Person
from domain.organizations.ports import Passwords
from domain.work import Begin, Command, Work


class KindNotOpen(Invalid):
    """Auditors and registries are created by the operator of the deployment, never by self-registration."""

    code = "kind-not-open"
    titles = Titles(
        "This kind of organisation does not register itself",
        "Такая организация не регистрируется сама",
        "Мұндай ұйым өзі тіркелмейді",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationForm:
    bin: Bin
    kind: OrganizationKind
    name: str
    kato: Kato
    address: str
    phone: str
    email: str
    director: str | None = None
    bank_account: BankAccount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonForm:
    email: str
    name: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    organization: Organization
    person: Person


OPEN_KINDS = frozenset({OrganizationKind.BUYER, OrganizationKind.SUPPLIER})


class Registering:
    def __init__(self, begin: Begin, passwords: Passwords, new_id: NewId) -> None:
        self._begin = begin
        self._passwords = passwords
        self._new_id = new_id

    async def register(self, form: OrganizationForm, founder: PersonForm, *, by_operator: bool = False) -> Registered:
        """A new organisation whose founder holds every role of its kind. A BIN registers once (``bin-taken``).

        The operator of the deployment (command line) may also create auditors and registries, confirmed at once.
        """
        if form.kind not in OPEN_KINDS and not by_operator:
            flaw = Flaw(pointer="/organization/kind", reason="not open", passes=", ".join(sorted(OPEN_KINDS)))
            raise KindNotOpen("Only buyers and suppliers register themselves", flaws=(flaw,))
        password_hash = await self._passwords.hash(founder.password)
        async with self._begin() as work:
            if await work.organizations.by_bin(form.bin):
                raise BinTaken("This BIN is registered", passes="a membership given by its administrator")
            at = await work.now()
            organization = Organization(
                id=OrganizationId(self._new_id()),
                bin=form.bin,
                kind=form.kind,
                name=form.name,
                kato=form.kato,
                address=form.address,
                phone=form.phone,
                email=form.email,
                director=form.director,
                bank_account=form.bank_account,
                registered_at=at,
            )
            person = Person(
                id=PersonId(self._new_id()),
                email=founder.email.lower(),
                name=founder.name,
                password_hash=password_hash,
                registered_at=at,
            )
            by = By(person_id=person.id, organization_id=organization.id)
            organization = await work.organizations.save(organization, because=organization.registered(by=by))
            if by_operator:
                confirmed, event = organization.confirm(by=CLOCK, at=at)
                organization = await work.organizations.save(confirmed, because=event)
            person = await work.people.save(person, because=person.registered(by=by))
            await self._add(work, person, organization, tuple(sorted(ROLES_OF_KIND[form.kind])), by)
        return Registered(organization=organization, person=person)

    async def confirm(self, id: OrganizationId, *, command: Command) -> Organization:
        async with self._begin(command) as work:
            organization = await work.organizations.lock(id)
            confirmed, event = organization.confirm(by=By.actor(command.by), at=await work.now())
            return work.answers(await work.organizations.save(confirmed, because=event))

    async def suspend(self, id: OrganizationId, *, reason: str, command: Command) -> Organization:
        async with self._begin(command) as work:
            organization = await work.organizations.lock(id)
            suspended, event = organization.suspend(reason=reason, by=By.actor(command.by), at=await work.now())
            return work.answers(await work.organizations.save(suspended, because=event))

    async def change_contacts(self, contacts: Contacts, *, version: int, command: Command) -> Organization:
        """Replace the contact data of the caller's own organisation."""
        async with self._begin(command) as work:
            organization = await work.organizations.lock(command.by.organization_id)
            if organization.version != version:
                raise StaleVersion(
                    f"You read version {version}, it is {organization.version} now", passes="a fresh read"
                )
            changed, event = organization.change_contacts(contacts, by=By.actor(command.by), at=await work.now())
            return work.answers(await work.organizations.save(changed, because=event))

    async def add_member(self, form: PersonForm, roles: tuple[Role, ...], *, command: Command) -> Membership:
        """Add a person to the caller's organisation; a known e-mail joins with the password it has."""
        password_hash = await self._passwords.hash(form.password)
        async with self._begin(command) as work:
            organization = await work.organizations.get(command.by.organization_id)
            by = By.actor(command.by)
            person = await work.people.by_email(form.email.lower())
            if person is None:
                person = Person(
                    id=PersonId(self._new_id()),
                    email=form.email.lower(),
                    name=form.name,
                    password_hash=password_hash,
                    registered_at=await work.now(),
                )
                person = await work.people.save(person, because=person.registered(by=by))
            elif await work.memberships.of(person.id, organization.id):
                raise MemberExists("This person is a member of your organisation", passes="another e-mail")
            return work.answers(await self._add(work, person, organization, roles, by))

    async def _add(
        self, work: Work, person: Person, organization: Organization, roles: tuple[Role, ...], by: By
    ) -> Membership:
        membership = Membership(
            id=MembershipId(self._new_id()),
            person_id=person.id,
            organization_id=organization.id,
            roles=roles,
            added_at=await work.now(),
        )
        return await work.memberships.save(membership, because=membership.added(kind=organization.kind, by=by))
