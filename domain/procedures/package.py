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

from domain.errors import Invalid, MalformedValue, NotFound, Titles
from domain.procedures.period import Period
from domain.procedures.vocabulary import READERS, TERMS, Bound, Method, PhaseId
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
    """A worked example: a formula of ``vectors.py`` with what it is given, and what must come out."""

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

    def configured(self, values: Mapping[str, str], *, by: str = "the deployment") -> "Package":
        """The package with somebody's values for unverified parameters; refuses every other kind of change.

        A method's own value of the same name is changed with it where it is unverified.
        """
        changed = dict(self.parameters)
        methods = dict(self.methods)
        for name, value in values.items():
            parameter = changed.get(name)
            if parameter is None:
                raise ParameterRefused(f"{self.id} has no parameter {name}", passes=", ".join(sorted(changed)))
            changed[name] = _changed(self.id, name, parameter, value, by)
            for method, rules in methods.items():
                own = rules.parameters.get(name)
                if own is not None and own.unverified:
                    mine = {**rules.parameters, name: _changed(self.id, name, own, value, by)}
                    methods[method] = replace(rules, parameters=mine)
        return replace(self, parameters=changed, methods=methods)


def _changed(package: str, name: str, parameter: Parameter, value: str, by: str) -> Parameter:
    if not parameter.unverified:
        raise ParameterRefused(f"{name} of {package} stands in the law: {parameter.source}", passes=parameter.value)
    _check_bounds(name, value, parameter)
    return replace(parameter, value=value, source=f"configured by {by} instead of {parameter.value}")


def read(name: str, value: str) -> Any:
    """The value of a parameter, read by its unit. Refuses (``malformed-value``) what cannot be read or is no choice
    of its term.
    """
    term = TERMS[name]
    found = READERS[term.unit](value)
    if term.choices:
        named: Iterable[str]
        match term.unit:
            case "pairs":
                named = found.values()
            case "spans":
                named = (each for each, _, _ in found)
            case _:
                named = value.split()
        strangers = sorted(set(named) - set(term.choices))
        if strangers:
            raise MalformedValue(f"{name} does not know {', '.join(strangers)}", passes=", ".join(term.choices))
    return found


def _check_bounds(name: str, value: str, parameter: Parameter) -> None:
    unit = TERMS[name].unit
    choices = ("true", "false") if unit == "boolean" else parameter.choices
    try:
        found = read(name, value)
    except MalformedValue as refusal:
        raise ParameterRefused(f"{name} cannot be {value!r}", passes=refusal.passes) from refusal
    if choices:
        words = value.split() if unit == "words" else [value]
        inside = bool(words) and set(words) <= set(choices)
        passing = f"{'some' if unit == 'words' else 'one'} of {', '.join(choices)}"
    else:
        inside = _between(name, parameter.least, found, parameter.most)
        passing = f"{parameter.least} to {parameter.most}" if parameter.least else parameter.value
    if not inside and value != parameter.value:
        raise ParameterRefused(f"{name} cannot be {value!r}", passes=passing)


def _between(name: str, least: str | None, found: object, most: str | None) -> bool:
    if least is None or most is None:
        return False
    low, value, high = (_size(each) for each in (read(name, least), found, read(name, most)))
    return bool(low <= value <= high)


def _size(value: Any) -> Any:
    return value.least if isinstance(value, Period) else value
