"""Asking: a registry is asked outside any transaction, then what it said, or that it said nothing, is kept.

Each check is two short transactions around one question. The first only looks: whether this request was carried out
before (a retry is answered as it was then, also while the registry is down), and whom the question is about. The second
stores the answer with what follows from it. A failed question is stored too, and changes nothing else.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from domain.actors import Actor, OrganizationKind
from domain.calendar import legal_day
from domain.events import By
from domain.ids import Bin, EvidenceId, NewId, OrganizationId
from domain.organizations.evidence import Evidence, Verification
from domain.organizations.model import Organization
from domain.registries.agreement import names_agree
from domain.registries.answers import Announcement, Company, SignatureReport, Subject, UnreliableEntry
from domain.registries.model import (
    Answered,
    NotYourBin,
    Outcome,
    Provenance,
    Question,
    Registry,
    RegistryAnswer,
    RegistryAnswerId,
    RegistryAnswerRefused,
    RegistryUnavailable,
    parse_company_bin,
)
from domain.registries.ports import Registries
from domain.work import Begin, Command, Work

Value = TypeVar("Value")
Facts = Callable[[Any], dict[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationCheck:
    """``*_agrees`` None: the registry has nothing to compare with."""

    organization: Organization
    company: Company | None
    name_agrees: bool | None
    region_agrees: bool | None
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCheck:
    """``confirmed``: this check made the evidence verified."""

    evidence: Evidence
    subject: Subject | None
    confirmed: bool
    provenance: Provenance

    @property
    def version(self) -> int:
        return self.evidence.version


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreliableCheck:
    """``listed``: an entry is in force on the legal day of the check."""

    bin: Bin
    listed: bool
    entries: tuple[UnreliableEntry, ...]
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCheck:
    report: SignatureReport
    provenance: Provenance


class Asking:
    def __init__(self, begin: Begin, registries: Registries, new_id: NewId) -> None:
        self._begin = begin
        self._registries = registries
        self._new_id = new_id

    async def organization(self, id: OrganizationId, *, command: Command) -> OrganizationCheck:
        """Ask the statistics office about an organisation's BIN and compare name and region. Changes nothing else."""
        async with self.looking(command) as work:
            organization = await work.organizations.get(id)
            bin = parse_company_bin(organization.bin)
        asking = self._registries.companies.company(bin)
        answered = await self._kept_if_failed(Registry.STATISTICS, Question.COMPANY, bin, asking, command.by)
        company = answered.value
        check = OrganizationCheck(
            organization=organization,
            company=company,
            name_agrees=names_agree(organization.name, company.name) if company else None,
            region_agrees=company.kato[:2] == organization.kato[:2] if company and company.kato else None,
            provenance=answered.provenance,
        )
        async with self._begin(command) as work:
            await self._keep(work, answered, _facts, command.by)
            return work.answers(check)

    async def evidence(self, id: EvidenceId, *, command: Command) -> EvidenceCheck:
        """Ask the state portal about the holder. Its mark of a domestic producer verifies evidence that nothing has
        verified yet (``registry_service``); any other answer, or none, leaves the evidence as it is.
        """
        async with self.looking(command) as work:
            bin = parse_company_bin((await work.evidence.get(id)).holder_bin)
        asking = self._registries.suppliers.subject(bin)
        answered = await self._kept_if_failed(Registry.GOSZAKUP, Question.SUBJECT, bin, asking, command.by)
        subject = answered.value
        async with self._begin(command) as work:
            await self._keep(work, answered, _facts, command.by)
            evidence = await work.evidence.lock(id)
            open_to_it = evidence.verification is Verification.NONE and evidence.revoked_on is None
            confirmed = open_to_it and subject is not None and subject.domestic_producer
            if confirmed:
                verified, event = evidence.verify(
                    how=Verification.REGISTRY_SERVICE, by=By.actor(command.by), at=await work.now()
                )
                evidence = await work.evidence.save(verified, because=event)
            return work.answers(
                EvidenceCheck(evidence=evidence, subject=subject, confirmed=confirmed, provenance=answered.provenance)
            )

    async def unreliable(self, bin: Bin, *, command: Command) -> UnreliableCheck:
        """Ask the state portal's list of unreliable participants. A supplier asks about itself only
        (``not-your-bin``).
        """
        bin = parse_company_bin(bin)
        async with self.looking(command) as work:
            if command.by.kind is OrganizationKind.SUPPLIER:
                own = (await work.organizations.get(command.by.organization_id)).bin
                if own != bin:
                    raise NotYourBin("Suppliers ask about themselves", passes="your own BIN")
        asking = self._registries.suppliers.unreliable(bin)
        answered = await self._kept_if_failed(Registry.GOSZAKUP, Question.UNRELIABLE, bin, asking, command.by)
        async with self._begin(command) as work:
            await self._keep(work, answered, _listed, command.by)
            today = legal_day(await work.now())
            return work.answers(
                UnreliableCheck(
                    bin=bin,
                    listed=any(entry.in_force_on(today) for entry in answered.value),
                    entries=answered.value,
                    provenance=answered.provenance,
                )
            )

    async def signature(self, cms: bytes, *, data: bytes | None, data_sha256: str, command: Command) -> SignatureCheck:
        """Verify a CMS over the data with this SHA-256. Kept under the SHA-256 of the CMS."""
        subject = sha256(cms).hexdigest()
        async with self.looking(command):
            pass
        asking = self._registries.signatures.verify(cms, data=data, data_sha256=data_sha256)
        answered = await self._kept_if_failed(Registry.NCANODE, Question.SIGNATURE, subject, asking, command.by)
        async with self._begin(command) as work:
            await self._keep(work, answered, _facts, command.by)
            return work.answers(SignatureCheck(report=answered.value, provenance=answered.provenance))

    async def announcement(self, number: str, *, by: Actor) -> Answered[Announcement | None]:
        """Ask the state portal for an announcement; the answer is kept in a transaction of its own."""
        asking = self._registries.suppliers.announcement(number)
        answered = await self._kept_if_failed(Registry.GOSZAKUP, Question.ANNOUNCEMENT, number, asking, by)
        async with self._begin() as work:
            await self._keep(work, answered, _facts, by)
        return answered

    @asynccontextmanager
    async def looking(self, command: Command) -> AsyncIterator[Work]:
        """A transaction that only looks, and is given up at its end: a request that was carried out before is answered
        here as it was then, without asking anybody again.
        """
        with suppress(_GivenUpError):
            async with self._begin(command) as work:
                yield work
                raise _GivenUpError

    async def _kept_if_failed(
        self, registry: Registry, question: Question, subject: str, asking: Awaitable[Answered[Value]], by: Actor
    ) -> Answered[Value]:
        """The answer; a failure is stored in a transaction of its own and raised again."""
        try:
            return await asking
        except (RegistryUnavailable, RegistryAnswerRefused) as refusal:
            malformed = isinstance(refusal, RegistryAnswerRefused)
            async with self._begin() as work:
                at = await work.now()
                failed = RegistryAnswer(
                    id=RegistryAnswerId(self._new_id()),
                    registry=registry,
                    question=question,
                    subject=subject,
                    outcome=Outcome.MALFORMED if malformed else Outcome.UNAVAILABLE,
                    asked_at=at,
                    error=refusal.detail,
                )
                await work.registry_answers.save(failed, because=failed.asked(by=By.actor(by), at=at))
            raise

    async def _keep(self, work: Work, answered: Answered[Any], facts: Facts, by: Actor) -> None:
        answer = RegistryAnswer.of(RegistryAnswerId(self._new_id()), answered, facts(answered.value))
        await work.registry_answers.save(answer, because=answer.asked(by=By.actor(by), at=await work.now()))


class _GivenUpError(Exception):
    """Rolls a looking transaction back."""


def _facts(value: Company | Subject | Announcement | SignatureReport | None) -> dict[str, Any] | None:
    return None if value is None else value.facts()


def _listed(entries: tuple[UnreliableEntry, ...]) -> dict[str, Any]:
    return {"entries": [entry.facts() for entry in entries]}
