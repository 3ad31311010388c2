"""What is shown of producer evidence, and of its comparison with a register."""

from typing import Self

from api.schemas import Day, DecimalText, Instant, Strict
from domain.ids import EvidenceId, OrganizationId
from domain.organizations.evidence import Evidence, EvidenceType, Verification
from domain.organizations.register_check import RegisterCheck
from domain.registries.records import Register


class EvidenceView(Strict):
    id: EvidenceId
    holder_id: OrganizationId
    holder_bin: str
    type: EvidenceType
    number: str
    issuer: str
    product_codes: list[str]
    local_content: DecimalText
    declared_capacity: int
    valid_from: Day
    valid_until: Day
    verification: Verification
    revoked_on: Day | None
    recorded_at: Instant

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        return cls(
            id=evidence.id,
            holder_id=evidence.holder_id,
            holder_bin=evidence.holder_bin,
            type=evidence.type,
            number=evidence.number,
            issuer=evidence.issuer,
            product_codes=list(evidence.product_codes),
            local_content=evidence.local_content,
            declared_capacity=evidence.declared_capacity,
            valid_from=evidence.valid_from,
            valid_until=evidence.valid_until,
            verification=evidence.verification,
            revoked_on=evidence.revoked_on,
            recorded_at=evidence.recorded_at,
        )


class RegisterDifferenceView(Strict):
    """A field in which the register says something else than was recorded."""

    field: str
    recorded: str
    registered: str


class RegisterCheckView(Strict):
    """``as_of`` null: the register was never imported. ``confirmed``: this check made the evidence verified."""

    evidence: EvidenceView
    register_name: Register
    as_of: Day | None
    confirmed: bool
    differences: list[RegisterDifferenceView]

    @classmethod
    def of(cls, check: RegisterCheck) -> Self:
        return cls(
            evidence=EvidenceView.of(check.evidence),
            register_name=check.register,
            as_of=check.as_of,
            confirmed=check.confirmed,
            differences=[
                RegisterDifferenceView(field=each.field, recorded=each.recorded, registered=each.registered)
                for each in check.differences
            ],
        )
