"""Check a receipt by yourself: did the platform sign it, and is it about the bid that you keep?

    python verify_receipt.py RECEIPT BID NONCE PUBLIC_KEY

RECEIPT and BID are files with the receipt and the canonical bid, byte for byte as you were given them. NONCE, given
with them, and PUBLIC_KEY, which the platform publishes, are 64 hexadecimal digits each. Needs Python 3.10 or newer and
PyNaCl (pip install pynacl), nothing of the platform's. Prints what is wrong and ends with 1, or the receipt and 0.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey

NONCE_BYTES = 32


def canonical(value: Any) -> bytes:
    """RFC 8785, for values without fractions."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def fault(document: bytes, bid: bytes, nonce: bytes, public_key: bytes) -> str | None:
    """What is wrong; None: the platform has signed that it holds exactly this bid."""
    try:
        signed, content = json.loads(document), json.loads(bid)
        receipt, signature = signed["receipt"], bytes.fromhex(signed["signature"])
        commitment = hashlib.sha256(b"oimaq-bid-commitment/1\n" + nonce + bid).hexdigest()
        VerifyKey(public_key).verify(canonical(receipt), signature)
        rewritten = canonical({"receipt": receipt, "signature": signature.hex()})
        named = [[each[name] for name in ("tender_id", "bid_id", "revision")] for each in (receipt, content)]
        checks = {
            "the receipt is not written as it was given": rewritten == document,
            "the bid is not written as it was given": canonical(content) == bid,
            "the receipt is of another format": receipt["format"] == "oimaq-receipt/1",
            "the bid is of another format": content["format"] in ("oimaq-bid/1", "oimaq-bid/2", "oimaq-bid/3"),
            "the receipt names another key": receipt["key_id"] == hashlib.sha256(public_key).hexdigest()[:16],
            "a nonce has 32 bytes": len(nonce) == NONCE_BYTES,
            "the receipt is about another bid or nonce": receipt["commitment"] == commitment,
            "the receipt and the bid name different bids": named[0] == named[1],
        }
    except CryptoError:
        return "the signature is not of this key and this receipt"
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return f"it cannot be read: {error!r}"
    return next((reason for reason, right in checks.items() if not right), None)


if __name__ == "__main__":
    if len(sys.argv) != len(("script", "receipt", "bid", "nonce", "key")):
        sys.exit(__doc__)
    paths, texts = sys.argv[1:3], sys.argv[3:]
    found = fault(*(Path(path).read_bytes() for path in paths), *(bytes.fromhex(text) for text in texts))
    print(f"NOT VALID: {found}" if found else f"valid: {Path(paths[0]).read_text(encoding='utf-8')}")
    sys.exit(1 if found else 0)
