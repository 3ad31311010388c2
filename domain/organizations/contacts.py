"""Contact data that tie two organisations together: how they are written, and which of them two share.

People write the same telephone, address and name in many ways, so they are compared bare. What two bidders share is
told by its name and never by its value or its other holder.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import NewType

from domain.errors import Flaw, Invalid, Titles

BankAccount = NewType("BankAccount", str)
"""IBAN of Kazakhstan: ``KZ``, two check digits, three digits of the bank, thirteen characters of the account."""

_ACCOUNT = re.compile(r"KZ[0-9]{5}[0-9A-Z]{13}")
_PHONE_DIGITS = 11
_IBAN_MODULUS = 97


class WrongBankAccount(Invalid):
    code = "wrong-bank-account"
    titles = Titles("The bank account is wrong", "Номер счёта указан неверно", "Банк шоты қате көрсетілген")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """``director`` is a person's name: for the organisation itself, registry operators and auditors."""

    address: str
    phone: str
    email: str
    director: str | None = None
    bank_account: BankAccount | None = None


def parse_bank_account(text: str, *, pointer: str = "/bank_account") -> BankAccount:
    """Accept an IBAN of Kazakhstan with right check digits, with blanks or without; refuse with what would pass.

    ISO 13616: the first four characters go to the end, letters count from A = 10, the remainder by 97 is 1.
    """
    bare = re.sub(r"\s", "", text).upper()
    if not _ACCOUNT.fullmatch(bare):
        flaw = Flaw(pointer=pointer, reason="not KZ, 5 digits and 13 characters", passes="KZ86125KZT5004100100")
        raise WrongBankAccount("A bank account of Kazakhstan has 20 characters", flaws=(flaw,))
    expected = f"{98 - _remainder(f'{bare[4:]}KZ00'):02d}"
    if bare[2:4] != expected:
        reason = f"the check digits are {bare[2:4]}, the other characters ask for {expected}"
        flaw = Flaw(pointer=pointer, reason=reason, passes="the number as the bank wrote it")
        raise WrongBankAccount("The bank account's check digits are wrong", flaws=(flaw,))
    return BankAccount(bare)


def _remainder(text: str) -> int:
    return int("".join(str(int(each, 36)) for each in text)) % _IBAN_MODULUS


def shared(own: Contacts, others: Iterable[Contacts]) -> tuple[str, ...]:
    """The names of what some other has as well, in the order of ``Contacts``."""
    mine = _bare(own)
    theirs = [_bare(each) for each in others]
    return tuple(
        name.replace("_", " ") for name, value in mine.items() if value and any(each[name] == value for each in theirs)
    )


def _bare(contacts: Contacts) -> dict[str, str]:
    values = {field.name: getattr(contacts, field.name) or "" for field in fields(contacts)}
    return {name: _phone(value) if name == "phone" else _letters(value) for name, value in values.items()}


def _letters(text: str) -> str:
    """Letters and digits in lower case, one kind of ``ё``."""
    return "".join(re.findall(r"[^\W_]", text.casefold().replace("ё", "е")))


def _phone(text: str) -> str:
    """Eleven digits that begin with 7: ``8 (7232) 00-00-00``, ``+7 7232 000000`` and ``7232000000`` are one number."""
    digits = re.sub(r"\D", "", text)
    if len(digits) == _PHONE_DIGITS - 1:
        return f"7{digits}"
    return f"7{digits[1:]}" if len(digits) == _PHONE_DIGITS and digits[0] == "8" else digits
