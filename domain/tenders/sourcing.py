"""Who is asked: a single source on a coded ground, or those of a prequalification list.

A method that only invites (``invited_only``) names a ground of its package and one supplier; every other method names
neither. A prequalification list is named where the package has them (``optional``, ``required``).
"""

from dataclasses import dataclass, replace
from datetime import date

from domain.actors import OrganizationKind
from domain.errors import Flaw, Invalid, Titles
from domain.ids import OrganizationId, PrequalificationId
from domain.organizations.model import OrganizationNotFound
from domain.prequalification.model import Prequalification, PrequalificationNotFound
from domain.procedures.rules import Rules
from domain.tenders.model import Tender
from domain.work import Work


class GroundRefused(Invalid):
    code = "ground-refused"
    titles = Titles(
        "The ground for a single source does not fit",
        "Основание закупки из одного источника не подходит",
        "Бір көзден сатып алу негізі сай емес",
    )


class InvitationRefused(Invalid):
    code = "invitation-refused"
    titles = Titles(
        "This supplier cannot be invited", "Этого поставщика нельзя пригласить", "Бұл өнім берушіні шақыруға болмайды"
    )


class PrequalificationRefused(Invalid):
    code = "prequalification-refused"
    titles = Titles(
        "The prequalification list does not fit the tender",
        "Перечень предквалификации не подходит тендеру",
        "Алдын ала біліктілік тізбесі тендерге сай емес",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a buyer says of it in a draft."""

    ground: str | None = None
    invited: OrganizationId | None = None
    prequalification_id: PrequalificationId | None = None


ANYBODY = Source()


def sourced(tender: Tender, source: Source) -> Tender:
    return replace(
        tender,
        ground=source.ground,
        invited=() if source.invited is None else (source.invited,),
        prequalification_id=source.prequalification_id,
    )


async def check_source(work: Work, tender: Tender, *, published_on: date | None = None) -> None:
    """Refuse what does not fit the tender's procedure. ``published_on`` is the legal day of a publication: a list that
    is required is there by then, and in force.
    """
    rules = Rules(tender.procedure)
    check_ground(rules, tender.ground)
    check_invited(rules, tender.invited)
    for supplier_id in tender.invited:
        await _invitable(work, supplier_id)
    found = None
    if tender.prequalification_id is not None:
        found = await work.prequalifications.get(tender.prequalification_id)
        if found.buyer_id != tender.buyer_id:
            raise PrequalificationNotFound("There is no such prequalification list")
    check_prequalification(tender, found, published_on=published_on)


def check_ground(rules: Rules, ground: str | None) -> None:
    """Refuse (``ground-refused``) a ground that is missing, that the package does not name, or that means nothing."""
    grounds = rules.words("single_source_grounds") if rules.flag("invited_only") else frozenset()
    if ground is None and not rules.flag("invited_only"):
        return
    if ground not in grounds:
        named = "no ground" if ground is None else f"the ground {ground}"
        passes = ", ".join(sorted(grounds)) or f"no ground: {rules.method} invites nobody"
        flaw = Flaw(pointer="/ground", reason=f"{named} for {rules.method}", passes=passes)
        raise GroundRefused(f"{rules.procedure} does not buy so on {named}", flaws=(flaw,), passes=passes)


def check_invited(rules: Rules, invited: tuple[OrganizationId, ...]) -> None:
    """Refuse (``invitation-refused``) nobody or several where one is invited, and anybody where all may bid."""
    wanted = 1 if rules.flag("invited_only") else 0
    if len(invited) != wanted:
        raise _not_invited(f"{rules.method} invites {wanted}, {len(invited)} named", f"{wanted} supplier")


async def _invitable(work: Work, supplier_id: OrganizationId) -> None:
    try:
        kind = (await work.organizations.get(supplier_id)).kind
    except OrganizationNotFound as missing:
        raise _not_invited("no organisation has this id", "a registered supplier") from missing
    if kind is not OrganizationKind.SUPPLIER:
        raise _not_invited(f"the organisation is of the kind {kind}", "a registered supplier")


def check_prequalification(tender: Tender, found: Prequalification | None, *, published_on: date | None) -> None:
    """Refuse (``prequalification-refused``) a list that the package does not have, that is not in force at the
    publication or does not cover the goods, and the want of one that is required.
    """
    rules = Rules(tender.procedure)
    asked = "none" if rules.flag("invited_only") else rules.text("prequalification")
    if found is None:
        if asked == "required" and published_on is not None:
            raise _unqualified(f"{rules.procedure} requires a list", "a list of yours that is in force")
        return
    if asked == "none":
        raise _unqualified(f"{rules.method} of {rules.procedure} has no prequalification", "no list")
    for lot in tender.lots:
        for line in lot.lines:
            if not found.covers(line.ens_tru):
                raise _unqualified(f"list {found.number} does not cover {line.ens_tru}", ", ".join(found.products))
    if published_on is not None and not found.in_force(on=published_on):
        raise _unqualified(
            f"list {found.number} is in force from {found.valid_from} to {found.valid_until}",
            f"a publication within this time, not on {published_on}",
        )


def _not_invited(reason: str, passes: str) -> InvitationRefused:
    return InvitationRefused(reason, flaws=(Flaw(pointer="/invited", reason=reason, passes=passes),), passes=passes)


def _unqualified(reason: str, passes: str) -> PrequalificationRefused:
    flaw = Flaw(pointer="/prequalification_id", reason=reason, passes=passes)
    return PrequalificationRefused(reason, flaws=(flaw,), passes=passes)
