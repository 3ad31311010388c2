"""The key pairs that tenders are sealed to, from their making to the opening.

They are made in advance by the process that holds the key-encryption key and wait in the database: the public key in
clear, the private one wrapped. A publication takes one. So the API never has a private key, nor does the database.
"""

from dataclasses import dataclass
from typing import Protocol

from domain.errors import Titles, Unavailable
from domain.ids import SealingKeyId, TenderId
from domain.sealing.keys import NewKeyPair, PrivateKey, PublicKey, WrappedKey
from domain.sealing.ports import KeyWrapper
from domain.sealing.refusals import KeyRefused


class NoSealingKey(Unavailable):
    """The opener has not made keys for a while; nothing can be published before it does."""

    code = "no-sealing-key"
    titles = Titles(
        "No key is ready for sealing",
        "Нет готового ключа для запечатывания заявок",
        "Өтінімдерді мөрлеуге дайын кілт жоқ",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKey:
    """Stored once and for good. Wrapped under its own id: which tender takes it is not known when it is made."""

    id: SealingKeyId
    public: PublicKey
    private: WrappedKey

    async def unwrapped(self, wrapper: KeyWrapper) -> PrivateKey:
        """For the opening only. Refuses (``key-refused``) where another key-encryption key is needed."""
        return await wrapper.unwrap(self.id, self.private)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenKey:
    """What a publication takes: it never sees the private key, not even wrapped."""

    id: SealingKeyId
    public: PublicKey


class SealingKeys(Protocol):
    """The keys that wait, and those that tenders have taken."""

    async def spare(self) -> int:
        """How many wait."""

    async def add(self, keys: tuple[SealingKey, ...]) -> None: ...
    async def take(self, tender_id: TenderId) -> TakenKey | None:
        """One that waits, the tender's from now on; None: none does. Two who take at once get different ones."""

    async def keyless_tenders(self) -> tuple[TenderId, ...]:
        """Published and not opened, from before bids were sealed."""

    async def of_tender(self, tender_id: TenderId) -> SealingKey | None: ...


async def make_sealing_key(id: SealingKeyId, *, new_key_pair: NewKeyPair, wrapper: KeyWrapper) -> SealingKey:
    """A key pair whose private key was wrapped and once unwrapped again: what nobody can open must never seal a bid."""
    pair = new_key_pair()
    key = SealingKey(id=id, public=pair.public, private=await wrapper.wrap(id, pair.private))
    if await key.unwrapped(wrapper) != pair.private:
        raise KeyRefused("The key-encryption key does not give back what it wrapped", passes="a wrapper that works")
    return key
