"""What is shown of origin verdicts: the answer, what is missing, and the facts it was reached from."""

from typing import Self

from api.schemas import Day, DecimalText, Instant, Strict
from api.views.evidence import EvidenceView
from domain.ids import OrganizationId, TenderId, VerdictId
from domain.organizations.evidence import EvidenceType
from domain.organizations.facts import Facts, Stage
from domain.organizations.model import OrganizationStatus
from domain.organizations.verdict import Result, RuleOutcome, Verdict
from domain.registries.records import Register
from domain.registries.standing import RegisteredEvidence


class RuleView(Strict):
    """One named rule: its result, the data it looked at, and what would pass. ``line`` null is about the supplier;
    ``passes_on`` is the first day on which it would pass by itself.
    """

    rule: str
    line: int | None
    result: Result
    data: dict[str, str]
    reason: str | None
    passes: str | None
    passes_on: Day | None

    @classmethod
    def of(cls, outcome: RuleOutcome) -> Self:
        return cls(
            rule=outcome.rule,
            line=outcome.line,
            result=outcome.result,
            data=outcome.data,
            reason=outcome.reason,
            passes=outcome.passes,
            passes_on=outcome.passes_on,
        )


class MissingView(Strict):
    """What does not pass. ``stops``: it keeps the supplier from this step; otherwise the step is his subject to it."""

    rule: str
    line: int | None
    result: Result
    stops: bool
    reason: str | None
    passes: str | None
    passes_on: Day | None

    @classmethod
    def of(cls, outcome: RuleOutcome, *, stops: bool) -> Self:
        return cls(
            rule=outcome.rule,
            line=outcome.line,
            result=outcome.result,
            stops=stops,
            reason=outcome.reason,
            passes=outcome.passes,
            passes_on=outcome.passes_on,
        )


class VerdictView(Strict):
    """``eligible``: no rule failed, subject to what is ``unchecked``. ``accepted``: what follows at this stage."""

    id: VerdictId
    organization_id: OrganizationId
    tender_id: TenderId
    lot: int
    stage: Stage
    on: Day
    package: str
    eligible: bool
    unchecked: list[str]
    accepted: bool
    missing: list[MissingView]
    rules: list[RuleView]
    local_content: dict[str, DecimalText]
    evidence: dict[str, str]
    judged_at: Instant

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        failing = (MissingView.of(outcome, stops=True) for outcome in verdict.failed)
        doubtful = (
            MissingView.of(outcome, stops=verdict.eligible and not verdict.accepted) for outcome in verdict.unchecked
        )
        return cls(
            id=verdict.id,
            organization_id=verdict.organization_id,
            tender_id=verdict.tender_id,
            lot=verdict.lot,
            stage=verdict.stage,
            on=verdict.on,
            package=verdict.package,
            eligible=verdict.eligible,
            unchecked=list(dict.fromkeys(outcome.rule for outcome in verdict.unchecked)),
            accepted=verdict.accepted,
            missing=[*failing, *doubtful],
            rules=[RuleView.of(outcome) for outcome in verdict.outcomes],
            local_content={str(line): share for line, share in sorted(verdict.local_content.items())},
            evidence={str(line): number for line, number in sorted(verdict.evidence.items())},
            judged_at=verdict.judged_at,
        )


class FactLineView(Strict):
    line: int
    ens_tru: str
    pieces: int
    standard_minutes: DecimalText


class FactMinutesView(Strict):
    per_week: DecimalText
    booked: DecimalText
    due_on: Day


class RegisteredView(Strict):
    """A record of an imported register; what the register does not tell is null."""

    register_name: Register
    type: EvidenceType
    number: str
    product_codes: list[str]
    local_content: DecimalText | None
    declared_capacity: int | None
    valid_from: Day
    valid_until: Day | None
    as_of: Day | None

    @classmethod
    def of(cls, record: RegisteredEvidence) -> Self:
        return cls(
            register_name=record.register,
            type=record.type,
            number=record.number,
            product_codes=list(record.product_codes),
            local_content=record.local_content,
            declared_capacity=record.declared_capacity,
            valid_from=record.valid_from,
            valid_until=record.valid_until,
            as_of=record.as_of,
        )


class FactEntryView(Strict):
    since: Day | None
    until: Day | None


class FactListView(Strict):
    """``as_of`` null: the list was never imported."""

    as_of: Day | None
    entries: list[FactEntryView]


class FactPortalView(Strict):
    answered_at: Instant | None
    entries: list[FactEntryView]
    failed_at: Instant | None
    failure: str | None


class InputsView(Strict):
    """The facts of a verdict. ``affiliates`` names shared contact data, and is null for a tender's buyer."""

    status: OrganizationStatus
    bin: str
    lines: list[FactLineView]
    minutes: FactMinutesView | None
    evidence: list[EvidenceView]
    registered: list[RegisteredView]
    registers: dict[str, Day | None]
    lists: dict[str, FactListView]
    portal: FactPortalView
    awarded_pieces: dict[str, int]
    affiliates: list[str] | None
    invited: bool | None
    prequalified: bool | None
    rules_sha256: str

    @classmethod
    def of(cls, facts: Facts, *, rules_sha256: str, affiliates: bool) -> Self:
        work, portal = facts.workshop, facts.portal
        return cls(
            status=facts.status,
            bin=facts.bin,
            lines=[
                FactLineView(
                    line=line.line,
                    ens_tru=line.ens_tru,
                    pieces=line.pieces,
                    standard_minutes=line.standard_minutes,
                )
                for line in facts.lines
            ],
            minutes=FactMinutesView(per_week=work.minutes_per_week, booked=work.minutes_booked, due_on=work.due_on)
            if work
            else None,
            evidence=[EvidenceView.of(each) for each in facts.evidence],
            registered=[RegisteredView.of(each) for each in facts.registered],
            registers={str(register): day for register, day in facts.as_of.items()},
            lists={
                str(register): FactListView(
                    as_of=state.as_of,
                    entries=[FactEntryView(since=each.listed_on, until=each.until) for each in state.entries],
                )
                for register, state in facts.lists.items()
            },
            portal=FactPortalView(
                answered_at=portal.answered_at,
                entries=[FactEntryView(since=each.since, until=each.until) for each in portal.entries],
                failed_at=portal.failed_at,
                failure=portal.failure,
            ),
            awarded_pieces=facts.awarded_pieces,
            affiliates=list(facts.affiliates) if affiliates and facts.affiliates is not None else None,
            invited=facts.invited,
            prequalified=facts.prequalified,
            rules_sha256=rules_sha256,
        )
