"""Whether a package makes sense as a whole: no gap, no cycle, no unknown word, every figure sourced, examples right.

Used at start-up for the packages that are shipped or installed, and by ``oimaq procedures check FILE`` for any other.
"""

import re
from collections.abc import Iterator, Mapping

from domain.errors import Flaw, Invalid, Refusal, Titles
from domain.procedures.package import Package, Parameter, Phase, passing, read, within
from domain.procedures.units import pairs, size
from domain.procedures.vectors import evaluate
from domain.procedures.vocabulary import MANDATORY_PHASES, TERMS, PhaseId

CONFIDENCES = ("H", "M", "L", "MEM")
PARTIES = ("buyer", "bidder", "supplier")
_TOLD = 5
"""So many flaws are told in the one sentence that a start-up ends with."""
_ORDER = {phase: place for place, phase in enumerate(PhaseId)}


class PackageRefused(Invalid):
    code = "package-refused"
    titles = Titles("The rule package is not sound", "Пакет правил содержит ошибки", "Ережелер пакетінде қате бар")


def check(package: Package) -> None:
    """Refuse (``package-refused``) with every flaw that was found, each with what would pass."""
    flaws = [*_names(package), *_documents(package), *_parameters(package), *_phases(package)]
    if not flaws:  # what cannot be read has no consequences yet
        flaws = [*_follow_ups(package), *_vectors(package)]
    if flaws:
        told = "; ".join(f"{flaw.pointer}: {flaw.reason}" for flaw in flaws[:_TOLD])
        more = f"; and {len(flaws) - _TOLD} more" if len(flaws) > _TOLD else ""
        raise PackageRefused(f"{package.id}@{package.version} is not sound: {told}{more}", flaws=tuple(flaws))


def _names(package: Package) -> Iterator[Flaw]:
    for pointer, value in (("/id", package.id), ("/version", package.version)):
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,59}", value):
            yield Flaw(pointer=pointer, reason=f"{value!r}", passes="small letters, digits, dots and hyphens")
    if package.default_method not in package.methods:
        passes = ", ".join(package.methods) or "a method that the package has"
        yield Flaw(pointer="/default_method", reason=f"{package.default_method} is not in methods", passes=passes)
    named = {"/titles": package.titles} | {f"/texts/{name}": text for name, text in package.texts.items()}
    named |= {f"/methods/{name}/titles": rules.titles for name, rules in package.methods.items()}
    named |= {f"/documents/{place}/titles": each.titles for place, each in enumerate(package.documents)}
    for pointer, titles in named.items():
        if not (titles.en and titles.ru and titles.kk):
            yield Flaw(pointer=pointer, reason="a language is missing", passes="en, ru and kk")


def _documents(package: Package) -> Iterator[Flaw]:
    for place, document in enumerate(package.documents):
        if document.by not in PARTIES:
            yield Flaw(pointer=f"/documents/{place}/by", reason=f"{document.by!r}", passes=", ".join(PARTIES))
        if not document.source.strip():
            yield Flaw(pointer=f"/documents/{place}/source", reason="empty", passes="where the document is asked for")


def _parameters(package: Package) -> Iterator[Flaw]:
    for name in sorted(set(TERMS) - set(package.parameters)):
        if not TERMS[name].optional:
            yield Flaw(pointer=f"/parameters/{name}", reason="missing", passes=f"a {TERMS[name].unit}")
    yield from _each("/parameters", package.parameters)
    for method, rules in package.methods.items():
        yield from _each(f"/methods/{method}/parameters", rules.parameters)


def _each(pointer: str, parameters: Mapping[str, Parameter]) -> Iterator[Flaw]:
    for name, parameter in parameters.items():
        if name in TERMS:
            yield from _parameter(f"{pointer}/{name}", name, parameter)
        else:
            yield Flaw(pointer=f"{pointer}/{name}", reason="unknown name", passes=", ".join(sorted(TERMS)))


def _parameter(pointer: str, name: str, parameter: Parameter) -> Iterator[Flaw]:
    if not parameter.source.strip():
        yield Flaw(pointer=f"{pointer}/source", reason="empty", passes="where the figure stands")
    if parameter.confidence not in CONFIDENCES:
        yield Flaw(pointer=f"{pointer}/confidence", reason=parameter.confidence, passes=", ".join(CONFIDENCES))
    if (parameter.least is None) is not (parameter.most is None):
        yield Flaw(pointer=pointer, reason="one bound without the other", passes="least and most, or neither")
        return
    if parameter.least is not None and parameter.choices:
        yield Flaw(pointer=pointer, reason="bounds and choices", passes="bounds or choices")
        return
    readable = True
    for part, each in (("value", parameter.value), ("least", parameter.least), ("most", parameter.most)):
        try:
            if each is not None:
                read(name, each) if part == "value" else size(TERMS[name].unit, each)
        except Refusal as refusal:
            readable = False
            yield Flaw(pointer=f"{pointer}/{part}", reason=refusal.detail, passes=refusal.passes)
    bounded = parameter.least is not None or bool(parameter.choices)
    if readable and bounded and not within(name, parameter.value, parameter):
        reason = f"{parameter.value!r} is outside of its own bounds"
        yield Flaw(pointer=f"{pointer}/value", reason=reason, passes=passing(name, parameter))


def _follow_ups(package: Package) -> Iterator[Flaw]:
    """A failure is followed by a method that the package has."""
    places = {"/parameters": package.parameters}
    places |= {f"/methods/{method}/parameters": rules.parameters for method, rules in package.methods.items()}
    for pointer, parameters in places.items():
        named = pairs(parameters["follow_up"].value).values() if "follow_up" in parameters else ()
        for method in sorted(set(named) - set(package.methods)):
            reason = f"{method} is not in methods"
            yield Flaw(pointer=f"{pointer}/follow_up/value", reason=reason, passes=", ".join(package.methods))


def _phases(package: Package) -> Iterator[Flaw]:
    known = {phase.id: phase for phase in package.phases}
    if len(known) != len(package.phases):
        yield Flaw(pointer="/phases", reason="a phase stands twice", passes="each phase once")
    for id in MANDATORY_PHASES:
        if id not in known:
            yield Flaw(pointer="/phases", reason=f"no phase {id}", passes=", ".join(MANDATORY_PHASES))
    for place, phase in enumerate(package.phases):
        yield from _phase(f"/phases/{place}", phase, known, package)
    starts = set(known) - {after for phase in package.phases for after in phase.next}
    if len(starts) != 1:
        yield Flaw(pointer="/phases", reason=f"{len(starts)} phases begin the cycle", passes="exactly one")
    reached = set(starts)
    for phase in sorted(package.phases, key=lambda each: _ORDER[each.id]):
        if phase.id in reached:
            reached |= set(phase.next)
    for lost in sorted(set(known) - reached):
        yield Flaw(pointer="/phases", reason=f"{lost} is never reached", passes="a phase before it that leads to it")


def _phase(pointer: str, phase: Phase, known: Mapping[PhaseId, Phase], package: Package) -> Iterator[Flaw]:
    periods = sorted(name for name in package.parameters if name in TERMS and TERMS[name].unit == "period")
    if phase.period is not None and phase.period not in periods:
        yield Flaw(pointer=f"{pointer}/period", reason=f"no period {phase.period}", passes=", ".join(periods))
    later = ", ".join(id for id in known if _ORDER[id] > _ORDER[phase.id])
    if not phase.next and phase.id is not PhaseId.EXECUTION:
        yield Flaw(pointer=f"{pointer}/next", reason=f"a gap: nothing follows {phase.id}", passes=later)
    for after in phase.next:
        if after not in known:
            yield Flaw(pointer=f"{pointer}/next", reason=f"a gap: {after} is not a phase here", passes=later)
        elif _ORDER[after] <= _ORDER[phase.id]:
            reason = f"a cycle: {after} does not come after {phase.id}"
            yield Flaw(pointer=f"{pointer}/next", reason=reason, passes=later or "none: it is the last")
        for skipped in (id for id in MANDATORY_PHASES if _ORDER[phase.id] < _ORDER[id] < _ORDER[after]):
            yield Flaw(pointer=f"{pointer}/next", reason=f"a gap: {skipped} is left out", passes=skipped)


def _vectors(package: Package) -> Iterator[Flaw]:
    for place, vector in enumerate(package.vectors):
        try:
            found = evaluate(package, vector)
        except Refusal as refusal:
            yield Flaw(pointer=f"/vectors/{place}", reason=refusal.detail, passes=refusal.passes)
            continue
        if found != vector.expect:
            reason = f"{vector.formula} of {dict(vector.given)} is {found}"
            yield Flaw(pointer=f"/vectors/{place}/expect", reason=reason, passes=vector.expect)
