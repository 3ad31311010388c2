"""Checkpoints as signed notes: the published example, one spelling only, and files in any state."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.signing.ed25519 import Signer, verify
from domain.log.checkpoints import Checkpoint, PublicKey, SealedTree

PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PUBLISHED_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
"""The example of Go's package sumdb/note, which the C2SP specification describes."""
SIGNER = Signer.of("oimaq.example/log", bytes(32))
CHECKPOINT = Checkpoint(
    origin="oimaq.example/log", size=1234, root=bytes(range(32)), sealed=SealedTree(blind=bytes(32)).commitment
)
NOTE = SIGNER.note(CHECKPOINT)


def test_the_published_key_and_signature_are_understood() -> None:
    key = PublicKey.parse(PUBLISHED_KEY)
    assert (key.name, key.id.hex(), key.verifier) == ("PeterNeumann", "c74f20a3", PUBLISHED_KEY)
    raw = base64.b64decode(PUBLISHED_SIGNATURE)
    assert raw[:4] == key.id
    assert verify(key.raw, PUBLISHED_TEXT.encode(), raw[4:])
    assert not verify(key.raw, PUBLISHED_TEXT.encode() + b" ", raw[4:])


def test_a_checkpoint_has_the_form_of_c2sp() -> None:
    lines = NOTE.split("\n")
    assert lines[:3] == ["oimaq.example/log", "1234", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
    assert lines[3].startswith("sealed ")
    assert lines[4] == ""
    assert lines[5].startswith("— oimaq.example/log ")
    assert lines[6:] == [""]


def test_what_was_signed_is_read_and_nothing_else() -> None:
    assert SIGNER.key.read(NOTE, verify) == CHECKPOINT
    other = Signer.of("oimaq.example/log", b"\x01" * 32)
    assert other.key.read(NOTE, verify) is None
    renamed = Signer.of("other.example/log", bytes(32))
    assert renamed.key.read(NOTE, verify) is None
    assert renamed.key.read(renamed.note(CHECKPOINT), verify) is None  # signs, but not for this origin


def test_a_note_that_others_have_signed_too_is_read() -> None:
    assert SIGNER.key.read(NOTE + "— witness.example AAAAAAAA\n", verify) == CHECKPOINT


@given(st.integers(min_value=0, max_value=len(NOTE.encode()) - 2), st.integers(min_value=0, max_value=7))
def test_a_note_with_one_flipped_bit_is_not_read(place: int, bit: int) -> None:
    raw = bytearray(NOTE.encode())
    raw[place] ^= 1 << bit
    assert SIGNER.key.read(raw.decode(errors="replace"), verify) != CHECKPOINT


@pytest.mark.parametrize("size", ["01234", "+1234", "1234 ", "-1", "", "٣", "1" * 5000])
def test_a_size_has_one_spelling(size: str) -> None:
    body = CHECKPOINT.body.replace("1234", size)
    assert SIGNER.key.read(f"{body}\n— x y\n", verify) is None


@pytest.mark.parametrize("line", ["", "x", "a+b", "a+b+c", PUBLISHED_KEY.replace("c74f", "c74e"), "a+00000000+AAAA"])
def test_what_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PublicKey.parse(line)


def test_a_file_is_read_past_what_was_cut_short() -> None:
    second = SIGNER.note(replace(CHECKPOINT, size=1235))
    foreign = Signer.fresh("oimaq.example/log").note(CHECKPOINT)
    for cut in range(len(NOTE)):
        text = f"\n\n{NOTE}\n\n{foreign}\n\n{NOTE[:cut]}\n\n{second}"
        sizes = [checkpoint.size for _, checkpoint in SIGNER.key.read_all(text, verify)]
        assert sizes in ([1234, 1235], [1234, 1234, 1235])
        assert [note for note, _ in SIGNER.key.read_all(text, verify)][-1] == second
        assert next(SIGNER.key.read_all(f"\n\n{NOTE}\n\n{second[:cut]}", verify)) == (NOTE, CHECKPOINT)


def test_a_blinded_commitment_binds_and_hides() -> None:
    seen = SealedTree(blind=bytes(32), size=3, root=bytes(range(32)))
    for other in (replace(seen, size=4), replace(seen, root=bytes(32)), replace(seen, blind=b"\x01" * 32)):
        assert other.commitment != seen.commitment
