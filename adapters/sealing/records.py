"""What is sealed beside a bid, as JSON: who acted, and the verdicts that let the bid pass."""

import hmac
import json
import zlib

from cattrs.errors import BaseValidationError
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from adapters.postgres.codec import converter, dumps
from domain.bids.envelope import BidRecord
from domain.sealing.padding import padded, unpadded
from domain.sealing.refusals import SealBroken

_KEY = b"oimaq-bid-record/1\n"
_FASTEST = 1
"""Enough for most records to fit the smallest bucket, and three times as fast as the usual level."""


class JsonBidRecords:
    """Padded as bids are, so that its length tells a bucket and nothing else. Compressed before, because the verdicts
    of fifty lots repeat the same facts. Sealed (XChaCha20-Poly1305) with a key of its own, the HMAC-SHA256 of a purpose
    under the bid's nonce: a second seal to the tender's key would cost as much as the first and protect no better.
    """

    def sealed(self, record: BidRecord, nonce: bytes) -> bytes:
        return bytes(_box(nonce).encrypt(written(record)))

    def opened(self, sealed: bytes, nonce: bytes) -> BidRecord:
        try:
            text = _box(nonce).decrypt(sealed)
        except (CryptoError, ValueError, TypeError) as error:  # the latter two: shorter than an empty seal
            raise SealBroken("It was not sealed beside this bid, or was changed") from error
        return self.read(text)

    def read(self, text: bytes) -> BidRecord:
        try:
            return converter.structure(json.loads(zlib.decompress(unpadded(text))), BidRecord)
        except (zlib.error, ValueError, TypeError, KeyError, AttributeError, BaseValidationError) as error:
            raise SealBroken("It does not hold what is sealed beside a bid") from error


def written(record: BidRecord) -> bytes:
    return padded(zlib.compress(dumps(record).encode(), _FASTEST))


def _box(nonce: bytes) -> Aead:
    return Aead(hmac.digest(nonce, _KEY, "sha256"))
