"""Which event is told to whom, by which text, with which data: the one table.

A rule copies only the fields that it names, so that a notice tells what was decided here and nothing else. Before the
opening nobody may learn that there are bids: what is sealed is told to nobody (but that there is a question), and the
rules of events that can come before the opening name neither a price nor a bidder (held by a test).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.ids import ContractId, EventId, OrganizationId, TenderId


class Audience(StrEnum):
    """Who is told. Whoever caused an event is not told of it."""

    BIDDER = "bidder"
    """Whose bid was opened."""
    MATCHING = "matching"
    """Suppliers with a subscription that fits a lot, found afterwards in bounded steps."""
    INVITED = "invited"
    """The suppliers that a purchase from a single source invites."""
    FOLLOWERS = "followers"
    BUYER = "buyer"
    """Of the tender."""
    CONTRACT_BUYER = "contract_buyer"
    SUPPLIER = "supplier"
    """Of the contract."""
    PARTIES = "parties"
    """Both of the contract."""
    RECEIVERS = "receivers"
    """The buyer of the contract, and the buyer of the place of a delivery."""
    REVIEWERS = "reviewers"
    """Organisations with a member who decides complaints."""
    COMPLAINANT = "complainant"
    ASKED = "asked"
    """Who was asked for papers."""
    HOLDER = "holder"
    """Of a proof, by its BIN."""
    NAMED_BUYER = "named_buyer"
    """The buyer whom the event names."""
    ORGANIZER = "organizer"
    """Of the pool."""
    MEMBERS = "members"
    """Buyers who have joined the pool."""
    SUBJECT = "subject"
    """The organisation that the event is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event as the outbox gives it. ``facts`` are what the database knows of its subject: numbers and titles."""

    id: EventId
    type: str
    subject: str
    subject_id: UUID
    sealed: bool
    organization_id: OrganizationId | None
    at: datetime
    data: dict[str, Any]
    facts: dict[str, Any]
    tender_id: TenderId | None
    contract_id: ContractId | None
    place: tuple[str, int]
    """Transaction and number: where the cursor stands after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``names`` are the fields of the event and the facts that the notice may tell; ``only`` a field of the event and
    the values with which the rule applies; ``sealed`` that it tells of sealed events, because it names nobody.
    """

    audiences: tuple[Audience, ...]
    kind: str
    names: tuple[str, ...] = ()
    only: tuple[str, frozenset[Any]] | None = None
    sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is told to each audience of an event."""

    audiences: tuple[Audience, ...]
    kind: str
    data: dict[str, Any]


_A = Audience
_TENDER = ("tender_number", "tender_title")
_CONTRACT = ("contract_number",)
_COMPLAINT = (*_TENDER, "number")
_POOL = ("pool_number", "pool_title")
_EVIDENCE = ("evidence_number", "valid_until")

FOLLOW_BY_DOING = frozenset({"verdict.reached", "enquiry.asked", "complaint.filed"})
"""A supplier who causes one of these follows the tender from then on."""
FOLLOW_BY_BID = "bid.opened"
"""A bidder follows from the opening on. Before it nobody may know who he is, so it is no bid that makes one follow."""

TABLE: dict[str, tuple[Rule, ...]] = {
    "tender.published": (
        Rule(audiences=(_A.INVITED,), kind="tender.invited", names=(*_TENDER, "closes_at")),
        Rule(audiences=(_A.MATCHING,), kind="tender.published", names=(*_TENDER, "closes_at")),
    ),
    "tender.amended": (Rule(audiences=(_A.FOLLOWERS,), kind="tender.amended", names=(*_TENDER, "closes_at")),),
    "tender.extended": (Rule(audiences=(_A.FOLLOWERS,), kind="tender.extended", names=(*_TENDER, "closes_at")),),
    "tender.cancelled": (
        Rule(audiences=(_A.FOLLOWERS,), kind="tender.cancelled", names=(*_TENDER, "reason", "explanation")),
    ),
    "tender.failed": (Rule(audiences=(_A.FOLLOWERS, _A.BUYER), kind="tender.failed", names=(*_TENDER, "reason")),),
    "tender.opened": (Rule(audiences=(_A.FOLLOWERS, _A.BUYER), kind="tender.opened", names=_TENDER),),
    "tender.awarded": (Rule(audiences=(_A.FOLLOWERS,), kind="tender.awarded", names=(*_TENDER, "complaints_until")),),
    "tender.next_best_awarded": (
        Rule(audiences=(_A.FOLLOWERS,), kind="tender.next_best_awarded", names=(*_TENDER, "complaints_until")),
    ),
    "tender.set_aside": (Rule(audiences=(_A.FOLLOWERS, _A.BUYER), kind="tender.set_aside", names=_TENDER),),
    "tender.completed": (Rule(audiences=(_A.BUYER,), kind="tender.completed", names=_TENDER),),
    "enquiry.asked": (Rule(audiences=(_A.BUYER,), kind="enquiry.asked", names=_TENDER, sealed=True),),
    "enquiry.answered": (Rule(audiences=(_A.FOLLOWERS,), kind="enquiry.answered", names=_TENDER),),
    "complaint.filed": (
        Rule(audiences=(_A.BUYER, _A.REVIEWERS), kind="complaint.filed", names=(*_COMPLAINT, "stage", "decide_by")),
    ),
    "complaint.withdrawn": (Rule(audiences=(_A.BUYER, _A.REVIEWERS), kind="complaint.withdrawn", names=_COMPLAINT),),
    "complaint.decided": (
        Rule(audiences=(_A.COMPLAINANT, _A.BUYER), kind="complaint.decided", names=(*_COMPLAINT, "outcome")),
    ),
    "papers.requested": (Rule(audiences=(_A.ASKED,), kind="papers.requested", names=(*_TENDER, "due_by")),),
    "contract.concluded": (
        Rule(audiences=(_A.SUPPLIER,), kind="contract.concluded", names=(*_CONTRACT, *_TENDER, "sum")),
    ),
    "contract.signed": (
        Rule(audiences=(_A.PARTIES,), kind="contract.signed", names=_CONTRACT, only=("in_force", frozenset({False}))),
        Rule(audiences=(_A.PARTIES,), kind="contract.in_force", names=_CONTRACT, only=("in_force", frozenset({True}))),
    ),
    "contract.declined": (
        Rule(audiences=(_A.CONTRACT_BUYER,), kind="contract.declined", names=(*_CONTRACT, "reason")),
    ),
    "contract.lapsed": (Rule(audiences=(_A.PARTIES,), kind="contract.lapsed", names=(*_CONTRACT, "reason")),),
    "contract.signing_evaded": (Rule(audiences=(_A.SUPPLIER,), kind="contract.signing_evaded", names=_CONTRACT),),
    "contract.annulled": (Rule(audiences=(_A.PARTIES,), kind="contract.annulled", names=(*_CONTRACT, *_TENDER)),),
    "contract.signing_postponed": (
        Rule(audiences=(_A.PARTIES,), kind="contract.signing_postponed", names=(*_CONTRACT, "sign_by")),
    ),
    "framework.called_off": (
        Rule(
            audiences=(_A.SUPPLIER,),
            kind="framework.called_off",
            names=(*_CONTRACT, "number", "pieces", "sum", "due_on"),
        ),
    ),
    "framework.settled": (
        Rule(
            audiences=(_A.PARTIES,), kind="framework.settled", names=_CONTRACT, only=("completed", frozenset({False}))
        ),
        Rule(
            audiences=(_A.PARTIES,), kind="framework.completed", names=_CONTRACT, only=("completed", frozenset({True}))
        ),
    ),
    "framework.completed": (Rule(audiences=(_A.PARTIES,), kind="framework.completed", names=_CONTRACT),),
    "delivery.dispatched": (
        Rule(audiences=(_A.RECEIVERS,), kind="delivery.dispatched", names=(*_CONTRACT, "delivery", "place", "pieces")),
    ),
    "delivery.accepted": (
        Rule(
            audiences=(_A.SUPPLIER,),
            kind="delivery.accepted",
            names=(*_CONTRACT, "delivery", "accepted", "defective"),
        ),
    ),
    "invoice.issued": (
        Rule(audiences=(_A.CONTRACT_BUYER,), kind="invoice.issued", names=(*_CONTRACT, "invoice", "amount", "due_on")),
    ),
    "invoice.paid": (
        Rule(audiences=(_A.PARTIES,), kind="invoice.paid", names=(*_CONTRACT, "invoice", "amount", "days_late")),
    ),
    "payment.moved": (
        Rule(
            audiences=(_A.SUPPLIER,),
            kind="payment.to_confirm",
            names=(*_CONTRACT, "invoice"),
            only=("status", frozenset({"awaiting_confirmation"})),
        ),
        Rule(
            audiences=(_A.CONTRACT_BUYER,),
            kind="payment.failed",
            names=(*_CONTRACT, "invoice"),
            only=("status", frozenset({"failed"})),
        ),
    ),
    "pool.buyer_invited": (Rule(audiences=(_A.NAMED_BUYER,), kind="pool.invited", names=_POOL),),
    "pool.buyer_joined": (Rule(audiences=(_A.ORGANIZER,), kind="pool.joined", names=(*_POOL, "pieces")),),
    "pool.buyer_withdrawn": (Rule(audiences=(_A.ORGANIZER,), kind="pool.withdrawn", names=_POOL),),
    "pool.tendered": (Rule(audiences=(_A.MEMBERS,), kind="pool.tendered", names=(*_POOL, *_TENDER)),),
    "pool.dissolved": (Rule(audiences=(_A.MEMBERS,), kind="pool.dissolved", names=_POOL),),
    "evidence.recorded": (Rule(audiences=(_A.HOLDER,), kind="evidence.recorded", names=_EVIDENCE),),
    "evidence.verified": (Rule(audiences=(_A.HOLDER,), kind="evidence.verified", names=_EVIDENCE),),
    "evidence.revoked": (Rule(audiences=(_A.HOLDER,), kind="evidence.revoked", names=("evidence_number", "reason")),),
    "evidence.expiring": (Rule(audiences=(_A.HOLDER,), kind="evidence.expiring", names=(*_EVIDENCE, "days_left")),),
    "organization.confirmed": (Rule(audiences=(_A.SUBJECT,), kind="organization.confirmed"),),
    "organization.suspended": (Rule(audiences=(_A.SUBJECT,), kind="organization.suspended", names=("reason",)),),
}
KINDS = tuple(dict.fromkeys(rule.kind for rules in TABLE.values() for rule in rules))


def tellings(event: Happened) -> tuple[Telling, ...]:
    """What an event is told as; nothing for a type that the table does not know. The event's own fields go before
    the facts of its subject.
    """
    known = event.facts | event.data
    return tuple(
        Telling(
            audiences=rule.audiences,
            kind=rule.kind,
            data={name: known[name] for name in rule.names if known.get(name) is not None},
        )
        for rule in TABLE.get(event.type, ())
        if (rule.only is None or event.data.get(rule.only[0]) in rule.only[1]) and (rule.sealed or not event.sealed)
    )
