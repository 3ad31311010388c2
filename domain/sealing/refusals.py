"""What the sealing room refuses. Nothing here names a price, a bidder or a key."""

from domain.errors import Invalid, Titles, Unavailable


class NotCanonical(Invalid):
    """A text that was signed, hashed or sealed is not, byte for byte, what its own content would be written as."""

    code = "not-canonical"
    titles = Titles(
        "The text is not in its canonical form",
        "Текст не в канонической форме",
        "Мәтін канондық пішінде емес",
    )


class TooLargeToSeal(Invalid):
    code = "too-large-to-seal"
    titles = Titles(
        "It is larger than what can be sealed",
        "Размер больше, чем можно запечатать",
        "Көлемі мөрлеуге болатыннан үлкен",
    )


class SealBroken(Invalid):
    """A ciphertext was changed, cut, put in another order, or sealed to another key. The opener never raises it:
    a broken bid is shown as unreadable beside the others.
    """

    code = "seal-broken"
    titles = Titles("The seal is broken", "Печать повреждена", "Мөр бұзылған")


class KeyRefused(Unavailable):
    """A key is missing, readable by others, of another kind, or not the one that is asked for."""

    code = "key-refused"
    titles = Titles("The key cannot be used", "Ключ нельзя использовать", "Кілтті пайдалануға болмайды")


class SharesRefused(Invalid):
    """Shares of a key that are corrupted, of different keys or splittings, too few, or twice the same."""

    code = "shares-refused"
    titles = Titles(
        "The shares do not rebuild the key",
        "Доли не восстанавливают ключ",
        "Бөліктер кілтті қалпына келтірмейді",
    )
