"""The shape of a rule package: versioned data that decides who may bid, for how long, how it is awarded and paid.

A package is never subclassed and adds no code: it is a file of figures (``packages/*.toml``), each with its source and
confidence: H read in the law's own text, M in news or a portal, L one weak source, MEM nobody's source. Only L and MEM
figures may be configured, by a deployment or a buyer, within their bounds. A tender pins every effective value for
life; ``rules.py`` reads a tender's rules back from there, so that changing a package never changes a published tender.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from domain.errors import Flaw, Invalid, MalformedValue, NotFound, Titles
from domain.procedures.units import READERS, size
from domain.procedures.vocabulary import TERMS, Bound, Method, PhaseId
from domain.tenders.procedure import PinnedProcedure


class UnknownProcedure(NotFound):
    code = "unknown-procedure"
    titles = Titles("There is no such procedure", "Такой процедуры нет", "Мұндай рәсім жоқ")


class UnknownMethod(Invalid):
    code = "unknown-method"
    titles = Titles("The procedure has no such method", "В процедуре нет такого способа", "Рәсімде мұндай тәсіл жоқ")


class ParameterRefused(Invalid):
    code = "parameter-refused"
    titles = Titles(
        "This parameter cannot be configured so",
        "Параметр нельзя задать таким образом",
        "Параметрді бұлай орнатуға болмайды",
    )


UNVERIFIED = frozenset({"L", "MEM"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """``value`` is text that the unit of its term reads. A configured value lies between ``least`` and ``most``, or
    is made of ``choices`` (a boolean has its own); a parameter that has neither is not configurable, whatever its
    confidence.
    """

    value: str
    source: str
    confidence: str
    in_force_from: date
    least: str | None = None
    most: str | None = None
    choices: tuple[str, ...] = ()

    @property
    def unverified(self) -> bool:
        return self.confidence in UNVERIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """``period`` names the parameter that says how long; ``next`` the phases that can follow, none after the last."""

    id: PhaseId
    next: tuple[PhaseId, ...] = ()
    period: str | None = None
    bound: Bound = Bound.EXACTLY


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRules:
    """What a method changes in the package's parameters."""

    titles: Titles
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that the procedure asks for; ``by`` is ``buyer``, ``bidder`` or ``supplier``."""

    id: str
    by: str
    titles: Titles
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """A worked example: a formula of ``vectors.py`` with what it is given, and what must come out.

    It belongs to the figures as the file says them, before anybody configures one; ``method`` None is the default.
    """

    formula: str
    given: Mapping[str, str]
    expect: str
    source: str
    method: Method | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One version of a package. Whether it makes sense as a whole is decided by ``checking.py``."""

    id: str
    version: str
    in_force_from: date
    titles: Titles
    parameters: Mapping[str, Parameter]
    phases: tuple[Phase, ...]
    methods: Mapping[Method, MethodRules]
    default_method: Method
    documents: tuple[Document, ...] = ()
    texts: Mapping[str, Titles] = field(default_factory=dict)
    vectors: tuple[Vector, ...] = ()

    def pinned(self, method: Method | None = None) -> PinnedProcedure:
        """Every value in force for a method; refuses (``unknown-method``) one that the package does not have."""
        chosen = self.default_method if method is None else method
        if chosen not in self.methods:
            raise UnknownMethod(f"{self.id} has no method {chosen}", passes=", ".join(self.methods))
        effective = {**self.parameters, **self.methods[chosen].parameters}
        values = {name: parameter.value for name, parameter in sorted(effective.items())}
        values["phases"] = " ".join(phase.id for phase in self.phases)
        return PinnedProcedure(id=self.id, version=self.version, method=str(chosen), parameters=values)

    def figures(self) -> tuple[Parameter, ...]:
        """The parameters of the package, then those of its methods."""
        own = (parameter for rules in self.methods.values() for parameter in rules.parameters.values())
        return (*self.parameters.values(), *own)

    def configured(self, values: Mapping[str, str], *, by: str = "the deployment") -> "Package":
        """The package with somebody's values for unverified parameters; refuses every other kind of change.

        A method's own period, percentage or number of the same name is changed with it where it is unverified. Its
        own flags and choices stay: they make the method what it is.
        """
        changed = dict(self.parameters)
        methods = dict(self.methods)
        for name, value in values.items():
            parameter = changed.get(name)
            if parameter is None:
                raise _refused(name, f"{self.id} has no parameter {name}", ", ".join(sorted(changed)))
            changed[name] = _changed(self.id, name, parameter, value, by)
            for method, rules in methods.items():
                own = rules.parameters.get(name)
                if own is not None and own.unverified and own.least is not None:
                    mine = {**rules.parameters, name: _changed(self.id, name, own, value, by)}
                    methods[method] = replace(rules, parameters=mine)
        return replace(self, parameters=changed, methods=methods)


def _changed(package: str, name: str, parameter: Parameter, value: str, by: str) -> Parameter:
    if not parameter.unverified:
        raise _refused(name, f"{name} of {package} stands in the law: {parameter.source}", parameter.value)
    try:
        read(name, value)
    except MalformedValue as refusal:
        raise _refused(name, f"{name} cannot be {value!r}", refusal.passes) from refusal
    if value == parameter.value:
        return parameter
    if not value.strip() or not within(name, value, parameter):
        raise _refused(name, f"{name} cannot be {value!r}", passing(name, parameter))
    return replace(parameter, value=value, source=f"configured by {by} instead of {parameter.value}")


def _refused(name: str, reason: str, passes: str | None) -> ParameterRefused:
    flaw = Flaw(pointer=f"/values/{name}", reason=reason, passes=passes)
    return ParameterRefused(reason, flaws=(flaw,), passes=passes)


def read(name: str, value: str) -> Any:
    """The value of a parameter, read by its unit. Refuses (``malformed-value``) what cannot be read or is no choice
    of its term.
    """
    term = TERMS[name]
    found = READERS[term.unit](value)
    match term.unit:
        case "pairs":
            _known(name, found.keys(), term.keys)
            _known(name, found.values(), term.choices)
        case "spans":
            _known(name, (each for each, _, _ in found), term.choices)
        case "words":
            _known(name, found, term.choices)
        case "word":
            _known(name, (found,), term.choices)
    return found


def _known(name: str, found: Iterable[str], choices: tuple[str, ...]) -> None:
    strangers = sorted(set(found) - set(choices)) if choices else ()
    if strangers:
        raise MalformedValue(f"{name} does not know {', '.join(strangers)}", passes=", ".join(choices))


def within(name: str, value: str, parameter: Parameter) -> bool:
    """Whether a value that can be read lies within the parameter's own bounds, or is made of its choices."""
    unit = TERMS[name].unit
    if unit == "boolean":
        return True
    if parameter.choices:
        return set(value.split()) <= set(parameter.choices) if unit == "words" else value in parameter.choices
    if parameter.least is None or parameter.most is None:
        return False
    least, given, most = (size(unit, each) for each in (parameter.least, value, parameter.most))
    return bool(least <= given <= most)  # type: ignore[operator]  # one unit has one type


def passing(name: str, parameter: Parameter) -> str:
    """What a configured value may be, in words."""
    if parameter.choices:
        return f"{'some' if TERMS[name].unit == 'words' else 'one'} of {', '.join(parameter.choices)}"
    return parameter.value if parameter.least is None else f"{parameter.least} to {parameter.most}"
