"""Bodies and views of prequalification lists and the applications to them."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from api.schemas import Day, Instant, LongText, Strict, Text
from domain.ids import ApplicationId, OrganizationId, PrequalificationId
from domain.prequalification.application import (
    DOCUMENTS_MAX,
    Application,
    ApplicationStatus,
    Document,
    QualificationReason,
)
from domain.prequalification.model import PRODUCTS_MAX, REQUIREMENTS_MAX, Prequalification, Requirement
from domain.prequalification.ports import QualifiedSupplier
from domain.prequalification.prequalifying import PrequalificationForm, QualificationForm

ProductCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,15}$")]
"""The first 4 to 15 digits of ENS TRU codes, without points."""


class RequirementBody(Strict):
    name: Text
    text: LongText


class PrequalificationBody(Strict):
    """Both days are inclusive, in legal time."""

    title: Text
    products: Annotated[list[ProductCode], Field(min_length=1, max_length=PRODUCTS_MAX)]
    requirements: Annotated[list[RequirementBody], Field(min_length=1, max_length=REQUIREMENTS_MAX)]
    valid_from: Day
    valid_until: Day

    def form(self) -> PrequalificationForm:
        return PrequalificationForm(
            title=self.title,
            products=tuple(self.products),
            requirements=tuple(Requirement(name=each.name, text=each.text) for each in self.requirements),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class PrequalificationView(Strict):
    id: PrequalificationId
    number: str
    buyer_id: OrganizationId
    title: str
    products: list[str]
    requirements: list[RequirementBody]
    valid_from: Day
    valid_until: Day
    opened_at: Instant

    @classmethod
    def of(cls, found: Prequalification) -> Self:
        return cls(
            id=found.id,
            number=found.number,
            buyer_id=found.buyer_id,
            title=found.title,
            products=list(found.products),
            requirements=[RequirementBody(name=each.name, text=each.text) for each in found.requirements],
            valid_from=found.valid_from,
            valid_until=found.valid_until,
            opened_at=found.opened_at,
        )


class QualifiedSupplierView(Strict):
    """``until`` is the last day, inclusive."""

    id: OrganizationId
    bin: str
    name: str
    until: Day

    @classmethod
    def of(cls, supplier: QualifiedSupplier) -> Self:
        return cls(id=supplier.id, bin=supplier.bin, name=supplier.name, until=supplier.until)


class DocumentBody(Strict):
    """A file that the applicant keeps, by its name and the SHA-256 of its bytes."""

    name: Text
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ApplicationBody(Strict):
    documents: Annotated[list[DocumentBody], Field(max_length=DOCUMENTS_MAX)] = []

    def parsed(self) -> tuple[Document, ...]:
        return tuple(Document(name=each.name, sha256=each.sha256) for each in self.documents)


class QualificationBody(Strict):
    """``until`` (the last day) with ``qualified``, ``reason`` and ``explanation`` with ``refused``, and only there."""

    outcome: Literal["qualified", "refused"]
    until: Day | None = None
    reason: QualificationReason | None = None
    explanation: LongText | None = None

    def form(self) -> QualificationForm:
        return QualificationForm(
            qualified=self.outcome == "qualified",
            until=self.until,
            reason=self.reason,
            explanation=self.explanation,
        )


class RemovalBody(Strict):
    reason: QualificationReason
    explanation: LongText


class ApplicationView(Strict):
    """For the applicant, the buyer of the list and auditors."""

    id: ApplicationId
    prequalification_id: PrequalificationId
    supplier_id: OrganizationId
    documents: list[DocumentBody]
    submitted_at: Instant
    status: ApplicationStatus
    qualified_until: Day | None
    reason: QualificationReason | None
    explanation: str | None
    decided_at: Instant | None

    @classmethod
    def of(cls, application: Application) -> Self:
        return cls(
            id=application.id,
            prequalification_id=application.prequalification_id,
            supplier_id=application.supplier_id,
            documents=[DocumentBody(name=each.name, sha256=each.sha256) for each in application.documents],
            submitted_at=application.submitted_at,
            status=application.status,
            qualified_until=application.qualified_until,
            reason=application.reason,
            explanation=application.explanation,
            decided_at=application.decided_at,
        )
