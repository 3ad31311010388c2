"""An organisation: buyer, supplier, auditor or registry, known by its BIN.

    registered -> confirmed <-> suspended

Anybody may register with a BIN; only a registry operator confirms that the founder speaks for it. Until then the
organisation may prepare (drafts, profile, evidence) and neither publish nor bid.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.actors import OrganizationKind
from domain.errors import Conflict, Forbidden, NotFound, Titles
from domain.events import By, Event
from domain.ids import Bin, Kato, OrganizationId, parse_bin, parse_kato
from domain.organizations.contacts import BankAccount, Contacts, parse_bank_account
from domain.tenders.model import StepNotAllowed


class OrganizationStatus(StrEnum):
    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    SUSPENDED = "suspended"


class OrganizationNotFound(NotFound):
    code = "organization-not-found"
    titles = Titles("There is no such organisation", "Такой организации нет", "Мұндай ұйым жоқ")


class BinTaken(Conflict):
    code = "bin-taken"
    titles = Titles(
        "An organisation with this BIN exists", "Организация с этим БИН уже есть", "Бұл БСН-мен ұйым тіркелген"
    )


class OrganizationNotConfirmed(Forbidden):
    code = "organization-not-confirmed"
    titles = Titles("The organisation is not confirmed", "Организация не подтверждена", "Ұйым расталмаған")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationEvent(Event):
    subject: ClassVar[str] = "organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationRegistered(OrganizationEvent):
    type: ClassVar[str] = "organization.registered"
    bin: Bin
    kind: OrganizationKind
    name: str
    kato: Kato


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationConfirmed(OrganizationEvent):
    type: ClassVar[str] = "organization.confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationSuspended(OrganizationEvent):
    type: ClassVar[str] = "organization.suspended"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationContactsChanged(OrganizationEvent):
    """``changed`` names what has another value now, and tells no value: some are a person's."""

    type: ClassVar[str] = "organization.contacts_changed"
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """Address, telephone and e-mail are business contacts; ``director`` is a person's name, shown to the organisation
    itself, registry operators and auditors.
    """

    id: OrganizationId
    bin: Bin
    kind: OrganizationKind
    name: str
    kato: Kato
    address: str
    phone: str
    email: str
    registered_at: datetime
    director: str | None = None
    bank_account: BankAccount | None = None
    status: OrganizationStatus = OrganizationStatus.REGISTERED
    version: int = 0

    def __post_init__(self) -> None:
        parse_bin(self.bin)
        parse_kato(self.kato)
        if self.bank_account is not None:
            parse_bank_account(self.bank_account)

    @property
    def contacts(self) -> Contacts:
        return Contacts(**{field.name: getattr(self, field.name) for field in fields(Contacts)})

    def change_contacts(
        self, contacts: Contacts, *, by: By, at: datetime
    ) -> tuple["Organization", OrganizationContactsChanged]:
        """Replace all contact data; what was told before is in no other place."""
        given = {field.name: getattr(contacts, field.name) for field in fields(Contacts)}
        changed = tuple(name for name, value in given.items() if value != getattr(self, name))
        event = OrganizationContactsChanged(subject_id=self.id, by=by, at=at, changed=changed)
        return replace(self, **given), event

    def registered(self, *, by: By) -> OrganizationRegistered:
        return OrganizationRegistered(
            subject_id=self.id,
            by=by,
            at=self.registered_at,
            bin=self.bin,
            kind=self.kind,
            name=self.name,
            kato=self.kato,
        )

    def confirm(self, *, by: By, at: datetime) -> tuple["Organization", OrganizationConfirmed]:
        if self.status is OrganizationStatus.CONFIRMED:
            raise StepNotAllowed("The organisation is confirmed already")
        confirmed = replace(self, status=OrganizationStatus.CONFIRMED)
        return confirmed, OrganizationConfirmed(subject_id=self.id, by=by, at=at)

    def suspend(self, *, reason: str, by: By, at: datetime) -> tuple["Organization", OrganizationSuspended]:
        if self.status is OrganizationStatus.SUSPENDED:
            raise StepNotAllowed("The organisation is suspended already")
        suspended = replace(self, status=OrganizationStatus.SUSPENDED)
        return suspended, OrganizationSuspended(subject_id=self.id, by=by, at=at, reason=reason)

    def must_be_confirmed(self) -> None:
        """Refuse (``organization-not-confirmed``) what only a confirmed organisation may do."""
        if self.status is not OrganizationStatus.CONFIRMED:
            raise OrganizationNotConfirmed(
                f"The organisation is {self.status}", passes="confirmation by a registry operator"
            )
