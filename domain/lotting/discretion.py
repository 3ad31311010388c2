"""What a study keeps to itself.

A workshop's profile is open to whoever signs in; its bookings, its evidence and what could not be checked are not. So
of one or two workshops no figure is told that would be theirs: their count is "fewer than three", their pieces not
told. None of them is told as none: it says nothing of anybody in particular, and the buyer must know it first.
"""

from domain.lotting.coverage import Coverage, Reach
from domain.lotting.study import FEWEST, Reason

COUNTS = frozenset({"more_alone", "more_workshops"})
"""Reasons whose figures are workshops; those of the others are per cent."""


def told(count: int) -> int | None:
    """None: one or two, which is not told apart."""
    return None if 0 < count < FEWEST else count


def told_pieces(reach: Reach) -> int | None:
    return None if told(reach.workshops) is None else reach.pieces


def told_of_small(coverage: Coverage) -> int | None:
    """The pieces of the small ones also tell those of the others, where these are one or two."""
    others = coverage.everybody.workshops - coverage.small.workshops
    return None if told(others) is None else told_pieces(coverage.small)


def told_before(reason: Reason, workshops: int) -> int | None:
    """What a reason compares with; a share of what one or two workshops reach is theirs."""
    if reason.code in COUNTS:
        return told(reason.before)
    return None if reason.code == "more_reached" and told(workshops) is None else reason.before
