"""Eligibility: a verdict that says no becomes a refusal that names the rule, the data and what would pass."""

from collections.abc import Callable, Iterable, Sequence

from domain.bids.model import EligibilityNotChecked, NotEligible
from domain.errors import Flaw
from domain.organizations.verdict import RuleOutcome, Verdict


def require_eligible(verdicts: Iterable[Verdict], pointers: Sequence[str] | None = None) -> None:
    """Refuse (``not-eligible``) if any verdict has a failed rule, (``eligibility-not-checked``) if the package refuses
    one whose rules could not all be checked.

    ``pointers`` are the verdicts' places in the bid; without them they are in the order of its lots. The reason names
    lot and line by their numbers.
    """
    known = tuple(verdicts)
    places = pointers if pointers is not None else [f"/lots/{place}" for place in range(len(known))]
    if failed := _flaws(known, places, lambda verdict: verdict.failed):
        raise NotEligible(f"You may not bid: {_rules(failed)}", flaws=failed, passes=failed[0].passes)
    if unchecked := _flaws(known, places, lambda verdict: () if verdict.accepted else verdict.unchecked):
        detail = f"It could not be checked whether you may: {_rules(unchecked)}"
        raise EligibilityNotChecked(detail, flaws=unchecked, passes=unchecked[0].passes)


def _flaws(
    verdicts: tuple[Verdict, ...], places: Sequence[str], chosen: Callable[[Verdict], tuple[RuleOutcome, ...]]
) -> tuple[Flaw, ...]:
    return tuple(
        _flaw(place, verdict, outcome)
        for place, verdict in zip(places, verdicts, strict=True)
        for outcome in chosen(verdict)
    )


def _rules(flaws: tuple[Flaw, ...]) -> str:
    return ", ".join(dict.fromkeys(flaw.rule or "" for flaw in flaws))


def _flaw(place: str, verdict: Verdict, outcome: RuleOutcome) -> Flaw:
    where = f"lot {verdict.lot}, line {outcome.line}" if outcome.line else f"lot {verdict.lot}"
    data = ", ".join(f"{name} {value}" for name, value in outcome.data.items() if value)
    return Flaw(
        pointer=place,
        reason=f"{where}: {outcome.reason}" + (f" ({data})" if data else ""),
        passes=outcome.passes,
        rule=outcome.rule,
    )
