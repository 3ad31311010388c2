"""The origin verdict as a table: one row per case, what differs from a supplier who passes everything, and what
follows.

``.`` is the usual: a verified extract for 1000 suits a year, 400 of which are offered today, minutes enough, young
lists that do not name the supplier, nothing asked of the portal, a bid, the rules of category procurement. The words
of each column stand in ``WORDS``. The result is

    eligible                 no rule failed, all were checked
    subject to RULE …        eligible, and accepted at this stage although these could not be checked
    put off by RULE …        eligible, and refused at this stage because these could not be checked
    refused by RULE …        these rules failed
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import Bin, EvidenceId
from domain.organizations.evidence import EvidenceType, Verification
from domain.organizations.facts import Facts, LineFact, PortalWord, Stage, WorkshopFact
from domain.organizations.model import OrganizationStatus
from domain.organizations.origin_rules import Judged, judge
from domain.organizations.verdict import Result
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Method
from domain.registries.answers import UnreliableEntry
from domain.registries.records import LISTS, Register
from domain.registries.standing import ListEntry, ListState, RegisteredEvidence
from tests.domain.suppliers import AT, CATEGORY, DAY, EXTRACT, FACTS, JACKET, LISTED_AS_OF, SUIT, on, rules
from tests.random_facts import RULES, random_evidence, random_facts

Change = dict[str, Any]

TABLE = """
evidence               | day         | code   | pieces    | minutes    | lists            | portal         | others     | asked          | stage   | rules      || result
.                      | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
none                   | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_of_accepted_type
none                   | .           | .      | .         | .          | .                | .              | .          | .              | .       | private    || eligible
declared               | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_verified
by document            | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
by document            | .           | .      | .         | .          | .                | .              | .          | .              | .       | by service || refused by evidence_verified
by service             | .           | .      | .         | .          | .                | .              | .          | .              | .       | by service || eligible
borrowed               | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_bound_to_bin
ends today             | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
ended yesterday        | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_valid_on_day
begins today           | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
begins tomorrow        | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_valid_on_day
revoked today          | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_valid_on_day
revoked tomorrow       | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
ended, and a good one  | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
certificate            | last of 25  | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
ct-kz                  | last of 25  | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
certificate            | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_of_accepted_type
.                      | last of 25  | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_of_accepted_type evidence_valid_on_day
.                      | first of 26 | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
.                      | .           | jacket | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_covers_code
for a group            | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_covers_code
for a group            | .           | .      | .         | .          | .                | .              | .          | .              | .       | 4 digits   || eligible
share 50.00            | .           | .      | .         | .          | .                | .              | .          | .              | .       | half local || eligible
share 49.99            | .           | .      | .         | .          | .                | .              | .          | .              | .       | half local || refused by local_content_at_least
share 49.99            | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
.                      | .           | .      | 1000      | .          | .                | .              | .          | .              | .       | .          || eligible
.                      | .           | .      | 1001      | .          | .                | .              | .          | .              | .       | .          || refused by declared_capacity_suffices
.                      | .           | .      | after 600 | .          | .                | .              | .          | .              | .       | .          || eligible
.                      | .           | .      | after 601 | .          | .                | .              | .          | .              | .       | .          || refused by declared_capacity_suffices
.                      | .           | .      | 1001      | .          | .                | .              | .          | .              | .       | uncounted  || eligible
.                      | .           | .      | none      | all booked | .                | .              | nobody     | .              | signing | .          || eligible
.                      | .           | .      | .         | exact      | .                | .              | .          | .              | .       | .          || eligible
.                      | .           | .      | .         | short      | .                | .              | .          | .              | .       | .          || refused by minutes_suffice
.                      | .           | .      | .         | booked     | .                | .              | .          | .              | .       | .          || refused by minutes_suffice
.                      | .           | .      | .         | due today  | .                | .              | .          | .              | .       | .          || refused by minutes_suffice
.                      | .           | .      | .         | short      | .                | .              | .          | .              | look    | .          || refused by minutes_suffice
.                      | .           | .      | .         | short      | .                | .              | nobody     | .              | award   | .          || eligible
.                      | .           | .      | .         | short      | .                | .              | .          | .              | .       | private    || eligible
.                      | .           | .      | .         | no profile | .                | .              | .          | .              | .       | .          || refused by workshop_described
.                      | .           | .      | .         | no profile | .                | .              | .          | .              | .       | private    || eligible
.                      | .           | .      | .         | .          | state bans       | .              | .          | .              | .       | .          || refused by not_in_unreliable_state
.                      | .           | .      | .         | .          | quasi bans       | .              | .          | .              | .       | .          || refused by not_in_unreliable_quasi
.                      | .           | .      | .         | .          | fund bans        | .              | .          | .              | .       | .          || refused by not_in_unreliable_fund
.                      | .           | .      | .         | .          | fund bans        | .              | .          | .              | .       | state      || eligible
.                      | .           | .      | .         | .          | state bans       | .              | .          | .              | .       | private    || eligible
.                      | .           | .      | .         | .          | ban ends today   | .              | .          | .              | .       | .          || refused by not_in_unreliable_state
.                      | .           | .      | .         | .          | ban ended        | .              | .          | .              | .       | .          || eligible
.                      | .           | .      | .         | .          | 7 days old       | .              | .          | .              | .       | .          || eligible
.                      | .           | .      | .         | .          | state 8 days old | .              | .          | .              | .       | .          || subject to not_in_unreliable_state
.                      | .           | .      | .         | .          | state 8 days old | .              | .          | .              | look    | .          || subject to not_in_unreliable_state
.                      | .           | .      | .         | .          | state 8 days old | .              | nobody     | .              | award   | .          || put off by not_in_unreliable_state
.                      | .           | .      | .         | .          | state 8 days old | .              | nobody     | .              | signing | .          || put off by not_in_unreliable_state
.                      | .           | .      | .         | .          | state 8 days old | .              | .          | .              | .       | strict     || put off by not_in_unreliable_state
.                      | .           | .      | .         | .          | state 8 days old | .              | .          | .              | look    | strict     || put off by not_in_unreliable_state
.                      | .           | .      | .         | .          | fund 8 days old  | .              | .          | .              | .       | .          || subject to not_in_unreliable_fund
.                      | .           | .      | .         | .          | fund 8 days old  | clear          | .          | .              | .       | .          || subject to not_in_unreliable_fund
.                      | .           | .      | .         | .          | fund 8 days old  | .              | .          | .              | .       | patient    || eligible
.                      | .           | .      | .         | .          | never imported   | .              | .          | .              | .       | state      || subject to not_in_unreliable_state
.                      | .           | .      | .         | .          | never imported   | clear          | .          | .              | .       | state      || eligible
.                      | .           | .      | .         | .          | never imported   | clear, then no | .          | .              | .       | state      || eligible
.                      | .           | .      | .         | .          | never imported   | no answer      | .          | .              | .       | state      || subject to not_in_unreliable_state
.                      | .           | .      | .         | .          | never imported   | clear long ago | .          | .              | .       | state      || subject to not_in_unreliable_state
.                      | .           | .      | .         | .          | never imported   | listed         | .          | .              | .       | state      || refused by not_in_unreliable_state
.                      | .           | .      | .         | .          | .                | listed         | .          | .              | .       | .          || refused by not_in_unreliable_state
.                      | .           | .      | .         | .          | .                | no end, 23     | .          | .              | .       | .          || refused by not_in_unreliable_state
.                      | .           | .      | .         | .          | .                | no end, 25     | .          | .              | .       | .          || eligible
.                      | .           | .      | .         | .          | .                | no days        | .          | .              | .       | .          || refused by not_in_unreliable_state
.                      | .           | .      | .         | .          | state bans       | clear          | .          | .              | .       | .          || refused by not_in_unreliable_state
.                      | .           | .      | .         | .          | old, and bans    | .              | .          | .              | .       | .          || refused by not_in_unreliable_state
.                      | .           | .      | .         | .          | old, and bans    | clear          | .          | .              | .       | .          || eligible
.                      | .           | .      | .         | .          | .                | .              | nobody     | .              | award   | .          || eligible
.                      | .           | .      | .         | .          | .                | .              | same phone | .              | award   | .          || refused by not_affiliated
.                      | .           | .      | .         | .          | .                | .              | same bank  | .              | signing | private    || refused by not_affiliated
.                      | .           | .      | .         | .          | .                | .              | same phone | .              | award   | tolerant   || eligible
.                      | .           | .      | .         | .          | .                | .              | .          | the buyer      | .       | .          || refused by not_the_buyer
.                      | .           | .      | .         | .          | .                | .              | .          | unconfirmed    | .       | .          || refused by organization_confirmed
.                      | .           | .      | .         | .          | .                | .              | .          | suspended      | .       | private    || refused by organization_confirmed
.                      | .           | .      | .         | .          | .                | .              | .          | invited        | .       | one source || eligible
.                      | .           | .      | .         | .          | .                | .              | .          | not invited    | .       | one source || refused by invited
.                      | .           | .      | .         | .          | .                | .              | .          | .              | .       | one source || subject to invited
.                      | .           | .      | .         | .          | .                | .              | .          | not invited    | .       | .          || eligible
.                      | .           | .      | .         | .          | .                | .              | .          | prequalified   | .       | .          || eligible
.                      | .           | .      | .         | .          | .                | .              | .          | not among them | .       | .          || refused by prequalified
.                      | .           | .      | .         | .          | .                | .              | .          | .              | .       | among them || subject to prequalified
registered             | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
registered             | .           | .      | 1001      | .          | .                | .              | .          | .              | .       | .          || refused by declared_capacity_suffices
registered             | .           | .      | .         | .          | .                | .              | .          | .              | .       | by service || refused by evidence_verified
registered, 7 days     | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
registered, 8 days     | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || subject to evidence_verified
registered, 8 days     | .           | .      | .         | .          | .                | .              | nobody     | .              | award   | .          || put off by evidence_verified
registered, 8 days     | .           | .      | 1001      | .          | .                | .              | .          | .              | .       | .          || refused by declared_capacity_suffices
registered, 8 days; .  | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
registered, ended      | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_valid_on_day
registered, bare       | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || subject to declared_capacity_suffices
registered, bare       | .           | .      | .         | .          | .                | .              | .          | .              | .       | uncounted  || eligible
registered, bare       | .           | .      | .         | .          | .                | .              | .          | .              | .       | half local || subject to local_content_at_least declared_capacity_suffices
bare; by document      | .           | .      | .         | .          | .                | .              | .          | .              | .       | half local || eligible
bare; declared         | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || subject to declared_capacity_suffices
registered; declared   | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || eligible
registered; revoked    | .           | .      | .         | .          | .                | .              | .          | .              | .       | .          || refused by evidence_valid_on_day
poorer; by document    | .           | .      | .         | .          | .                | .              | .          | .              | .       | half local || refused by local_content_at_least
poorer; another number | .           | .      | .         | .          | .                | .              | .          | .              | .       | half local || eligible
declared               | .           | jacket | 1001      | short      | state bans       | .              | same phone | not among them | signing | .          || refused by prequalified not_affiliated not_in_unreliable_state minutes_suffice evidence_verified evidence_covers_code declared_capacity_suffices
"""  # noqa: E501 - a table is read across

REGISTERED = RegisteredEvidence(
    register=Register.PRODUCERS,
    type=EvidenceType.REGISTER_EXTRACT,
    key="KTP-1/1",
    number="ktp-1 ",
    issuer="Register",
    product_codes=("141211290000016",),
    local_content=Decimal("62.50"),
    declared_capacity=1000,
    valid_from=date(2026, 1, 1),
    valid_until=None,
    as_of=LISTED_AS_OF,
)
BARE = replace(REGISTERED, local_content=None, declared_capacity=None)
OLD = replace(REGISTERED, as_of=DAY - timedelta(days=8))
CERTIFICATE = replace(EXTRACT, type=EvidenceType.INDUSTRIAL_CERTIFICATE, valid_from=date(2025, 1, 1))
DOCUMENT = replace(EXTRACT, verification=Verification.DOCUMENT)
DECLARED = replace(EXTRACT, verification=Verification.NONE)
ENDED = replace(EXTRACT, id=EvidenceId(UUID(int=2)), number="A", valid_until=date(2026, 6, 30))
BAN = ListEntry(key="1", name="Ertis", listed_on=date(2025, 3, 1), until=date(2027, 3, 1), reason=None)


def proof(**change: Any) -> Change:
    return {"evidence": (replace(EXTRACT, **change),)}


def register(*records: RegisteredEvidence, evidence: Any = ()) -> Change:
    return {"registered": records, "evidence": evidence}


def lists(**states: ListState) -> Change:
    return {"lists": FACTS.lists | {Register(name): state for name, state in states.items()}}


def state(*entries: ListEntry, days: int = 4) -> ListState:
    return ListState(as_of=DAY - timedelta(days=days), entries=entries)


def minutes(per_week: str, *, booked: str = "0", days: int = 7) -> Change:
    return {
        "workshop": WorkshopFact(
            minutes_per_week=Decimal(per_week), minutes_booked=Decimal(booked), due_on=DAY + timedelta(days=days)
        )
    }


def portal(*entries: UnreliableEntry, at: datetime = AT, failed: bool = False) -> Change:
    failure = {"failed_at": AT, "failure": "did not answer"} if failed else {}
    return {"portal": PortalWord(answered_at=at, entries=entries, **failure)}  # type: ignore[arg-type]  # both fields


def listed(since: date | None, until: date | None = None) -> UnreliableEntry:
    return UnreliableEntry(name="Ertis", since=since, until=until)


WORDS: dict[str, dict[str, Change]] = {
    "evidence": {
        "none": {"evidence": ()},
        "declared": {"evidence": (DECLARED,)},
        "by document": {"evidence": (DOCUMENT,)},
        "by service": proof(verification=Verification.REGISTRY_SERVICE),
        "borrowed": proof(holder_bin=Bin("200240000008")),
        "ends today": proof(valid_until=DAY),
        "ended yesterday": proof(valid_until=DAY - timedelta(days=1)),
        "begins today": proof(valid_from=DAY),
        "begins tomorrow": proof(valid_from=DAY + timedelta(days=1)),
        "revoked today": proof(revoked_on=DAY),
        "revoked tomorrow": proof(revoked_on=DAY + timedelta(days=1)),
        "ended, and a good one": {"evidence": (ENDED, EXTRACT)},
        "certificate": {"evidence": (CERTIFICATE,)},
        "ct-kz": {"evidence": (replace(CERTIFICATE, type=EvidenceType.CT_KZ),)},
        "for a group": proof(product_codes=("1412",)),
        "share 50.00": proof(local_content=Decimal(50)),
        "share 49.99": proof(local_content=Decimal("49.99")),
        "registered": register(REGISTERED),
        "registered, 7 days": register(replace(REGISTERED, as_of=DAY - timedelta(days=7))),
        "registered, 8 days": register(OLD),
        "registered, 8 days; .": register(OLD, evidence=(EXTRACT,)),
        "registered, ended": register(replace(REGISTERED, valid_until=DAY - timedelta(days=1))),
        "registered, bare": register(BARE),
        "bare; by document": register(BARE, evidence=(DOCUMENT,)),
        "bare; declared": register(BARE, evidence=(DECLARED,)),
        "registered; declared": register(REGISTERED, evidence=(DECLARED,)),
        "registered; revoked": register(REGISTERED, evidence=(replace(EXTRACT, revoked_on=DAY),)),
        "poorer; by document": register(replace(REGISTERED, local_content=Decimal(40)), evidence=(DOCUMENT,)),
        "poorer; another number": register(
            replace(REGISTERED, local_content=Decimal(40)), evidence=(replace(DOCUMENT, number="KTP-2"),)
        ),
    },
    "day": {"last of 25": on(date(2025, 12, 31)), "first of 26": on(date(2026, 1, 1))},
    "code": {"jacket": {"ens_tru": JACKET}},
    "pieces": {
        "none": {"pieces": 0},
        "1000": {"pieces": 1000},
        "1001": {"pieces": 1001},
        "after 600": {"awarded_pieces": {"141211": 600}},
        "after 601": {"awarded_pieces": {"141211": 601}},
    },
    "minutes": {
        "exact": minutes("8000.00"),
        "short": minutes("7999.99"),
        "booked": minutes("10000.00", booked="2000.01"),
        "all booked": minutes("10000.00", booked="99999.00"),
        "due today": minutes("60000.00", days=0),
        "no profile": {"workshop": None},
    },
    "lists": {
        "state bans": lists(unreliable_state=state(BAN)),
        "quasi bans": lists(unreliable_quasi=state(BAN)),
        "fund bans": lists(unreliable_fund=state(BAN)),
        "ban ends today": lists(unreliable_state=state(replace(BAN, until=DAY))),
        "ban ended": lists(unreliable_state=state(replace(BAN, until=DAY - timedelta(days=1)))),
        "7 days old": {"lists": dict.fromkeys(LISTS, state(days=7))},
        "state 8 days old": lists(unreliable_state=state(days=8)),
        "fund 8 days old": lists(unreliable_fund=state(days=8)),
        "never imported": {"lists": dict.fromkeys(LISTS, ListState(as_of=None, entries=()))},
        "old, and bans": lists(unreliable_state=state(BAN, days=8)),
    },
    "portal": {
        "clear": portal(),
        "clear, then no": portal(failed=True),
        "no answer": {"portal": PortalWord(failed_at=AT, failure="did not answer")},
        "clear long ago": portal(at=AT - timedelta(days=8)),
        "listed": portal(listed(date(2025, 3, 1), date(2027, 3, 1))),
        "no end, 23": portal(listed(date(2024, 12, 24))),
        "no end, 25": portal(listed(date(2024, 10, 24))),
        "no days": portal(listed(None)),
    },
    "others": {
        "nobody": {"affiliates": ()},
        "same phone": {"affiliates": ("phone",)},
        "same bank": {"affiliates": ("bank account",)},
    },
    "asked": {
        "the buyer": {"buyer_id": FACTS.organization_id},
        "unconfirmed": {"status": OrganizationStatus.REGISTERED},
        "suspended": {"status": OrganizationStatus.SUSPENDED},
        "invited": {"invited": True},
        "not invited": {"invited": False},
        "prequalified": {"prequalified": True},
        "not among them": {"prequalified": False},
    },
    "stage": {stage.value: {"stage": stage} for stage in Stage},
}
RULEBOOK: dict[str, Rules] = {
    ".": CATEGORY,
    "private": rules("private"),
    "state": rules("state-tender-2025"),
    "half local": rules("samruk-category", local_content_min="50"),
    "4 digits": rules("samruk-category", code_match_digits="4"),
    "by service": rules("samruk-category", verifications="registry_service"),
    "uncounted": rules("samruk-category", capacity_check="false"),
    "patient": rules("samruk-category", register_age_max_days="8"),
    "strict": rules("samruk-category", unchecked="bid:refuse award:refuse signing:refuse"),
    "tolerant": rules("private", affiliates_refused="false"),
    "one source": rules("samruk-category", Method.SINGLE_SOURCE),
    "among them": rules("private", prequalification="required"),
}


def parsed(table: str) -> list[tuple[dict[str, str], str]]:
    lines = [line.split("||") for line in table.strip().splitlines()]
    names = [cell.strip() for cell in lines[0][0].split("|")]
    return [
        (dict(zip(names, (cell.strip() for cell in given.split("|")), strict=True)), result.strip())
        for given, result in lines[1:]
    ]


CASES = parsed(TABLE)


def told(row: dict[str, str]) -> str:
    return ", ".join(f"{name}: {word}" for name, word in row.items() if word != ".") or "the usual"


def facts_of(row: dict[str, str]) -> Facts:
    change: Change = {}
    for name, word in row.items():
        if name != "rules" and word != ".":
            change |= WORDS[name][word]
    line = {name: change.pop(name) for name in ("ens_tru", "pieces") if name in change}
    return replace(FACTS, **change, lines=(replace(FACTS.lines[0], **line),))


def summary(judged: Judged) -> str:
    failed = [outcome.rule for outcome in judged.outcomes if outcome.result is Result.FAILED]
    unchecked = [outcome.rule for outcome in judged.outcomes if outcome.result is Result.COULD_NOT_BE_CHECKED]
    if failed:
        return f"refused by {' '.join(failed)}"
    if unchecked:
        return f"{'subject to' if judged.accepted else 'put off by'} {' '.join(unchecked)}"
    return "eligible"


@pytest.mark.parametrize(("row", "result"), CASES, ids=[told(row) for row, _ in CASES])
def test_the_verdict_of_each_row(row: dict[str, str], result: str) -> None:
    judged = judge(facts_of(row), RULEBOOK[row["rules"]])
    assert summary(judged) == result
    assert judged.eligible is not result.startswith("refused")
    assert judged.accepted is result.startswith(("eligible", "subject"))


def test_the_table_is_as_long_as_it_claims_and_uses_every_word_once_at_least() -> None:
    assert len({told(row) for row, _ in CASES}) == len(CASES) >= 60
    for name, words in WORDS.items():
        assert set(words) <= {row[name] for row, _ in CASES} | {"bid"}, name
    assert set(RULEBOOK) == {row["rules"] for row, _ in CASES}


@pytest.mark.parametrize(("row", "result"), CASES, ids=[told(row) for row, _ in CASES])
def test_whatever_does_not_pass_says_why_and_what_would(row: dict[str, str], result: str) -> None:
    outcomes = judge(facts_of(row), RULEBOOK[row["rules"]]).outcomes
    missing = [each for each in outcomes if each.result in {Result.FAILED, Result.COULD_NOT_BE_CHECKED}]
    assert all(each.reason and each.passes for each in missing)
    assert bool(missing) is (result != "eligible")


@pytest.mark.parametrize(
    ("word", "column", "day"),
    [
        ("begins tomorrow", "evidence", DAY + timedelta(days=1)),
        ("state bans", "lists", date(2027, 3, 2)),
        ("ban ends today", "lists", DAY + timedelta(days=1)),
        ("listed", "portal", date(2027, 3, 2)),
        ("no end, 23", "portal", date(2026, 12, 25)),
        ("no days", "portal", None),
        ("revoked today", "evidence", None),
        ("ended yesterday", "evidence", None),
    ],
)
def test_the_day_from_which_it_passes_is_told_and_true(word: str, column: str, day: date | None) -> None:
    facts = facts_of({column: word})
    (failed,) = [each for each in judge(facts, CATEGORY).outcomes if each.result is Result.FAILED]
    assert failed.passes_on == day
    if day is not None:
        later = replace(facts, on=day)
        assert failed.rule not in summary(judge(later, rules("samruk-category", register_age_max_days="90")))


def test_what_could_not_be_checked_names_the_list_its_age_the_allowed_age_and_the_last_failure() -> None:
    facts = facts_of({"lists": "state 8 days old", "portal": "no answer"})
    (unchecked,) = [each for each in judge(facts, CATEGORY).outcomes if each.result is Result.COULD_NOT_BE_CHECKED]
    assert unchecked.reason == (
        "unreliable_state: the import is 8 days old, 7 are allowed; "
        "the portal failed to answer on 2026-11-24: did not answer"
    )
    assert unchecked.passes == "an import of the list as of 2026-11-17 or later, or an answer of the state portal"
    assert unchecked.data["import_as_of"] == "2026-11-16"
    assert unchecked.data["failure"] == "did not answer"


def test_registered_evidence_tells_where_it_comes_from() -> None:
    judged = judge(facts_of({"evidence": "registered"}), CATEGORY)
    (verified,) = [each for each in judged.outcomes if each.rule == "evidence_verified"]
    told = {name: verified.data[name] for name in ("verification", "register", "number", "as_of")}
    assert told == {
        "verification": "registry_import",
        "register": "producers",
        "number": "ktp-1 ",
        "as_of": LISTED_AS_OF.isoformat(),
    }
    assert judged.evidence == {1: "ktp-1 "}
    assert judged.local_content == {1: Decimal("62.50")}


def test_local_content_that_the_register_does_not_tell_is_not_invented() -> None:
    judged = judge(facts_of({"evidence": "registered, bare"}), CATEGORY)
    assert judged.evidence == {1: "ktp-1 "}
    assert judged.local_content == {}


def test_lines_of_a_lot_share_the_minutes_and_one_line_is_told_how_many_pieces_fit() -> None:
    short = facts_of({"minutes": "short"})
    (one,) = [each for each in judge(short, CATEGORY).outcomes if each.rule == "minutes_suffice"]
    assert one.passes == "an offer of at most 399 pieces"
    halves = tuple(LineFact(line=n, ens_tru=SUIT, pieces=200, standard_minutes=Decimal(20)) for n in (1, 2))
    (two,) = [each for each in judge(replace(short, lines=halves), CATEGORY).outcomes if each.rule == one.rule]
    assert (two.result, two.data["needed"]) == (Result.FAILED, "8000")
    assert two.passes == "an offer of at most 7999.99 standard minutes"


SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
def test_the_order_of_evidence_and_records_does_not_matter(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - examples, not secrets
    facts, rules = random_facts(random), random.choice(RULES)
    turned = replace(facts, evidence=facts.evidence[::-1], registered=facts.registered[::-1])
    assert judge(facts, rules) == judge(turned, rules)


@given(SEEDS)
def test_more_evidence_under_another_number_never_makes_an_eligible_supplier_ineligible(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - examples, not secrets
    facts, rules = random_facts(random), random.choice(RULES)
    more = replace(random_evidence(random, facts), number="another")
    before, after = judge(facts, rules), judge(replace(facts, evidence=(*facts.evidence, more)), rules)
    assert after.eligible >= before.eligible
    assert after.accepted >= before.accepted


@given(SEEDS)
def test_words_that_are_all_too_old_clear_nobody_and_strike_off_nobody_who_was_not_listed(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - examples, not secrets
    facts, rules = random_facts(random), random.choice(RULES)
    ages = {each: replace(state, as_of=state.as_of and date(2000, 1, 1)) for each, state in facts.lists.items()}
    asked = replace(facts.portal, answered_at=facts.portal.answered_at and datetime(2000, 1, 1, tzinfo=AT.tzinfo))
    aged = replace(facts, lists=ages, portal=asked)
    unlisted = replace(
        aged,
        lists={each: replace(state, entries=()) for each, state in ages.items()},
        portal=replace(asked, entries=()),
    )
    named = {f"not_in_{each}" for each in rules.unreliable_lists}
    results = [
        {each.result for each in judge(found, rules).outcomes if each.rule in named} for found in (aged, unlisted)
    ]
    assert Result.PASSED not in results[0]
    assert results[1] == ({Result.COULD_NOT_BE_CHECKED} if named else set())


@given(SEEDS)
def test_accepted_is_eligible_and_what_is_unchecked_only_ever_adds_a_refusal(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - examples, not secrets
    facts, rules = random_facts(random), random.choice(RULES)
    judged = judge(facts, rules)
    unchecked = [each for each in judged.outcomes if each.result is Result.COULD_NOT_BE_CHECKED]
    assert judged.eligible is all(each.result is not Result.FAILED for each in judged.outcomes)
    if judged.accepted:
        assert judged.eligible
        assert not unchecked or not rules.refuses_unchecked(facts.stage.decides_as)
    elif judged.eligible:
        assert unchecked
