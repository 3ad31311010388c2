"""The opener: whoever has the key-encryption key. It makes the keys that bids are sealed to, and opens what is closed.

    read what is closed (one transaction) -> unwrap and unseal, documents into files (none) -> store all of it (one)

What is opened is what the manifest of the closing names: a bid that went or was changed after it is shown as
unreadable, and one that came after it is no bid. All bids are stored at once or none is. It does no harm if it is
done twice, or by two at once: the second finds the tender opened. Withdrawn bids stay closed; replaced ones are gone.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from weakref import WeakValueDictionary

from domain.bids.consortium import without_consent
from domain.bids.documents import OpenedDocument
from domain.bids.envelope import BidRecord, Envelope, UnreadableBid
from domain.bids.model import Bid
from domain.bids.ports import BidRecords, Vault
from domain.bids.unsealing import Unsealing
from domain.capacity.model import holds_of
from domain.consortia.model import Consent
from domain.events import By
from domain.ids import NewId, SealingKeyId, TenderId
from domain.procedures.rules import Rules
from domain.sealing.bids import Fault, Unreadable
from domain.sealing.keys import NewKeyPair, PrivateKey
from domain.sealing.manifest import ManifestEntry
from domain.sealing.padding import BID_BUCKETS
from domain.sealing.ports import BidderTags, KeyWrapper, Unsealer
from domain.sealing.refusals import KeyRefused, SealBroken
from domain.sealing.tender_keys import make_sealing_key
from domain.tenders.model import Tender
from domain.work import Begin

SPARE_KEYS = 20
SEAL_OVERHEAD = 48
"""Bytes that a sealed box adds: the sender's key and a tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    bid: Bid
    record: BidRecord | None


class Opening:
    def __init__(
        self,
        begin: Begin,
        *,
        wrapper: KeyWrapper,
        unsealer: Unsealer,
        tags: BidderTags,
        records: BidRecords,
        vault: Vault,
        new_key_pair: NewKeyPair,
        new_id: NewId,
        spare_keys: int = SPARE_KEYS,
    ) -> None:
        self._begin = begin
        self._wrapper = wrapper
        self._unsealer = unsealer
        self._tags = tags
        self._records = records
        self._documents = Unsealing(vault=vault, unsealer=unsealer, tags=tags)
        self._new_key_pair = new_key_pair
        self._new_id = new_id
        self._spare_keys = spare_keys
        self._turns: WeakValueDictionary[TenderId, asyncio.Lock] = WeakValueDictionary()

    async def fill(self) -> int:
        """Make keys until enough wait for a publication; returns how many were made. Two at once make more.

        Tenders that were published before bids were sealed take theirs now, and take bids again from then on.
        """
        made = await self._make()
        async with self._begin() as work:
            keyless = await work.sealing_keys.keyless_tenders()
        for tender_id in keyless:
            await self._give(tender_id)
        return made

    async def _make(self) -> int:
        async with self._begin() as work:
            missing = self._spare_keys - await work.sealing_keys.spare()
        keys = [
            await make_sealing_key(SealingKeyId(self._new_id()), new_key_pair=self._new_key_pair, wrapper=self._wrapper)
            for _ in range(missing)
        ]
        if keys:
            async with self._begin() as work:
                await work.sealing_keys.add(tuple(keys))
        return len(keys)

    async def _give(self, tender_id: TenderId) -> None:
        async with self._begin() as work:
            tender = await work.tenders.lock(tender_id)
            if tender.public_key is None and (key := await work.sealing_keys.take(tender_id)):
                sealed, event = tender.given_key(key.id, key.public.raw, at=await work.now())
                await work.tenders.save(sealed, because=event)

    async def open(self, tender_id: TenderId) -> Tender:
        """The tender, opened if it is closed and enough people have approved that. Refuses (``key-refused``) where
        another key-encryption key is needed, or (``storage-failed``) documents cannot be reached; then nothing has
        happened that anybody sees. Who else asks in this process meanwhile waits: unsealing documents takes its time.
        """
        async with self._turns.setdefault(tender_id, asyncio.Lock()):
            return await self._open(tender_id)

    async def _open(self, tender_id: TenderId) -> Tender:
        async with self._begin() as work:
            tender = await work.tenders.get(tender_id)
            if not may_be_opened(tender):
                return tender
            key = await work.sealing_keys.of_tender(tender_id)
            manifest = await work.envelopes.published(tender_id)
            envelopes = {each.id: each for each in await work.envelopes.submitted(tender_id)}
            uploads = await work.documents.of_tender(tender_id)
            consents = await work.consents.standing(tender_id)
        if key is None:
            raise KeyRefused(f"There is no key of the tender {tender_id}", passes="the key that its bids are sealed to")
        private = await key.unwrapped(self._wrapper)
        in_order = sorted(manifest.entries, key=lambda entry: (entry.received_at, entry.bid_id))
        found = [self._found(tender_id, entry, envelopes.get(entry.bid_id), private) for entry in in_order]
        opened = [self._agreed(each, consents) for each in found if isinstance(each, _Opened)]
        documents = await asyncio.to_thread(self._documents.opened, [each.bid for each in opened], uploads, private)
        return await self._store(
            tender_id,
            opened=opened,
            unreadable=[each for each in found if isinstance(each, UnreadableBid)],
            documents=documents,
        )

    async def _store(
        self,
        tender_id: TenderId,
        *,
        opened: Sequence[_Opened],
        unreadable: Sequence[UnreadableBid],
        documents: Sequence[OpenedDocument],
    ) -> Tender:
        async with self._begin() as work:
            tender = await work.tenders.lock(tender_id)
            if not may_be_opened(tender):
                return tender
            at = await work.now()
            await work.bids.add_all(
                [each.bid for each in opened],
                because=[
                    each.bid.opened(submitted_by=each.record.person_id if each.record else None, at=at)
                    for each in opened
                ],
            )
            await work.capacity.hold([hold for each in opened for hold in holds_of(each.bid, tender)])
            await work.bids.add_unreadable(unreadable, because=[each.shown(at=at) for each in unreadable])
            await work.documents.add_opened(documents, because=[each.opened(at=at) for each in documents])
            judged = [
                (verdict, verdict.reached(by=By(person_id=each.record.person_id, organization_id=each.bid.bidder_id)))
                for each in opened
                if each.record
                for verdict in each.record.verdicts
            ]
            await work.verdicts.add_all([verdict for verdict, _ in judged], because=[event for _, event in judged])
            read_out, event = tender.open(
                bids=tuple(_read_out(tender, each.bid) for each in opened),
                unreadable=tuple({"bid_id": str(each.id), "fault": str(each.fault)} for each in unreadable),
                at=at,
            )
            return await work.tenders.save(read_out, because=event)

    def _found(
        self, tender_id: TenderId, entry: ManifestEntry, envelope: Envelope | None, private: PrivateKey
    ) -> _Opened | UnreadableBid:
        """What has become of a bid that was published at the closing."""
        if envelope is None:
            return _unreadable(tender_id, entry, Fault.MISSING, b"")
        if ManifestEntry.of(envelope.sealed(), received_at=envelope.received_at) != entry:
            return _unreadable(tender_id, entry, Fault.CHANGED, envelope.ciphertext)
        found = envelope.sealed().unsealed(key=private, unsealer=self._unsealer, tags=self._tags)
        if isinstance(found, Unreadable):
            return _unreadable(tender_id, entry, found.fault, envelope.ciphertext)
        bid = found.content.opened(received_at=entry.received_at, nonce=found.nonce)
        return _Opened(bid=bid, record=self._record(envelope, private, found.nonce))

    def _agreed(self, opened: _Opened, consents: Sequence[Consent]) -> _Opened:
        """With the members of a consortium whom no consent binds any more, now that none can be revoked."""
        bid = opened.bid
        lacking = without_consent(self._tags, bid.tender_id, bid.bidder_id, bid.combination, consents)
        return replace(opened, bid=replace(bid, without_consent=lacking)) if lacking else opened

    def _record(self, envelope: Envelope, private: PrivateKey, nonce: bytes) -> BidRecord | None:
        """None where it was damaged: the bid counts without it, and is judged anew at the award anyway."""
        sealed = envelope.sealed_record
        try:
            if has_seal_of_its_own(sealed):
                return self._records.read(self._unsealer.unseal(private, sealed))
            return self._records.opened(sealed, nonce)
        except SealBroken:
            return None


def has_seal_of_its_own(sealed: bytes) -> bool:
    """Whether a record is of the first form, sealed to the tender's key as the bid is: told by its length."""
    return len(sealed) % BID_BUCKETS[0] == SEAL_OVERHEAD


def may_be_opened(tender: Tender) -> bool:
    """Whether it is closed, and as many people as the package asks for have approved the opening."""
    return tender.awaits_opening and len(tender.opening_approved_by) >= Rules(tender.procedure).opening_approvals


def _unreadable(tender_id: TenderId, entry: ManifestEntry, fault: Fault, ciphertext: bytes) -> UnreadableBid:
    return UnreadableBid(
        id=entry.bid_id,
        tender_id=tender_id,
        revision=entry.revision,
        received_at=entry.received_at,
        fault=fault,
        commitment=entry.commitment,
        stored_hash=entry.ciphertext_hash,
        computed_hash=sha256(ciphertext).digest(),
    )


def _read_out(tender: Tender, bid: Bid) -> dict[str, object]:
    """What is read out of one bid at the opening; ``terms`` behind the tender's say that he has not agreed to them."""
    lots = {lot.number: lot for lot in tender.lots}
    return {
        "bid_id": str(bid.id),
        "bidder_id": str(bid.bidder_id),
        "revision": bid.revision,
        "terms": bid.terms,
        "received_at": bid.received_at.isoformat(),
        "lots": [
            {"lot": offer.lot, "sum": str(bid.sum(lots[offer.lot]).amount)} for offer in bid.offers if offer.lot in lots
        ],
    }
