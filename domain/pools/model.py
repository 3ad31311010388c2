"""A pool: several buyers put their needs together, and one tender of the organiser buys them.

    open -> tendered -> dissolved
      |                     ^
      +---------------------+

    a member: invited -> joined -> withdrawn (-> invited once more)

The garments are agreed when the pool is opened, so that the buyers' tables name the same things. The organiser may be a
member with needs of its own. While the pool is open a draft may take from it (``tender_id``) and follows its members;
the publication of that draft makes it ``tendered``, and nobody joins or withdraws after that.

Locks are taken in one order everywhere: pool, need, tender, bid, contract (a call-off before its framework), payment.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.actors import OrganizationKind
from domain.errors import Conflict, Flaw, Forbidden, Invalid, MalformedValue, NotFound, Titles
from domain.events import By
from domain.garments import GridId
from domain.ids import Bin, NeedId, OrganizationId, PoolId, TenderId
from domain.organizations.model import Organization
from domain.pools.events import (
    BuyerInvited,
    BuyerJoined,
    BuyerWithdrawn,
    PoolDissolved,
    PoolDrafted,
    PoolOpened,
    PoolReleased,
    PoolTendered,
)
from domain.tenders.model import StepNotAllowed
from domain.tenders.need import Need

GARMENTS_MAX = 20
MEMBERS_MAX = 100
NEEDS_MAX = 20
"""Of one member."""


class PoolStatus(StrEnum):
    OPEN = "open"
    TENDERED = "tendered"
    DISSOLVED = "dissolved"


class MemberStatus(StrEnum):
    INVITED = "invited"
    JOINED = "joined"
    WITHDRAWN = "withdrawn"


class PoolNotFound(NotFound):
    code = "pool-not-found"
    titles = Titles("There is no such pool", "Такого объединения нет", "Мұндай біріктіру жоқ")


class PoolPublished(Conflict):
    """The pool's tender is published, or the pool is dissolved: its members and needs stay as they are."""

    code = "pool-published"
    titles = Titles("The pool is closed", "Объединение закрыто", "Біріктіру жабық")


class PoolTaken(Conflict):
    code = "pool-taken"
    titles = Titles(
        "Another draft takes from this pool",
        "Другой черновик берёт из этого объединения",
        "Бұл біріктіруден басқа жоба алады",
    )


class PoolNotCovered(Conflict):
    code = "pool-not-covered"
    titles = Titles(
        "The tender leaves needs of the pool out",
        "Тендер не охватывает потребности объединения",
        "Тендер біріктіру қажеттіліктерін толық қамтымайды",
    )


class PoolNotJoined(Forbidden):
    code = "pool-not-joined"
    titles = Titles(
        "You have not joined this pool", "Вы не вступили в это объединение", "Сіз бұл біріктіруге қосылмағансыз"
    )


class InvitationRefused(Invalid):
    code = "pool-invitation-refused"
    titles = Titles(
        "This organisation cannot be invited", "Эту организацию нельзя пригласить", "Бұл ұйымды шақыруға болмайды"
    )


class PoolNeedRefused(Invalid):
    code = "pool-need-refused"
    titles = Titles(
        "The need does not fit the pool", "Потребность не подходит объединению", "Қажеттілік біріктіруге сай емес"
    )


class NeedPooled(Conflict):
    """The same pieces would be bought twice."""

    code = "need-pooled"
    titles = Titles(
        "The need is in another pool", "Потребность уже в другом объединении", "Қажеттілік басқа біріктіруде"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """``name`` and ``bin`` as they were at the invitation; contact data are not shared in a pool."""

    buyer_id: OrganizationId
    bin: Bin
    name: str
    status: MemberStatus = MemberStatus.INVITED
    needs: tuple[NeedId, ...] = ()
    invited_at: datetime
    joined_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """``number`` is the human number (``P-2026-000001``); ``tender_id`` the draft or tender that takes from it."""

    id: PoolId
    number: str
    organizer_id: OrganizationId
    title: str
    grid: GridId
    garments: tuple[str, ...]
    members: tuple[Member, ...]
    opened_at: datetime
    status: PoolStatus = PoolStatus.OPEN
    tender_id: TenderId | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.garments) <= GARMENTS_MAX or len(set(self.garments)) != len(self.garments):
            raise MalformedValue("A pool names its garments, each once", passes=f"1 to {GARMENTS_MAX} garments")

    @property
    def needs(self) -> tuple[NeedId, ...]:
        """Of those who have joined, in the order of the members."""
        return tuple(need for member in self.members if member.status is MemberStatus.JOINED for need in member.needs)

    def member(self, buyer_id: OrganizationId) -> Member | None:
        return next((each for each in self.members if each.buyer_id == buyer_id), None)

    def opened(self, *, by: By) -> PoolOpened:
        return PoolOpened(
            subject_id=self.id, by=by, at=self.opened_at, title=self.title, grid=self.grid, garments=self.garments
        )

    def invite(self, buyer: Organization, *, by: By, at: datetime) -> tuple["Pool", BuyerInvited]:
        """A buyer who withdrew may be invited once more."""
        self._must_be_open()
        if buyer.kind is not OrganizationKind.BUYER:
            raise _not_invited(f"the organisation is of the kind {buyer.kind}", "a buyer")
        present = self.member(buyer.id)
        if present is not None and present.status is not MemberStatus.WITHDRAWN:
            raise _not_invited(f"this buyer is {present.status}", "a buyer who is not a member")
        if present is None and len(self.members) >= MEMBERS_MAX:
            raise _not_invited("the pool is full", f"at most {MEMBERS_MAX} members")
        invited = replace(self, members=self._with(invitation(buyer, at)))
        return invited, BuyerInvited(subject_id=self.id, by=by, at=at, buyer_id=buyer.id, bin=buyer.bin)

    def join(
        self, buyer_id: OrganizationId, needs: tuple[Need, ...], *, by: By, at: datetime
    ) -> tuple["Pool", BuyerJoined]:
        """An invited buyer brings needs of its own, of the pool's grid, that name no garments but the pool's."""
        member = self.present(buyer_id)
        self._must_be_open()
        if member.status is MemberStatus.JOINED:
            raise StepNotAllowed("You have joined this pool", passes="a withdrawal, and another invitation")
        if not 1 <= len(needs) <= NEEDS_MAX or len({need.id for need in needs}) != len(needs):
            raise _need_refused("/needs", "none, too many, or one twice", f"1 to {NEEDS_MAX} needs, each once")
        for index, need in enumerate(needs):
            strange = sorted(set(need.garments()) - set(self.garments))
            if need.grid is not self.grid:
                raise _need_refused(f"/needs/{index}", f"its grid is {need.grid}", str(self.grid))
            if strange:
                raise _need_refused(f"/needs/{index}", f"it names {', '.join(strange)}", ", ".join(self.garments))
        joined = replace(
            member, status=MemberStatus.JOINED, needs=tuple(need.id for need in needs), joined_at=at, withdrawn_at=None
        )
        event = BuyerJoined(
            subject_id=self.id,
            by=by,
            at=at,
            buyer_id=buyer_id,
            needs=joined.needs,
            pieces=sum(need.pieces for need in needs),
        )
        return replace(self, members=self._with(joined)), event

    def withdraw(self, buyer_id: OrganizationId, *, by: By, at: datetime) -> tuple["Pool", BuyerWithdrawn]:
        """Before the publication only; an invitation is declined in the same way."""
        member = self.present(buyer_id)
        self._must_be_open()
        gone = replace(member, status=MemberStatus.WITHDRAWN, needs=(), withdrawn_at=at)
        event = BuyerWithdrawn(subject_id=self.id, by=by, at=at, buyer_id=buyer_id)
        return replace(self, members=self._with(gone)), event

    def must_give(self, tender_id: TenderId | None) -> None:
        """Refuse a draft (None: a new one) that may not take from this pool: one draft at a time."""
        self._must_be_open()
        if self.tender_id is not None and self.tender_id != tender_id:
            raise PoolTaken(
                f"Pool {self.number} is in another draft", passes="that draft, or its revision or cancellation"
            )

    def draft(self, tender_id: TenderId, *, by: By, at: datetime) -> tuple["Pool", PoolDrafted]:
        self.must_give(tender_id)
        return replace(self, tender_id=tender_id), PoolDrafted(subject_id=self.id, by=by, at=at, tender_id=tender_id)

    def release(self, tender_id: TenderId, *, by: By, at: datetime) -> tuple["Pool", PoolReleased]:
        self._must_be_open()
        return replace(self, tender_id=None), PoolReleased(subject_id=self.id, by=by, at=at, tender_id=tender_id)

    def tender(
        self, tender_id: TenderId, *, follows: TenderId | None, by: By, at: datetime
    ) -> tuple["Pool", PoolTendered]:
        """Its draft is published; or a tender that repeats the one that failed, with the same needs."""
        if self.status is not PoolStatus.TENDERED or self.tender_id != follows:
            self.must_give(tender_id)
        tendered = replace(self, status=PoolStatus.TENDERED, tender_id=tender_id)
        return tendered, PoolTendered(subject_id=self.id, by=by, at=at, tender_id=tender_id)

    def dissolve(self, *, by: By, at: datetime) -> tuple["Pool", PoolDissolved]:
        """Whether the pool's tender has ended is for the caller to see. The needs are free for another pool."""
        if self.status is PoolStatus.DISSOLVED:
            raise StepNotAllowed("The pool is dissolved")
        return replace(self, status=PoolStatus.DISSOLVED), PoolDissolved(subject_id=self.id, by=by, at=at)

    def present(self, buyer_id: OrganizationId) -> Member:
        """The member who is invited or has joined; the pool is not there for anybody else."""
        member = self.member(buyer_id)
        if member is None or member.status is MemberStatus.WITHDRAWN:
            raise PoolNotFound("There is no such pool")
        return member

    def _must_be_open(self) -> None:
        if self.status is not PoolStatus.OPEN:
            raise PoolPublished(f"The pool is {self.status}", passes="an open pool")

    def _with(self, member: Member) -> tuple[Member, ...]:
        if self.member(member.buyer_id) is None:
            return (*self.members, member)
        return tuple(member if each.buyer_id == member.buyer_id else each for each in self.members)


def invitation(buyer: Organization, at: datetime) -> Member:
    return Member(buyer_id=buyer.id, bin=buyer.bin, name=buyer.name, invited_at=at)


def _not_invited(reason: str, passes: str) -> InvitationRefused:
    return InvitationRefused(reason, flaws=(Flaw(pointer="/bin", reason=reason, passes=passes),), passes=passes)


def _need_refused(pointer: str, reason: str, passes: str) -> PoolNeedRefused:
    return PoolNeedRefused(
        f"{pointer}: {reason}", flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),), passes=passes
    )
