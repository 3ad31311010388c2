"""Who signs when, and what becomes of a contract that is not signed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.complaints.model import Complaint, ComplaintStage, Remedy
from domain.complaints.refusals import ComplaintOpen, ComplaintsClosed
from domain.complaints.rules import must_be_taken, must_be_uncontested
from domain.contracts.ending import annul, decline, lapse, leave_lines, lines_wait, note_evasion, postpone
from domain.contracts.model import Contract
from domain.contracts.parts import AlreadySigned, ContractStatus
from domain.contracts.unsigned import (
    DeclineReason,
    LapseReason,
    LeftoverState,
    SigningPeriodOver,
    SigningPeriodRunning,
    Standstill,
)
from domain.events import CLOCK
from domain.ids import ComplaintId
from domain.procedures.timeline import evasion_report_due_on, sign_by_after
from domain.tenders.model import StepNotAllowed
from tests.domain import process_sample as sample
from tests.domain.suppliers import CATEGORY
from tests.domain.test_contract import BUYER, NOON, SUPPLIER, contract, in_force

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
STANDSTILL, SIGN_BY = NOON + 2 * HOUR, NOON + 5 * HOUR


def awaiting() -> Contract:
    return replace(contract(), standstill_until=STANDSTILL, sign_by=SIGN_BY)


@pytest.mark.parametrize("party", [BUYER, SUPPLIER])
def test_nobody_signs_before_the_standstill_is_over(party: object) -> None:
    with pytest.raises(Standstill) as refused:
        awaiting().sign(party=party, by=CLOCK, at=STANDSTILL - MICROSECOND)  # type: ignore[arg-type]  # either side
    assert refused.value.facts == {"standstill_until": STANDSTILL}
    assert awaiting().sign(party=party, by=CLOCK, at=STANDSTILL)[0].signatures  # type: ignore[arg-type]  # either side


def test_the_winner_signs_in_his_time_and_the_buyer_also_after_it() -> None:
    signed, _ = awaiting().sign(party=SUPPLIER, by=CLOCK, at=SIGN_BY - MICROSECOND)
    with pytest.raises(SigningPeriodOver):
        awaiting().sign(party=SUPPLIER, by=CLOCK, at=SIGN_BY)
    assert signed.sign(party=BUYER, by=CLOCK, at=SIGN_BY + HOUR)[0].status is ContractStatus.IN_FORCE


def test_a_contract_lapses_when_the_winners_time_is_over() -> None:
    with pytest.raises(SigningPeriodRunning):
        lapse(awaiting(), by=CLOCK, at=SIGN_BY - MICROSECOND)
    lapsed, event = lapse(awaiting(), by=CLOCK, at=SIGN_BY)
    assert (lapsed.status, event.reason) == (ContractStatus.LAPSED, LapseReason.NOT_SIGNED)
    assert lines_wait(lapsed)
    with pytest.raises(StepNotAllowed):
        lapsed.sign(party=SUPPLIER, by=CLOCK, at=STANDSTILL)
    with pytest.raises(StepNotAllowed):
        lapse(lapsed, by=CLOCK, at=SIGN_BY)


def test_a_contract_without_a_time_for_signing_lapses_only_when_it_is_declined() -> None:
    with pytest.raises(SigningPeriodRunning):
        lapse(contract(), by=CLOCK, at=NOON + timedelta(days=1000))


def test_a_contract_does_not_lapse_against_a_winner_who_has_signed() -> None:
    signed, _ = awaiting().sign(party=SUPPLIER, by=CLOCK, at=STANDSTILL)
    for step in (lambda: lapse(signed, by=CLOCK, at=SIGN_BY + HOUR), lambda: declined(signed)):
        with pytest.raises(AlreadySigned):
            step()


def declined(of: Contract) -> Contract:
    return decline(of, reason=DeclineReason.CAPACITY_LOST, explanation="Fire", by=CLOCK, at=NOON)[0]


def test_a_winner_who_declined_neither_signs_nor_takes_it_back_and_lapses_at_once() -> None:
    with pytest.raises(StepNotAllowed):
        declined(awaiting()).sign(party=SUPPLIER, by=CLOCK, at=STANDSTILL)
    with pytest.raises(StepNotAllowed):
        declined(declined(awaiting()))
    assert lapse(declined(awaiting()), by=CLOCK, at=NOON)[1].reason is LapseReason.DECLINED


def test_evasion_is_reported_within_ten_working_days_where_the_package_says_so() -> None:
    lapsed, _ = lapse(awaiting(), by=CLOCK, at=SIGN_BY)
    due_on = evasion_report_due_on(CATEGORY, date(2026, 12, 14))
    assert due_on == date(2026, 12, 29), "16 December is a holiday"
    noted, event = note_evasion(lapsed, report_due_on=due_on, by=CLOCK, at=SIGN_BY)
    assert (event.supplier_id, event.report_due_on) == (SUPPLIER, due_on)
    assert noted.lapse is not None
    assert noted.lapse.report_due_on == due_on
    with pytest.raises(StepNotAllowed):
        note_evasion(awaiting(), report_due_on=None, by=CLOCK, at=SIGN_BY)


def test_an_annulled_contract_leaves_its_lines_or_not() -> None:
    for waits in (False, True):
        annulled, _ = annul(
            awaiting(), complaint_id=ComplaintId(UUID(int=60)), lines_wait=waits, by=CLOCK, at=STANDSTILL
        )
        assert annulled.status is ContractStatus.ANNULLED
        assert lines_wait(annulled) is waits
        settled, _ = leave_lines(annulled, state=LeftoverState.AWARDED, by=CLOCK, at=STANDSTILL)
        assert not lines_wait(settled)
    with pytest.raises(StepNotAllowed):
        annul(in_force(), complaint_id=ComplaintId(UUID(int=60)), lines_wait=False, by=CLOCK, at=STANDSTILL)


def test_the_days_for_signing_begin_on_the_day_after_the_last_day_of_the_standstill() -> None:
    standstill_until = datetime(2026, 3, 26, 19, tzinfo=UTC)  # the midnight that ends 26 March in Kazakhstan
    assert sign_by_after(CATEGORY, standstill_until=standstill_until) == datetime(2026, 4, 9, 19, tzinfo=UTC)


class Awarded(RuleBasedStateMachine):
    """An award in its standstill: complaints come and go, both sides try to sign, the buyer would let it lapse.

    The steps are those of the services: complaints are looked at before the contract's own rules.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.contract = awaiting()
        self.tender = replace(
            sample.awarded().tender, procedure=CATEGORY.procedure, complaints_until=STANDSTILL, awarded_at=NOON
        )
        self.complaints: list[Complaint] = []
        self.open_spans: list[tuple[datetime, datetime]] = []
        self.sign_by_then: dict[datetime, datetime | None] = {}

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def complain(self) -> None:
        try:
            must_be_taken(self.tender, ComplaintStage.RESULTS, at=self.now)
        except ComplaintsClosed:
            return
        self.complaints.append(
            Complaint(
                id=ComplaintId(UUID(int=100 + len(self.complaints))),
                number=f"K-2026-{len(self.complaints):06d}",
                tender_id=self.tender.id,
                complainant_id=sample.LOSER,
                stage=ComplaintStage.RESULTS,
                lots=(),
                objection="Wrong",
                evidence=(),
                remedy=Remedy.ANNUL_AWARD,
                filed_at=self.now,
                decide_by=self.now + 4 * HOUR,
            )
        )

    @rule()
    def reject_the_oldest(self) -> None:
        for index, each in enumerate(self.complaints):
            if each.is_open:
                self.complaints[index], _ = each.reject(decision="No", by=CLOCK, at=self.now)
                self.open_spans.append((each.filed_at, self.now))
                if self.contract.status is ContractStatus.AWAITING_SIGNATURES:
                    later = max(self.now, STANDSTILL) + 3 * HOUR
                    self.contract, _ = postpone(self.contract, sign_by=later, by=CLOCK, at=self.now)
                return

    @rule(party=st.sampled_from([BUYER, SUPPLIER]))
    def sign(self, party: object) -> None:
        try:
            must_be_uncontested(self.complaints)
            self.sign_by_then[self.now] = self.contract.sign_by
            self.contract, _ = self.contract.sign(party=party, by=CLOCK, at=self.now)  # type: ignore[arg-type]  # a side
        except (ComplaintOpen, Standstill, SigningPeriodOver, AlreadySigned, StepNotAllowed):
            return

    @rule()
    def let_it_lapse(self) -> None:
        try:
            must_be_uncontested(self.complaints)
            self.contract, _ = lapse(self.contract, by=CLOCK, at=self.now)
        except (ComplaintOpen, SigningPeriodRunning, AlreadySigned, StepNotAllowed):
            return

    @invariant()
    def nothing_is_signed_while_the_standstill_runs_or_a_complaint_is_open(self) -> None:
        for signature in self.contract.signatures:
            assert signature.at >= STANDSTILL
            for filed_at, decided_at in self.open_spans:
                assert not filed_at <= signature.at < decided_at
            for each in self.complaints:
                assert not each.is_open or signature.at < each.filed_at

    @invariant()
    def the_winner_has_signed_in_time_or_not_at_all(self) -> None:
        for signature in self.contract.signatures:
            sign_by = self.sign_by_then[signature.at]
            assert sign_by is not None
            assert signature.organization_id != SUPPLIER or signature.at < sign_by
        if self.contract.status is ContractStatus.LAPSED:
            assert not self.contract.signed_by(SUPPLIER)


TestAwarded = Awarded.TestCase
