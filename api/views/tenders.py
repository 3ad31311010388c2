"""Bodies and views of tenders."""

from typing import Annotated, Self

from pydantic import Field

from api.schemas import Day, DecimalText, EnsTruText, Instant, KatoText, LongText, MoneyText, SizesMap, Strict, Text
from api.views.criteria import CriteriaBody, CriterionView, criteria_of
from domain.garments import GarmentKind, GarmentLine, GridId, Operator, Size, SpecificationLine, Unit
from domain.ids import NeedId, OrganizationId, PoolId, PrequalificationId, SealingKeyId, TenderId
from domain.procedures.vocabulary import Method
from domain.tenders.drafting import LineForm, LotForm, NeedOfLine, PlaceForm
from domain.tenders.lot import DeliveryPlace, Lot, PoolOfLine
from domain.tenders.model import Tender, TenderStatus
from domain.tenders.sourcing import Source
from domain.tenders.tendering import TenderForm


class SpecificationBody(Strict):
    """One requirement on its own line."""

    parameter: Text
    operator: Operator
    value: Text
    unit: Text | None = None
    standard: Text | None = None
    mandatory: bool = True

    @classmethod
    def of(cls, line: SpecificationLine) -> Self:
        return cls(
            parameter=line.parameter,
            operator=line.operator,
            value=line.value,
            unit=line.unit,
            standard=line.standard,
            mandatory=line.mandatory,
        )


class NeedOfLineBody(Strict):
    need_id: NeedId
    garment: Text


class PoolOfLineBody(Strict):
    pool_id: PoolId
    garment: Text


class LineBody(Strict):
    """Exactly one of ``sizes``, ``need`` and ``pool``. ``planned_price`` is per unit without VAT."""

    name: Text
    ens_tru: EnsTruText
    kind: GarmentKind
    unit: Unit
    standard_minutes: DecimalText
    planned_price: MoneyText
    specification: Annotated[list[SpecificationBody], Field(max_length=50)] = []
    grid: GridId = GridId.ADULT
    sizes: SizesMap | None = None
    need: NeedOfLineBody | None = None
    pool: PoolOfLineBody | None = None

    def form(self) -> LineForm:
        return LineForm(
            name=self.name,
            ens_tru=self.ens_tru,
            kind=self.kind,
            unit=self.unit,
            standard_minutes=self.standard_minutes,
            planned_price=self.planned_price,
            specification=tuple(SpecificationLine(**dict(line)) for line in self.specification),
            grid=self.grid,
            sizes=None if self.sizes is None else {Size(size): pieces for size, pieces in self.sizes.items()},
            need=NeedOfLine(need_id=self.need.need_id, garment=self.need.garment) if self.need else None,
            pool=PoolOfLine(pool_id=self.pool.pool_id, garment=self.pool.garment) if self.pool else None,
        )


LineNumber = Annotated[str, Field(pattern=r"^[1-9][0-9]?$")]
"""JSON keys are strings: ``{"1": {"96-100/170-176": 40}}``."""


class PlaceBody(Strict):
    name: Text
    kato: KatoText
    address: Text
    due_on: Day
    sizes: Annotated[dict[LineNumber, SizesMap], Field(min_length=1, max_length=20)]

    def form(self) -> PlaceForm:
        sizes = {int(line): {Size(size): pieces for size, pieces in run.items()} for line, run in self.sizes.items()}
        return PlaceForm(name=self.name, kato=self.kato, address=self.address, due_on=self.due_on, sizes=sizes)


class LotBody(Strict):
    """``due_on`` belongs to lots whose lines take a need or a pool; typed places have their own."""

    title: Text
    allocated: MoneyText
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=20)]
    places: Annotated[list[PlaceBody], Field(max_length=200)] = []
    due_on: Day | None = None
    partial_award: bool = False

    def form(self) -> LotForm:
        return LotForm(
            title=self.title,
            allocated=self.allocated,
            lines=tuple(line.form() for line in self.lines),
            places=tuple(place.form() for place in self.places),
            due_on=self.due_on,
            partial_award=self.partial_award,
        )


class TenderBody(Strict):
    """``method`` null is the procedure's default; which methods it has stands in ``GET /v1/procedures/{id}``.

    ``ground`` and ``invited`` (a supplier's id) belong to a purchase from a single source, and only there;
    ``prequalification_id`` is a list of your own. ``criteria`` beside the price need a committee before the
    publication; the procedure bounds what they may weigh together (``discount_quality_percent``).
    """

    title: LongText
    procedure: Text
    method: Method | None = None
    ground: Text | None = None
    invited: OrganizationId | None = None
    prequalification_id: PrequalificationId | None = None
    lots: Annotated[list[LotBody], Field(min_length=1, max_length=50)]
    criteria: CriteriaBody = []

    def form(self) -> TenderForm:
        return TenderForm(
            title=self.title,
            procedure=self.procedure,
            method=self.method,
            lots=tuple(lot.form() for lot in self.lots),
            source=Source(ground=self.ground, invited=self.invited, prequalification_id=self.prequalification_id),
            criteria=criteria_of(self.criteria),
        )


class LineView(Strict):
    line: int
    name: str
    ens_tru: str
    kind: GarmentKind
    unit: Unit
    standard_minutes: DecimalText
    planned_price: MoneyText
    grid: GridId
    sizes: SizesMap
    pieces: int
    specification: list[SpecificationBody]

    @classmethod
    def of(cls, line: GarmentLine) -> Self:
        return cls(
            line=line.number,
            name=line.name,
            ens_tru=line.ens_tru,
            kind=line.kind,
            unit=line.unit,
            standard_minutes=line.standard_minutes,
            planned_price=line.planned_price,
            grid=line.run.grid,
            sizes=dict(line.run.cells),
            pieces=line.run.pieces,
            specification=[SpecificationBody.of(each) for each in line.specification],
        )


class PlaceView(Strict):
    """``buyer_id`` is the buyer who receives there; null is the tender's own."""

    place: int
    name: str
    kato: str
    address: str
    due_on: Day
    sizes: dict[LineNumber, SizesMap]
    buyer_id: OrganizationId | None

    @classmethod
    def of(cls, place: DeliveryPlace) -> Self:
        return cls(
            place=place.number,
            name=place.name,
            kato=place.kato,
            address=place.address,
            due_on=place.due_on,
            sizes={str(line): dict(run.cells) for line, run in sorted(place.runs.items())},
            buyer_id=place.buyer_id,
        )


class LotView(Strict):
    lot: int
    title: str
    allocated: MoneyText
    partial_award: bool
    lines: list[LineView]
    places: list[PlaceView]

    @classmethod
    def of(cls, lot: Lot) -> Self:
        return cls(
            lot=lot.number,
            title=lot.title,
            allocated=lot.allocated,
            partial_award=lot.partial_award,
            lines=[LineView.of(line) for line in lot.lines],
            places=[PlaceView.of(place) for place in lot.places],
        )


class ProcedureOfTenderView(Strict):
    id: str
    version: str
    method: str
    parameters: dict[str, str]


class SealingKeyView(Strict):
    """X25519: bids are sealed to it in a libsodium sealed box."""

    id: SealingKeyId
    public_key: str


class TenderView(Strict):
    """A tender as everybody sees it. It says nothing about bids, so it is the same whether there are any or none.
    ``terms`` are what bidders agree to; each amendment raises them.

    ``follows`` is the failed tender that this one repeats, for the ``attempt``-th time; what follows this one stands
    in ``GET /v1/tenders/{id}/follow-up``.

    By ``criteria`` prices are compared, and nobody is paid less: ``compared price = unit price x (100 - discounts) /
    100``, half up to the tiyn. Discounts are the procedure's for producers and ``sum of weight x mark / 100``, half up
    to 0.01 %; a criterion's mark is the mean of ``100 x points / scale`` over the members who take part.
    """

    id: TenderId
    number: str
    buyer_id: OrganizationId
    title: str
    status: TenderStatus
    terms: int
    reason: str | None
    procedure: ProcedureOfTenderView
    currency: str = "KZT"
    allocated: MoneyText
    lots: list[LotView]
    drafted_at: Instant
    published_at: Instant | None
    opens_at: Instant | None
    closes_at: Instant | None
    opened_at: Instant | None
    awarded_at: Instant | None
    ground: str | None
    invited: OrganizationId | None
    prequalification_id: PrequalificationId | None
    follows: TenderId | None
    attempt: int
    sealing_key: SealingKeyView | None
    criteria: list[CriterionView]

    @classmethod
    def of(cls, tender: Tender) -> Self:
        return cls(
            id=tender.id,
            number=tender.number,
            buyer_id=tender.buyer_id,
            title=tender.title,
            status=tender.status,
            terms=tender.terms,
            reason=tender.reason,
            procedure=ProcedureOfTenderView(
                id=tender.procedure.id,
                version=tender.procedure.version,
                method=tender.procedure.method,
                parameters=dict(sorted(tender.procedure.parameters.items())),
            ),
            allocated=tender.allocated,
            lots=[LotView.of(lot) for lot in tender.lots],
            drafted_at=tender.drafted_at,
            published_at=tender.published_at,
            opens_at=tender.opens_at,
            closes_at=tender.closes_at,
            opened_at=tender.opened_at,
            awarded_at=tender.awarded_at,
            ground=tender.ground,
            invited=tender.invited[0] if tender.invited else None,
            prequalification_id=tender.prequalification_id,
            follows=tender.follows,
            attempt=tender.attempt,
            sealing_key=SealingKeyView(id=tender.sealing_key_id, public_key=tender.public_key.hex())
            if tender.sealing_key_id and tender.public_key
            else None,
            criteria=[CriterionView.of(each) for each in tender.criteria],
        )


class TenderSummary(Strict):
    """A line of the list; the database prepares it."""

    id: TenderId
    number: str
    title: str
    buyer_id: OrganizationId
    buyer_name: str
    status: TenderStatus
    procedure: str
    lots: int
    currency: str
    allocated: MoneyText
    drafted_at: Instant
    published_at: Instant | None
    opens_at: Instant | None
    closes_at: Instant | None


class TenderPage(Strict):
    items: list[TenderSummary]
    next: str | None
