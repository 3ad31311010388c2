"""Views of what registries said, each with its provenance."""

from typing import Self

from api.routes.organizations import OrganizationView
from api.schemas import Day, Instant, Strict
from api.views.evidence import EvidenceView
from api.views.tenders import TenderView
from domain.registries.answers import Company, Revocation, Signer, Subject, UnreliableEntry
from domain.registries.asking import EvidenceCheck, OrganizationCheck, SignatureCheck, UnreliableCheck
from domain.registries.model import Provenance, Question, Registry
from domain.registries.taking_over import Imported


class ProvenanceView(Strict):
    """Which registry was asked what and when, how old its answer was when it was used here, and the SHA-256 of its raw
    bytes (null where no registry was asked).
    """

    registry: Registry
    question: Question
    subject: str
    asked_at: Instant
    age_seconds: int
    from_cache: bool
    sha256: str | None

    @classmethod
    def of(cls, provenance: Provenance) -> Self:
        return cls(
            registry=provenance.registry,
            question=provenance.question,
            subject=provenance.subject,
            asked_at=provenance.asked_at,
            age_seconds=provenance.age_seconds,
            from_cache=provenance.from_cache,
            sha256=provenance.sha256,
        )


class CompanyView(Strict):
    bin: str
    name: str
    registered_on: Day | None
    oked: str | None
    other_okeds: list[str]
    size: str | None
    kato: str | None
    address: str | None
    director: str | None

    @classmethod
    def of(cls, company: Company) -> Self:
        return cls(
            bin=company.bin,
            name=company.name,
            registered_on=company.registered_on,
            oked=company.oked,
            other_okeds=list(company.other_okeds),
            size=company.size,
            kato=company.kato,
            address=company.address,
            director=company.director,
        )


class OrganizationCheckView(Strict):
    """``company`` null: the statistics office knows no company with this BIN. ``*_agrees`` null: nothing to compare."""

    organization: OrganizationView
    company: CompanyView | None
    name_agrees: bool | None
    region_agrees: bool | None
    provenance: ProvenanceView

    @classmethod
    def of(cls, check: OrganizationCheck) -> Self:
        return cls(
            organization=OrganizationView.of(check.organization),
            company=CompanyView.of(check.company) if check.company else None,
            name_agrees=check.name_agrees,
            region_agrees=check.region_agrees,
            provenance=ProvenanceView.of(check.provenance),
        )


class SubjectView(Strict):
    bin: str
    name: str
    domestic_producer: bool
    small_business: bool

    @classmethod
    def of(cls, subject: Subject) -> Self:
        return cls(
            bin=subject.bin,
            name=subject.name,
            domestic_producer=subject.domestic_producer,
            small_business=subject.small_business,
        )


class EvidenceCheckView(Strict):
    """``subject`` null: the portal knows no participant with this BIN. ``confirmed``: this check verified the evidence.

    The mark is about the company: number, codes, dates and capacity of the evidence remain its holder's word.
    """

    evidence: EvidenceView
    subject: SubjectView | None
    confirmed: bool
    provenance: ProvenanceView

    @classmethod
    def of(cls, check: EvidenceCheck) -> Self:
        return cls(
            evidence=EvidenceView.of(check.evidence),
            subject=SubjectView.of(check.subject) if check.subject else None,
            confirmed=check.confirmed,
            provenance=ProvenanceView.of(check.provenance),
        )


class UnreliableEntryView(Strict):
    name: str
    since: Day | None
    until: Day | None

    @classmethod
    def of(cls, entry: UnreliableEntry) -> Self:
        return cls(name=entry.name, since=entry.since, until=entry.until)


class UnreliableCheckView(Strict):
    """``listed``: an entry is in force today, in legal time."""

    bin: str
    listed: bool
    entries: list[UnreliableEntryView]
    provenance: ProvenanceView

    @classmethod
    def of(cls, check: UnreliableCheck) -> Self:
        return cls(
            bin=check.bin,
            listed=check.listed,
            entries=[UnreliableEntryView.of(entry) for entry in check.entries],
            provenance=ProvenanceView.of(check.provenance),
        )


class SignerView(Strict):
    name: str
    bin: str | None
    organization: str | None
    key_users: list[str]
    valid_from: Instant
    valid_until: Instant
    revocation: Revocation

    @classmethod
    def of(cls, signer: Signer) -> Self:
        return cls(
            name=signer.name,
            bin=signer.bin,
            organization=signer.organization,
            key_users=list(signer.key_users),
            valid_from=signer.valid_from,
            valid_until=signer.valid_until,
            revocation=signer.revocation,
        )


class SignatureCheckView(Strict):
    """``verified`` false comes with its ``reason``; ``verified_by`` null: nobody checked anything."""

    verified: bool
    verified_by: str | None
    reason: str | None
    data_sha256: str
    signers: list[SignerView]
    provenance: ProvenanceView

    @classmethod
    def of(cls, check: SignatureCheck) -> Self:
        report = check.report
        return cls(
            verified=report.verified,
            verified_by=report.verified_by,
            reason=report.reason,
            data_sha256=report.data_sha256,
            signers=[SignerView.of(signer) for signer in report.signers],
            provenance=ProvenanceView.of(check.provenance),
        )


class LeftOutView(Strict):
    """``lot`` is the portal's number; null is about all of the announcement."""

    lot: str | None
    what: str
    why: str


class ImportedView(Strict):
    tender: TenderView
    left_out: list[LeftOutView]
    provenance: ProvenanceView

    @classmethod
    def of(cls, imported: Imported) -> Self:
        return cls(
            tender=TenderView.of(imported.tender),
            left_out=[LeftOutView(lot=left.lot, what=left.what, why=left.why) for left in imported.left_out],
            provenance=ProvenanceView.of(imported.provenance),
        )
