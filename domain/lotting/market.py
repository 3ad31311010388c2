"""The market as a study of lots sees it: every registered workshop, what it may sew on the bid day, and its free time.

Whether a workshop may sew a product is the origin verdict's word, reached once for each product of the draft and not
for each lot: its rules look at the product's code, not at the lot. Two of them ask about pieces and are answered here
as figures instead: minutes and the declared capacity that are left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.garments import GarmentKind, GarmentLine
from domain.ids import EnsTru, Kato, OrganizationId, region_of
from domain.organizations.facts import Facts, LineFact, Stage, WorkshopFact
from domain.organizations.origin_rules import judge
from domain.organizations.ports import SupplierRecord
from domain.organizations.proofs import relevant
from domain.organizations.verdict import Result, RuleOutcome
from domain.organizations.workshop import Size
from domain.procedures.rules import Rules
from domain.tenders.model import Tender

WORKSHOPS_MAX = 5000
"""More than the country's light industry has enterprises (1,445 in 2023). Of more, the first are studied, by id."""
_MINUTES = "minutes_suffice"
_CAPACITY = "declared_capacity_suffices"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredWorkshop:
    """What is stored about a workshop; ``workers`` are the operators of all shifts."""

    record: SupplierRecord
    kato: Kato
    kinds: tuple[GarmentKind, ...]
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Of a workshop with a product: the rules that fail, whether some could not be checked, and the units that its
    declared capacity leaves this year (None: they are not counted).
    """

    failed: tuple[str, ...] = ()
    in_doubt: bool = False
    units: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sewer:
    """``standings`` are per product, of the kinds that it sews. ``per_week`` and ``booked`` are standard minutes."""

    id: OrganizationId
    region: str
    kinds: tuple[GarmentKind, ...]
    small: bool
    per_week: Decimal
    booked: Decimal
    standings: dict[str, Standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The facts of a study. ``digits`` of a product's code are compared; bids are expected ``on`` a day, and from it
    minutes are counted. ``bounded``: there are more workshops than are in here.
    """

    on: date
    digits: int
    sewers: tuple[Sewer, ...]
    bounded: bool = False


def product_of(code: EnsTru, digits: int) -> str:
    return code.replace(".", "")[:digits]


def market_of(found: Iterable[RegisteredWorkshop], tender: Tender, *, on: date, bounded: bool = False) -> Market:
    """Every workshop judged for the products of the draft, by the rules that it would pin."""
    rules = Rules(tender.procedure)
    lines = [line for lot in tender.lots for line in lot.lines]
    sewers = tuple(_sewer(each, lines, tender, rules, on) for each in found)
    return Market(on=on, digits=rules.code_match_digits, sewers=sewers, bounded=bounded)


def _sewer(found: RegisteredWorkshop, lines: list[GarmentLine], tender: Tender, rules: Rules, on: date) -> Sewer:
    codes: dict[str, EnsTru] = {}
    for line in lines:
        if line.kind in found.kinds:
            codes.setdefault(product_of(line.ens_tru, rules.code_match_digits), line.ens_tru)
    per_week, booked = found.record.workshop or (Decimal(0), Decimal(0))
    return Sewer(
        id=found.record.organization.id,
        region=region_of(found.kato),
        kinds=found.kinds,
        small=Size.of(found.workers) is Size.SMALL,
        per_week=per_week,
        booked=booked,
        standings=_standings(found.record, codes, tender, rules, on) if codes else {},
    )


def _standings(
    record: SupplierRecord, codes: dict[str, EnsTru], tender: Tender, rules: Rules, on: date
) -> dict[str, Standing]:
    supplier, known = record.organization, record.standing
    facts = Facts(
        organization_id=supplier.id,
        bin=supplier.bin,
        status=supplier.status,
        buyer_id=tender.buyer_id,
        stage=Stage.LOOK,
        on=on,
        lines=tuple(
            LineFact(line=place, ens_tru=code, pieces=1, standard_minutes=Decimal(1))
            for place, code in enumerate(codes.values())
        ),
        workshop=WorkshopFact(minutes_per_week=Decimal(0), minutes_booked=Decimal(0), due_on=on),
        evidence=record.evidence,
        registered=relevant(known.evidence, record.evidence, tuple(codes.values()), rules),
        as_of=dict(known.evidence_as_of),
        lists=dict(known.lists),
        portal=record.portal,
        awarded_pieces=dict(record.awarded_pieces),
        invited=supplier.id in tender.invited if rules.invited_only else None,
    )
    outcomes = judge(facts, rules).outcomes
    return {product: _standing(outcomes, place) for place, product in enumerate(codes)}


def _standing(outcomes: Iterable[RuleOutcome], place: int) -> Standing:
    mine = [each for each in outcomes if each.line in {None, place} and each.rule != _MINUTES]
    units = next((_units(each) for each in mine if each.rule == _CAPACITY and "declared" in each.data), None)
    return Standing(
        failed=tuple(each.rule for each in mine if each.result is Result.FAILED),
        in_doubt=any(each.result is Result.COULD_NOT_BE_CHECKED for each in mine),
        units=units,
    )


def _units(outcome: RuleOutcome) -> int:
    return max(int(outcome.data["declared"]) - int(outcome.data["awarded_this_year"]), 0)
