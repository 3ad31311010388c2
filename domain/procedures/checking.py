"""Whether a package makes sense as a whole: no gap, no cycle, no unknown word, every figure sourced, examples right.

Used at start-up for the packages that are shipped or installed, and by ``oimaq procedures check FILE`` for any other.
"""

import re
from collections.abc import Iterator

from domain.errors import Flaw, Invalid, Refusal, Titles
from domain.procedures.package import Package, Parameter, Phase, read
from domain.procedures.vectors import evaluate
from domain.procedures.vocabulary import MANDATORY_PHASES, TERMS, PhaseId

CONFIDENCES = ("H", "M", "L", "MEM")
_ORDER = {phase: place for place, phase in enumerate(PhaseId)}


class PackageRefused(Invalid):
    code = "package-refused"
    titles = Titles("The rule package is not sound", "Пакет правил содержит ошибки", "Ережелер пакетінде қате бар")


def check(package: Package) -> None:
    """Refuse (``package-refused``) with every flaw that was found, each with what would pass."""
    flaws = [*_names(package), *_parameters(package), *_phases(package)]
    if not flaws:
        flaws = [*_vectors(package)]
    if flaws:
        raise PackageRefused(f"{package.id}@{package.version} has {len(flaws)} flaws", flaws=tuple(flaws))


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


def _parameters(package: Package) -> Iterator[Flaw]:
    for name in sorted(set(TERMS) - set(package.parameters)):
        if not TERMS[name].optional:
            yield Flaw(pointer=f"/parameters/{name}", reason="missing", passes=f"a {TERMS[name].unit}")
    for name, parameter in package.parameters.items():
        yield from _parameter(f"/parameters/{name}", name, parameter)
    for method, rules in package.methods.items():
        for name, parameter in rules.parameters.items():
            yield from _parameter(f"/methods/{method}/parameters/{name}", name, parameter)


def _parameter(pointer: str, name: str, parameter: Parameter) -> Iterator[Flaw]:
    if name not in TERMS:
        yield Flaw(pointer=pointer, reason="unknown name", passes=", ".join(sorted(TERMS)))
        return
    if not parameter.source.strip():
        yield Flaw(pointer=f"{pointer}/source", reason="empty", passes="where the figure stands")
    if parameter.confidence not in CONFIDENCES:
        yield Flaw(pointer=f"{pointer}/confidence", reason=parameter.confidence, passes=", ".join(CONFIDENCES))
    bounds = {"value": parameter.value, "least": parameter.least, "most": parameter.most}
    for part, value in bounds.items():
        try:
            if value is not None:
                read(name, value)
        except Refusal as refusal:
            yield Flaw(pointer=f"{pointer}/{part}", reason=refusal.detail, passes=refusal.passes)
    if (parameter.least is None) is not (parameter.most is None):
        yield Flaw(pointer=pointer, reason="one bound without the other", passes="least and most, or neither")


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


def _phase(pointer: str, phase: Phase, known: dict[PhaseId, Phase], package: Package) -> Iterator[Flaw]:
    if phase.period is not None and (phase.period not in package.parameters or TERMS[phase.period].unit != "period"):
        periods = ", ".join(sorted(name for name, term in TERMS.items() if term.unit == "period"))
        yield Flaw(pointer=f"{pointer}/period", reason=f"no period {phase.period}", passes=periods)
    if not phase.next and phase.id is not PhaseId.EXECUTION:
        yield Flaw(pointer=f"{pointer}/next", reason="a gap: nothing follows", passes="the phase that follows")
    for after in phase.next:
        if after not in known:
            yield Flaw(pointer=f"{pointer}/next", reason=f"a gap: {after} is not a phase of this package")
        elif _ORDER[after] <= _ORDER[phase.id]:
            yield Flaw(
                pointer=f"{pointer}/next", reason=f"a cycle: {after} comes before {phase.id}", passes="a later one"
            )


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
