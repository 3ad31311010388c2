"""Identifiers: one NewType per kind of thing, and the public identifiers of Kazakhstan that carry a check.

UUIDv4 where order or time would leak (bids, credentials), UUIDv7 elsewhere, made by the ``Ids`` port so that
the domain draws no randomness itself.
"""

import re
from collections.abc import Callable
from typing import NewType
from uuid import UUID

from domain.errors import Flaw, Invalid, Titles

OrganizationId = NewType("OrganizationId", UUID)
PersonId = NewType("PersonId", UUID)
MembershipId = NewType("MembershipId", UUID)
CredentialId = NewType("CredentialId", UUID)
EvidenceId = NewType("EvidenceId", UUID)
VerdictId = NewType("VerdictId", UUID)
NeedId = NewType("NeedId", UUID)
PoolId = NewType("PoolId", UUID)
ProcedureSettingsId = NewType("ProcedureSettingsId", UUID)
PrequalificationId = NewType("PrequalificationId", UUID)
ApplicationId = NewType("ApplicationId", UUID)
"""Of a supplier to a prequalification list."""
EnquiryId = NewType("EnquiryId", UUID)
ComplaintId = NewType("ComplaintId", UUID)
TenderId = NewType("TenderId", UUID)
AmendmentId = NewType("AmendmentId", UUID)
LotStudyId = NewType("LotStudyId", UUID)
SealingKeyId = NewType("SealingKeyId", UUID)
BidId = NewType("BidId", UUID)
BidDocumentId = NewType("BidDocumentId", UUID)
ConsentId = NewType("ConsentId", UUID)
"""Of a member to the leader of a consortium."""
CommitteeId = NewType("CommitteeId", UUID)
ScoreSheetId = NewType("ScoreSheetId", UUID)
PaperRequestId = NewType("PaperRequestId", UUID)
EvaluationId = NewType("EvaluationId", UUID)
ScenarioId = NewType("ScenarioId", UUID)
PreferenceId = NewType("PreferenceId", UUID)
ContractId = NewType("ContractId", UUID)
PaymentId = NewType("PaymentId", UUID)
EventId = NewType("EventId", UUID)
NoticeId = NewType("NoticeId", UUID)
SubscriptionId = NewType("SubscriptionId", UUID)
WebhookEndpointId = NewType("WebhookEndpointId", UUID)

NewId = Callable[[], UUID]

Bin = NewType("Bin", str)
"""Business identification number, 12 digits with a check digit."""
Kato = NewType("Kato", str)
"""Classifier of administrative-territorial objects, 9 digits; the first two are the region."""
EnsTru = NewType("EnsTru", str)
"""Unified nomenclature of goods, works and services, ``NNNNNN.NNN.NNNNNN``; first six digits are KPVED/CPA."""

REGIONS: dict[str, str] = {
    "10": "Abai", "11": "Akmola", "15": "Aktobe", "19": "Almaty region", "23": "Atyrau",
    "27": "West Kazakhstan", "31": "Zhambyl", "33": "Zhetysu", "35": "Karaganda", "39": "Kostanay",
    "43": "Kyzylorda", "47": "Mangystau", "55": "Pavlodar", "59": "North Kazakhstan", "61": "Turkistan",
    "62": "Ulytau", "63": "East Kazakhstan", "71": "Astana", "75": "Almaty", "79": "Shymkent",
}  # fmt: skip
"""First two digits of KATO since June 2022 (Abai, Zhetysu and Ulytau added); the same numbers as ISO 3166-2:KZ."""


class WrongBin(Invalid):
    code = "wrong-bin"
    titles = Titles("The BIN is wrong", "БИН указан неверно", "БСН қате көрсетілген")


class WrongKato(Invalid):
    code = "wrong-kato"
    titles = Titles("The KATO code is unknown", "Код КАТО неизвестен", "ӘАОЖ коды белгісіз")


class WrongEnsTru(Invalid):
    code = "wrong-ens-tru"
    titles = Titles("The ENS TRU code is malformed", "Код ЕНС ТРУ имеет неверный вид", "БНА ТЖҚ кодының түрі қате")


_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def check_digit(first_eleven: str) -> int | None:
    """The twelfth digit of a BIN or IIN, or None for a prefix that is never issued.

    Weights 1..11 modulo 11; a remainder of 10 is tried again with 3..11,1,2; a second 10 means no number exists.
    """
    digits = [int(each) for each in first_eleven]
    for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS):
        remainder = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if remainder < 10:  # noqa: PLR2004 - a single digit
            return remainder
    return None


def parse_bin(text: str, *, pointer: str = "/bin") -> Bin:
    """Accept 12 ASCII digits with a right check digit; refuse with the digit that would pass."""
    if not re.fullmatch(r"[0-9]{12}", text):
        flaw = Flaw(pointer=pointer, reason="A BIN has exactly 12 digits", passes="950440001673")
        raise WrongBin("The BIN does not have 12 digits", flaws=(flaw,))
    expected = check_digit(text[:11])
    if expected is None:
        flaw = Flaw(pointer=pointer, reason="No check digit exists for these eleven digits; it was never issued")
        raise WrongBin("The BIN cannot exist", flaws=(flaw,))
    if expected != int(text[11]):
        flaw = Flaw(
            pointer=pointer,
            reason=f"The check digit is {text[11]}, the other digits ask for {expected}",
            passes=f"{text[:11]}{expected}",
        )
        raise WrongBin("The BIN's check digit is wrong", flaws=(flaw,))
    return Bin(text)


def parse_kato(text: str, *, pointer: str = "/kato") -> Kato:
    """Accept nine digits of a region that exists."""
    if not re.fullmatch(r"[0-9]{9}", text) or text[:2] not in REGIONS:
        flaw = Flaw(
            pointer=pointer,
            reason=f"{text!r} is not nine digits that begin with a region ({', '.join(REGIONS)})",
            passes="631010000",
        )
        raise WrongKato("The KATO code is not of a known region", flaws=(flaw,))
    return Kato(text)


def parse_ens_tru(text: str, *, pointer: str = "/ens_tru") -> EnsTru:
    """Accept ``NNNNNN.NNN.NNNNNN``."""
    if not re.fullmatch(r"[0-9]{6}\.[0-9]{3}\.[0-9]{6}", text):
        flaw = Flaw(
            pointer=pointer,
            reason=f"{text!r} is not of the form NNNNNN.NNN.NNNNNN",
            passes="141211.290.000016",
        )
        raise WrongEnsTru("The ENS TRU code is malformed", flaws=(flaw,))
    return EnsTru(text)


def region_of(kato: Kato) -> str:
    """The two digits of the region."""
    return kato[:2]
