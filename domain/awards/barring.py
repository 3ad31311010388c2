"""Bidders who are not awarded again: those who evaded signing, and those whom a decision on a complaint excludes."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.awards.model import RejectionReason
from domain.complaints.model import Complaint
from domain.contracts.model import Contract
from domain.contracts.parts import ContractStatus
from domain.ids import OrganizationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """``complaints`` that were upheld for the tender; ``evaded`` are the suppliers of its lapsed contracts."""

    complaints: tuple[Complaint, ...] = ()
    evaded: frozenset[OrganizationId] = frozenset()

    @classmethod
    def of(cls, complaints: Iterable[Complaint], contracts: Iterable[Contract]) -> "Barred":
        lapsed = (each.supplier_id for each in contracts if each.status is ContractStatus.LAPSED)
        return cls(complaints=tuple(complaints), evaded=frozenset(lapsed))

    def reason(self, bidder_id: OrganizationId, lot: int) -> tuple[RejectionReason, str] | None:
        """Why the bidder is not awarded the lot, coded and in words; None where nothing bars him."""
        for each in self.complaints:
            if each.excludes(bidder_id, lot):
                return RejectionReason.EXCLUDED_BY_DECISION, f"excluded by the decision on complaint {each.number}"
        if bidder_id in self.evaded:
            return RejectionReason.SIGNING_EVADED, "did not sign a contract of this tender"
        return None
