"""The committee of a tender: who sits on it, what each declared, who takes part.

    appointed (before the opening) -> each declares (after it, once he knows the bidders) -> scores -> evaluation

A declared conflict recuses: that member's scores count for nothing and are not taken. Another can be put in the place
of one who is recused or absent, as long as he has not scored; whoever was appointed stays on record. Events name
members by their number, because people stay out of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from domain.errors import Flaw
from domain.evaluating.refusals import (
    CommitteeRefused,
    DeclarationMade,
    DeclarationMissing,
    MemberRecused,
    NoQuorum,
    NotOnCommittee,
)
from domain.events import By, Event
from domain.ids import CommitteeId, OrganizationId, PersonId, TenderId
from domain.procedures.rules import Rules

MEMBERS_MAX = 15
SEATS_MAX = 60
"""Members and those whose places were taken by others."""
_ALL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeEvent(Event):
    subject: ClassVar[str] = "committee"
    tender_id: TenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersAppointed(CommitteeEvent):
    type: ClassVar[str] = "committee.appointed"
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDeclared(CommitteeEvent):
    """``conflict`` False: he declared that he has none."""

    type: ClassVar[str] = "committee.declared"
    member: int
    conflict: bool
    bidders: tuple[OrganizationId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSubstituted(CommitteeEvent):
    type: ClassVar[str] = "committee.substituted"
    member: int
    substitute: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """``bidders`` are those with whom he has a conflict; one that is with nobody in particular names none."""

    conflict: bool
    bidders: tuple[OrganizationId, ...]
    explanation: str | None
    declared_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeMember:
    """``replaced``: why another has taken his place; None while it is his."""

    number: int
    person_id: PersonId
    declaration: Declaration | None = None
    replaced: str | None = None

    @property
    def sits(self) -> bool:
        return self.replaced is None

    @property
    def recused(self) -> bool:
        return self.declaration is not None and self.declaration.conflict

    @property
    def takes_part(self) -> bool:
        return self.sits and self.declaration is not None and not self.declaration.conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """One for a tender; members are numbered in the order in which they came."""

    id: CommitteeId
    tender_id: TenderId
    members: tuple[CommitteeMember, ...]
    appointed_at: datetime
    version: int = 0

    @property
    def sitting(self) -> tuple[CommitteeMember, ...]:
        return tuple(each for each in self.members if each.sits)

    @property
    def participants(self) -> tuple[CommitteeMember, ...]:
        """Who takes part: has declared, and no conflict."""
        return tuple(each for each in self.members if each.takes_part)

    def appointed(self, *, by: By, at: datetime) -> MembersAppointed:
        return MembersAppointed(subject_id=self.id, by=by, at=at, tender_id=self.tender_id, members=len(self.sitting))

    def appoint(
        self, people: Iterable[PersonId], rules: Rules, *, by: By, at: datetime
    ) -> tuple["Committee", MembersAppointed]:
        """Others, as a whole; before the opening, when nobody has declared anything."""
        anew = replace(self, members=seated(people, rules), appointed_at=at)
        return anew, anew.appointed(by=by, at=at)

    def declare(self, person_id: PersonId, declaration: Declaration, *, by: By) -> tuple["Committee", ConflictDeclared]:
        """Once. A conflict that one learns of later is declared then; a declared one is not taken back."""
        member = self._member(person_id)
        if member.recused or (member.declaration is not None and not declaration.conflict):
            raise DeclarationMade("Your declaration stands", passes="a conflict that you have learned of since")
        event = ConflictDeclared(
            subject_id=self.id,
            by=by,
            at=declaration.declared_at,
            tender_id=self.tender_id,
            member=member.number,
            conflict=declaration.conflict,
            bidders=declaration.bidders,
        )
        return self._with(replace(member, declaration=declaration)), event

    def substitute(
        self, number: int, person_id: PersonId, *, reason: str, by: By, at: datetime
    ) -> tuple["Committee", MemberSubstituted]:
        """Put somebody else in a member's place; that the member has not scored was checked before."""
        leaving = next((each for each in self.sitting if each.number == number), None)
        if leaving is None:
            raise refused("/member", f"no member {number} sits", ", ".join(str(each.number) for each in self.sitting))
        if any(each.person_id == person_id for each in self.members):
            raise refused("/person_id", "was on this committee already", "somebody else")
        if len(self.members) >= SEATS_MAX:
            raise refused("/member", f"{len(self.members)} people were appointed", f"at most {SEATS_MAX}")
        coming = CommitteeMember(number=len(self.members) + 1, person_id=person_id)
        changed = self._with(replace(leaving, replaced=reason))
        event = MemberSubstituted(
            subject_id=self.id,
            by=by,
            at=at,
            tender_id=self.tender_id,
            member=number,
            substitute=coming.number,
            reason=reason,
        )
        return replace(changed, members=(*changed.members, coming)), event

    def scorer(self, person_id: PersonId) -> CommitteeMember:
        """The member who scores; refuses strangers, the recused, and who has not declared."""
        member = self._member(person_id)
        self.must_not_be_recused(person_id)
        if member.declaration is None:
            raise DeclarationMissing("You have not declared whether you have a conflict", passes="your declaration")
        return member

    def must_not_be_recused(self, person_id: PersonId) -> None:
        """Also of whoever evaluates or awards, if he is on the committee or was."""
        if any(each.person_id == person_id and each.recused for each in self.members):
            raise MemberRecused("A declared conflict keeps you out of this tender", passes="another member")

    def must_be_quorate(self, rules: Rules) -> None:
        """Refuse (``declaration-missing``, ``no-quorum``) an evaluation by a committee that cannot sit."""
        silent = [each.number for each in self.sitting if each.declaration is None]
        if silent:
            raise DeclarationMissing(
                f"Member {silent[0]} has not declared whether he has a conflict",
                passes="a declaration of every member, or another member in his place",
                members=", ".join(map(str, silent)),
            )
        part, whole = len(self.participants), len(self.sitting)
        if part == 0 or part * _ALL < rules.commission_quorum_percent * whole:
            raise NoQuorum(
                f"{part} of {whole} members take part, {rules.procedure} asks for {rules.commission_quorum_percent} %",
                passes="others in the place of recused members",
                participants=part,
                members=whole,
            )

    def _member(self, person_id: PersonId) -> CommitteeMember:
        member = next((each for each in self.sitting if each.person_id == person_id), None)
        if member is None:
            raise NotOnCommittee("You do not sit on the committee of this tender", passes="one of its members")
        return member

    def _with(self, member: CommitteeMember) -> "Committee":
        return replace(self, members=tuple(member if each.number == member.number else each for each in self.members))


def seated(people: Iterable[PersonId], rules: Rules) -> tuple[CommitteeMember, ...]:
    """Members from a list of people; refuses (``committee-refused``) an even number, too few, too many, one twice."""
    ids = tuple(people)
    least = rules.commission_members_min
    if not least <= len(ids) <= MEMBERS_MAX or len(ids) % 2 == 0:
        raise refused("/members", f"{len(ids)} members", f"an odd number, {least} to {MEMBERS_MAX}")
    if len(set(ids)) != len(ids):
        raise refused("/members", "a person stands twice", "each person once")
    return tuple(CommitteeMember(number=number, person_id=id) for number, id in enumerate(ids, start=1))


def refused(pointer: str, reason: str, passes: str) -> CommitteeRefused:
    flaw = Flaw(pointer=pointer, reason=reason, passes=passes)
    return CommitteeRefused(f"{pointer}: {reason}", flaws=(flaw,), passes=passes)
