"""Keys as values; what is secret is in no repr."""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.errors import MalformedValue

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """X25519; everybody may know it."""

    raw: bytes

    def __post_init__(self) -> None:
        _whole(self.raw)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """Opens what was sealed to its public key; in no repr, log or event."""

    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _whole(self.raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    public: PublicKey
    private: PrivateKey


NewKeyPair = Callable[[], KeyPair]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A private key as it may be stored. ``wrapped_by`` is the fingerprint of the key-encryption key."""

    wrapped_by: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """A key of the deployment as it may be shown. ``public_key`` None: it has no public part. ``created``: just now."""

    name: str
    fingerprint: str
    public_key: str | None = None
    created: bool = False


def _whole(raw: bytes) -> None:
    if len(raw) != KEY_BYTES:
        raise MalformedValue(f"A key has {KEY_BYTES} bytes, not {len(raw)}")
