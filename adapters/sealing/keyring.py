"""The keys that one process works with."""

from dataclasses import dataclass

from adapters.sealing.deployment import AnswerKeeping, ConsentLetters, HmacBidderTags, HmacVerdictSalts
from adapters.sealing.sodium import SodiumSigner
from domain.sealing.ports import KeyWrapper


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """``wrapper`` None: the process opens nothing, because the key-encryption key is elsewhere."""

    signer: SodiumSigner
    tags: HmacBidderTags
    answers: AnswerKeeping
    letters: ConsentLetters
    salts: HmacVerdictSalts
    wrapper: KeyWrapper | None = None
