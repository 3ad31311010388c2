"""Eligibility: a verdict that says no becomes a refusal that names the rule, the data and what would pass."""

from collections.abc import Iterable

from domain.bids.model import NotEligible
from domain.errors import Flaw
from domain.organizations.verdict import RuleOutcome, Verdict


def require_eligible(verdicts: Iterable[Verdict]) -> None:
    """Refuse (``not-eligible``) if any verdict has a failed rule."""
    flaws = tuple(_flaw(verdict, outcome) for verdict in verdicts for outcome in verdict.failed)
    if flaws:
        rules = ", ".join(dict.fromkeys(flaw.rule or "" for flaw in flaws))
        raise NotEligible(f"You may not bid: {rules}", flaws=flaws, passes=flaws[0].passes)


def _flaw(verdict: Verdict, outcome: RuleOutcome) -> Flaw:
    where = f"/lots/{verdict.lot}" + (f"/lines/{outcome.line}" if outcome.line else "")
    data = ", ".join(f"{name} {value}" for name, value in outcome.data.items() if value)
    return Flaw(
        pointer=where,
        reason=f"{outcome.reason} ({data})" if data else str(outcome.reason),
        passes=outcome.passes,
        rule=outcome.rule,
    )
