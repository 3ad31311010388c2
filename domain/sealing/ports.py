"""What the sealing room needs from outside: public-key seals, a key that wraps keys, a signature, names for bidders
that tell nothing, an operator.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from domain.ids import OrganizationId, SealingKeyId, TenderId
from domain.sealing.keys import KeyState, PrivateKey, PublicKey, WrappedKey

NewNonce = Callable[[], bytes]
"""32 random bytes, anew for each revision of a bid."""


class Sealer(Protocol):
    """Needs no secret; pure computation, tens of microseconds."""

    def seal(self, key: PublicKey, content: bytes) -> bytes: ...
    def seal_frames(self, key: PublicKey, frames: Iterable[bytes], *, context: bytes) -> Iterator[bytes]:
        """A stream that opens only in this order, whole, and beside the same ``context``."""


class Unsealer(Protocol):
    """The opener's; both refuse (``seal-broken``) whatever was not sealed to this key, just so."""

    def unseal(self, key: PrivateKey, ciphertext: bytes) -> bytes: ...
    def unseal_frames(self, key: PrivateKey, ciphertext: Iterable[bytes], *, context: bytes) -> Iterator[bytes]:
        """Each frame is genuine and in its place; that none is missing is known at the end only."""


class Signer(Protocol):
    """Ed25519. Never waits: a receipt is signed inside the bid's transaction, where nothing outside may be called."""

    @property
    def key_id(self) -> str:
        """The fingerprint of the public key."""

    @property
    def public_key(self) -> bytes: ...
    def sign(self, message: bytes) -> bytes: ...


class KeyWrapper(Protocol):
    """Holds the key-encryption key, or asks the KMS that does; once per key and never inside a transaction."""

    async def wrap(self, id: SealingKeyId, key: PrivateKey) -> WrappedKey: ...
    async def unwrap(self, id: SealingKeyId, wrapped: WrappedKey) -> PrivateKey:
        """Refuses (``key-refused``) a key that was wrapped under another id or by another key-encryption key."""


class BidderTags(Protocol):
    """Names for bidders that only who holds the deployment's secret can compute: another one for each tender."""

    def of(self, tender_id: TenderId, bidder_id: OrganizationId) -> bytes:
        """32 bytes; the same for the same two ids."""


class Keys(Protocol):
    """The deployment's keys in an operator's hands: the key-encryption key and the one that signs receipts."""

    def create(self) -> tuple[KeyState, ...]:
        """Both keys; what is there already is kept."""

    def show(self) -> tuple[KeyState, ...]: ...
    def split(self) -> tuple[str, ...]:
        """The key-encryption key as three share texts; any two rebuild it, one alone tells nothing."""

    def combine(self, shares: Sequence[str]) -> KeyState:
        """Rebuild and store the key-encryption key. Refuses (``shares-refused``) shares that do not fit together, and
        (``key-refused``) to take the place of another key.
        """
