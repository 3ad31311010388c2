"""When a lot comes to nothing, by the number of its bids and of the admitted ones (rules 687 p. 278, 424-425)."""

from collections.abc import Iterable

from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Failure

_ORDER = {failure: place for place, failure in enumerate(Failure)}


def lot_failure(rules: Rules, *, bids: int, admitted: int) -> Failure | None:
    """None where the lot can be awarded; exactly one bid that complies is valid unless the package asks for more."""
    if bids == 0:
        return Failure.NO_BIDS
    if bids < rules.whole("bids_min"):
        return Failure.TOO_FEW_BIDS
    if admitted == 0:
        return Failure.NONE_ADMITTED
    if bids > 1 and admitted == 1 and rules.text("single_admitted_of_several") == "fails":
        return Failure.SINGLE_ADMITTED
    return None


def whole_failure(lots: Iterable[Failure]) -> Failure:
    """The reason of a tender none of whose lots (at least one) can be awarded: that of the lot that came furthest."""
    return max(lots, key=_ORDER.__getitem__)
