"""Rule packages that are wrong in one thing: each is refused with the place, the reason and what would pass."""

from collections.abc import Callable
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.procedures.files import BYTES_MAX, installed, read_all, read_file
from domain.procedures.checking import PackageRefused, check

SHIPPED = files("domain.procedures") / "packages"
WHOLE = (SHIPPED / "samruk-category.toml").read_text(encoding="utf-8")
HEAD = """
id = "mine"
version = "1"
in_force_from = 2026-01-01
extends = "samruk-category"
default_method = "open_tender"
titles = { en = "Mine", ru = "Моя", kk = "Менікі" }
"""
SOURCE = 'source = "Ours", confidence = "MEM", in_force_from = 2026-01-01'


def without(line: str) -> str:
    """The whole package, one parameter less."""
    return "\n".join(each for each in WHOLE.splitlines() if not each.startswith(line))


def instead(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1, old
    return WHOLE.replace(old, new)


def figure(name: str, value: str, more: str = "") -> str:
    return f'{HEAD}\n[parameters]\n{name} = {{ value = "{value}", {SOURCE}{more} }}\n'


def vector(formula: str, given: str, expect: str, more: str = "") -> str:
    return (
        f'{HEAD}\n[[vectors]]\nformula = "{formula}"\ngiven = {{ {given} }}\nexpect = "{expect}"\nsource = "s"\n{more}'
    )


AWARD_TO = 'bound = "at_most"\nnext = ["standstill"]'
BROKEN: list[tuple[str, str, str, str]] = [
    # life cycle
    (
        "a gap: a phase leads nowhere",
        instead(AWARD_TO, 'bound = "at_most"'),
        "/phases/4/next",
        "a gap: nothing follows",
    ),
    ("a phase is lost", instead('next = ["standstill"]', 'next = ["signing"]'), "/phases", "2 phases begin"),
    ("a cycle", instead('next = ["standstill"]', 'next = ["standstill", "bidding"]'), "/phases/4/next", "a cycle"),
    ("a phase after itself", instead('next = ["standstill"]', 'next = ["award"]'), "/phases/4/next", "a cycle"),
    ("a step is left out", instead('next = ["opening"]', 'next = ["opening", "award"]'), "/phases/1/next", "left out"),
    ("two starts", instead('next = ["bidding"]', 'next = ["opening"]'), "/phases", "2 phases begin"),
    ("a phase twice", instead('id = "standstill"\nperiod', 'id = "award"\nperiod'), "/phases", "twice"),
    ("an unknown phase", instead('id = "standstill"\nperiod', 'id = "siesta"\nperiod'), "/phases/5/id", "siesta"),
    ("a phase after one that is not there", HEAD + "phases = []", "/phases", "no phase bidding"),
    (
        "a phase of an unknown period",
        instead('period = "signing_period"', 'period = "siesta"'),
        "/phases/6/period",
        "no",
    ),
    ("a phase of a percentage", instead('period = "signing_period"', 'period = "vat_rate"'), "/phases/6/period", "no"),
    ("an unknown bound", instead(AWARD_TO, 'bound = "about"\nnext = ["standstill"]'), "/phases/4/bound", "about"),
    # names
    ("an id of capitals", HEAD.replace('"mine"', '"Mine"'), "/id", "Mine"),
    ("an id that is no text", HEAD.replace('"mine"', "7"), "/id", "not text"),
    ("no version", instead('version = "2026.3"\n', ""), "/version", "missing"),
    ("a language is missing", HEAD.replace(', kk = "Менікі"', ""), "/titles/kk", "missing"),
    ("a language is empty", HEAD.replace('"Менікі"', '""'), "/titles", "a language is missing"),
    ("a day that is text", HEAD.replace("2026-01-01", '"2026-01-01"'), "/in_force_from", "not a day"),
    ("an unknown key", HEAD + "colour = 'red'", "/", "colour"),
    # methods
    ("an unknown method", HEAD + "[methods.raffle]\ntitles = {en='a', ru='a', kk='a'}", "/methods/raffle", "raffle"),
    ("a default that is not there", HEAD + 'drop_methods = ["open_tender"]', "/default_method", "not in methods"),
    ("dropping what is not there", HEAD + 'drop_methods = ["raffle"]', "/drop_methods", "raffle"),
    ("dropping something else", HEAD + "drop_methods = 5", "/drop_methods", "5"),
    (
        "a follow-up to a method that is not there",
        HEAD.replace('"open_tender"', '"quotation"') + 'drop_methods = ["open_tender"]',
        "/parameters/follow_up/value",
        "open_tender is not in methods",
    ),
    # parameters
    ("a parameter is missing", without('bid_period_min = { value = "P15D"'), "/parameters/bid_period_min", "missing"),
    ("an unknown parameter", figure("bribe_percent", "10"), "/parameters/bribe_percent", "unknown name"),
    ("a value of the wrong type", figure("bid_period_min", "7").replace('"7"', "7"), "/parameters/bid_period_min", "7"),
    ("a period without a unit", figure("bid_period_min", "7"), "/parameters/bid_period_min/value", "not a period"),
    ("a flag that is no flag", figure("capacity_check", "yes"), "/parameters/capacity_check/value", "neither"),
    ("a percentage beyond 100", figure("dumping_percent", "101"), "/parameters/dumping_percent/value", "percentage"),
    (
        "a percentage in other digits",
        figure("dumping_percent", "1٠"),
        "/parameters/dumping_percent/value",
        "percentage",
    ),
    ("a number that is none", figure("bids_min", "two"), "/parameters/bids_min/value", "whole number"),
    ("a word that nobody knows", figure("dumping_rule", "below_zero"), "/parameters/dumping_rule/value", "below_zero"),
    ("a word twice", figure("verifications", "document document"), "/parameters/verifications/value", "twice"),
    ("a pair of nothing", figure("unchecked", "bid:"), "/parameters/unchecked/value", "pairs"),
    ("a key of a pair that nobody knows", figure("unchecked", "bit:accept"), "/parameters/unchecked/value", "bit"),
    ("a key twice", figure("unchecked", "bid:accept bid:refuse"), "/parameters/unchecked/value", "twice"),
    ("a failure that there is not", figure("follow_up", "no_luck:quotation"), "/parameters/follow_up/value", "no_luck"),
    ("evidence that nobody knows", figure("evidence_types", "oath:/"), "/parameters/evidence_types/value", "oath"),
    ("evidence for no day", figure("evidence_types", ""), "/parameters/evidence_types/value", "any day"),
    ("days in reverse", figure("vat_rate", "12:2026-01-01/2025-01-01"), "/parameters/vat_rate/value", "from/until"),
    ("two figures on one day", figure("vat_rate", "12:/ 16:2026-01-01/"), "/parameters/vat_rate/value", "same day"),
    ("a figure that is none", figure("mci", "much:2026-01-01/"), "/parameters/mci/value", "not a figure"),
    # sources and bounds
    (
        "a figure without source",
        figure("bids_min", "2").replace('source = "Ours", ', 'source = " ", '),
        "/parameters/bids_min/source",
        "empty",
    ),
    (
        "a figure of the law under the law's name",
        HEAD + '[parameters.payment_period]\nvalue = "P90D"',
        "/parameters/payment_period/source",
        "missing",
    ),
    (
        "an unheard-of confidence",
        figure("bids_min", "2").replace("MEM", "SURE"),
        "/parameters/bids_min/confidence",
        "SURE",
    ),
    ("one bound", figure("bids_min", "2", ', least = "1"'), "/parameters/bids_min", "one bound"),
    (
        "bounds and choices",
        figure("bids_min", "2", ', least="1", most="2", choices=["2"]'),
        "/parameters/bids_min",
        "and",
    ),
    (
        "a value below its bounds",
        figure("bids_min", "0", ', least="1", most="2"'),
        "/parameters/bids_min/value",
        "outside",
    ),
    (
        "a value above its bounds",
        figure("bid_period_min", "P9D", ', least="P1D", most="P8D"'),
        "/parameters/bid_period_min/value",
        "outside",
    ),
    ("bounds in reverse", figure("bids_min", "2", ', least="3", most="1"'), "/parameters/bids_min/value", "outside"),
    (
        "a bound that cannot be read",
        figure("bids_min", "2", ', least="a", most="3"'),
        "/parameters/bids_min/least",
        "whole",
    ),
    (
        "bounds of a word",
        figure("award_rule", "split_lowest_price", ', least="a", most="b"'),
        "/parameters/award_rule/least",
        "no bounds",
    ),
    (
        "a value that is no choice",
        figure("tie_breaks", "bid_id", ', choices=["earlier_receipt"]'),
        "/parameters/tie_breaks/value",
        "outside",
    ),
    (
        "a method's figure without source",
        figure("bids_min", "2").replace("[parameters]", "[methods.open_tender.parameters]").replace('"Ours"', '""'),
        "/methods/open_tender/parameters/bids_min/source",
        "empty",
    ),
    # documents and examples
    (
        "a document by a stranger",
        HEAD + "[[documents]]\nid='a'\nby='uncle'\nsource='s'\ntitles={en='a',ru='a',kk='a'}",
        "/documents/0/by",
        "uncle",
    ),
    (
        "a document without source",
        HEAD + "[[documents]]\nid='a'\nby='buyer'\nsource=''\ntitles={en='a',ru='a',kk='a'}",
        "/documents/0/source",
        "empty",
    ),
    ("a wrong example", vector("lot_failure", 'bids = "1", admitted = "1"', "no_bids"), "/vectors/0/expect", "is none"),
    ("an example of an unknown formula", vector("magic", "", "1"), "/vectors/0", "no formula 'magic'"),
    ("an example that lacks something", vector("lot_failure", 'bids = "1"', "none"), "/vectors/0", "gives no admitted"),
    ("an example that cannot be read", vector("vat_rate", 'on = "someday"', "16"), "/vectors/0", "cannot be read"),
    (
        "an example without a time zone",
        vector("earliest_opening", 'published_at = "2026-03-02T09:00:00"', ""),
        "/vectors/0",
        "time zone",
    ),
    (
        "an example of a year without a calendar",
        vector("payment_due_on", 'accepted_on = "2031-01-01", producer = "false"', ""),
        "/vectors/0",
        "2031",
    ),
    # files
    ("not TOML", "id = ", "/", "Invalid value"),
    ("HTML", "<html><body>503</body></html>", "/", "Invalid"),
    ("nothing", "", "/id", "missing"),
    ("too large", HEAD + "#" * BYTES_MAX, "/", "larger than"),
    ("brackets without end", "id = " + "[" * 100_000, "/", ""),
    ("extends what is not there", HEAD.replace("samruk-category", "nobody"), "/extends", "'nobody' is not there"),
    ("extends something that is no name", HEAD.replace('"samruk-category"', "[1]"), "/extends", "[1]"),
    ("extends itself", HEAD.replace("samruk-category", "mine"), "/extends", "circle"),
    ("parameters that are no table", HEAD + "parameters = 5", "/parameters", "not a table"),
    ("a parameter that is no table", HEAD + "parameters = { bids_min = 5 }", "/parameters/bids_min", "not a table"),
    ("a method that is no table", HEAD + "methods = { quotation = 5 }", "/methods/quotation", "not a table"),
    (
        "a method's parameters that are no table",
        HEAD + "methods.quotation.parameters = 5",
        "/methods/quotation/parameters",
        "not",
    ),
    ("texts that are no table", HEAD + "texts = [1]", "/texts", "not a table"),
]


@pytest.mark.parametrize(("text", "pointer", "reason"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_package_is_refused_with_place_and_reason(
    tmp_path: Path, text: str, pointer: str, reason: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PackageRefused) as refused:
        check(read_file(path))
    assert all(flaw.passes for flaw in refused.value.flaws), refused.value.flaws
    told = [flaw for flaw in refused.value.flaws if flaw.pointer.startswith(pointer) and reason in flaw.reason]
    assert told, refused.value.flaws


def test_the_head_that_is_broken_above_is_sound_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD, encoding="utf-8")
    check(read_file(path))


def test_two_files_that_extend_each_other_are_refused() -> None:
    one, other = (
        HEAD.replace("samruk-category", "other"),
        HEAD.replace('"mine"', '"other"').replace("samruk-category", "mine"),
    )
    with pytest.raises(PackageRefused, match="circle"):
        read_all({"one.toml": one, "other.toml": other})


def test_two_files_of_one_id_are_refused() -> None:
    with pytest.raises(PackageRefused, match="another file"):
        read_all({"one.toml": HEAD, "other.toml": HEAD}, bases={})


def test_a_file_in_another_encoding_and_one_that_is_not_there_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(HEAD.encode("cp1251", errors="replace"))
    for each in (path, tmp_path / "missing.toml", tmp_path):
        with pytest.raises(PackageRefused, match="cannot be read"):
            read_file(each)
    with pytest.raises(PackageRefused, match="no such folder"):
        installed(tmp_path / "missing")


MUTATIONS: list[Callable[[str, int], str]] = [
    lambda text, at: text[:at] + text[at + 1 :],
    lambda text, at: text[:at] + '"' + text[at:],
    lambda text, at: text[:at] + "9" + text[at + 1 :],
    lambda text, at: text[:at] + "\x00" + text[at:],
    lambda text, at: "\n".join(line for number, line in enumerate(text.split("\n")) if number != at % text.count("\n")),
]


@given(st.sampled_from(MUTATIONS), st.integers(0, len(WHOLE) - 1))
def test_a_package_with_any_one_thing_changed_is_sound_or_refused_and_never_breaks_the_process(
    change: Callable[[str, int], str], at: int
) -> None:
    with suppress(PackageRefused):
        (package,) = read_all({"mine.toml": change(WHOLE, at)})
        check(package)
