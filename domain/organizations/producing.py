"""Producing: the workshop's profile, its evidence, and the verdicts that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.calendar import legal_day
from domain.errors import StaleVersion
from domain.events import By
from domain.garments import GarmentKind
from domain.ids import Bin, EvidenceId, Kato, NewId, OrganizationId, TenderId, VerdictId
from domain.organizations.evidence import (
    Evidence,
    EvidenceRefused,
    EvidenceType,
    Verification,
    bare_codes,
)
from domain.organizations.model import OrganizationNotFound
from domain.organizations.origin_rules import judge
from domain.organizations.verdict import Facts, LineFact, Stage, Verdict
from domain.organizations.workshop import Workshop
from domain.procedures.rules import Rules
from domain.tenders.lot import Lot
from domain.tenders.model import Tender, TenderNotFound
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkshopForm:
    kato: Kato
    zone: str | None
    products: tuple[GarmentKind, ...]
    operators: int
    shift_minutes: int
    shifts: int
    working_days: int
    efficiency: Decimal


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


class Producing:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def describe(self, form: WorkshopForm, *, version: int, command: Command) -> Workshop:
        """Create (``version`` 0) or replace the caller's own profile."""
        async with self._begin(command) as work:
            present = await work.workshops.find(command.by.organization_id)
            stored_version = present.version if present else 0
            if stored_version != version:
                raise StaleVersion(f"You read version {version}, it is {stored_version} now", passes="a fresh read")
            workshop = Workshop(
                id=command.by.organization_id,
                kato=form.kato,
                zone=form.zone,
                products=form.products,
                operators=form.operators,
                shift_minutes=form.shift_minutes,
                shifts=form.shifts,
                working_days=form.working_days,
                efficiency=form.efficiency,
                described_at=await work.now(),
                version=stored_version,
            )
            event = workshop.described(by=By.actor(command.by))
            return work.answers(await work.workshops.save(workshop, because=event))

    async def record(self, form: EvidenceForm, *, command: Command) -> Evidence:
        """A supplier's own proof is stored unverified; a registry operator's comes from the registry and is verified.

        Refuses another organisation's BIN (``evidence-refused``) and a BIN that nobody registered.
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
            event = evidence.recorded(by=By.actor(command.by))
            return work.answers(await work.evidence.save(evidence, because=event))

    async def verify(self, id: EvidenceId, *, how: Verification, command: Command) -> Evidence:
        async with self._begin(command) as work:
            evidence = await work.evidence.lock(id)
            verified, event = evidence.verify(how=how, by=By.actor(command.by), at=await work.now())
            return work.answers(await work.evidence.save(verified, because=event))

    async def revoke(self, id: EvidenceId, *, reason: str, command: Command) -> Evidence:
        """In force from today, in legal time."""
        async with self._begin(command) as work:
            evidence = await work.evidence.lock(id)
            at = await work.now()
            revoked, event = evidence.revoke(reason=reason, on=legal_day(at), by=By.actor(command.by), at=at)
            return work.answers(await work.evidence.save(revoked, because=event))

    async def look(self, tender_id: TenderId, lot: int, *, command: Command) -> Verdict:
        """May I bid on this whole lot today, and if not, what is missing? Stored like every verdict."""
        async with self._begin(command) as work:
            tender = await work.tenders.get(tender_id)
            found = tender.lot(lot)
            if tender.published_at is None or found is None:
                raise TenderNotFound("There is no such lot")
            pieces = {line.number: line.run.pieces for line in found.lines}
            verdict = await reach(
                work,
                supplier_id=command.by.organization_id,
                tender=tender,
                lot=found,
                pieces=pieces,
                stage=Stage.LOOK,
                at=await work.now(),
                new_id=self._new_id,
            )
            return work.answers(await work.verdicts.save(verdict, because=verdict.reached(by=By.actor(command.by))))


async def reach(
    work: Work,
    *,
    supplier_id: OrganizationId,
    tender: Tender,
    lot: Lot,
    pieces: Mapping[int, int],
    stage: Stage,
    at: datetime,
    new_id: NewId,
) -> Verdict:
    """The verdict for the supplier's ``pieces`` per line of a lot, by the rules that the tender pinned; not stored."""
    on = legal_day(at)
    record = await work.verdicts.record(supplier_id, tender_id=tender.id, lot=lot.number, year=on.year)
    rules = Rules(tender.procedure)
    judged = judge(
        Facts(
            organization_id=supplier_id,
            bin=record.organization.bin,
            status=record.organization.status,
            buyer_id=tender.buyer_id,
            has_workshop=record.has_workshop,
            evidence=record.evidence,
            lines=tuple(
                LineFact(line=line.number, ens_tru=line.ens_tru, pieces=pieces[line.number])
                for line in lot.lines
                if line.number in pieces
            ),
            on=on,
            awarded_pieces=dict(record.awarded_pieces),
            affiliates=record.affiliates if stage.after_opening else None,
        ),
        rules,
    )
    return Verdict(
        id=VerdictId(new_id()),
        organization_id=supplier_id,
        tender_id=tender.id,
        lot=lot.number,
        stage=stage,
        on=on,
        package=str(tender.procedure),
        eligible=judged.eligible,
        outcomes=judged.outcomes,
        local_content=judged.local_content,
        evidence=judged.evidence,
        judged_at=at,
    )
