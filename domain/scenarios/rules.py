"""The buyer's rules of a scenario as values, and the problem that follows from them.

What a quota needs to know of a bidder is read once, when the scenario is made, and stored: the same scenario asks the
same question for ever.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.awards.problem import LotLimits, Problem, Quota
from domain.errors import Flaw
from domain.ids import REGIONS, Kato, OrganizationId
from domain.organizations.workshop import Size
from domain.scenarios.refusals import ScenarioRefused

QUOTAS_MAX = 5
_KATO_DIGITS = (2, 9)


class Preferred(StrEnum):
    """Whom a quota is for."""

    REGION = "region"
    """Workshops that stand in a region or a part of it."""
    SMALL = "small"
    """Workshops of that size (``organizations/workshop.py``)."""
    NEW = "new"
    """Suppliers who had not concluded a contract here when the scenario was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BidderFacts:
    """``kato`` is the workshop's, or the organisation's where it described none; then it has no ``operators``.
    ``contracts`` it had concluded, those that lapsed or were annulled aside.
    """

    kato: Kato
    operators: int | None
    contracts: int

    @property
    def is_small(self) -> bool:
        return Size.of(self.operators) is Size.SMALL

    @property
    def is_new(self) -> bool:
        return self.contracts == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRule:
    """As ``LotLimits``, for one lot; ``lot`` None: for every lot of the scenario that has no rule of its own."""

    lot: int | None = None
    winners_max: int | None = None
    share_percent_max: Decimal | None = None
    pieces_min: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRule:
    """At least ``percent_min`` of all pieces that are given. ``kato`` are the first two to nine digits, for a region
    and only then.
    """

    preferred: Preferred
    percent_min: Decimal
    kato: str | None = None

    @property
    def name(self) -> str:
        return f"{self.preferred} {self.kato}" if self.kato else str(self.preferred)

    def holds(self, facts: BidderFacts) -> bool:
        match self.preferred:
            case Preferred.REGION:
                return facts.kato.startswith(self.kato or "?")
            case Preferred.SMALL:
                return facts.is_small
            case Preferred.NEW:
                return facts.is_new


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerRules:
    """Refuses (``scenario-refused``) rules that name nobody, or the same lot or the same quota twice."""

    limits: tuple[LimitRule, ...] = ()
    quotas: tuple[QuotaRule, ...] = ()

    def __post_init__(self) -> None:
        flaws = tuple(self._flaws())
        if flaws:
            raise ScenarioRefused(flaws[0].reason, flaws=flaws)

    def applied(self, problem: Problem, facts: Mapping[str, BidderFacts]) -> Problem:
        """The problem under these rules; ``facts`` are per bidder id (text). They replace what it said of limits, and
        stand beside its quotas.
        """
        lots = tuple(sorted({demand.lot for demand in problem.demands}))
        return replace(
            problem,
            limits=tuple(self._limits(problem, lots)),
            quotas=(*problem.quotas, *(self._quota(rule, lots, facts) for rule in self.quotas)),
        )

    def _limits(self, problem: Problem, lots: tuple[int, ...]) -> Iterator[LotLimits]:
        known = {limits.lot: limits for limits in problem.limits}
        given = {rule.lot: rule for rule in self.limits}
        for lot in sorted({*lots, *(lot for lot in given if lot is not None)}):
            rule = given.get(lot, given.get(None))
            if rule is not None:
                yield LotLimits(
                    lot=lot,
                    winners_max=rule.winners_max,
                    share_percent_max=rule.share_percent_max,
                    pieces_min=rule.pieces_min,
                )
            elif lot in known:
                yield known[lot]

    def _quota(self, rule: QuotaRule, lots: tuple[int, ...], facts: Mapping[str, BidderFacts]) -> Quota:
        bidders = frozenset(OrganizationId(UUID(bidder)) for bidder, each in facts.items() if rule.holds(each))
        return Quota(name=rule.name, lots=lots, bidders=bidders, percent_min=rule.percent_min)

    def _flaws(self) -> Iterator[Flaw]:
        lots = [rule.lot for rule in self.limits]
        for index, lot in enumerate(lots):
            if lot in lots[:index]:
                yield Flaw(pointer=f"/rules/limits/{index}/lot", reason="a second rule for it", passes="each lot once")
        names = [rule.name for rule in self.quotas]
        if len(names) > QUOTAS_MAX:
            yield Flaw(pointer="/rules/quotas", reason=f"{len(names)} quotas", passes=f"at most {QUOTAS_MAX}")
        for index, rule in enumerate(self.quotas):
            at = f"/rules/quotas/{index}"
            if rule.name in names[:index]:
                yield Flaw(pointer=at, reason="it stands twice", passes="each quota once")
            if (rule.preferred is Preferred.REGION) is (rule.kato is None):
                yield Flaw(pointer=f"{at}/kato", reason="a region has one, nobody else", passes="63, for a region")
            if rule.kato is not None and not _is_place(rule.kato):
                yield Flaw(
                    pointer=f"{at}/kato", reason="not the beginning of a KATO code", passes="63, or up to nine digits"
                )


def _is_place(kato: str) -> bool:
    least, most = _KATO_DIGITS
    return kato.isascii() and kato.isdigit() and least <= len(kato) <= most and kato[:2] in REGIONS
