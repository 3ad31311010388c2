"""``samruk-category``: tender among domestic producers of a category only, as in the Samruk-Kazyna pilot (footwear).

The Fund's own Procedure could not be read in full, so its periods are unverified and configurable.
"""

from datetime import date

from domain.errors import Titles
from domain.procedures.package import Package, Parameter

_LAW = "Law 47-VII of 8 June 2021 on procurement of certain quasi-public-sector entities"
_REGISTER = "Order 327 of 27 August 2025 (register of Kazakhstan goods producers) and methodology 260"
_FROM = date(2022, 1, 1)
VERIFICATIONS = ("registry_import", "registry_service", "document")
"""What a deployment may choose from; ``none`` is no verification and never among them."""

PACKAGE = Package(
    id="samruk-category",
    version="2026.1",
    titles=Titles(
        "Category procurement among domestic producers",
        "Категорийные закупки среди отечественных товаропроизводителей",
        "Отандық тауар өндірушілер арасындағы категориялық сатып алу",
    ),
    parameters={
        "producers_only": Parameter(
            value="true",
            unit="boolean",
            source="The pilot of category procurement was held only among domestic producers (industry forum, 2019)",
            confidence="M",
            in_force_from=date(2019, 8, 29),
        ),
        "bid_period_min": Parameter(
            value="P15D",
            unit="duration",
            source="The Fund's open tender, calendar days; no text could be read",
            confidence="MEM",
            in_force_from=_FROM,
            least="PT1S",  # seconds are for tests and demonstrations
            most="P60D",
        ),
        "evidence_types": Parameter(
            value="ct_kz:/2025-12-31 industrial_certificate:/2025-12-31 register_extract:2026-01-01/",
            unit="type:from/until",
            source=f"{_REGISTER}: certificates valid until 1 January 2026, then the register's extract alone",
            confidence="H",
            in_force_from=date(2026, 1, 1),
        ),
        "verifications": Parameter(
            value="registry_import registry_service document",
            unit="words",
            source="A proof counts once a registry operator verified it; self-declared proofs do not",
            confidence="MEM",
            in_force_from=_FROM,
            choices=VERIFICATIONS,
        ),
        "code_match_digits": Parameter(
            value="6",
            unit="digits",
            source="Rules 687 p. 271-1: the first six digits of the code match the producer's KPVED",
            confidence="H",
            in_force_from=date(2025, 1, 1),
        ),
        "local_content_min": Parameter(
            value="0.00",
            unit="percent",
            source="No threshold could be sourced",
            confidence="MEM",
            in_force_from=_FROM,
            least="0",
            most="100",
        ),
        "capacity_check": Parameter(
            value="true",
            unit="boolean",
            source="The register gives capacity in units a year (order 327, appendix 1); the bound is ours",
            confidence="MEM",
            in_force_from=_FROM,
        ),
        "affiliates_refused": Parameter(
            value="true",
            unit="boolean",
            source=f"{_LAW}, art. 7: affiliated persons may not bid on the same lot",
            confidence="H",
            in_force_from=_FROM,
        ),
        "payment_days": Parameter(
            value="30",
            unit="days",
            source=f"{_LAW}, art. 12: full payment within 30 working days",
            confidence="H",
            in_force_from=_FROM,
        ),
        "payment_days_kind": Parameter(
            value="working", unit="kind", source=f"{_LAW}, art. 12", confidence="H", in_force_from=_FROM
        ),
        "award_rule": Parameter(
            value="split_lowest_price",
            unit="rule",
            source="Deterministic, capacity-aware greedy by price; ties by earlier receipt, then by bid id (ours)",
            confidence="MEM",
            in_force_from=_FROM,
            choices=("split_lowest_price",),
        ),
    },
)
