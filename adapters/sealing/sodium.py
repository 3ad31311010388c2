"""libsodium: sealed boxes (X25519, XSalsa20-Poly1305) for bids, secretstream (XChaCha20-Poly1305) for documents, and
Ed25519 for receipts.

A sealed document: content key, sealed (80 bytes) | stream header (24) | frames, each 17 bytes longer than its content.
The last frame is tagged as such, so a stream cut between two frames does not open.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from nacl.bindings import crypto_box_seal
from nacl.bindings import crypto_secretstream_xchacha20poly1305_ABYTES as FRAME_OVERHEAD
from nacl.bindings import crypto_secretstream_xchacha20poly1305_HEADERBYTES as HEADER_BYTES
from nacl.bindings import crypto_secretstream_xchacha20poly1305_init_pull as init_pull
from nacl.bindings import crypto_secretstream_xchacha20poly1305_init_push as init_push
from nacl.bindings import crypto_secretstream_xchacha20poly1305_keygen as new_content_key
from nacl.bindings import crypto_secretstream_xchacha20poly1305_pull as pull
from nacl.bindings import crypto_secretstream_xchacha20poly1305_push as push
from nacl.bindings import crypto_secretstream_xchacha20poly1305_state as StreamState  # noqa: N812 - it is a class
from nacl.bindings import crypto_secretstream_xchacha20poly1305_TAG_FINAL as LAST
from nacl.bindings import crypto_secretstream_xchacha20poly1305_TAG_MESSAGE as MORE
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey as Curve25519PrivateKey
from nacl.public import SealedBox
from nacl.signing import SigningKey
from nacl.utils import random

from domain.sealing.bids import NONCE_BYTES
from domain.sealing.keys import KeyPair, PrivateKey, PublicKey
from domain.sealing.padding import FRAME_BYTES, in_pieces
from domain.sealing.refusals import SealBroken

SEALED_KEY_BYTES = 80
_FINGERPRINT_DIGITS = 16


def new_key_pair() -> KeyPair:
    """A tender's own."""
    private = Curve25519PrivateKey.generate()
    return KeyPair(public=PublicKey(bytes(private.public_key)), private=PrivateKey(bytes(private)))


def new_nonce() -> bytes:
    """A bid's own; drawn anew for each revision."""
    return random(NONCE_BYTES)


class SodiumSealer:
    """Each seal has a sender key of its own that is thrown away: even we cannot open what we have sealed."""

    def seal(self, key: PublicKey, content: bytes) -> bytes:
        return crypto_box_seal(content, key.raw)

    def seal_frames(self, key: PublicKey, frames: Iterable[bytes], *, context: bytes) -> Iterator[bytes]:
        content_key, state = new_content_key(), StreamState()
        header = init_push(state, content_key)
        yield self.seal(key, content_key) + header
        following = iter(frames)
        frame = next(following, b"")
        for later in following:
            yield push(state, frame, context, MORE)
            frame = later
        yield push(state, frame, context, LAST)


class SodiumUnsealer:
    def unseal(self, key: PrivateKey, ciphertext: bytes) -> bytes:
        try:
            return SealedBox(Curve25519PrivateKey(key.raw)).decrypt(ciphertext)
        except (CryptoError, ValueError, TypeError) as error:  # the latter two: shorter than an empty seal
            raise SealBroken("It was not sealed to this key, or was changed") from error

    def unseal_frames(self, key: PrivateKey, ciphertext: Iterable[bytes], *, context: bytes) -> Iterator[bytes]:
        state, tag = StreamState(), MORE
        front, frames = _divided(ciphertext)
        content_key = self.unseal(key, front[:SEALED_KEY_BYTES])
        try:
            init_pull(state, front[SEALED_KEY_BYTES:], content_key)
            for frame in frames:
                if tag == LAST:
                    raise SealBroken("Something follows the last frame")
                content, tag = pull(state, frame, context)
                yield content
        except (CryptoError, ValueError, TypeError) as error:
            raise SealBroken("A frame was changed or is not in its place") from error
        if tag != LAST:
            raise SealBroken("The last frame is missing")


class SodiumSigner:
    """Holds the signing key in memory; a deployment that keeps it in a KMS hands its seed over at start."""

    def __init__(self, seed: bytes) -> None:
        self._key = SigningKey(seed)
        self.public_key = bytes(self._key.verify_key)
        self.key_id = fingerprint(self.public_key)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message).signature


def fingerprint(public: bytes) -> str:
    """The first 64 bits of SHA-256, as people compare them."""
    return sha256(public).hexdigest()[:_FINGERPRINT_DIGITS]


def _divided(ciphertext: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The sealed key with the header, and the frames after it, whatever the chunks were."""
    chunks = iter(ciphertext)
    front = bytearray()
    while len(front) < SEALED_KEY_BYTES + HEADER_BYTES:
        chunk = next(chunks, None)
        if chunk is None:
            raise SealBroken("It ends before its first frame")
        front += chunk
    rest = bytes(front[SEALED_KEY_BYTES + HEADER_BYTES :])

    def after() -> Iterator[bytes]:
        yield rest
        yield from chunks

    return bytes(front[: SEALED_KEY_BYTES + HEADER_BYTES]), in_pieces(after(), FRAME_BYTES + FRAME_OVERHEAD)
