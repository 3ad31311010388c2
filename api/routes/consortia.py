"""Consortia: a member lets a leader name him in his bid. Only the two of them see it, before the opening and after."""

from typing import Self

from fastapi import APIRouter, Response

from api.dependencies import App, Signed, Version, Writing, answered
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import BinText, Incoming, Instant, Strict
from domain.actors import Action
from domain.consortia.model import ConsentExists, ConsentNotFound, ConsentStatus, LeaderRefused
from domain.consortia.ports import Party, ShownConsent
from domain.errors import StaleVersion
from domain.ids import ConsentId, OrganizationId, TenderId
from domain.organizations.model import OrganizationNotConfirmed
from domain.tenders.model import BiddingClosed, StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["bids"])


class ConsentBody(Strict):
    """``leader_bin`` is whom you let name you as a member of his consortium in this tender."""

    leader_bin: BinText


class RevocationBody(Strict):
    """Nothing to say: a revocation needs no reason."""


class PartyView(Strict):
    id: OrganizationId
    name: str
    bin: str

    @classmethod
    def of(cls, party: Party) -> Self:
        return cls(id=party.id, name=party.name, bin=party.bin)


class ConsentView(Strict):
    """A bid of the leader names the member by ``member.id``."""

    id: ConsentId
    tender_id: TenderId
    leader: PartyView
    member: PartyView
    status: ConsentStatus
    granted_at: Instant
    revoked_at: Instant | None

    @classmethod
    def of(cls, shown: ShownConsent) -> Self:
        consent = shown.consent
        return cls(
            id=consent.id,
            tender_id=consent.tender_id,
            leader=PartyView.of(shown.leader),
            member=PartyView.of(shown.member),
            status=consent.status,
            granted_at=consent.granted_at,
            revoked_at=consent.revoked_at,
        )


@step(
    router,
    "/tenders/{tender_id}/consortium-consents",
    action=Action.CONSORTIUM_CONSENT,
    answers=ConsentView,
    refusals=(TenderNotFound, BiddingClosed, OrganizationNotConfirmed, LeaderRefused, ConsentExists),
)
async def grant_consent(tender_id: TenderId, body: Incoming[ConsentBody], app: App, write: Writing) -> Response:
    """Agree that this supplier names you as a member of his consortium, while the tender takes bids. Your share and its
    prices are in his bid, which he answers for.
    """
    command = write.command(ConsentView.of)
    await app.consenting.grant(tender_id, body.leader_bin, command=command)
    return answered(command)


@router.get(
    "/tenders/{tender_id}/consortium-consents",
    responses=responses("not-authenticated", "malformed-cursor"),
    response_model=Page[ConsentView],
)
async def list_consents(tender_id: TenderId, app: App, caller: Signed, paging: Paging) -> Response:
    """The consents of a tender that name you, as leader or member; nobody else sees that there are any."""
    found = await app.consents.of_tender(caller.actor, tender_id, after=paging.after(ConsentId), limit=paging.limit + 1)
    return paged([ConsentView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get("/consortium-consents/{id}", responses=responses("not-authenticated", ConsentNotFound))
async def read_consent(id: ConsentId, app: App, caller: Signed, response: Response) -> ConsentView:
    """A consent that names you, as leader or member."""
    shown = await app.consents.consent(caller.actor, id)
    response.headers["ETag"] = etag(shown.version)
    return ConsentView.of(shown)


@step(
    router,
    "/consortium-consents/{id}/revocation",
    action=Action.CONSORTIUM_CONSENT,
    answers=ConsentView,
    refusals=(ConsentNotFound, BiddingClosed, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def revoke_consent(
    id: ConsentId, _body: Incoming[RevocationBody], app: App, write: Writing, version: Version
) -> Response:
    """Take back what you agreed to, until the deadline. A bid that names you is not admitted where you would have sewn;
    tell its leader, so that he replaces it.
    """
    command = write.command(ConsentView.of)
    await app.consenting.revoke(id, version=version, command=command)
    return answered(command)
