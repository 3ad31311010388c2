"""Life cycles as Mermaid, from the same tables that decide: a package's phases and follow-ups, a tender's moves."""

from collections.abc import Iterable, Iterator, Mapping

from domain.procedures.package import Package
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Bound, Method
from domain.tenders.model import MOVES, TenderStatus

HEAD = """# Life cycles

Drawn by `oimaq procedures draw` from the phases and follow-ups of the shipped rule packages and from the moves of a
tender. Do not edit: `make drawings` writes this page anew, a test compares it."""
_BOUNDS = {Bound.EXACTLY: "exactly", Bound.AT_LEAST: "at least", Bound.AT_MOST: "at most"}


def page(packages: Iterable[Package]) -> str:
    """One Markdown page: the tender's statuses, then each package."""
    parts = [HEAD, "## A tender", _fenced(_moves(MOVES))]
    for package in packages:
        parts += [f"## {package.titles.en} (`{package.id}`)", _fenced(_phases(package))]
        parts += ["What follows a failure, by method:", _fenced(_follow_ups(package))]
    return "\n\n".join(parts) + "\n"


def _fenced(lines: Iterable[str]) -> str:
    return "\n".join(("```mermaid", *lines, "```"))


def _moves(moves: Mapping[TenderStatus, frozenset[TenderStatus]]) -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"    [*] --> {TenderStatus.DRAFT}"
    for status in TenderStatus:
        yield from (f"    {status} --> {after}" for after in TenderStatus if after in moves[status])
        if not moves[status]:
            yield f"    {status} --> [*]"


def _phases(package: Package) -> Iterator[str]:
    """Each phase says how long it lasts by the default method."""
    rules = Rules(package.pinned())
    followed = {after for phase in package.phases for after in phase.next}
    yield "stateDiagram-v2"
    for phase in package.phases:
        if phase.period is not None:
            yield f"    {phase.id}: {phase.id}, {_BOUNDS[phase.bound]} {rules.text(phase.period)}"
    for phase in package.phases:
        if phase.id not in followed:
            yield f"    [*] --> {phase.id}"
        yield from (f"    {phase.id} --> {after}" for after in phase.next)
        if not phase.next:
            yield f"    {phase.id} --> [*]"


def _follow_ups(package: Package) -> Iterator[str]:
    yield "flowchart LR"
    for method in package.methods:
        yield f'    {method}["{package.methods[method].titles.en}"]'
    for method in package.methods:
        followed: dict[Method, list[str]] = {}
        for failure, after in Rules(package.pinned(method)).pairs("follow_up").items():
            followed.setdefault(Method(after), []).append(failure)
        for after, failures in followed.items():
            yield f'    {method} -->|"{", ".join(failures)}"| {after}'
