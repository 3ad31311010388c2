"""Sealed bids with libsodium: what opens, what does not, and what the length tells."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given, settings

from adapters.sealing.deployment import HmacBidderTags
from adapters.sealing.sodium import SodiumSealer, SodiumUnsealer, new_key_pair, new_nonce
from domain.ids import BidId, OrganizationId, TenderId
from domain.sealing.bids import Fault, OpenedBid, SealedBid, Unreadable, committed
from domain.sealing.content import BidContent, canonical
from domain.sealing.padding import BID_BUCKETS, padded
from domain.sealing.refusals import TooLargeToSeal
from tests.sealing import CONTENT, NONCE, TEXT, contents, large

KEYS = new_key_pair()
SEALER, UNSEALER = SodiumSealer(), SodiumUnsealer()
TAGS = HmacBidderTags(b"d" * 32)
SEAL_BYTES = 48
"""What a sealed box adds: a public key of its own and a tag."""


def sealed(content: BidContent = CONTENT, nonce: bytes = NONCE) -> SealedBid:
    return SealedBid.of(content, nonce=nonce, key=KEYS.public, sealer=SEALER, tags=TAGS)


def opened(bid: SealedBid) -> OpenedBid | Unreadable:
    return bid.unsealed(key=KEYS.private, unsealer=UNSEALER, tags=TAGS)


def with_ciphertext(bid: SealedBid, ciphertext: bytes) -> SealedBid:
    """As if it had been stored so from the beginning."""
    return replace(bid, ciphertext=ciphertext, ciphertext_hash=sha256(ciphertext).digest())


def holding(inside: bytes, *, commitment: bytes) -> SealedBid:
    """A seal made by somebody who has the public key and puts in what he likes."""
    return replace(with_ciphertext(sealed(), SEALER.seal(KEYS.public, padded(inside))), commitment=commitment)


@settings(max_examples=50)
@given(contents)
def test_what_was_sealed_is_opened(content: BidContent) -> None:
    nonce = new_nonce()
    assert opened(sealed(content, nonce)) == OpenedBid(content=content, nonce=nonce)


def test_a_seal_shows_nothing_of_the_bid_and_is_another_each_time() -> None:
    one, other = sealed(), sealed()
    assert one.ciphertext != other.ciphertext
    assert one.commitment == other.commitment == committed(TEXT, NONCE)
    assert sealed(nonce=new_nonce()).commitment != one.commitment
    for secret in (b"12896.50", b"oimaq-bid", NONCE, CONTENT.bidder_id.bytes, str(CONTENT.bidder_id).encode()):
        assert secret not in one.ciphertext
    assert "ciphertext=" not in repr(one)


def test_the_length_tells_the_bucket_and_nothing_else() -> None:
    lengths = {len(sealed(large(lines)).ciphertext) for lines in range(1, 31)}
    assert lengths == {BID_BUCKETS[0] + SEAL_BYTES}
    assert {len(sealed(large(lines)).ciphertext) for lines in (50, 60, 70)} == {BID_BUCKETS[1] + SEAL_BYTES}


def test_a_bid_larger_than_the_largest_bucket_is_refused() -> None:
    with pytest.raises(TooLargeToSeal):
        sealed(large(10_000))


def test_one_flipped_byte_makes_the_bid_unreadable_with_both_hashes() -> None:
    bid = sealed()
    for place in range(len(bid.ciphertext)):
        ciphertext = bytearray(bid.ciphertext)
        ciphertext[place] ^= 1
        changed = replace(bid, ciphertext=bytes(ciphertext))
        assert opened(changed) == Unreadable(
            id=bid.bid_id,
            fault=Fault.CHANGED,
            stored_hash=bid.ciphertext_hash,
            computed_hash=sha256(bytes(ciphertext)).digest(),
        )


def test_a_flipped_byte_with_a_hash_to_match_does_not_open_either() -> None:
    bid = sealed()
    for place in range(len(bid.ciphertext)):
        ciphertext = bytearray(bid.ciphertext)
        ciphertext[place] ^= 0x80
        found = opened(with_ciphertext(bid, bytes(ciphertext)))
        assert isinstance(found, Unreadable), place
        assert (found.fault, found.stored_hash) == (Fault.NOT_OPENED, found.computed_hash)


@pytest.mark.parametrize("length", [0, 1, SEAL_BYTES - 1, SEAL_BYTES, SEAL_BYTES + 3, -1])
def test_a_cut_ciphertext_is_unreadable(length: int) -> None:
    bid = sealed()
    found = opened(with_ciphertext(bid, bid.ciphertext[:length]))
    assert isinstance(found, Unreadable)
    assert found.fault is Fault.NOT_OPENED


def test_a_bid_of_one_tender_does_not_open_as_anothers() -> None:
    other = new_key_pair()
    found = sealed().unsealed(key=other.private, unsealer=UNSEALER, tags=TAGS)
    assert isinstance(found, Unreadable)
    assert found.fault is Fault.NOT_OPENED


@pytest.mark.parametrize(
    "elsewhere",
    [
        lambda bid: replace(bid, tender_id=TenderId(UUID(int=1))),
        lambda bid: replace(bid, bid_id=BidId(UUID(int=1))),
        lambda bid: replace(bid, bidder_tag=TAGS.of(bid.tender_id, OrganizationId(UUID(int=1)))),
        lambda bid: replace(bid, revision=bid.revision - 1),
    ],
)
def test_a_ciphertext_in_anothers_place_is_found_out_though_the_key_is_right(
    elsewhere: Callable[[SealedBid], SealedBid],
) -> None:
    bid = elsewhere(sealed())
    found = opened(bid)
    assert isinstance(found, Unreadable)
    assert (found.id, found.fault) == (bid.bid_id, Fault.OTHER_BID)


def test_something_else_than_was_committed_to_is_found_out() -> None:
    cheaper = replace(CONTENT, terms=2)
    for inside in (NONCE + canonical(cheaper), new_nonce() + TEXT, NONCE, b""):
        found = opened(holding(inside, commitment=committed(TEXT, NONCE)))
        assert isinstance(found, Unreadable)
        assert found.fault is Fault.COMMITMENT


def test_a_text_that_is_no_bid_is_unreadable_though_it_was_committed_to() -> None:
    for text in (b"", b"{}", TEXT + b" "):
        found = opened(holding(NONCE + text, commitment=committed(text, NONCE)))
        assert isinstance(found, Unreadable)
        assert found.fault is Fault.NOT_CANONICAL


def test_a_content_without_its_padding_is_unreadable() -> None:
    bare = with_ciphertext(sealed(), SEALER.seal(KEYS.public, NONCE + TEXT))
    found = opened(bare)
    assert isinstance(found, Unreadable)
    assert found.fault is Fault.NOT_OPENED


def test_nothing_is_dropped_where_one_of_many_is_broken() -> None:
    bids = [sealed(replace(CONTENT, bid_id=BidId(UUID(int=number)))) for number in range(1, 6)]
    bids[2] = replace(bids[2], ciphertext=bids[2].ciphertext[::-1])
    found = [opened(bid) for bid in bids]
    assert [each.id if isinstance(each, Unreadable) else each.content.bid_id for each in found] == [
        bid.bid_id for bid in bids
    ]
    assert [isinstance(each, Unreadable) for each in found] == [False, False, True, False, False]


def test_a_private_key_is_in_no_repr() -> None:
    assert KEYS.private.raw.hex() not in repr(KEYS)
    assert repr(KEYS.private.raw) not in repr(KEYS)
