"""The folder of a deployment's keys: ``key-encryption.key`` wraps the tenders' private keys and is kept in shares
elsewhere; ``receipts.key`` signs, and its public part is published; ``deployment.key`` hides bidders and kept
answers from who reads the database.
"""

from collections.abc import Sequence
from pathlib import Path

from adapters.sealing.deployment import AnswerKeeping, ConsentLetters, HmacBidderTags, HmacVerdictSalts
from adapters.sealing.key_files import keep_key, new_secret, read_key
from adapters.sealing.keyring import Keyring
from adapters.sealing.shares import combine, split
from adapters.sealing.sodium import SodiumSigner
from adapters.sealing.wrapping import FileKeyWrapper, secret_fingerprint
from domain.sealing.keys import KeyState
from domain.sealing.refusals import KeyRefused

_WRAPPING, _SIGNING, _DEPLOYMENT = "key-encryption", "receipts", "deployment"
_KINDS = {name: f"oimaq-{name}/1" for name in (_WRAPPING, _SIGNING, _DEPLOYMENT)}


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

    def ring(self, *, opens: bool) -> Keyring:
        """For a process: with the key-encryption key only where it ``opens`` tenders."""
        secret = self._needed(_DEPLOYMENT)
        return Keyring(
            signer=self.signer(),
            tags=HmacBidderTags(secret),
            answers=AnswerKeeping(secret),
            letters=ConsentLetters(secret),
            salts=HmacVerdictSalts(secret),
            wrapper=self.wrapper() if opens else None,
        )

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
        if name != _SIGNING:
            return KeyState(name=name, fingerprint=secret_fingerprint(secret), created=created)
        signer = SodiumSigner(secret)
        return KeyState(name=name, fingerprint=signer.key_id, public_key=signer.public_key.hex(), created=created)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.key"
