"""A tender's key pair, from its making to the opening.

It is made by the process that holds the key-encryption key, which hands on the public key and the wrapped private one;
the API and the database never have the private key in clear.
"""

from dataclasses import dataclass

from domain.ids import TenderId
from domain.sealing.keys import NewKeyPair, PrivateKey, PublicKey, WrappedKey
from domain.sealing.ports import KeyWrapper
from domain.sealing.refusals import KeyRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderKey:
    """What is stored with a tender, once and for good: the tender of a bid says which key sealed it."""

    tender_id: TenderId
    public: PublicKey
    private: WrappedKey

    async def unwrapped(self, wrapper: KeyWrapper) -> PrivateKey:
        """For the opening only. Refuses (``key-refused``) where another key-encryption key is needed."""
        return await wrapper.unwrap(self.tender_id, self.private)


async def make_tender_key(tender_id: TenderId, *, new_key_pair: NewKeyPair, wrapper: KeyWrapper) -> TenderKey:
    """A key pair whose private key was wrapped and once unwrapped again: what nobody can open must never seal a bid."""
    pair = new_key_pair()
    key = TenderKey(tender_id=tender_id, public=pair.public, private=await wrapper.wrap(tender_id, pair.private))
    if await key.unwrapped(wrapper) != pair.private:
        raise KeyRefused("The key-encryption key does not give back what it wrapped", passes="a wrapper that works")
    return key
