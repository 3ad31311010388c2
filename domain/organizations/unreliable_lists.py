"""The rules about lists of unreliable participants: one outcome for each list that the package names.

A list speaks through its imported state; the state's own list also through the portal's answers. A word counts while
it is not older than the package allows. Nobody is cleared by an older one; an entry in force that it has still fails,
because a ban has its term, unless a young word contradicts it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain.calendar import legal_day, months_after
from domain.organizations.facts import Facts
from domain.organizations.verdict import RuleOutcome, decided, not_applicable, unchecked
from domain.procedures.rules import Rules
from domain.registries.answers import UnreliableEntry
from domain.registries.records import LISTS, Register

RULES = {register: f"not_in_{register}" for register in LISTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """What one source says of a day: until when it bans, if it does. ``until`` None: it names no end."""

    source: str
    as_of: date
    listed: bool
    until: date | None = None


def not_listed(facts: Facts, rules: Rules) -> Iterator[RuleOutcome]:
    """One outcome per list, in the order of ``LISTS``."""
    for register in LISTS:
        if register in rules.unreliable_lists:
            yield _outcome(register, facts, rules)
        else:
            yield not_applicable(RULES[register], "the rules do not name this list")


def _outcome(register: Register, facts: Facts, rules: Rules) -> RuleOutcome:
    age_max = rules.register_age_max_days
    words = list(_words(register, facts, rules))
    young = [word for word in words if (facts.on - word.as_of).days <= age_max]
    banning = next((word for word in young or words if word.listed), None)
    data = {"bin": str(facts.bin), "age_max_days": str(age_max)}
    for word in words:
        data |= {f"{word.source}_as_of": word.as_of.isoformat(), f"{word.source}_listed": str(word.listed).lower()}
    if banning is not None or young:
        until = banning.until if banning else None
        return decided(
            RULES[register],
            passed=banning is None,
            data=data if until is None else data | {"until": until.isoformat()},
            reason=f"the supplier stands in {register}" + (f" until {until}" if until else ""),
            passes=f"a day after {until}, or its removal from the list" if until else "its removal from the list",
            passes_on=until + timedelta(days=1) if until else None,
        )
    ages = ", ".join(f"the {word.source} is {(facts.on - word.as_of).days} days old" for word in words)
    why = f"{ages}, {age_max} are allowed" if words else "it was never imported"
    if register is Register.UNRELIABLE_STATE and facts.portal.failed_at is not None:
        data |= {"failed_at": facts.portal.failed_at.isoformat(), "failure": facts.portal.failure or ""}
        why += f"; the portal failed to answer on {legal_day(facts.portal.failed_at)}: {facts.portal.failure}"
    asking = ", or an answer of the state portal" if register is Register.UNRELIABLE_STATE else ""
    return unchecked(
        RULES[register],
        data=data,
        reason=f"{register}: {why}",
        passes=f"an import of the list as of {facts.on - timedelta(days=age_max)} or later{asking}",
    )


def _words(register: Register, facts: Facts, rules: Rules) -> Iterator[_Word]:
    state = facts.lists.get(register)
    if state is not None and state.as_of is not None:
        untils = [entry.until for entry in state.on(facts.on)]
        yield _Word(source="import", as_of=state.as_of, listed=bool(untils), until=max(untils, default=None))
    if register is Register.UNRELIABLE_STATE and facts.portal.answered_at is not None:
        bans = [each for each in facts.portal.entries if _bans(each, facts.on, rules)]
        ends = [end for each in bans if (end := _end(each, rules)) is not None]
        yield _Word(
            source="portal",
            as_of=legal_day(facts.portal.answered_at),
            listed=bool(bans),
            until=max(ends) if ends and len(ends) == len(bans) else None,
        )


def _end(entry: UnreliableEntry, rules: Rules) -> date | None:
    """The last day of the ban: the entry's own, or the package's months after it began."""
    if entry.until is not None or entry.since is None:
        return entry.until
    return months_after(entry.since, rules.unreliable_ban_months)


def _bans(entry: UnreliableEntry, day: date, rules: Rules) -> bool:
    end = _end(entry, rules)
    return (entry.since is None or entry.since <= day) and (end is None or day <= end)
