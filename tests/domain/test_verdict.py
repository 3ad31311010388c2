"""The origin verdict, case by case: one change of the facts, the one rule that fails, and what would pass."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import OrganizationKind
from domain.events import By
from domain.garments import GarmentKind, GarmentLine, GridId, Size, SizeRun, Unit
from domain.ids import Bin, EnsTru, EvidenceId, Kato, OrganizationId, TenderId
from domain.money import Money
from domain.organizations.contacts import Contacts
from domain.organizations.evidence import Evidence, EvidenceType, Verification
from domain.organizations.evidence_rules import EVIDENCE_RULES
from domain.organizations.facts import Facts, LineFact, PortalWord, Stage
from domain.organizations.model import Organization, OrganizationStatus
from domain.organizations.origin_rules import judge
from domain.organizations.ports import SupplierRecord
from domain.organizations.producing import reach
from domain.organizations.verdict import Result, RuleOutcome
from domain.procedures.rules import Rules
from domain.registries.standing import RegisterStanding
from domain.tenders.lot import DeliveryPlace, Lot
from domain.tenders.model import Tender
from domain.work import Work
from tests.domain.suppliers import (
    AT,
    CATEGORY,
    EXTRACT,
    FACTS,
    JACKET,
    OTHER_SUIT,
    PRIVATE,
    REGISTRY_ONLY,
    SUIT,
    THRESHOLD,
    UNCOUNTED,
    on,
    proof,
    rules,
    stored,
)


def lines(*pieces: tuple[EnsTru, int]) -> dict[str, Any]:
    numbered = enumerate(pieces, start=1)
    return {
        "lines": tuple(
            LineFact(line=number, ens_tru=code, pieces=count, standard_minutes=Decimal(20))
            for number, (code, count) in numbered
        )
    }


def failed(facts: Facts, rules: Rules = CATEGORY) -> list[RuleOutcome]:
    return [outcome for outcome in judge(facts, rules).outcomes if outcome.result is Result.FAILED]


def outcome_of(facts: Facts, rules: Rules, rule: str) -> RuleOutcome:
    return next(outcome for outcome in judge(facts, rules).outcomes if outcome.rule == rule)


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        pytest.param({}, CATEGORY, id="a confirmed producer with a register extract"),
        pytest.param(on(date(2026, 1, 1)), CATEGORY, id="on the first day of validity"),
        pytest.param(on(date(2026, 12, 31)), CATEGORY, id="on the last day of validity"),
        pytest.param(lines((SUIT, 1000)), CATEGORY, id="exactly the declared capacity"),
        pytest.param({"awarded_pieces": {"141211": 600}}, CATEGORY, id="awarded and offered are the declared capacity"),
        pytest.param({"awarded_pieces": {"141321": 9999}}, CATEGORY, id="awards of another product do not count"),
        pytest.param(proof(verification=Verification.DOCUMENT), CATEGORY, id="verified by document"),
        pytest.param(proof(verification=Verification.REGISTRY_SERVICE), REGISTRY_ONLY, id="verified by the registry"),
        pytest.param(proof(local_content=Decimal(0)), CATEGORY, id="no threshold of local content"),
        pytest.param(proof(local_content=Decimal(50)), THRESHOLD, id="exactly the threshold of local content"),
        pytest.param(lines((SUIT, 5000)), UNCOUNTED, id="capacity is not counted"),
        pytest.param(
            on(date(2025, 12, 31)) | proof(type=EvidenceType.CT_KZ, valid_from=date(2025, 1, 1)),
            CATEGORY,
            id="a certificate on its last day",
        ),
        pytest.param({"affiliates": ()}, CATEGORY, id="nobody shares contact data"),
        pytest.param({"evidence": (), "workshop": None}, PRIVATE, id="a private buyer asks for no evidence"),
        pytest.param(lines((SUIT, 0)), CATEGORY, id="at signing no pieces are asked beside those awarded"),
    ],
)
def test_passes(change: dict[str, Any], rules: Rules) -> None:
    judged = judge(replace(FACTS, **change), rules)
    assert [outcome for outcome in judged.outcomes if outcome.result is Result.FAILED] == []
    assert judged.eligible


@pytest.mark.parametrize(
    ("change", "rules", "rule", "reason", "passes"),
    [
        pytest.param(
            {"status": OrganizationStatus.REGISTERED},
            CATEGORY,
            "organization_confirmed",
            "is registered",
            "confirmation",
            id="not confirmed",
        ),
        pytest.param(
            {"status": OrganizationStatus.SUSPENDED},
            CATEGORY,
            "organization_confirmed",
            "is suspended",
            "confirmation",
            id="suspended",
        ),
        pytest.param(
            {"buyer_id": FACTS.organization_id}, CATEGORY, "not_the_buyer", "own lot", "another", id="the buyer itself"
        ),
        pytest.param(
            {"affiliates": ("phone",)}, CATEGORY, "not_affiliated", "same phone", "of its own", id="a shared phone"
        ),
        pytest.param(
            {"affiliates": ("address",)}, PRIVATE, "not_affiliated", "same address", "of its own", id="also privately"
        ),
        pytest.param(
            {"workshop": None}, CATEGORY, "workshop_described", "no workshop", "/v1/workshop", id="no profile"
        ),
        pytest.param(
            {"evidence": ()},
            CATEGORY,
            "evidence_of_accepted_type",
            "no evidence",
            f"register_extract that covers {SUIT}",
            id="a reseller without evidence",
        ),
        pytest.param(
            proof(type=EvidenceType.CT_KZ),
            CATEGORY,
            "evidence_of_accepted_type",
            "ct_kz is not accepted on 2026-11-24",
            "register_extract",
            id="a certificate after 2025",
        ),
        pytest.param(
            on(date(2025, 12, 31)) | proof(valid_from=date(2025, 1, 1)),
            CATEGORY,
            "evidence_of_accepted_type",
            "register_extract is not accepted",
            "ct_kz, industrial_certificate",
            id="the extract before 2026",
        ),
        pytest.param(
            proof(valid_until=date(2026, 11, 23)),
            CATEGORY,
            "evidence_valid_on_day",
            "expired on 2026-11-23",
            "evidence valid on 2026-11-24",
            id="expired yesterday",
        ),
        pytest.param(
            proof(valid_from=date(2026, 11, 25)),
            CATEGORY,
            "evidence_valid_on_day",
            "valid from 2026-11-25",
            "a bid on 2026-11-25 or later",
            id="valid from tomorrow",
        ),
        pytest.param(
            proof(revoked_on=date(2026, 11, 24)),
            CATEGORY,
            "evidence_valid_on_day",
            "revoked on 2026-11-24",
            "evidence valid on 2026-11-24",
            id="revoked today",
        ),
        pytest.param(
            proof(revoked_on=date(2026, 11, 1), valid_from=date(2026, 12, 1)),
            CATEGORY,
            "evidence_valid_on_day",
            "revoked on 2026-11-01",
            "evidence valid on 2026-11-24",
            id="revoked before it began, so no later day helps",
        ),
        pytest.param(
            proof(holder_bin=Bin("200240000008")),
            CATEGORY,
            "evidence_bound_to_bin",
            "belongs to BIN 200240000008",
            "BIN 200140000004",
            id="borrowed evidence",
        ),
        pytest.param(
            proof(verification=Verification.NONE),
            CATEGORY,
            "evidence_verified",
            "nobody has verified",
            "document, registry_import, registry_service",
            id="self-declared",
        ),
        pytest.param(
            proof(verification=Verification.DOCUMENT),
            REGISTRY_ONLY,
            "evidence_verified",
            "document is not enough",
            "registry_service",
            id="a verification that the package does not count",
        ),
        pytest.param(
            proof(product_codes=("141321",)),
            CATEGORY,
            "evidence_covers_code",
            "does not cover 141211",
            "begins with 141211",
            id="another product",
        ),
        pytest.param(
            proof(product_codes=("1412",)),
            CATEGORY,
            "evidence_covers_code",
            "does not cover 141211",
            "begins with 141211",
            id="a group is too wide",
        ),
        pytest.param(
            proof(local_content=Decimal("49.99")),
            THRESHOLD,
            "local_content_at_least",
            "49.99 % is under 50",
            "50 % or more",
            id="too little local content",
        ),
        pytest.param(
            lines((SUIT, 1001)),
            CATEGORY,
            "declared_capacity_suffices",
            "1001 pieces of this product offered, 1000 left",
            "at most 1000 pieces",
            id="one piece more than declared",
        ),
        pytest.param(
            {"awarded_pieces": {"141211": 601}},
            CATEGORY,
            "declared_capacity_suffices",
            "400 pieces of this product offered, 399 left",
            "at most 399 pieces",
            id="one piece more than is left",
        ),
        pytest.param(
            {"awarded_pieces": {"141211": 1500}},
            CATEGORY,
            "declared_capacity_suffices",
            "0 left",
            "at most 0 pieces",
            id="more awarded than declared",
        ),
        pytest.param(
            {"awarded_pieces": {"141211": 1001}} | lines((SUIT, 0)),
            CATEGORY,
            "declared_capacity_suffices",
            "0 left",
            "at most 0 pieces",
            id="at signing, more awarded than declared",
        ),
    ],
)
def test_fails_by_one_rule_with_the_reason_and_what_would_pass(
    change: dict[str, Any], rules: Rules, rule: str, reason: str, passes: str
) -> None:
    (outcome,) = failed(replace(FACTS, **change), rules)
    assert outcome.rule == rule
    assert reason in (outcome.reason or "")
    assert passes in (outcome.passes or "")


def test_two_lines_of_one_product_draw_on_one_capacity() -> None:
    facts = replace(FACTS, **lines((SUIT, 600), (OTHER_SUIT, 401)))
    assert [(outcome.rule, outcome.line) for outcome in failed(facts)] == [
        ("declared_capacity_suffices", 1),
        ("declared_capacity_suffices", 2),
    ]
    assert failed(replace(FACTS, **lines((SUIT, 600), (OTHER_SUIT, 400)))) == []


def test_each_line_is_judged_by_its_own_evidence() -> None:
    jackets = replace(
        EXTRACT, id=EvidenceId(UUID(int=2)), number="KTP-2", product_codes=("141321",), local_content=Decimal(30)
    )
    judged = judge(replace(FACTS, evidence=(EXTRACT, jackets), **lines((SUIT, 400), (JACKET, 900))), CATEGORY)
    assert judged.eligible
    assert judged.evidence == {1: "KTP-1", 2: "KTP-2"}
    assert judged.local_content == {1: Decimal("62.50"), 2: Decimal("30.00")}


def test_a_line_without_evidence_fails_alone_and_has_no_local_content() -> None:
    judged = judge(replace(FACTS, **lines((SUIT, 400), (JACKET, 1))), CATEGORY)
    assert {outcome.line for outcome in judged.outcomes if outcome.result is Result.FAILED} == {2}
    assert judged.local_content == {1: Decimal("62.50")}


def test_the_proof_that_passes_is_found_behind_one_that_expired() -> None:
    expired = replace(EXTRACT, number="A-OLD", valid_until=date(2026, 6, 30), local_content=Decimal(99))
    judged = judge(replace(FACTS, evidence=(expired, EXTRACT)), CATEGORY)
    assert judged.eligible
    assert judged.evidence == {1: "KTP-1"}


def test_the_proof_with_enough_capacity_is_found_behind_one_with_more_local_content() -> None:
    small = replace(
        EXTRACT, id=EvidenceId(UUID(int=2)), number="A-SMALL", declared_capacity=10, local_content=Decimal(99)
    )
    judged = judge(replace(FACTS, evidence=(small, EXTRACT)), CATEGORY)
    assert judged.eligible
    assert judged.evidence == {1: "KTP-1"}


@given(
    st.permutations(
        [
            EXTRACT,
            replace(EXTRACT, id=EvidenceId(UUID(int=2)), local_content=Decimal(10)),
            replace(EXTRACT, id=EvidenceId(UUID(int=3)), number="KTP-3", verification=Verification.NONE),
            replace(EXTRACT, id=EvidenceId(UUID(int=4)), number="KTP-4", valid_until=date(2026, 2, 1)),
            replace(EXTRACT, id=EvidenceId(UUID(int=5)), declared_capacity=5000),
        ]
    )
)
def test_the_order_of_evidence_does_not_matter(evidence: list[Evidence]) -> None:
    assert judge(replace(FACTS, evidence=tuple(evidence)), CATEGORY) == judge(
        replace(FACTS, evidence=tuple(reversed(evidence))), CATEGORY
    )


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 2000))
def test_a_verdict_is_eligible_exactly_while_awarded_and_offered_are_within_the_declared(
    awarded: int, offered: int, declared: int
) -> None:
    facts = replace(
        FACTS, awarded_pieces={"141211": awarded}, **proof(declared_capacity=declared), **lines((SUIT, offered))
    )
    assert judge(facts, CATEGORY).eligible is (awarded + offered <= declared)


@given(st.sampled_from(Verification), st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(1, 2000))
def test_more_evidence_never_makes_an_eligible_supplier_ineligible(
    verification: Verification, until: date, capacity: int
) -> None:
    more = replace(
        EXTRACT,
        id=EvidenceId(UUID(int=2)),
        number="A",
        verification=verification,
        valid_until=until,
        declared_capacity=capacity,
        local_content=Decimal(99),
    )
    assert judge(replace(FACTS, evidence=(EXTRACT, more)), CATEGORY).eligible


@pytest.mark.parametrize("stage", [Stage.LOOK, Stage.BID])
def test_before_the_opening_nothing_tells_whether_others_have_bid(stage: Stage) -> None:
    assert not stage.after_opening
    outcome = outcome_of(FACTS, CATEGORY, "not_affiliated")
    assert (outcome.result, outcome.data) == (Result.NOT_APPLICABLE, {})


def test_an_affiliate_is_told_what_is_shared_and_not_with_whom() -> None:
    outcome = outcome_of(replace(FACTS, affiliates=("address", "phone")), CATEGORY, "not_affiliated")
    assert outcome.data == {"shared": "address, phone"}


def test_where_producers_are_not_asked_for_their_rules_do_not_apply() -> None:
    judged = judge(replace(FACTS, evidence=(), workshop=None), PRIVATE)
    results = {outcome.rule: outcome.result for outcome in judged.outcomes}
    assert {results[rule] for rule in (*EVIDENCE_RULES, "workshop_described")} == {Result.NOT_APPLICABLE}
    assert judged.local_content == {}


def test_evidence_still_counts_as_local_content_where_it_is_not_asked_for() -> None:
    assert judge(FACTS, PRIVATE).local_content == {1: Decimal("62.50")}


def test_every_rule_is_told_also_when_it_passes_and_with_its_data() -> None:
    judged = judge(FACTS, CATEGORY)
    assert [outcome.rule for outcome in judged.outcomes if outcome.line == 1] == list(EVIDENCE_RULES)
    capacity = outcome_of(FACTS, CATEGORY, "declared_capacity_suffices")
    assert capacity.data == {"declared": "1000", "awarded_this_year": "0", "offered": "400"}
    assert all(type(value) is str for outcome in judged.outcomes for value in outcome.data.values())


def test_the_same_facts_and_rules_give_the_same_verdict() -> None:
    assert judge(FACTS, CATEGORY) == judge(replace(FACTS), rules("samruk-category"))


def test_a_stored_verdict_tells_what_failed_and_what_capacity_was_left() -> None:
    verdict = stored(replace(FACTS, awarded_pieces={"141211": 700}))
    assert [outcome.rule for outcome in verdict.failed] == ["declared_capacity_suffices"]
    assert verdict.units_left(1) == 300
    assert verdict.units_left(2) is None
    event = verdict.reached(by=By())
    assert event.sealed
    assert event.eligible is False


def test_capacity_that_is_not_counted_leaves_no_figure() -> None:
    assert stored(FACTS, UNCOUNTED).units_left(1) is None


class Recorded:
    """A supplier whose phone another bidder of the lot has, as the store tells it at every stage."""

    def __init__(self) -> None:
        self.verdicts = self

    async def record(self, supplier_id: OrganizationId, **_scope: object) -> SupplierRecord:
        organization = Organization(
            id=supplier_id,
            bin=FACTS.bin,
            kind=OrganizationKind.SUPPLIER,
            name="Ertis",
            kato=Kato("631010000"),
            address="Oskemen",
            phone="+7 7232 900011",
            email="ertis@demo.example",
            registered_at=AT,
            status=OrganizationStatus.CONFIRMED,
        )
        return SupplierRecord(
            organization=organization,
            workshop=(Decimal(60_000), Decimal(0)),
            evidence=(EXTRACT,),
            awarded_pieces={},
            standing=RegisterStanding(evidence=(), evidence_as_of={}, lists=FACTS.lists),
            portal=PortalWord(),
            others=(Contacts(address="Elsewhere", phone="8 (7232) 900011", email="o@demo.example"),),
        )


@pytest.mark.parametrize("stage", Stage)
async def test_an_affiliate_is_found_only_once_the_bids_are_open(stage: Stage) -> None:
    run = SizeRun.of(GridId.ONE_SIZE, {Size("one"): 400})
    line = GarmentLine(
        number=1,
        name="Suit",
        ens_tru=SUIT,
        kind=GarmentKind.WORKWEAR_SUIT,
        unit=Unit.SET,
        standard_minutes=Decimal(72),
        planned_price=Money.of("18500.00"),
        run=run,
    )
    place = DeliveryPlace(
        number=1, name="Mine", kato=Kato("631010000"), address="Ridder", due_on=date(2027, 3, 1), runs={1: run}
    )
    tender = Tender(
        id=TenderId(UUID(int=10)),
        number="T-2026-000001",
        buyer_id=FACTS.buyer_id,
        title="Workwear",
        procedure=CATEGORY.procedure,
        lots=(Lot(number=1, title="Suits", lines=(line,), places=(place,), allocated=Money.of("7400000.00")),),
        drafted_at=AT,
    )
    verdict = await reach(
        cast("Work", Recorded()),
        supplier_id=FACTS.organization_id,
        tender=tender,
        lot=tender.lots[0],
        pieces={1: 400},
        stage=stage,
        at=AT,
        new_id=lambda: UUID(int=9),
    )
    assert verdict.eligible is not stage.after_opening
    assert [outcome.rule for outcome in verdict.failed] == (["not_affiliated"] if stage.after_opening else [])
