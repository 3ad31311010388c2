"""Prequalifying: a buyer opens a list, suppliers apply, the buyer qualifies, refuses and removes."""

from dataclasses import dataclass
from datetime import date

from domain.actors import Actor
from domain.calendar import legal_day
from domain.errors import Flaw, StaleVersion
from domain.events import By
from domain.ids import ApplicationId, NewId, PrequalificationId
from domain.prequalification.application import (
    Application,
    ApplicationNotFound,
    Document,
    QualificationReason,
    QualificationRefused,
)
from domain.prequalification.model import Prequalification, Requirement
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PrequalificationForm:
    title: str
    products: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationForm:
    """``until`` belongs to a qualification, ``reason`` and ``explanation`` to a refusal."""

    qualified: bool
    until: date | None = None
    reason: QualificationReason | None = None
    explanation: str | None = None


class Prequalifying:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def open(self, form: PrequalificationForm, *, command: Command) -> Prequalification:
        async with self._begin(command) as work:
            (await work.organizations.get(command.by.organization_id)).must_be_confirmed()
            at = await work.now()
            opened = Prequalification(
                id=PrequalificationId(self._new_id()),
                number=await work.prequalifications.next_number(at.year),
                buyer_id=command.by.organization_id,
                title=form.title,
                products=form.products,
                requirements=form.requirements,
                valid_from=form.valid_from,
                valid_until=form.valid_until,
                opened_at=at,
            )
            event = opened.opened(by=By.actor(command.by))
            return work.answers(await work.prequalifications.save(opened, because=event))

    async def apply(self, id: PrequalificationId, documents: tuple[Document, ...], *, command: Command) -> Application:
        """The caller's application; after a refusal, a removal or the end of a qualification, once more."""
        async with self._begin(command) as work:
            supplier_id = command.by.organization_id
            (await work.organizations.get(supplier_id)).must_be_confirmed()
            wanted = await work.prequalifications.get(id)
            present = await work.applications.of_supplier(id, supplier_id)
            by, at = By.actor(command.by), await work.now()
            wanted.must_take(on=legal_day(at))
            if present is not None:
                again, event = present.resubmit(documents, on=legal_day(at), by=by, at=at)
                return work.answers(await work.applications.save(again, because=event))
            application = Application(
                id=ApplicationId(self._new_id()),
                prequalification_id=id,
                supplier_id=supplier_id,
                documents=documents,
                submitted_at=at,
            )
            return work.answers(await work.applications.save(application, because=application.submitted(by=by)))

    async def decide(
        self, id: ApplicationId, form: QualificationForm, *, version: int, command: Command
    ) -> Application:
        """Qualified until a day, or refused with a coded reason. Half a decision is refused."""
        async with self._begin(command) as work:
            application = await _of_own_list(work, id, version, command.by)
            by, at = By.actor(command.by), await work.now()
            if form.qualified:
                if form.until is None or form.reason is not None or form.explanation is not None:
                    raise _incomplete("/until", "a qualification has its last day and no reason", "until alone")
                qualified, granted = application.qualify(until=form.until, on=legal_day(at), by=by, at=at)
                return work.answers(await work.applications.save(qualified, because=granted))
            if form.reason is None or form.explanation is None or form.until is not None:
                raise _incomplete("/reason", "a refusal has reason and explanation, and no day", "both, without until")
            refused, event = application.refuse(reason=form.reason, explanation=form.explanation, by=by, at=at)
            return work.answers(await work.applications.save(refused, because=event))

    async def remove(
        self,
        id: ApplicationId,
        *,
        reason: QualificationReason,
        explanation: str,
        version: int,
        command: Command,
    ) -> Application:
        async with self._begin(command) as work:
            application = await _of_own_list(work, id, version, command.by)
            by, at = By.actor(command.by), await work.now()
            removed, event = application.remove(reason=reason, explanation=explanation, by=by, at=at)
            return work.answers(await work.applications.save(removed, because=event))


async def _of_own_list(work: Work, id: ApplicationId, version: int, by: Actor) -> Application:
    """An application to a list of the caller's, locked."""
    application = await work.applications.lock(id)
    wanted = await work.prequalifications.get(application.prequalification_id)
    if wanted.buyer_id != by.organization_id:
        raise ApplicationNotFound("There is no such application")
    if application.version != version:
        raise StaleVersion(f"You read version {version}, it is {application.version} now", passes="a fresh read")
    return application


def _incomplete(pointer: str, reason: str, passes: str) -> QualificationRefused:
    return QualificationRefused(reason, flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),), passes=passes)
