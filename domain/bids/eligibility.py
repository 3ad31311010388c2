"""Eligibility: a verdict that says no becomes a refusal that names the rule, the data and what would pass."""

from collections.abc import Iterable

from domain.bids.model import NotEligible
from domain.errors import Flaw
from domain.organizations.verdict import RuleOutcome, Verdict


def require_eligible(verdicts: Iterable[Verdict]) -> None:
    """Refuse (``not-eligible``) if any verdict has a failed rule.

    The verdicts are in the order of the bid's lots, so that a flaw's pointer is the lot's place in the bid; the
    reason names lot and line by their numbers.
    """
    flaws = tuple(
        _flaw(place, verdict, outcome) for place, verdict in enumerate(verdicts) for outcome in verdict.failed
    )
    if flaws:
        rules = ", ".join(dict.fromkeys(flaw.rule or "" for flaw in flaws))
        raise NotEligible(f"You may not bid: {rules}", flaws=flaws, passes=flaws[0].passes)


def _flaw(place: int, verdict: Verdict, outcome: RuleOutcome) -> Flaw:
    where = f"lot {verdict.lot}, line {outcome.line}" if outcome.line else f"lot {verdict.lot}"
    data = ", ".join(f"{name} {value}" for name, value in outcome.data.items() if value)
    return Flaw(
        pointer=f"/lots/{place}",
        reason=f"{where}: {outcome.reason}" + (f" ({data})" if data else ""),
        passes=outcome.passes,
        rule=outcome.rule,
    )
