"""The receipt, and the script by which a bidder checks it without us."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.sealing.deployment import HmacBidderTags
from adapters.sealing.sodium import SodiumSealer, SodiumSigner, new_key_pair
from domain.ids import BidId, TenderId
from domain.sealing.bids import SealedBid
from domain.sealing.receipt import Receipt, SignedReceipt, sign_receipt
from tests.sealing import AT, CONTENT, NONCE, TEXT

SCRIPT = Path(__file__).resolve().parents[2] / "openapi" / "verify_receipt.py"
SIGNER = SodiumSigner(bytes(range(32, 64)))
SEALED = SealedBid.of(
    CONTENT, nonce=NONCE, key=new_key_pair().public, sealer=SodiumSealer(), tags=HmacBidderTags(b"d" * 32)
)
SIGNED = sign_receipt(SEALED, received_at=AT, checkpoint="oimaq\n42\nabc=", signer=SIGNER)

Fault = Callable[[bytes, bytes, bytes, bytes], str | None]


def loaded() -> Fault:
    spec = spec_from_file_location("verify_receipt", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Fault = module.fault
    return found


fault = loaded()


def flipped(whole: bytes) -> Iterator[bytes]:
    """Every byte, changed in its lowest, its case and its highest bit."""
    for place in range(len(whole)):
        for flip in (0x01, 0x20, 0x80):
            yield whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :]


def test_the_receipt_has_the_text_that_was_written_by_hand() -> None:
    receipt = replace(SIGNED.receipt, ciphertext_hash=bytes([0xC1]) * 32, commitment=bytes([0xC0]) * 32)
    assert receipt.canonical() == (
        b'{"bid_id":"00000000-0000-0000-0000-000000000b1d","checkpoint":"oimaq\\n42\\nabc=","ciphertext_sha256":"'
        + b"c1" * 32
        + b'","commitment":"'
        + b"c0" * 32
        + b'","format":"oimaq-receipt/1","key_id":"'
        + sha256(SIGNER.public_key).hexdigest()[:16].encode()
        + b'","received_at":"2026-11-26T09:30:00.000000Z","revision":2,'
        b'"tender_id":"00000000-0000-0000-0000-00000000007e"}'
    )


def test_the_document_holds_what_was_signed() -> None:
    document = json.loads(SIGNED.document())
    assert document["signature"] == SIGNED.signature.hex()
    assert SIGNER.sign(SIGNED.receipt.canonical()) == SIGNED.signature
    assert SIGNED.receipt.canonical() in SIGNED.document()


@pytest.mark.parametrize("checkpoint", [None, "", "oimaq\n42\nЖ"])
def test_a_receipt_verifies(checkpoint: str | None) -> None:
    signed = sign_receipt(SEALED, received_at=AT, checkpoint=checkpoint, signer=SIGNER)
    assert fault(signed.document(), TEXT, NONCE, SIGNER.public_key) is None


@pytest.mark.parametrize("part", [0, 1, 2, 3])
def test_no_byte_of_receipt_signature_bid_nonce_or_key_can_be_changed(part: int) -> None:
    given = [SIGNED.document(), TEXT, NONCE, SIGNER.public_key]
    for changed in flipped(given[part]):
        assert fault(*given[:part], changed, *given[part + 1 :]) is not None, changed  # type: ignore[call-arg] # four


def test_no_bit_of_the_signature_can_be_changed() -> None:
    for place in range(512):
        signature = bytearray(SIGNED.signature)
        signature[place // 8] ^= 1 << place % 8
        document = replace(SIGNED, signature=bytes(signature)).document()
        assert fault(document, TEXT, NONCE, SIGNER.public_key) is not None


def signed_otherwise(**changes: Any) -> bytes:
    """Signed with the right key, and still not right: what a careless or lying platform could hand out."""
    receipt = replace(SIGNED.receipt, **changes)
    text = receipt.canonical()
    return SignedReceipt(receipt=receipt, text=text, signature=SIGNER.sign(text)).document()


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (signed_otherwise(commitment=bytes(32)), "the receipt is about another bid or nonce"),
        (signed_otherwise(key_id="0" * 16), "the receipt names another key"),
        (signed_otherwise(revision=1), "the receipt and the bid name different bids"),
        (signed_otherwise(bid_id=BidId(UUID(int=1))), "the receipt and the bid name different bids"),
        (signed_otherwise(tender_id=TenderId(UUID(int=1))), "the receipt and the bid name different bids"),
        (SIGNED.document() + b"\n", "the receipt is not written as it was given"),
        (
            SIGNED.document().replace(b'{"receipt":', b'{"more":1,"receipt":'),
            "the receipt is not written as it was given",
        ),
    ],
)
def test_a_receipt_that_is_signed_and_wrong_is_told_with_its_reason(document: bytes, reason: str) -> None:
    assert fault(document, TEXT, NONCE, SIGNER.public_key) == reason


@pytest.mark.parametrize(
    "document", [b"", b"[]", b"{}", b"1", b'{"receipt":{},"signature":""}', b"[" * 100_000, b"\xff"]
)
def test_what_is_no_receipt_is_told_and_not_raised(document: bytes) -> None:
    assert fault(document, TEXT, NONCE, SIGNER.public_key) is not None
    assert fault(SIGNED.document(), document, NONCE, SIGNER.public_key) is not None


def test_anothers_key_does_not_verify() -> None:
    other = SodiumSigner(bytes(32))
    assert (
        fault(SIGNED.document(), TEXT, NONCE, other.public_key) == "the signature is not of this key and this receipt"
    )


def test_a_receipt_without_its_bid_tells_nothing_of_the_bid() -> None:
    assert str(CONTENT.bidder_id) not in SIGNED.document().decode()
    assert set(Receipt.__slots__) == {
        "tender_id", "bid_id", "revision", "commitment", "ciphertext_hash", "received_at", "key_id", "checkpoint",
    }  # fmt: skip


def test_the_script_is_short_and_needs_nothing_of_ours() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 60
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - sys.stdlib_module_names == {"nacl"}


def test_a_bidder_runs_the_script_by_itself(tmp_path: Path) -> None:
    receipt, bid = tmp_path / "receipt.json", tmp_path / "bid.json"
    receipt.write_bytes(SIGNED.document())
    bid.write_bytes(TEXT)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", str(SCRIPT), *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    given = [str(receipt), str(bid), NONCE.hex(), SIGNER.public_key.hex()]
    assert (run(*given).returncode, run(*given).stdout) == (0, f"valid: {SIGNED.document().decode()}\n")
    bid.write_bytes(TEXT.replace(b"12896.50", b"12896.51"))
    wrong = run(*given)
    assert (wrong.returncode, wrong.stdout) == (1, "NOT VALID: the receipt is about another bid or nonce\n")
    assert "verify_receipt.py RECEIPT BID NONCE PUBLIC_KEY" in run().stderr
