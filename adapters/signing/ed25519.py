"""Ed25519: the key that signs the log, and the check of signatures."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from domain.errors import Titles, Unavailable
from domain.log.checkpoints import Checkpoint, PublicKey

SEED_BYTES = 32


class NoSigningKey(Unavailable):
    """Refused at start-up: in production a key is made by a person, and backed up, before the first event."""

    code = "no-signing-key"
    titles = Titles("The log's signing key is missing", "Нет ключа подписи журнала", "Журналға қол қою кілті жоқ")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs checkpoints under one name."""

    key: PublicKey
    _secret: SigningKey

    @classmethod
    def of(cls, name: str, seed: bytes) -> "Signer":
        secret = SigningKey(seed)
        return cls(PublicKey(name=name, raw=bytes(secret.verify_key)), secret)

    @classmethod
    def fresh(cls, name: str) -> "Signer":
        """With a key that ends with the process."""
        return cls.of(name, secrets.token_bytes(SEED_BYTES))

    def note(self, checkpoint: Checkpoint) -> str:
        return self.key.note(checkpoint, self._secret.sign(checkpoint.body.encode()).signature)

    def __repr__(self) -> str:
        return f"Signer({self.key.verifier})"


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """``domain.log.checkpoints.Verify``."""
    try:
        VerifyKey(public).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def signer(name: str, path: Path, *, create: bool) -> Signer:
    """The signer whose seed (64 hexadecimal digits) is in the file; made on first use where ``create`` allows it.

    Refuses (``no-signing-key``) a missing file otherwise, a file that others may read, and one that holds no seed.
    """
    if not path.exists():
        if not create:
            raise NoSigningKey(f"There is no key in {path}", passes="oimaq log key, on a safe machine, and a copy")
        _write_new(path)
    if path.stat().st_mode & 0o077:
        raise NoSigningKey(f"Others may read {path}", passes=f"chmod 600 {path}")
    try:
        seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
        return Signer.of(name, seed)
    except ValueError as error:
        raise NoSigningKey(f"{path} holds no seed", passes="64 hexadecimal digits") from error


def _write_new(path: Path) -> None:
    """Several processes may start at once: a whole file appears under the name, and the first one stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mine = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SEED_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(mine, path)
    except FileExistsError:
        """Another process was first; its key is the key."""
    finally:
        mine.unlink()
