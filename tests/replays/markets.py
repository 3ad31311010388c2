"""Tenders that awarding has evaluated, from a seed: the real service on a unit of work that remembers."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from random import Random
from typing import Any, cast
from uuid import UUID

from adapters.procedures.files import shipped
from domain.actors import Actor, OrganizationKind, Role
from domain.awards.awarding import Awarding
from domain.awards.model import Evaluation
from domain.bids.model import Bid, NamedDocument
from domain.bids.offers import LineOffer, LotOffer
from domain.capacity.model import Load
from domain.garments import GRIDS, GarmentKind, GarmentLine, GridId, Size, SizeRun, Unit
from domain.ids import BidDocumentId, BidId, EnsTru, EvidenceId, Kato, OrganizationId, PersonId, TenderId, VerdictId
from domain.money import Money, total
from domain.organizations.evidence import Evidence, EvidenceType, Verification
from domain.organizations.facts import PortalWord
from domain.organizations.model import Organization, OrganizationStatus
from domain.organizations.ports import SupplierRecord
from domain.organizations.verdict import Verdict
from domain.procedures.catalogue import Procedures
from domain.procedures.vocabulary import Method
from domain.registries.records import EVIDENCE, LISTS
from domain.registries.standing import ListState, RegisterStanding
from domain.replay.ports import Code, Settled
from domain.reports.process import Party
from domain.tenders.lot import DeliveryPlace, Lot
from domain.tenders.model import Tender, TenderStatus
from domain.work import Command, Work
from tests.numbers import bins

AT = datetime(2026, 11, 24, 6, 0, 0, 123456, tzinfo=UTC)
TODAY = date(2026, 11, 24)
CODES = (EnsTru("141413.900.000014"), EnsTru("141211.290.000016"))
PROCEDURES = tuple(Procedures(shipped()).find(package) for package in ("samruk-category", "private"))
CODE = Code(package="oimaq", version="0.0.0", commit="0" * 40)
_BINS = tuple(bin for bin, _ in zip(bins("280140"), range(12), strict=False))


class HashedSalts:
    """Stands in for the deployment's secret."""

    def of(self, verdict_id: VerdictId) -> bytes:
        return sha256(verdict_id.bytes).digest()


SALTS = HashedSalts()


@dataclass
class Remembering:
    """As much of a unit of work as an evaluation asks for."""

    tender: Tender
    opened: tuple[Bid, ...]
    records: Mapping[OrganizationId, SupplierRecord]
    complained: tuple["Upheld", ...] = ()
    saved: list[Any] = field(default_factory=list)

    def __getattr__(self, room: str) -> "Remembering":
        return self

    @asynccontextmanager
    async def begin(self, command: Command | None = None) -> AsyncIterator[Work]:  # noqa: ARG002 - the port names it
        yield cast("Work", self)

    def answers(self, result: Any) -> Any:
        return result

    async def now(self) -> datetime:
        return AT

    async def lock(self, _id: TenderId) -> Tender:
        return self.tender

    async def of_tender(self, _id: TenderId) -> tuple[Any, ...]:
        """Of the bids; contracts are there none."""
        return self.opened

    async def unreadable(self, _id: TenderId) -> tuple[()]:
        return ()

    async def standing(self, _id: TenderId) -> tuple["Upheld", ...]:
        return self.complained

    async def record(self, supplier_id: OrganizationId, **_: Any) -> SupplierRecord:
        return self.records[supplier_id]

    async def find(self, _id: TenderId) -> None:
        """No committee sits."""

    async def loads(self, suppliers: Iterable[OrganizationId], *, after: date) -> dict[OrganizationId, Load]:
        known = {bidder: self.records[bidder].workshop for bidder in suppliers}
        return {id: Load(per_week=each[0], after=after, booked={}) for id, each in known.items() if each is not None}

    async def minutes(self, bidders: tuple[OrganizationId, ...]) -> dict[OrganizationId, tuple[Decimal, Decimal]]:
        known = {bidder: self.records[bidder].workshop for bidder in bidders}
        return {bidder: found for bidder, found in known.items() if found is not None}

    async def save(self, entity: Any, **_because: Any) -> Any:
        self.saved.append(entity)
        return entity


@dataclass(frozen=True)
class Upheld:
    """As much of a complaint as bars a bidder."""

    against: OrganizationId
    number: str = "J-2026-000007"

    def excludes(self, bidder_id: OrganizationId, lot: int) -> bool:
        return bidder_id == self.against and lot > 0


class NoContracts:
    async def of_tender(self, _id: TenderId) -> tuple[()]:
        return ()


async def settled(seed: int, *, excluding: bool = False) -> Settled:
    """A tender of some lots and bids, evaluated by the service that evaluates; ``excluding``: the first bidder is
    barred by a decision.
    """
    maker = _Maker(Random(seed))  # noqa: S311 - examples, not secrets
    tender, records = maker.tender(), maker.suppliers()
    bids = tuple(maker.bids(tender, tuple(records)))
    barred = (Upheld(bids[0].bidder_id),) if excluding else ()
    work = Remembering(tender=tender, opened=bids, records=records, complained=barred)
    work.contracts = work.paper_requests = NoContracts()  # type: ignore[attr-defined]  # rooms that answer otherwise
    by = Actor(
        person_id=PersonId(UUID(int=1)),
        organization_id=tender.buyer_id,
        kind=OrganizationKind.BUYER,
        roles=frozenset({Role.OFFICER}),
    )
    await Awarding(work.begin, maker.new_id).evaluate(tender.id, command=Command(by=by))
    (evaluation,) = (each for each in work.saved if isinstance(each, Evaluation))
    return Settled(
        tender=replace(tender, status=TenderStatus.AWARDED, awarded_at=AT + timedelta(hours=1)),
        bids=bids,
        verdicts=tuple(each for each in work.saved if isinstance(each, Verdict)),
        evaluation=evaluation,
        parties={id: _party(record.organization) for id, record in records.items()}
        | {tender.buyer_id: Party(bin=_BINS[11], name="АО «Заказчик»", kato=Kato("711310000"))},
        unreadable={},
        contracts={},
    )


def _party(organization: Organization) -> Party:
    return Party(bin=organization.bin, name=organization.name, kato=organization.kato)


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random

    def new_id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def tender(self) -> Tender:
        package = self.random.choice(PROCEDURES)
        method = self.random.choice([each for each in package.methods if each is not Method.SINGLE_SOURCE])
        lots = tuple(self._lot(number) for number in range(1, self.random.randint(2, 4)))
        return Tender(
            id=TenderId(self.new_id()),
            number=f"T-2026-{self.random.randrange(10**6):06d}",
            buyer_id=OrganizationId(self.new_id()),
            title="Спецодежда",
            procedure=package.pinned(method),
            lots=lots,
            status=TenderStatus.OPENED,
            drafted_at=AT - timedelta(days=9),
            published_at=AT - timedelta(days=8),
            opens_at=AT - timedelta(days=8),
            closes_at=AT - timedelta(hours=2),
            opened_at=AT - timedelta(hours=1),
            opening_approved_by=(PersonId(UUID(int=5)),),
            version=self.random.randint(1, 9),
        )

    def _lot(self, number: int) -> Lot:
        lines = tuple(self._line(each) for each in range(1, self.random.randint(2, 4)))
        place = DeliveryPlace(
            number=1,
            name="Склад",
            kato=Kato("711310000"),
            address="ул. Сарыарка, 1",
            due_on=TODAY + timedelta(days=self.random.choice((30, 60))),
            runs={line.number: line.run for line in lines},
        )
        return Lot(
            number=number,
            title=f"Лот {number}",
            lines=lines,
            places=(place,),
            allocated=total(line.sum for line in lines),
            partial_award=self.random.random() < 0.3,
        )

    def _line(self, number: int) -> GarmentLine:
        sizes: tuple[Size, ...] = GRIDS[GridId.ADULT]
        cells = {size: self.random.randint(1, 90) for size in self.random.sample(sizes, k=self.random.randint(1, 6))}
        return GarmentLine(
            number=number,
            name="Костюм летний",
            ens_tru=self.random.choice(CODES),
            kind=GarmentKind.WORKWEAR_SUIT,
            unit=Unit.SET,
            standard_minutes=Decimal(self.random.choice(("62.50", "20"))),
            planned_price=Money(Decimal(self.random.randint(500_000, 1_300_000)).scaleb(-2)),
            run=SizeRun.of(GridId.ADULT, cells),
        )

    def suppliers(self) -> dict[OrganizationId, SupplierRecord]:
        made = (self._supplier(number) for number in range(self.random.randint(1, 6)))
        return {record.organization.id: record for record in made}

    def _supplier(self, number: int) -> SupplierRecord:
        id, bin = OrganizationId(self.new_id()), _BINS[number]
        organization = Organization(
            id=id,
            bin=bin,
            kind=OrganizationKind.SUPPLIER,
            name=f"ТОО «Шеберхана {number}»",
            kato=Kato("631010000"),
            address="one address" if self.random.random() < 0.1 else f"{number} Street",
            phone=f"+7 7232 00000{number}",
            email=f"{number}@example.kz",
            registered_at=AT - timedelta(days=300),
            director="Айгүл Серікқызы",
            status=self.random.choice((OrganizationStatus.CONFIRMED,) * 6 + tuple(OrganizationStatus)),
        )
        proof = Evidence(
            id=EvidenceId(self.new_id()),
            holder_id=id,
            holder_bin=bin,
            type=EvidenceType.REGISTER_EXTRACT,
            number=f"N-{number}",
            issuer="Registry",
            product_codes=self.random.choice((("141413", "141211"),) * 4 + (("141413",),)),
            local_content=Decimal("62.50"),
            declared_capacity=self.random.choice((50, 400, 100_000)),
            valid_from=date(2026, 1, 1),
            valid_until=date(2027, 12, 31),
            verification=self.random.choice((Verification.REGISTRY_SERVICE,) * 5 + tuple(Verification)),
            recorded_at=AT - timedelta(days=200),
        )
        standing = RegisterStanding(
            evidence=(),
            evidence_as_of=dict.fromkeys(EVIDENCE, TODAY),
            lists={register: ListState(as_of=TODAY, entries=()) for register in LISTS},
        )
        return SupplierRecord(
            organization=organization,
            workshop=(Decimal(self.random.choice(("1200.00", "60000.00"))), Decimal("600.00")),
            evidence=(proof,),
            awarded_pieces={"141413": self.random.randrange(100)},
            standing=standing,
            portal=PortalWord(),
        )

    def bids(self, tender: Tender, suppliers: tuple[OrganizationId, ...]) -> Iterator[Bid]:
        for at, bidder in enumerate(suppliers):
            lots = self.random.sample(tender.lots, k=self.random.randint(1, len(tender.lots)))
            yield Bid(
                id=BidId(self.new_id()),
                tender_id=tender.id,
                bidder_id=bidder,
                offers=tuple(self._offer(lot) for lot in lots),
                received_at=AT - timedelta(minutes=240 - at),
                nonce=self.random.randbytes(32),
                documents=(NamedDocument(id=BidDocumentId(self.new_id()), name="Паспорт ткани.pdf", sha256="0" * 64),),
                version=3,
            )

    def _offer(self, lot: Lot) -> LotOffer:
        return LotOffer(lot=lot.number, lines=tuple(self._line_offer(line) for line in lot.lines))

    def _line_offer(self, line: GarmentLine) -> LineOffer:
        """One in fifty above what is allocated, which the evaluation rejects."""
        percent = 101 if self.random.random() < 0.02 else self.random.randint(70, 100)
        sizes = line.run.sizes if self.random.random() < 0.5 else ()
        return LineOffer(
            line=line.number,
            unit_price=line.planned_price.share(Decimal(percent)),
            sizes=sizes,
            pieces_min=1 if self.random.random() < 0.8 else min(5, line.run.pieces),
            pieces_max=None if self.random.random() < 0.6 else max(5, line.run.pieces // 2),
        )
