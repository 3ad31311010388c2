"""A verdict that says no becomes a refusal that names rule, data and what would pass."""

from dataclasses import replace
from datetime import date

import pytest

from domain.bids.eligibility import require_eligible
from domain.bids.model import NotEligible
from domain.errors import Forbidden
from tests.domain.suppliers import FACTS, proof, stored

EXPIRED = stored(replace(FACTS, **proof(valid_until=date(2026, 6, 30))))


def test_eligible_verdicts_pass_in_silence() -> None:
    require_eligible([])
    require_eligible([stored(FACTS), replace(stored(FACTS), lot=2)])


def test_a_failed_rule_is_named_with_lot_line_data_and_what_would_pass() -> None:
    with pytest.raises(NotEligible) as refused:
        require_eligible([EXPIRED])
    (flaw,) = refused.value.flaws
    assert flaw.rule == "evidence_valid_on_day"
    assert flaw.reason.startswith("lot 1, line 1: the evidence expired on 2026-06-30 (number KTP-1, ")
    assert flaw.passes == refused.value.passes == "evidence valid on 2026-11-24"
    assert isinstance(refused.value, Forbidden)


def test_every_failed_rule_of_every_lot_is_told_at_once_and_pointed_to_its_place_in_the_bid() -> None:
    reseller = replace(stored(replace(FACTS, evidence=(), workshop=None)), lot=7)
    with pytest.raises(NotEligible) as refused:
        require_eligible([stored(FACTS), reseller, EXPIRED])
    assert [(flaw.pointer, flaw.rule) for flaw in refused.value.flaws] == [
        ("/lots/1", "workshop_described"),
        ("/lots/1", "evidence_of_accepted_type"),
        ("/lots/2", "evidence_valid_on_day"),
    ]
    assert refused.value.flaws[0].reason == "lot 7: no workshop profile: no operators, no shifts"


def test_a_rule_that_does_not_apply_stops_nobody() -> None:
    require_eligible([stored(replace(FACTS, affiliates=None))])
