"""The key-encryption key from a file, and the tenders' private keys under it (XChaCha20-Poly1305).

A KMS stands behind the same port: ``wrap`` is its encryption with the key's id as encryption context.
"""

from hashlib import sha256

from nacl.exceptions import CryptoError
from nacl.secret import Aead

from adapters.sealing.sodium import fingerprint
from domain.ids import SealingKeyId
from domain.sealing.keys import PrivateKey, WrappedKey
from domain.sealing.refusals import KeyRefused

_PURPOSE = b"oimaq-sealing-key/1\n"


class FileKeyWrapper:
    """Wrapping binds a private key to its id, which is associated data."""

    def __init__(self, secret: bytes) -> None:
        self._aead = Aead(secret)
        self._fingerprint = secret_fingerprint(secret)

    async def wrap(self, id: SealingKeyId, key: PrivateKey) -> WrappedKey:
        ciphertext = bytes(self._aead.encrypt(key.raw, _PURPOSE + id.bytes))
        return WrappedKey(wrapped_by=self._fingerprint, ciphertext=ciphertext)

    async def unwrap(self, id: SealingKeyId, wrapped: WrappedKey) -> PrivateKey:
        if wrapped.wrapped_by != self._fingerprint:
            raise KeyRefused(
                f"The key-encryption key here is {self._fingerprint}", passes=f"the key {wrapped.wrapped_by}"
            )
        try:
            return PrivateKey(self._aead.decrypt(wrapped.ciphertext, _PURPOSE + id.bytes))
        except (CryptoError, ValueError) as error:
            raise KeyRefused("The wrapped key is another one, or was changed", passes="as it was wrapped") from error


def secret_fingerprint(secret: bytes) -> str:
    """Names a secret of 256 random bits without telling anything of it."""
    return fingerprint(sha256(b"oimaq-key-fingerprint/1\n" + secret).digest())
