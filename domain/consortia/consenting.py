"""Consenting: a member agrees to a leader, and may take it back until the deadline by the database's clock.

The tender is shared first, as a bid does, so that a consent is in time or is not, whoever closes the tender meanwhile.
"""

from datetime import datetime

from domain.actors import OrganizationKind
from domain.consortia.model import Consent, ConsentExists, ConsentNotFound, LeaderRefused, Parties
from domain.consortia.ports import Letters, Party, ShownConsent
from domain.errors import Flaw, StaleVersion
from domain.ids import Bin, ConsentId, NewId, TenderId
from domain.organizations.model import Organization
from domain.sealing.ports import BidderTags
from domain.tenders.model import TenderNotFound, TenderStatus
from domain.work import Begin, Command, Work


class Consenting:
    def __init__(self, begin: Begin, tags: BidderTags, letters: Letters, *, new_id: NewId) -> None:
        """``new_id`` makes ids that tell neither order nor time."""
        self._begin = begin
        self._tags = tags
        self._letters = letters
        self._new_id = new_id

    async def grant(self, tender_id: TenderId, leader_bin: Bin, *, command: Command) -> ShownConsent:
        """The caller lets the leader name him as a member; one standing consent per leader and tender. He may agree to
        several leaders: that he does not sew in two bids for one lot is judged once the bids are opened.
        """
        member_id = command.by.organization_id
        async with self._begin(command) as work:
            at = await _in_time(work, tender_id)
            member = await work.organizations.get(member_id)
            member.must_be_confirmed()
            leader = await work.organizations.by_bin(leader_bin)
            if leader is None or leader.kind is not OrganizationKind.SUPPLIER or leader.id == member_id:
                flaw = Flaw(pointer="/leader_bin", reason=f"{leader_bin}", passes="the BIN of another supplier here")
                raise LeaderRefused("No supplier that could lead you has this BIN", flaws=(flaw,))
            leader_tag, member_tag = (self._tags.of(tender_id, each.id) for each in (leader, member))
            standing = await work.consents.standing(tender_id, leader_tag=leader_tag)
            if any(each.member_tag == member_tag for each in standing):
                raise ConsentExists("You have agreed to this leader", passes="a revocation first")
            id = ConsentId(self._new_id())
            parties = Parties(leader_id=leader.id, member_id=member_id, person_id=command.by.person_id)
            consent = Consent(
                id=id,
                tender_id=tender_id,
                leader_tag=leader_tag,
                member_tag=member_tag,
                letter=self._letters.sealed(id, parties),
                granted_at=at,
            )
            stored = await work.consents.save(consent, because=consent.granted())
            return work.answers(ShownConsent(consent=stored, leader=_party(leader), member=_party(member)))

    async def revoke(self, id: ConsentId, *, version: int, command: Command) -> ShownConsent:
        """By the member. A bid that names him stays sealed as it is, and is not admitted where he would have sewn."""
        async with self._begin(command) as work:
            seen = await work.consents.get(id)
            if seen.member_tag != self._tags.of(seen.tender_id, command.by.organization_id):
                raise ConsentNotFound("There is no such consent")
            at = await _in_time(work, seen.tender_id)
            consent = await work.consents.lock(id)
            if consent.version != version:
                raise StaleVersion(f"You read version {version}, it is {consent.version} now", passes="a fresh read")
            revoked, event = consent.revoke(at=at)
            stored = await work.consents.save(revoked, because=event)
            leader = await work.organizations.get(self._letters.opened(id, stored.letter).leader_id)
            member = await work.organizations.get(command.by.organization_id)
            return work.answers(ShownConsent(consent=stored, leader=_party(leader), member=_party(member)))


async def _in_time(work: Work, tender_id: TenderId) -> datetime:
    """The moment, while bids are taken and nobody closes the tender."""
    tender = await work.tenders.share(tender_id)
    if tender.status is TenderStatus.DRAFT:
        raise TenderNotFound("There is no such tender")
    at = await work.now()
    tender.admits_bids(at=at)
    return at


def _party(organization: Organization) -> Party:
    return Party(id=organization.id, name=organization.name, bin=organization.bin)
