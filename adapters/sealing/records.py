"""What is sealed beside a bid, as JSON: who acted, and the verdicts that let the bid pass."""

import json
import zlib

from cattrs.errors import BaseValidationError

from adapters.postgres.codec import converter, dumps
from domain.bids.envelope import BidRecord
from domain.sealing.padding import padded, unpadded
from domain.sealing.refusals import SealBroken


class JsonBidRecords:
    """Padded as bids are, so that its length tells a bucket and nothing else. Compressed before, because the verdicts
    of fifty lots repeat the same facts.
    """

    def written(self, record: BidRecord) -> bytes:
        return padded(zlib.compress(dumps(record).encode()))

    def read(self, text: bytes) -> BidRecord:
        try:
            return converter.structure(json.loads(zlib.decompress(unpadded(text))), BidRecord)
        except (zlib.error, ValueError, TypeError, KeyError, AttributeError, BaseValidationError) as error:
            raise SealBroken("It does not hold what is sealed beside a bid") from error
