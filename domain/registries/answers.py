"""What the registries know, as values. Each tells its ``facts``: the JSON that is kept, an allow-list."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.ids import Bin


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A participant of state procurement. ``domestic_producer`` is the register's mark; it speaks of the company, and
    of no certificate, product or capacity.
    """

    bin: Bin
    name: str
    domestic_producer: bool
    small_business: bool

    def facts(self) -> dict[str, Any]:
        return {
            "bin": self.bin,
            "name": self.name,
            "domestic_producer": self.domestic_producer,
            "small_business": self.small_business,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreliableEntry:
    """A line of the list of unreliable participants; days are inclusive, None is not given."""

    name: str
    since: date | None
    until: date | None

    def in_force_on(self, day: date) -> bool:
        """An entry without an end counts until the registry takes it off its list."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def facts(self) -> dict[str, Any]:
        return {"name": self.name, "since": _text(self.since), "until": _text(self.until)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A legal entity at the statistics office. ``oked`` is its kind of activity, ``size`` a code of its size class."""

    bin: Bin
    name: str
    registered_on: date | None
    oked: str | None
    other_okeds: tuple[str, ...]
    size: str | None
    kato: str | None
    address: str | None
    director: str | None

    def facts(self) -> dict[str, Any]:
        return {
            "bin": self.bin,
            "name": self.name,
            "registered_on": _text(self.registered_on),
            "oked": self.oked,
            "other_okeds": list(self.other_okeds),
            "size": self.size,
            "kato": self.kato,
            "address": self.address,
            "director": self.director,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedPlace:
    """Where part of a line is delivered; ``count`` None where the register gives no quantity."""

    kato: str
    name: str
    count: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedLine:
    """A point of the procurement plan under a lot. ``unit`` is the classifier's code, ``price`` per unit, as
    registered: counts may have fractions and prices more than two decimals.
    """

    point: int
    name: str
    ens_tru: str
    unit: str
    count: Decimal
    price: Decimal
    places: tuple[AnnouncedPlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedLot:
    number: str
    name: str
    amount: Decimal
    customer_bin: Bin
    lines: tuple[AnnouncedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    number: str
    name: str
    organizer_bin: Bin
    lots: tuple[AnnouncedLot, ...]

    def facts(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "name": self.name,
            "organizer_bin": self.organizer_bin,
            "lots": [
                {"number": lot.number, "name": lot.name, "amount": str(lot.amount), "customer_bin": lot.customer_bin,
                 "points": [line.point for line in lot.lines]}
                for lot in self.lots
            ],
        }  # fmt: skip


class Revocation(StrEnum):
    GOOD = "good"
    REVOKED = "revoked"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signed, as the certificate says. ``bin`` None is a person's own key. ``key_users`` are the kinds of key that
    the certification centre names (ORGANIZATION, CEO, CAN_SIGN, EMPLOYEE, INDIVIDUAL …). The person's number stands in
    the certificate and is not taken over.
    """

    name: str
    bin: Bin | None
    organization: str | None
    key_users: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    revocation: Revocation

    def facts(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "bin": self.bin,
            "organization": self.organization,
            "key_users": list(self.key_users),
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "revocation": str(self.revocation),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """``verified`` only if ``verified_by`` really checked the signature over the given data, the certificates and their
    revocation; otherwise ``reason`` says what is missing.
    """

    verified: bool
    verified_by: str | None
    reason: str | None
    data_sha256: str
    signers: tuple[Signer, ...] = ()

    def facts(self) -> dict[str, Any]:
        return {
            "verified": self.verified,
            "verified_by": self.verified_by,
            "reason": self.reason,
            "data_sha256": self.data_sha256,
            "signers": [signer.facts() for signer in self.signers],
        }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
