"""``private``: a buyer's own rules within safe bounds; evidence is welcome and not required."""

from datetime import date

from domain.errors import Titles
from domain.procedures.package import Package, Parameter
from domain.procedures.samruk_category import PACKAGE as CATEGORY
from domain.procedures.samruk_category import VERIFICATIONS

_FROM = date(2026, 1, 1)
_OWN = "The buyer's own rules"

PACKAGE = Package(
    id="private",
    version="2026.1",
    titles=Titles("Private procurement", "Частная закупка", "Жеке сатып алу"),
    parameters={
        **{name: CATEGORY.parameters[name] for name in ("evidence_types", "code_match_digits", "award_rule")},
        "producers_only": Parameter(value="false", unit="boolean", source=_OWN, confidence="MEM", in_force_from=_FROM),
        "bid_period_min": Parameter(
            value="P3D",
            unit="duration",
            source=_OWN,
            confidence="MEM",
            in_force_from=_FROM,
            least="PT1S",  # seconds are for tests and demonstrations
            most="P60D",
        ),
        "verifications": Parameter(
            value="registry_import registry_service document",
            unit="words",
            source=_OWN,
            confidence="MEM",
            in_force_from=_FROM,
            choices=VERIFICATIONS,
        ),
        "local_content_min": Parameter(
            value="0.00", unit="percent", source=_OWN, confidence="MEM", in_force_from=_FROM, least="0", most="100"
        ),
        "capacity_check": Parameter(value="false", unit="boolean", source=_OWN, confidence="MEM", in_force_from=_FROM),
        "affiliates_refused": Parameter(
            value="true", unit="boolean", source=_OWN, confidence="MEM", in_force_from=_FROM
        ),
        "payment_days": Parameter(
            value="10", unit="days", source=_OWN, confidence="MEM", in_force_from=_FROM, least="1", most="30"
        ),
        "payment_days_kind": Parameter(
            value="working",
            unit="kind",
            source=_OWN,
            confidence="MEM",
            in_force_from=_FROM,
            choices=("working", "calendar"),
        ),
    },
)
