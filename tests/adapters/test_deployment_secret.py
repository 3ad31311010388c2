"""What the deployment's secret hides: bidders, who are another tag in each tender."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from adapters.sealing.deployment import AnswerKeeping, HmacBidderTags
from domain.ids import OrganizationId, TenderId

TAGS = HmacBidderTags(b"d" * 32)
ids = st.uuids()


@given(ids, ids, ids, ids)
def test_a_tag_is_of_one_bidder_in_one_tender(tender: UUID, bidder: UUID, other: UUID, stranger: UUID) -> None:
    def tag(tender: UUID, bidder: UUID) -> bytes:
        return TAGS.of(TenderId(tender), OrganizationId(bidder))

    assert tag(tender, bidder) == tag(tender, bidder)
    assert (tag(tender, bidder) == tag(other, stranger)) == ((tender, bidder) == (other, stranger))
    assert tag(tender, bidder) != tag(bidder, tender) or tender == bidder
    assert len(tag(tender, bidder)) == 32


@given(ids, ids)
def test_who_has_another_secret_computes_other_tags_and_names(tender: UUID, bidder: UUID) -> None:
    strange = HmacBidderTags(b"e" * 32)
    assert strange.of(TenderId(tender), OrganizationId(bidder)) != TAGS.of(TenderId(tender), OrganizationId(bidder))
    mine, theirs = (AnswerKeeping(secret * 32).under(OrganizationId(bidder), "key").name for secret in (b"d", b"e"))
    assert mine != theirs
    assert mine != TAGS.of(TenderId(tender), OrganizationId(bidder)), "one secret, two keys"
