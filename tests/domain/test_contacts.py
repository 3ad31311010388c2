"""Contact data: a bank account checks itself, and what two organisations share is found however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.organizations.contacts import BankAccount, Contacts, WrongBankAccount, parse_bank_account, shared

ACCOUNT = BankAccount("KZ86125KZT5004100100")
OWN = Contacts(
    address="г. Өскемен, ул. Абая, 1",
    phone="+7 7232 123456",
    email="sewing@world.example",
    director="Семёнов А. Б.",
    bank_account=ACCOUNT,
)
APART = Contacts(address="Семей, 2", phone="+7 7222 000000", email="other@world.example")


def test_an_account_is_accepted_with_blanks_and_in_small_letters() -> None:
    assert parse_bank_account("kz86 125k zt50 0410 0100") == ACCOUNT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "KZ86125KZT500410010",
        "KZ86125KZT50041001000",
        "DE86125KZT5004100100",
        "KZ861A5KZT5004100100",
        "KZ86125KZT50041001Ж0",
    ],
)
def test_anything_else_than_twenty_characters_of_kazakhstan_is_refused(text: str) -> None:
    with pytest.raises(WrongBankAccount) as refused:
        parse_bank_account(text)
    assert refused.value.flaws[0].passes == ACCOUNT


@given(st.from_regex(r"[0-9]{3}[0-9A-Z]{13}", fullmatch=True))
def test_of_a_hundred_pairs_of_check_digits_exactly_one_fits(rest: str) -> None:
    passing = []
    for digits in range(100):
        try:
            passing.append(parse_bank_account(f"KZ{digits:02d}{rest}"))
        except WrongBankAccount:
            continue
    assert len(passing) == 1


@pytest.mark.parametrize("place", range(4, 20))
def test_one_wrong_character_is_found(place: int) -> None:
    wrong = "7" if ACCOUNT[place] != "7" else "8"
    with pytest.raises(WrongBankAccount):
        parse_bank_account(ACCOUNT[:place] + wrong + ACCOUNT[place + 1 :])


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("address", "Г ӨСКЕМЕН УЛ АБАЯ 1"),
        ("phone", "8 (7232) 12-34-56"),
        ("phone", "7232123456"),
        ("email", "Sewing@World.example"),
        ("director", "СЕМЕНОВ А.Б."),
        ("bank_account", "KZ86 125K ZT50 0410 0100"),
    ],
)
def test_the_same_is_found_in_another_writing_and_named_alone(name: str, written: str) -> None:
    values = {field: getattr(APART, field) for field in ("address", "phone", "email", "director", "bank_account")}
    assert shared(OWN, [APART, Contacts(**(values | {name: written}))]) == (name.replace("_", " "),)


def test_what_nobody_told_is_shared_by_nobody() -> None:
    bare = Contacts(address="-", phone="+7 7222 000001", email="third@world.example")
    assert shared(APART, [bare, OWN]) == ()
    assert shared(bare, [Contacts(address="...", phone="+7 7222 000002", email="d@world.example")]) == ()


def test_everything_is_shared_with_oneself() -> None:
    assert shared(OWN, [OWN]) == ("address", "phone", "email", "director", "bank account")
