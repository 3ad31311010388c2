"""A contracting process: one published tender and what followed, of one instant, as everybody may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.awards.model import Evaluation
from domain.bids.model import Bid
from domain.contracts.model import Contract
from domain.enquiries.model import Enquiry
from domain.ids import Bin, Kato, OrganizationId
from domain.tenders.amendment import Amendment
from domain.tenders.model import Tender


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """What is published of an organisation."""

    bin: Bin
    name: str
    kato: Kato


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """``bids`` are opened ones only; ``evaluation`` the latest, given once it was awarded by; ``enquiries`` are
    answered ones; they and ``amendments`` by number.

    ``prior`` is the number of the tender that this one repeats. ``changed_at`` is the instant of the newest event that
    is not sealed.
    """

    tender: Tender
    parties: Mapping[OrganizationId, Party]
    bids: tuple[Bid, ...] = ()
    evaluation: Evaluation | None = None
    contracts: tuple[Contract, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    enquiries: tuple[Enquiry, ...] = ()
    prior: str | None = None
    changed_at: datetime
