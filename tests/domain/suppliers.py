"""A supplier that passes every rule, and the rules: what the cases of the origin verdict change one thing of."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from adapters.procedures.files import shipped
from domain.ids import Bin, EnsTru, EvidenceId, OrganizationId, TenderId, VerdictId
from domain.organizations.evidence import Evidence, EvidenceType, Verification
from domain.organizations.model import OrganizationStatus
from domain.organizations.origin_rules import judge
from domain.organizations.verdict import Facts, LineFact, Stage, Verdict
from domain.procedures.catalogue import Procedures
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Method

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
FACTS = Facts(
    organization_id=OrganizationId(UUID(int=7)),
    bin=Bin("200140000004"),
    status=OrganizationStatus.CONFIRMED,
    buyer_id=OrganizationId(UUID(int=8)),
    has_workshop=True,
    evidence=(EXTRACT,),
    lines=(LineFact(line=1, ens_tru=SUIT, pieces=400),),
    on=date(2026, 11, 24),
)


def proof(**change: Any) -> dict[str, Any]:
    return {"evidence": (replace(EXTRACT, **change),)}


def stored(facts: Facts, rules: Rules = CATEGORY) -> Verdict:
    judged = judge(facts, rules)
    return Verdict(
        id=VerdictId(UUID(int=9)),
        organization_id=facts.organization_id,
        tender_id=TenderId(UUID(int=10)),
        lot=1,
        stage=Stage.BID,
        on=facts.on,
        package=str(rules.procedure),
        eligible=judged.eligible,
        outcomes=judged.outcomes,
        local_content=judged.local_content,
        evidence=judged.evidence,
        judged_at=AT,
    )
