"""Producing: the workshop's profile, and the verdicts on whether it may bid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.calendar import legal_day
from domain.errors import Flaw, MalformedValue, StaleVersion
from domain.events import By
from domain.garments import GarmentKind
from domain.ids import Kato, NewId, OrganizationId, TenderId, VerdictId
from domain.organizations.contacts import shared
from domain.organizations.facts import Facts, LineFact, Stage, WorkshopFact
from domain.organizations.origin_rules import judge
from domain.organizations.ports import SupplierRecord
from domain.organizations.proofs import relevant
from domain.organizations.replaying import rules_sha256
from domain.organizations.verdict import Verdict
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
class LinePieces:
    line: int
    pieces: int


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

    async def look(
        self, tender_id: TenderId, lot: int, *, offered: tuple[LinePieces, ...] = (), command: Command
    ) -> Verdict:
        """May I bid on this lot today, and if not, what is missing? On the whole lot, or on what is ``offered`` of it.
        Stored like every verdict. Refuses (``malformed-value``) pieces that the lot does not ask for.
        """
        async with self._begin(command) as work:
            tender = await work.tenders.get(tender_id)
            found = tender.lot(lot)
            if tender.published_at is None or found is None:
                raise TenderNotFound("There is no such lot")
            verdict = await reach(
                work,
                supplier_id=command.by.organization_id,
                tender=tender,
                lot=found,
                pieces=_pieces(found, offered),
                stage=Stage.LOOK,
                at=await work.now(),
                new_id=self._new_id,
            )
            return work.answers(await work.verdicts.save(verdict, because=verdict.reached(by=By.actor(command.by))))


def _pieces(lot: Lot, offered: tuple[LinePieces, ...]) -> dict[int, int]:
    """Pieces per line number, of the whole lot where nothing is offered."""
    asked = {line.number: line.run.pieces for line in lot.lines}
    flaws = tuple(
        Flaw(
            pointer=f"/lines/{place}", reason=f"{each.pieces} pieces of line {each.line}", passes=_passing(asked, each)
        )
        for place, each in enumerate(offered)
        if not 1 <= each.pieces <= asked.get(each.line, 0)
    )
    given = {each.line: each.pieces for each in offered}
    if flaws or len(given) != len(offered):
        raise MalformedValue("The lot does not ask for this", flaws=flaws, passes="each line of the lot once at most")
    return given or asked


def _passing(asked: Mapping[int, int], each: LinePieces) -> str:
    most = asked.get(each.line)
    return f"1 to {most} pieces" if most else f"a line of the lot: {', '.join(map(str, asked))}"


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
    record = await work.verdicts.record(
        supplier_id, tender_id=tender.id, lot=lot.number, year=on.year, others=stage.after_opening
    )
    list_id = tender.prequalification_id
    return verdict_of(
        record,
        tender=tender,
        lot=lot,
        pieces=pieces,
        stage=stage,
        at=at,
        prequalified=None if list_id is None else await work.prequalifications.qualified(list_id, supplier_id, on=on),
        new_id=new_id,
    )


def verdict_of(
    record: SupplierRecord,
    *,
    tender: Tender,
    lot: Lot,
    pieces: Mapping[int, int],
    stage: Stage,
    at: datetime,
    prequalified: bool | None,
    new_id: NewId,
) -> Verdict:
    """The same, for whoever has read what is stored about the supplier."""
    on = legal_day(at)
    rules = Rules(tender.procedure)
    supplier = record.organization
    standing = record.standing
    lines = [line for line in lot.lines if line.number in pieces]
    facts = Facts(
        organization_id=supplier.id,
        bin=supplier.bin,
        status=supplier.status,
        buyer_id=tender.buyer_id,
        stage=stage,
        on=on,
        lines=tuple(
            LineFact(
                line=line.number,
                ens_tru=line.ens_tru,
                pieces=pieces[line.number],
                standard_minutes=line.standard_minutes,
            )
            for line in lines
        ),
        workshop=None
        if record.workshop is None
        else WorkshopFact(minutes_per_week=record.workshop[0], minutes_booked=record.workshop[1], due_on=lot.due_on),
        evidence=record.evidence,
        registered=relevant(standing.evidence, record.evidence, tuple(line.ens_tru for line in lines), rules),
        as_of=dict(standing.evidence_as_of),
        lists=dict(standing.lists),
        portal=record.portal,
        awarded_pieces=dict(record.awarded_pieces),
        affiliates=shared(supplier.contacts, record.others) if stage.after_opening else None,
        invited=supplier.id in tender.invited if rules.invited_only else None,
        prequalified=prequalified,
    )
    judged = judge(facts, rules)
    return Verdict(
        id=VerdictId(new_id()),
        organization_id=supplier.id,
        tender_id=tender.id,
        lot=lot.number,
        stage=stage,
        on=on,
        package=str(tender.procedure),
        eligible=judged.eligible,
        accepted=judged.accepted,
        outcomes=judged.outcomes,
        local_content=judged.local_content,
        evidence=judged.evidence,
        judged_at=at,
        inputs=facts,
        rules_sha256=rules_sha256(tender.procedure),
    )


async def keep(begin: Begin, verdicts: Iterable[Verdict], *, by: By) -> None:
    """Store the verdicts of a refused step on their own: the step's transaction was rolled back."""
    async with begin() as work:
        for verdict in verdicts:
            await work.verdicts.save(verdict, because=verdict.reached(by=by))
