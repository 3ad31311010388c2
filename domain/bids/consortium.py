"""The members of a consortium's bid: each has agreed to the bidder, and may bid himself on what he would sew."""

from collections.abc import Iterable

from domain.bids.eligibility import require_eligible
from domain.bids.intake import Glance
from domain.bids.model import NotEligible
from domain.bids.offers import Combination
from domain.bids.refusals import ConsentMissing
from domain.consortia.model import Consent
from domain.errors import Flaw
from domain.events import By
from domain.ids import NewId, OrganizationId, TenderId
from domain.organizations.facts import Stage
from domain.organizations.producing import keep, reach
from domain.organizations.verdict import Verdict
from domain.sealing.content import BidContent
from domain.sealing.ports import BidderTags
from domain.work import Begin


async def judged_members(
    begin: Begin, tags: BidderTags, glance: Glance, content: BidContent, *, new_id: NewId, by: By
) -> list[Verdict]:
    """A verdict per member and lot, sealed with the bid as the bidder's own are. Refuses
    (``consortium-consent-missing``) a member who has not agreed, (``not-eligible``) one who may not bid on his share;
    a refusal names him by his place in the bid, and leaves its verdicts.
    """
    tender, members = glance.tender, content.combination.members
    verdicts, pointers = [], []
    async with begin() as work:
        leader_tag = tags.of(tender.id, content.bidder_id)
        standing = await work.consents.standing(tender.id, leader_tag=leader_tag)
        missing = without_consent(tags, tender.id, content.bidder_id, content.combination, standing)
        if missing:
            raise ConsentMissing(
                f"{len(missing)} of {len(members)} members have not agreed to you as their leader",
                flaws=tuple(
                    Flaw(pointer=f"/members/{place}", reason="has not agreed",
                         passes="his consent for this tender")
                    for place, member in enumerate(members) if member.organization_id in missing
                ),
                passes="the consent of each member for this tender, before the bid",
            )  # fmt: skip
        for place, member in enumerate(members):
            for index, share in enumerate(member.lots):
                lot = tender.lots[share.lot - 1]
                verdict = await reach(
                    work,
                    supplier_id=member.organization_id,
                    tender=tender,
                    lot=lot,
                    pieces=share.pieces(lot),
                    stage=Stage.BID,
                    at=glance.at,
                    new_id=new_id,
                )
                verdicts.append(verdict)
                pointers.append(f"/members/{place}/lots/{index}")
    try:
        require_eligible(verdicts, pointers)
    except NotEligible:
        await keep(begin, verdicts, by=by)
        raise
    return verdicts


def without_consent(
    tags: BidderTags,
    tender_id: TenderId,
    leader_id: OrganizationId,
    combination: Combination,
    standing: Iterable[Consent],
) -> tuple[OrganizationId, ...]:
    """The members that no consent in force binds to this leader; ``standing`` may be of other leaders too."""
    if not combination.members:
        return ()
    leader_tag = tags.of(tender_id, leader_id)
    agreed = {each.member_tag for each in standing if each.leader_tag == leader_tag}
    ids = (member.organization_id for member in combination.members)
    return tuple(id for id in ids if tags.of(tender_id, id) not in agreed)
