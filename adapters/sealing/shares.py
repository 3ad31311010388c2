"""A 32-byte secret as shares by SLIP-39: 33 words each, with a checksum of their own, and a digest of the secret inside
the splitting. Any implementation of SLIP-39 rebuilds the secret from the words alone, without passphrase.

    Oimaq key share 2 of 3; any 2 rebuild the key
    key 59b1c2a87f1e3d44
    duration element academic acid …
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share as Slip39Share

from adapters.sealing.wrapping import secret_fingerprint
from domain.sealing.refusals import SharesRefused

SHARES, ENOUGH = 3, 2
_SHARE = re.compile(
    rf"Oimaq key share ([1-{SHARES}]) of {SHARES}; any {ENOUGH} rebuild the key\s+key ([0-9a-f]{{16}})\s+([a-z\s]+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    number: int
    key: str
    words: str


def split(secret: bytes) -> tuple[str, ...]:
    """Three share texts, tried before any is handed out: every two of them rebuild the secret."""
    key = secret_fingerprint(secret)
    (groups,) = generate_mnemonics(1, [(ENOUGH, SHARES)], secret)
    texts = tuple(
        f"Oimaq key share {number} of {SHARES}; any {ENOUGH} rebuild the key\nkey {key}\n{words}\n"
        for number, words in enumerate(groups, start=1)
    )
    if combine(texts) != secret:
        raise SharesRefused("The shares that were made do not rebuild the key", passes="to split once more")
    return texts


def combine(texts: Sequence[str]) -> bytes:
    """The secret of two or three share texts, every two of which must agree. Refuses (``shares-refused``), naming the
    share that is at fault where one is by itself.
    """
    shares = [_read(text, place) for place, text in enumerate(texts, start=1)]
    if len({share.number for share in shares}) != len(shares):
        raise SharesRefused("The same share was given twice", passes=f"{ENOUGH} different shares")
    if len(shares) < ENOUGH:
        raise SharesRefused(f"{len(shares)} of the shares", passes=f"{ENOUGH} of the {SHARES} shares")
    if len({share.key for share in shares}) != 1:
        raise SharesRefused("The shares are of different keys", passes="shares that name the same key")
    try:
        secrets = {combine_mnemonics(share.words for share in some) for some in combinations(shares, ENOUGH)}
    except MnemonicError as error:
        raise SharesRefused(
            "The shares are of different splittings of the key", passes="shares that were made together"
        ) from error
    secret: bytes = secrets.pop()
    if secrets or secret_fingerprint(secret) != shares[0].key:
        raise SharesRefused("They rebuild another key than they name", passes=f"shares of {shares[0].key}")
    return secret


def _read(text: str, place: int) -> _Share:
    """One share by itself: its label, and the checksum of its words."""
    found = _SHARE.fullmatch(text.strip())
    if found is None:
        raise SharesRefused(f"Share text {place} is not written as a share", passes="the three lines as they were made")
    number, words = int(found[1]), " ".join(found[3].split())
    try:
        share = Slip39Share.from_mnemonic(words)
    except MnemonicError as error:
        raise SharesRefused(f"Share text {place}: a word is wrong or missing", passes="33 words as written") from error
    if (share.index + 1, share.member_threshold, share.group_count) != (number, ENOUGH, 1):
        raise SharesRefused(f"Share text {place}: its label and its words differ", passes=f"share {share.index + 1}")
    return _Share(number=number, key=found[2], words=words)
