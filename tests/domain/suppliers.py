"""A supplier that passes every rule, and the rules: what the cases of the origin verdict change one thing of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from adapters.procedures.files import shipped
from domain.ids import Bin, EnsTru, EvidenceId, OrganizationId, TenderId, VerdictId
from domain.organizations.evidence import Evidence, EvidenceType, Verification
from domain.organizations.facts import Facts, LineFact, Stage, WorkshopFact
from domain.organizations.model import OrganizationStatus
from domain.organizations.origin_rules import judge
from domain.organizations.replaying import rules_sha256
from domain.organizations.verdict import Verdict
from domain.procedures.catalogue import Procedures
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Method
from domain.registries.records import LISTS
from domain.registries.standing import ListState

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
SUIT = EnsTru("141211.290.000016")
OTHER_SUIT = EnsTru("141211.200.000001")
JACKET = EnsTru("141321.210.000000")


def rules(package: str, method: Method | None = None, **values: str) -> Rules:
    """The rules of a shipped package with configured values."""
    return Rules(Procedures(shipped(), {package: values}).find(package).pinned(method))


CATEGORY = rules("samruk-category")
PRIVATE = rules("private")
THRESHOLD = rules("samruk-category", local_content_min="50")
REGISTRY_ONLY = rules("samruk-category", verifications="registry_service")
UNCOUNTED = rules("samruk-category", capacity_check="false")

EXTRACT = Evidence(
    id=EvidenceId(UUID(int=1)),
    holder_id=OrganizationId(UUID(int=7)),
    holder_bin=Bin("200140000004"),
    type=EvidenceType.REGISTER_EXTRACT,
    number="KTP-1",
    issuer="Register",
    product_codes=("141211",),
    local_content=Decimal("62.50"),
    declared_capacity=1000,
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
    verification=Verification.REGISTRY_IMPORT,
    recorded_at=AT,
)
DAY = date(2026, 11, 24)
LISTED_AS_OF = date(2026, 11, 20)
FACTS = Facts(
    organization_id=OrganizationId(UUID(int=7)),
    bin=Bin("200140000004"),
    status=OrganizationStatus.CONFIRMED,
    buyer_id=OrganizationId(UUID(int=8)),
    stage=Stage.BID,
    on=DAY,
    lines=(LineFact(line=1, ens_tru=SUIT, pieces=400, standard_minutes=Decimal(20)),),
    workshop=WorkshopFact(
        minutes_per_week=Decimal("60000.00"), minutes_booked=Decimal(0), due_on=DAY + timedelta(weeks=10)
    ),
    evidence=(EXTRACT,),
    lists={register: ListState(as_of=LISTED_AS_OF, entries=()) for register in LISTS},
)


def on(day: date) -> dict[str, Any]:
    """Another day, with lists as old as before and as much time left."""
    lists = {register: ListState(as_of=day - (DAY - LISTED_AS_OF), entries=()) for register in LISTS}
    return {"on": day, "lists": lists}


def proof(**change: Any) -> dict[str, Any]:
    return {"evidence": (replace(EXTRACT, **change),)}


def stored(facts: Facts, rules: Rules = CATEGORY) -> Verdict:
    judged = judge(facts, rules)
    return Verdict(
        id=VerdictId(UUID(int=9)),
        organization_id=facts.organization_id,
        tender_id=TenderId(UUID(int=10)),
        lot=1,
        stage=facts.stage,
        on=facts.on,
        package=str(rules.procedure),
        eligible=judged.eligible,
        accepted=judged.accepted,
        outcomes=judged.outcomes,
        local_content=judged.local_content,
        evidence=judged.evidence,
        judged_at=AT,
        inputs=facts,
        rules_sha256=rules_sha256(rules.procedure),
    )
