"""Verdicts: may a workshop bid on a lot, what is missing, and from which facts that follows."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import App, Signed, Writing, answered
from api.problems import responses
from api.routing import step
from api.schemas import Incoming, Pieces, Strict
from api.views.verdicts import InputsView, VerdictView
from domain.actors import Action
from domain.errors import MalformedValue
from domain.ids import TenderId, VerdictId
from domain.organizations.model import OrganizationNotFound
from domain.organizations.producing import LinePieces
from domain.organizations.replaying import NotReplayable
from domain.organizations.verdict import VerdictNotFound
from domain.tenders.model import TenderNotFound

router = APIRouter(prefix="/v1", tags=["producers"])


class LinePiecesBody(Strict):
    line: Annotated[int, Field(ge=1, le=20)]
    pieces: Pieces


class VerdictBody(Strict):
    """``lines`` is what you would offer; without it the whole lot."""

    tender_id: TenderId
    lot: Annotated[int, Field(ge=1, le=50)]
    lines: Annotated[list[LinePiecesBody], Field(max_length=20)] = []


@step(
    router,
    "/verdicts",
    action=Action.VERDICT_ASK,
    answers=VerdictView,
    refusals=(TenderNotFound, OrganizationNotFound, MalformedValue),
)
async def ask_verdict(body: Incoming[VerdictBody], app: App, write: Writing) -> Response:
    """May we bid on this lot today, and if not, what is missing?"""
    command = write.command(VerdictView.of)
    offered = tuple(LinePieces(line=each.line, pieces=each.pieces) for each in body.lines)
    await app.producing.look(body.tender_id, body.lot, offered=offered, command=command)
    return answered(command)


@router.get("/verdicts/{id}", responses=responses("not-authenticated", VerdictNotFound))
async def read_verdict(id: VerdictId, app: App, caller: Signed) -> VerdictView:
    """Your own verdict; those of award and signing also for the buyer, auditors and registry operators, after the
    opening.
    """
    return VerdictView.of(await app.producers.verdict(caller.actor, id))


@router.get("/verdicts/{id}/inputs", responses=responses("not-authenticated", VerdictNotFound, NotReplayable))
async def read_verdict_inputs(id: VerdictId, app: App, caller: Signed) -> InputsView:
    """The facts that a verdict was reached from, for whoever reads it. A buyer is not told what affiliates share."""
    verdict = await app.producers.verdict(caller.actor, id)
    if verdict.inputs is None or verdict.rules_sha256 is None:
        raise NotReplayable("The verdict was stored without its facts", passes="a verdict that has them")
    wide = caller.actor.is_auditor or caller.actor.is_registry_operator
    own = verdict.organization_id == caller.actor.organization_id
    return InputsView.of(verdict.inputs, rules_sha256=verdict.rules_sha256, affiliates=own or wide)
