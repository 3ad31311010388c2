"""The manifest: sorted, complete, and of one text."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from itertools import permutations
from uuid import UUID

import pytest

from domain.errors import MalformedValue
from domain.ids import BidId
from domain.sealing.manifest import Manifest, ManifestEntry
from domain.sealing.refusals import NotCanonical
from tests.sealing import AT, CONTENT

ENTRIES = tuple(
    ManifestEntry(
        bid_id=BidId(UUID(int=number)),
        revision=number,
        ciphertext_hash=bytes([number]) * 32,
        commitment=bytes([16 + number]) * 32,
        received_at=AT - timedelta(seconds=number),
    )
    for number in (1, 2, 3)
)


def test_the_manifest_has_the_text_that_was_written_by_hand() -> None:
    manifest = Manifest(tender_id=CONTENT.tender_id, entries=ENTRIES[:1])
    assert manifest.canonical() == (
        b'{"bids":[{"bid_id":"00000000-0000-0000-0000-000000000001","ciphertext_sha256":"' + b"01" * 32 + b'",'
        b'"commitment":"' + b"11" * 32 + b'","received_at":"2026-11-26T09:29:59.000000Z","revision":1}],'
        b'"format":"oimaq-manifest/1","tender_id":"00000000-0000-0000-0000-00000000007e"}'
    )
    assert manifest.hash() == sha256(manifest.canonical()).digest()


def test_a_manifest_is_read_as_it_was_written_and_not_otherwise() -> None:
    manifest = Manifest(tender_id=CONTENT.tender_id, entries=ENTRIES)
    assert Manifest.read(manifest.canonical()) == manifest
    with pytest.raises(NotCanonical):
        Manifest.read(manifest.canonical() + b" ")


def test_the_order_in_which_bids_came_does_not_show() -> None:
    assert len({Manifest(tender_id=CONTENT.tender_id, entries=each).hash() for each in permutations(ENTRIES)}) == 1


def test_whatever_changes_changes_the_hash() -> None:
    manifest = Manifest(tender_id=CONTENT.tender_id, entries=ENTRIES)
    first, *rest = ENTRIES
    changes = (
        replace(first, bid_id=BidId(UUID(int=9))),
        replace(first, revision=9),
        replace(first, ciphertext_hash=bytes(32)),
        replace(first, commitment=bytes(32)),
        replace(first, received_at=AT),
    )
    others = [replace(manifest, entries=(each, *rest)) for each in changes]
    others += [replace(manifest, entries=ENTRIES[1:]), replace(manifest, entries=())]
    assert len({manifest.hash(), *(other.hash() for other in others)}) == 1 + len(others)


def test_a_bid_stands_in_it_once() -> None:
    with pytest.raises(MalformedValue):
        Manifest(tender_id=CONTENT.tender_id, entries=(ENTRIES[0], replace(ENTRIES[0], revision=2)))
