"""The allocation problem: what is needed, who offers it at which prices, and what binds an award. A pure value.

Everything that an award depends on is in here, so that anybody who has the problem can solve it again and compare.
Engines (``ports.Engine``) read it; ``checker.py`` validates what they answer and shares no code with them.

What an allocation is worth, in whole tiyn and smaller is better:

    compared cost of all shares  +  UNFILLED x planned sum of every lot that is not filled

Of a lot that is awarded in part, the pieces that nobody was given count at their planned price. The compared price of
a piece is its price after tier and package, less the offer's comparison discount. Lots whose demand must be met exactly
are filled or get nothing at all.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from domain.garments import SizeRun
from domain.ids import BidId, OrganizationId
from domain.money import TIYN, Money

UNFILLED = 10
"""An unfilled lot costs this many times its planned sum: no saving elsewhere is worth leaving it open."""
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One garment line of one lot. ``standard_minutes`` are per piece; capacity is declared per ``product`` (six
    digits); ``planned_price`` is per piece; it is due on ``due_on``. ``partial``: its lot may be awarded in part.
    """

    lot: int
    line: int
    product: str
    run: SizeRun
    standard_minutes: Decimal
    planned_price: Money
    due_on: date
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBreak:
    """From so many pieces of the offer on, every piece of it costs ``unit_price``."""

    pieces_from: int
    unit_price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One admitted line offer of one sewer: the bidder, or a member of his consortium (then several offers of one bid
    may be for one line). ``run`` are the cells that may be given, ``pieces_max`` bounds their sum, and an offer that is
    given anything is given at least ``pieces_min``.

    ``unit_price`` holds below the first of ``breaks``, which rise in pieces and never in price. ``discount_percent``
    is for comparison only (conditional discounts, criteria), ``preference_percent`` of it for being a domestic
    producer; nobody is paid less for it. Of equal compared prices the
    smaller ``tie_rank`` comes first, by the package's tie-breaks; among equal ranks the earlier receipt, then the id.
    """

    bid_id: BidId
    bidder_id: OrganizationId
    lot: int
    line: int
    unit_price: Money
    run: SizeRun
    pieces_min: int
    pieces_max: int
    received_at: datetime
    breaks: tuple[PriceBreak, ...] = ()
    discount_percent: Decimal = Decimal(0)
    preference_percent: Decimal = Decimal(0)
    tie_rank: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EitherOr:
    """At most one of these lots is awarded to the bid."""

    bid_id: BidId
    lots: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageDiscount:
    """A bid that is given at least ``pieces_min`` pieces in each of ``lots`` sells all its pieces there for ``percent``
    less: off the unit price, rounded down to the tiyn. Of several that are reached in a lot the largest counts.
    """

    bid_id: BidId
    lots: tuple[int, ...]
    percent: Decimal
    pieces_min: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """A consortium: in this lot all offers of the bid are given at least their ``pieces_min``, or none is given
    anything.
    """

    bid_id: BidId
    lot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLimits:
    """The buyer's rules for one lot. A winner is a bid, with all its members. ``winners_max`` winners; none with more
    than ``share_percent_max`` of the lot's pieces (rounded down to pieces) or fewer than ``pieces_min`` of them.
    """

    lot: int
    winners_max: int | None = None
    share_percent_max: Decimal | None = None
    pieces_min: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At least ``percent_min`` of the pieces of ``lots`` that are filled go to these bidders (rounded up to pieces): a
    region's minimum, a reserve for small or new workshops. ``name`` says which, for explanations. Pieces that are
    given count, all ``lots`` together: what is not filled is nobody's.
    """

    name: str
    lots: tuple[int, ...]
    bidders: frozenset[OrganizationId]
    percent_min: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """Standard minutes that a sewer has until a day, all together: with an earlier day's, not beside them."""

    until: date
    minutes: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """``capacity`` gives per bidder id (text) the minutes that are free until each delivery day of the problem, in the
    order of the days and never falling; what he sews for lots due by a day must fit into the minutes until it. (With
    work that can be divided and one common start this is exactly whether the weeks hold it.) Who is missing has none;
    None for all: minutes are not counted. ``units`` is what is left of a bidder's declared capacity, by ``bidder
    id/product``; who is missing is not bounded.
    """

    demands: tuple[Demand, ...]
    offers: tuple[Offer, ...]
    capacity: dict[str, tuple[Free, ...]] | None = None
    units: dict[str, int] = field(default_factory=dict)
    either_or: tuple[EitherOr, ...] = ()
    packages: tuple[PackageDiscount, ...] = ()
    joints: tuple[Joint, ...] = ()
    limits: tuple[LotLimits, ...] = ()
    quotas: tuple[Quota, ...] = ()


def price_at(offer: Offer, pieces: int, *, package_percent: Decimal = Decimal(0)) -> Money:
    """What one of ``pieces`` pieces of the offer costs."""
    price = offer.unit_price
    for each in offer.breaks:
        if pieces >= each.pieces_from:
            price = each.unit_price
    return Money((price.amount * (_HUNDRED - package_percent) / _HUNDRED).quantize(TIYN, ROUND_DOWN))


def compared(price: Money, discount_percent: Decimal) -> Money:
    """A unit price as it is compared, half up to the tiyn."""
    return Money((price.amount * (_HUNDRED - discount_percent) / _HUNDRED).quantize(TIYN, ROUND_HALF_UP))
