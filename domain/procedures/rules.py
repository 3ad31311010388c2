"""The rules of one tender, typed: read from what it pinned, never from today's packages."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.procedures.period import Period, period
from domain.procedures.units import on_day, pairs
from domain.procedures.vocabulary import Failure, Method, PhaseId
from domain.tenders.procedure import PinnedProcedure


@dataclass(frozen=True, slots=True)
class Rules:
    """Every value is read when asked for; what each name means stands in ``vocabulary.py``."""

    procedure: PinnedProcedure

    @property
    def method(self) -> Method:
        return Method(self.procedure.method)

    def has(self, phase: PhaseId) -> bool:
        """Whether the life cycle of this package has the phase."""
        return phase in self.text("phases").split()

    @property
    def opening_approvals(self) -> int:
        """How many people must approve the opening."""
        return self.whole("opening_approvals")

    # what a bid may be

    @property
    def bid_price_breaks_max(self) -> int:
        """Price breaks of one line offer."""
        return self.whole("bid_price_breaks_max")

    @property
    def either_or_groups_max(self) -> int:
        return self.whole("either_or_groups_max")

    @property
    def package_discounts_max(self) -> int:
        return self.whole("package_discounts_max")

    @property
    def consortium_members_max(self) -> int:
        """Sewers of one bid, its leader included; 1: each bids for himself."""
        return self.whole("consortium_members_max")

    @property
    def partial_bids(self) -> bool:
        """Whether a bid may offer a lot in part."""
        return self.flag("partial_bids")

    @property
    def specification_answers_required(self) -> bool:
        return self.text("specification_answers") == "required"

    # who may bid

    @property
    def producers_only(self) -> bool:
        return self.flag("producers_only")

    @property
    def code_match_digits(self) -> int:
        return self.whole("code_match_digits")

    @property
    def local_content_min(self) -> Decimal:
        return self.percent("local_content_min")

    @property
    def verifications(self) -> frozenset[str]:
        """How evidence must have been verified to count."""
        return self.words("verifications")

    @property
    def capacity_check(self) -> bool:
        return self.flag("capacity_check")

    @property
    def minutes_check(self) -> bool:
        return self.flag("minutes_check")

    @property
    def affiliates_refused(self) -> bool:
        return self.flag("affiliates_refused")

    @property
    def invited_only(self) -> bool:
        return self.flag("invited_only")

    @property
    def prequalification_required(self) -> bool:
        return self.text("prequalification") == "required"

    @property
    def unreliable_lists(self) -> frozenset[str]:
        return self.words("unreliable_lists")

    @property
    def unreliable_ban_months(self) -> int:
        return self.whole("unreliable_ban_months")

    @property
    def register_age_max_days(self) -> int:
        """How old an imported register, or an answer of a registry, may be in legal days."""
        return self.whole("register_age_max_days")

    def evidence_types(self, on: date) -> frozenset[str]:
        """Types of evidence that are accepted on a day."""
        return frozenset(on_day(self.text("evidence_types"), on))

    def refuses_unchecked(self, stage: str) -> bool:
        """What follows at a stage (``bid``, ``award``, ``signing``) when something could not be checked."""
        return self.pairs("unchecked").get(stage) == "refuse"

    # periods

    def period(self, name: str) -> Period:
        return period(self.text(name))

    @property
    def bid_period_min(self) -> Period:
        return self.period("bid_period_min")

    def payment_period(self, *, producer: bool) -> Period:
        """From acceptance to payment; a supplier with producer evidence may be paid sooner."""
        return self.period("payment_period_producers" if producer else "payment_period")

    # the evaluation; a tender of before, or a package that says nothing of these, has none of them

    @property
    def quality_percent_max(self) -> Decimal:
        """What criteria may take off a price together, for comparison."""
        return Decimal(self.procedure.parameters.get("discount_quality_percent", "0"))

    @property
    def commission_members_min(self) -> int:
        return int(self.procedure.parameters.get("commission_members_min", "1"))

    @property
    def commission_quorum_percent(self) -> Decimal:
        """Of the members of a committee, at least so many take part."""
        return Decimal(self.procedure.parameters.get("commission_quorum_percent", "0"))

    @property
    def completion_period(self) -> Period | None:
        """How long a bidder has to complete his papers; None where they are not completed."""
        found = self.procedure.parameters.get("completion_period")
        return None if found is None else period(found)

    # what follows

    def follow_up(self, failure: Failure) -> Method | None:
        """The method by which a failed lot may be tried again; None where the package names none."""
        named = self.pairs("follow_up").get(failure)
        return Method(named) if named else None

    # by name and unit

    def text(self, name: str) -> str:
        return self.procedure.parameters[name]

    def flag(self, name: str) -> bool:
        return self.text(name) == "true"

    def whole(self, name: str) -> int:
        return int(self.text(name))

    def percent(self, name: str) -> Decimal:
        return Decimal(self.text(name))

    def words(self, name: str) -> frozenset[str]:
        return frozenset(self.text(name).split())

    def pairs(self, name: str) -> dict[str, str]:
        return pairs(self.text(name))

    def on(self, name: str, day: date) -> Decimal | None:
        """A figure that changes by date (MCI in tenge, VAT in percent); None for a day that nobody entered."""
        found = on_day(self.text(name), day)
        return Decimal(found[0]) if found else None
