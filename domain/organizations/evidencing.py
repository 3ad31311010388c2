"""Evidencing: proofs of domestic production are recorded, verified, compared with a register, revoked, and run out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.calendar import legal_day
from domain.events import CLOCK, By
from domain.ids import Bin, EvidenceId, NewId
from domain.organizations.evidence import (
    Evidence,
    EvidenceNotFound,
    EvidenceRefused,
    EvidenceType,
    Verification,
    bare_codes,
)
from domain.organizations.model import OrganizationNotFound
from domain.organizations.register_check import REGISTER_OF, RegisterCheck, differences
from domain.tenders.model import StepNotAllowed
from domain.work import Begin, Command

WARN_OF_EXPIRY = "warn_of_expiry"
"""The worker's name for a warning that is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceForm:
    """``holder_bin`` is the supplier's own, or, for a registry operator, the supplier the registry names."""

    holder_bin: Bin
    type: EvidenceType
    number: str
    issuer: str
    product_codes: tuple[str, ...]
    local_content: Decimal
    declared_capacity: int
    valid_from: date
    valid_until: date


class Evidencing:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def record(self, form: EvidenceForm, *, command: Command) -> Evidence:
        """A supplier's own proof is stored unverified; a registry operator's comes from the registry and is verified.
        One that begins later is welcome and counts from its first day.

        Refuses another organisation's BIN and a validity that no certificate has (``evidence-refused``), a BIN that
        nobody registered, and a second proof for the same time (``evidence-overlaps``).
        """
        operator = command.by.is_registry_operator
        async with self._begin(command) as work:
            holder = await work.organizations.by_bin(form.holder_bin)
            if holder is None or not (operator or holder.id == command.by.organization_id):
                if operator:
                    raise OrganizationNotFound("No organisation is registered with this BIN")
                raise EvidenceRefused("The evidence belongs to another BIN", passes="evidence of your own BIN")
            evidence = Evidence(
                id=EvidenceId(self._new_id()),
                holder_id=holder.id,
                holder_bin=form.holder_bin,
                type=form.type,
                number=form.number,
                issuer=form.issuer,
                product_codes=bare_codes(form.product_codes),
                local_content=form.local_content,
                declared_capacity=form.declared_capacity,
                valid_from=form.valid_from,
                valid_until=form.valid_until,
                verification=Verification.REGISTRY_IMPORT if operator else Verification.NONE,
                recorded_at=await work.now(),
            )
            evidence.must_be_plausible()
            # Locked, so that two proofs that come at once see each other.
            await work.organizations.lock(holder.id)
            evidence.must_not_overlap(await work.evidence.of_holder(holder.id, form.type))
            event = evidence.recorded(by=By.actor(command.by))
            return work.answers(await work.evidence.save(evidence, because=event))

    async def verify(self, id: EvidenceId, *, how: Verification, command: Command) -> Evidence:
        async with self._begin(command) as work:
            evidence = await work.evidence.lock(id)
            verified, event = evidence.verify(how=how, by=By.actor(command.by), at=await work.now())
            return work.answers(await work.evidence.save(verified, because=event))

    async def check_register(self, id: EvidenceId, *, command: Command) -> RegisterCheck:
        """Compare with the imported register of its type: without a difference the evidence is verified by it. Evidence
        that was verified is compared and stays as it is. For its holder and registry operators.
        """
        async with self._begin(command) as work:
            evidence = await work.evidence.lock(id)
            if not (command.by.is_registry_operator or evidence.holder_id == command.by.organization_id):
                raise EvidenceNotFound("There is no such evidence")
            if evidence.revoked_on is not None:
                raise StepNotAllowed("The evidence is revoked", passes="evidence in force")
            standing = await work.registers.standing(evidence.holder_bin)
            register = REGISTER_OF[evidence.type]
            found = differences(evidence, standing)
            confirmed = not found and evidence.verification is Verification.NONE
            if confirmed:
                verified, event = evidence.verify(
                    how=Verification.REGISTRY_IMPORT, by=By.actor(command.by), at=await work.now()
                )
                evidence = await work.evidence.save(verified, because=event)
            return work.answers(
                RegisterCheck(
                    evidence=evidence,
                    register=register,
                    as_of=standing.evidence_as_of[register],
                    differences=found,
                    confirmed=confirmed,
                )
            )

    async def revoke(self, id: EvidenceId, *, reason: str, command: Command) -> Evidence:
        """In force from today, in legal time."""
        async with self._begin(command) as work:
            evidence = await work.evidence.lock(id)
            at = await work.now()
            revoked, event = evidence.revoke(reason=reason, on=legal_day(at), by=By.actor(command.by), at=at)
            return work.answers(await work.evidence.save(revoked, because=event))

    async def warn(self, id: EvidenceId) -> Evidence:
        """Tell that the evidence runs out, if that is due and was not told; twice or late does no harm."""
        async with self._begin() as work:
            evidence = await work.evidence.lock(id)
            at = await work.now()
            warned = evidence.warn(on=legal_day(at), by=CLOCK, at=at)
            if warned is None:
                return evidence
            return await work.evidence.save(warned[0], because=warned[1])
