"""Two of three shares rebuild a key; everything else is refused with its reason."""

import re
from itertools import combinations, permutations

import pytest

from adapters.sealing.key_files import new_secret
from adapters.sealing.shares import combine, split
from adapters.sealing.wrapping import secret_fingerprint
from domain.sealing.refusals import SharesRefused

SECRET = bytes(range(32))
_FOREIGN = """
pistol penalty academic acid arcade valuable bike human painting cover hamster likely energy both browser
climate kind airport resident profile drug purchase geology bedroom crystal behavior gather says hobo predator
general mother element

pistol penalty academic agency alarm distance ticket budget knit beard exceed chubby careful timber usual
vegan alpha scout vegan forward dress listen overall salon coal bike paid aquatic view educate fiction fawn
species

pistol penalty academic always always parcel thumb trend animal taste change salary together infant space
taught criminal employer cover enforce earth nylon legal tadpole numb software living float wisdom weapon warn
username research
"""
FOREIGN = tuple(" ".join(each.split()) for each in _FOREIGN.split("\n\n"))
"""``SECRET`` as another implementation of SLIP-39 has split it (bip39-slip39 2026.10.24)."""


def share(number: int, words: str, key: str = secret_fingerprint(SECRET)) -> str:
    return f"Oimaq key share {number} of 3; any 2 rebuild the key\nkey {key}\n{words}\n"


def words(text: str) -> list[str]:
    return text.splitlines()[2].split()


def test_any_two_shares_in_any_order_rebuild_the_key_and_all_three_do() -> None:
    secret = new_secret()
    texts = split(secret)
    assert len(texts) == 3
    for some in (*permutations(texts, 2), *permutations(texts, 3)):
        assert combine(some) == secret


def test_shares_of_another_implementation_of_the_standard_rebuild_the_key() -> None:
    texts = [share(number, each) for number, each in enumerate(FOREIGN, start=1)]
    for some in combinations(texts, 2):
        assert combine(some) == SECRET


def test_a_share_says_what_it_is_and_tells_nothing_of_the_key() -> None:
    secret = new_secret()
    for number, text in enumerate(split(secret), start=1):
        first, key, _ = text.splitlines()
        assert first == f"Oimaq key share {number} of 3; any 2 rebuild the key"
        assert key == f"key {secret_fingerprint(secret)}"
        assert len(words(text)) == 33
        assert secret.hex()[:16] not in text


def test_a_share_may_be_typed_with_other_spaces_and_lines() -> None:
    one, two, _ = split(SECRET)
    typed = re.sub(r"(\w+ \w+ \w+) (?=\w+ \w+)", r"\1\r\n   ", two.splitlines()[2])
    assert combine([f"\n {one}\n\n", share(2, typed)]) == SECRET


def test_one_wrong_word_is_found_by_the_shares_own_checksum() -> None:
    one, two, _ = split(SECRET)
    for place in range(33):
        wrong = words(one)
        wrong[place] = "zero" if wrong[place] != "zero" else "academic"
        with pytest.raises(SharesRefused, match="Share text 2: a word is wrong or missing"):
            combine([two, share(1, " ".join(wrong))])


@pytest.mark.parametrize("spoil", ["swapped", "left out", "one more", "no word of the list", "none"])
def test_words_that_are_not_the_shares_are_refused(spoil: str) -> None:
    one, two, _ = split(SECRET)
    own = words(one)
    wrong = {
        "swapped": [*own[:4], own[5], own[4], *own[6:]] if own[4] != own[5] else [*own[:5], own[6], own[5], *own[7:]],
        "left out": own[:-1],
        "one more": [*own, "academic"],
        "no word of the list": [*own[:-1], "oimaq"],
        "none": [],
    }[spoil]
    with pytest.raises(SharesRefused, match="Share text 1"):
        combine([share(1, " ".join(wrong)), two])


def refused(*texts: str) -> str:
    with pytest.raises(SharesRefused) as found:
        combine(texts)
    assert found.value.passes
    return found.value.detail


def test_too_few_and_twice_the_same_are_refused() -> None:
    one, _, three = split(SECRET)
    assert refused() == "0 of the shares"
    assert refused(one) == "1 of the shares"
    assert refused(one, one) == "The same share was given twice"
    assert refused(one, three, one) == "The same share was given twice"


def test_shares_of_different_keys_and_of_different_splittings_are_told_apart() -> None:
    one, two, three = split(SECRET)
    other = split(new_secret())
    again = split(SECRET)
    assert refused(one, other[1]) == "The shares are of different keys"
    assert refused(one, again[1]) == "The shares are of different splittings of the key"
    assert refused(one, two, again[2]) == "The shares are of different splittings of the key"
    assert combine([again[0], again[2]]) == combine([two, three])


def test_a_label_that_does_not_belong_to_its_words_is_refused() -> None:
    one, two, three = split(SECRET)
    assert refused(share(2, one.splitlines()[2]), three) == "Share text 1: its label and its words differ"
    wrong = [share(number, each.splitlines()[2], "0" * 16) for number, each in ((1, one), (2, two))]
    assert refused(*wrong) == "They rebuild another key than they name"


@pytest.mark.parametrize(
    "text",
    ["", "academic", "Oimaq key share 4 of 3; any 2 rebuild the key\nkey 746a240856a49bc5\nacademic\n", "\ufffd" * 50],
)
def test_what_is_no_share_is_refused(text: str) -> None:
    assert refused(split(SECRET)[0], text) == "Share text 2 is not written as a share"
