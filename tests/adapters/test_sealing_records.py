"""What is sealed beside a bid: it opens with the bid's nonce, whole or not at all."""

from uuid import UUID

import pytest

from adapters.sealing.records import JsonBidRecords, written
from adapters.sealing.sodium import SodiumSealer, new_key_pair, new_nonce
from domain.bids.envelope import BidRecord
from domain.bids.opening import has_seal_of_its_own
from domain.ids import PersonId
from domain.sealing.refusals import SealBroken
from tests.sealing import NONCE

RECORDS = JsonBidRecords()
RECORD = BidRecord(person_id=PersonId(UUID(int=7)), verdicts=())


def test_a_record_opens_with_the_nonce_of_its_bid_and_with_no_other() -> None:
    sealed = RECORDS.sealed(RECORD, NONCE)
    assert RECORDS.opened(sealed, NONCE) == RECORD
    assert RECORD.person_id.bytes not in sealed
    assert str(RECORD.person_id).encode() not in sealed
    with pytest.raises(SealBroken):
        RECORDS.opened(sealed, new_nonce())


@pytest.mark.parametrize("place", [0, 24, 100, -1])
def test_a_changed_byte_is_found(place: int) -> None:
    sealed = bytearray(RECORDS.sealed(RECORD, NONCE))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        RECORDS.opened(bytes(sealed), NONCE)


def test_nothing_is_no_record() -> None:
    with pytest.raises(SealBroken):
        RECORDS.opened(b"", NONCE)


def test_two_seals_of_one_record_differ_and_tell_the_same_length() -> None:
    one, other = RECORDS.sealed(RECORD, NONCE), RECORDS.sealed(RECORD, NONCE)
    assert one != other
    assert len(one) == len(other)


def test_the_first_form_is_told_by_its_length() -> None:
    assert has_seal_of_its_own(SodiumSealer().seal(new_key_pair().public, written(RECORD)))
    assert not has_seal_of_its_own(RECORDS.sealed(RECORD, NONCE))
