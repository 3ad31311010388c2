"""What the database refuses, in the domain's words: one table of constraint names, one of SQLSTATEs."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.capacity.model import CapacityTaken
from domain.complaints.refusals import ComplaintExists
from domain.errors import Refusal, StaleVersion
from domain.evaluating.refusals import CommitteeAppointed, PapersRequested
from domain.organizations.model import BinTaken
from domain.organizations.people import EmailTaken, MemberExists
from domain.payments.model import PaymentUnderWay
from domain.prequalification.application import AlreadyApplied
from domain.tenders.follow_up import AlreadyFollowed
from domain.work import Busy, InFlight

CONSTRAINTS: dict[str, tuple[type[Refusal], str]] = {
    "uq_organizations_bin": (BinTaken, "This BIN is registered"),
    "uq_people_email": (EmailTaken, "A person with this e-mail exists"),
    "uq_memberships_person_id_organization_id": (MemberExists, "This person is a member of your organisation"),
    "uq_payments_live": (PaymentUnderWay, "A payment of this invoice is under way or done"),
    "uq_procedure_settings_buyer_id_procedure": (StaleVersion, "Somebody set it after you read it"),
    "uq_complaints_open": (ComplaintExists, "Your complaint awaits its decision"),
    "uq_tenders_follows": (AlreadyFollowed, "Another tender follows this one"),
    "uq_prequalification_applications_supplier": (AlreadyApplied, "You have just applied"),
    "ck_capacity_weeks_booked": (CapacityTaken, "A week of the workshop would be overbooked"),
    "uq_committees_tender_id": (CommitteeAppointed, "The tender has a committee"),
    "uq_paper_requests_bid_id": (PapersRequested, "A bidder is asked once"),
    "pk_notice_preferences": (StaleVersion, "Somebody set it after you read it"),
    "pk_kept_answers": (InFlight, "The same request has just been carried out; repeat it to see its answer"),
}
TRANSIENT: dict[str, str] = {
    "55P03": "A lock was not free in time",
    "57014": "The statement took too long",
    "40P01": "Two transactions waited for each other",
    "40001": "A concurrent change came first",
    "57P01": "The database is restarting",
    "57P02": "The database is restarting",
    "57P03": "The database is starting",
    "53100": "The database's disk is full",
    "53300": "The database has no free connection",
    "25P03": "The transaction was idle for too long",
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn a known database error into the refusal it means; everything else passes through."""
    try:
        yield
    except DBAPIError as error:
        refusal = _refusal(error)
        if refusal is None:
            raise
        raise refusal from error
    except (PoolTimeout, OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        raise Busy("The database did not answer in time", passes="the same request a little later") from error
    except asyncpg.PostgresError as error:  # the bare driver's, which SQLAlchemy has not wrapped
        if error.sqlstate not in TRANSIENT:
            raise
        raise Busy(TRANSIENT[error.sqlstate], passes="the same request a little later") from error


def _refusal(error: DBAPIError) -> Refusal | None:
    original = error.orig
    state = getattr(original, "sqlstate", None)
    constraint = getattr(getattr(original, "__cause__", None), "constraint_name", None)
    if constraint in CONSTRAINTS:
        kind, detail = CONSTRAINTS[constraint]
        return kind(detail)
    if state in TRANSIENT:
        return Busy(TRANSIENT[state], passes="the same request a little later")
    if error.connection_invalidated:
        return Busy("The connection to the database was lost", passes="the same request a little later")
    return None
