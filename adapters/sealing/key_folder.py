"""The folder of a deployment's keys: ``key-encryption.key`` wraps the tenders' private keys and is kept in shares
elsewhere; ``receipts.key`` signs, and its public part is published.
"""

from collections.abc import Sequence
from pathlib import Path

from adapters.sealing.key_files import keep_key, new_secret, read_key
from adapters.sealing.shares import combine, split
from adapters.sealing.sodium import SodiumSigner
from adapters.sealing.wrapping import FileKeyWrapper, secret_fingerprint
from domain.sealing.keys import KeyState
from domain.sealing.refusals import KeyRefused

_WRAPPING, _SIGNING = "key-encryption", "receipts"
_KINDS = {_WRAPPING: "oimaq-key-encryption/1", _SIGNING: "oimaq-receipts/1"}


class KeyFolder:
    """``on_first_use``: whoever needs a key that is missing makes it (development). Otherwise only an operator does."""

    def __init__(self, folder: Path, *, on_first_use: bool = False) -> None:
        self._folder = folder
        self._on_first_use = on_first_use

    def wrapper(self) -> FileKeyWrapper:
        """For the opener's process only."""
        return FileKeyWrapper(self._needed(_WRAPPING))

    def signer(self) -> SodiumSigner:
        return SodiumSigner(self._needed(_SIGNING))

    def create(self) -> tuple[KeyState, ...]:
        return tuple(self._state(name, created=self._made(name)) for name in _KINDS)

    def show(self) -> tuple[KeyState, ...]:
        return tuple(self._state(name) for name in _KINDS)

    def split(self) -> tuple[str, ...]:
        return split(self._secret(_WRAPPING))

    def combine(self, shares: Sequence[str]) -> KeyState:
        secret = combine(shares)
        kept = keep_key(self._path(_WRAPPING), _KINDS[_WRAPPING], secret)
        found = self._state(_WRAPPING, created=kept)
        if found.fingerprint != secret_fingerprint(secret):
            raise KeyRefused(
                f"Another key is at {self._path(_WRAPPING)}: {found.fingerprint}",
                passes="its place empty: move it aside, tenders may need it",
            )
        return found

    def _needed(self, name: str) -> bytes:
        if self._on_first_use and not self._path(name).exists():
            self._made(name)  # another process may be faster; its key counts
        return self._secret(name)

    def _secret(self, name: str) -> bytes:
        secret = read_key(self._path(name), _KINDS[name])
        if secret is None:
            raise KeyRefused(f"There is no key at {self._path(name)}", passes="oimaq keys create, or keys combine")
        return secret

    def _made(self, name: str) -> bool:
        return keep_key(self._path(name), _KINDS[name], new_secret())

    def _state(self, name: str, *, created: bool = False) -> KeyState:
        secret = self._secret(name)
        if name == _WRAPPING:
            return KeyState(name=name, fingerprint=secret_fingerprint(secret), created=created)
        signer = SodiumSigner(secret)
        return KeyState(name=name, fingerprint=signer.key_id, public_key=signer.public_key.hex(), created=created)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.key"
