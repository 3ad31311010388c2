"""A supplier's application to a prequalification list.

    submitted -> qualified -> removed
        |
        +-> refused

One who was refused or removed, or whose qualification has ended, applies again in the same application.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from domain.errors import Conflict, Flaw, Invalid, MalformedValue, NotFound, Titles
from domain.events import By, Event
from domain.ids import ApplicationId, OrganizationId, PrequalificationId
from domain.tenders.model import StepNotAllowed

DOCUMENTS_MAX = 50


class ApplicationNotFound(NotFound):
    code = "application-not-found"
    titles = Titles("There is no such application", "Такого заявления нет", "Мұндай өтініш жоқ")


class AlreadyApplied(Conflict):
    code = "already-applied"
    titles = Titles("Your application waits or is granted", "Заявление уже подано или удовлетворено", "Өтініш берілген")


class QualificationRefused(Invalid):
    code = "qualification-refused"
    titles = Titles(
        "The decision is incomplete or does not fit",
        "Решение неполно или не подходит",
        "Шешім толық емес немесе сай емес",
    )


class ApplicationStatus(StrEnum):
    SUBMITTED = "submitted"
    QUALIFIED = "qualified"
    REFUSED = "refused"
    REMOVED = "removed"


class QualificationReason(StrEnum):
    """Why somebody is not, or no longer, on a list."""

    REQUIREMENTS_NOT_MET = "requirements_not_met"
    DOCUMENTS_MISSING = "documents_missing"
    FALSE_INFORMATION = "false_information"
    UNRELIABLE = "unreliable"
    CONTRACT_BROKEN = "contract_broken"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file that the applicant keeps: its name and the SHA-256 of its bytes, 64 hexadecimal digits."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationEvent(Event):
    subject: ClassVar[str] = "prequalification_application"
    prequalification_id: PrequalificationId
    supplier_id: OrganizationId


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSubmitted(ApplicationEvent):
    type: ClassVar[str] = "prequalification.applied"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierQualified(ApplicationEvent):
    type: ClassVar[str] = "prequalification.supplier_qualified"
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRefused(ApplicationEvent):
    type: ClassVar[str] = "prequalification.application_refused"
    reason: QualificationReason


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierRemoved(ApplicationEvent):
    type: ClassVar[str] = "prequalification.supplier_removed"
    reason: QualificationReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One per list and supplier. ``qualified_until`` is the last day (inclusive, legal time) of a qualification;
    ``reason`` and ``explanation`` belong to a refusal or a removal.
    """

    id: ApplicationId
    prequalification_id: PrequalificationId
    supplier_id: OrganizationId
    documents: tuple[Document, ...]
    submitted_at: datetime
    status: ApplicationStatus = ApplicationStatus.SUBMITTED
    qualified_until: date | None = None
    reason: QualificationReason | None = None
    explanation: str | None = None
    decided_at: datetime | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if len(self.documents) > DOCUMENTS_MAX:
            reason, passes = f"{len(self.documents)} documents", f"at most {DOCUMENTS_MAX}"
            raise MalformedValue(reason, flaws=(Flaw(pointer="/documents", reason=reason, passes=passes),))

    def qualifies(self, *, on: date) -> bool:
        qualified = self.status is ApplicationStatus.QUALIFIED
        return qualified and self.qualified_until is not None and on <= self.qualified_until

    def submitted(self, *, by: By) -> ApplicationSubmitted:
        return ApplicationSubmitted(
            subject_id=self.id,
            by=by,
            at=self.submitted_at,
            prequalification_id=self.prequalification_id,
            supplier_id=self.supplier_id,
        )

    def resubmit(
        self, documents: tuple[Document, ...], *, on: date, by: By, at: datetime
    ) -> tuple["Application", ApplicationSubmitted]:
        """Refuses (``already-applied``) while it waits for a decision or the supplier is qualified."""
        if self.status is ApplicationStatus.SUBMITTED or self.qualifies(on=on):
            until = f" until {self.qualified_until}" if self.qualified_until else ""
            raise AlreadyApplied(
                f"Your application is {self.status}{until}", passes="another one after a refusal, a removal or its end"
            )
        again = Application(
            id=self.id,
            prequalification_id=self.prequalification_id,
            supplier_id=self.supplier_id,
            documents=documents,
            submitted_at=at,
            version=self.version,
        )
        return again, again.submitted(by=by)

    def qualify(self, *, until: date, on: date, by: By, at: datetime) -> tuple["Application", SupplierQualified]:
        """Until the end of a day that is not over, which may outlast the list."""
        self._must_be(ApplicationStatus.SUBMITTED)
        if until < on:
            flaw = Flaw(pointer="/until", reason="a day that is over", passes=f"{on} or later")
            raise QualificationRefused("Nobody is qualified for the past", flaws=(flaw,))
        qualified = replace(self, status=ApplicationStatus.QUALIFIED, qualified_until=until, decided_at=at)
        return qualified, SupplierQualified(
            subject_id=self.id,
            by=by,
            at=at,
            prequalification_id=self.prequalification_id,
            supplier_id=self.supplier_id,
            until=until,
        )

    def refuse(
        self, *, reason: QualificationReason, explanation: str, by: By, at: datetime
    ) -> tuple["Application", ApplicationRefused]:
        self._must_be(ApplicationStatus.SUBMITTED)
        return self._declined(ApplicationStatus.REFUSED, reason, explanation, at), ApplicationRefused(
            subject_id=self.id,
            by=by,
            at=at,
            prequalification_id=self.prequalification_id,
            supplier_id=self.supplier_id,
            reason=reason,
        )

    def remove(
        self, *, reason: QualificationReason, explanation: str, by: By, at: datetime
    ) -> tuple["Application", SupplierRemoved]:
        self._must_be(ApplicationStatus.QUALIFIED)
        return self._declined(ApplicationStatus.REMOVED, reason, explanation, at), SupplierRemoved(
            subject_id=self.id,
            by=by,
            at=at,
            prequalification_id=self.prequalification_id,
            supplier_id=self.supplier_id,
            reason=reason,
        )

    def _declined(
        self, status: ApplicationStatus, reason: QualificationReason, explanation: str, at: datetime
    ) -> "Application":
        return replace(self, status=status, qualified_until=None, reason=reason, explanation=explanation, decided_at=at)

    def _must_be(self, status: ApplicationStatus) -> None:
        if self.status is not status:
            raise StepNotAllowed(f"The application is {self.status}", passes=f"one that is {status}")
