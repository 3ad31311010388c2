"""When a lot comes to nothing, by the number of its bids and of the admitted ones (rules 687 p. 278, 424-425)."""

from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Failure


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
