"""The shape of a rule package: versioned data that decides who may bid, for how long, how it is awarded and paid.

A package is never subclassed. Each figure carries its source and confidence: H read in the law's own text, M in news
or a portal, L one weak source, MEM nobody's source. Only L and MEM figures may be configured by a deployment, within
their bounds. A tender pins every effective value for life; ``Rules`` reads a tender's rules back from there, so that
changing a package never changes a published tender.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.errors import Invalid, NotFound, Titles
from domain.tenders.model import PinnedProcedure


class UnknownProcedure(NotFound):
    code = "unknown-procedure"
    titles = Titles("There is no such procedure", "Такой процедуры нет", "Мұндай рәсім жоқ")


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
    """``value`` is text of the form that ``unit`` names. A configured value lies between ``least`` and ``most``, or
    is made of ``choices``; a parameter that has neither is not configurable, whatever its confidence.
    """

    value: str
    unit: str
    source: str
    confidence: str
    in_force_from: date
    least: str | None = None
    most: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """``titles`` and the parameters of one version. Unknown to the domain otherwise: a new package adds no code."""

    id: str
    version: str
    titles: Titles
    parameters: Mapping[str, Parameter]

    def pinned(self) -> PinnedProcedure:
        values = {name: parameter.value for name, parameter in self.parameters.items()}
        return PinnedProcedure(id=self.id, version=self.version, parameters=values)

    def configured(self, values: Mapping[str, str]) -> "Package":
        """The package with a deployment's values for unverified parameters; refuses every other kind of change."""
        changed = dict(self.parameters)
        for name, value in values.items():
            parameter = changed.get(name)
            if parameter is None:
                raise ParameterRefused(f"{self.id} has no parameter {name}", passes=", ".join(sorted(changed)))
            if parameter.confidence not in UNVERIFIED:
                raise ParameterRefused(
                    f"{name} of {self.id} stands in the law: {parameter.source}", passes=parameter.value
                )
            _check_bounds(name, value, parameter)
            source = f"configured by the deployment instead of {parameter.value}"
            changed[name] = replace(parameter, value=value, source=source)
        return replace(self, parameters=changed)


@dataclass(frozen=True, slots=True)
class Rules:
    """The effective values of a tender's package, typed: read from what the tender pinned, never from today's code."""

    procedure: PinnedProcedure

    @property
    def producers_only(self) -> bool:
        return self._text("producers_only") == "true"

    @property
    def bid_period_min(self) -> timedelta:
        return duration(self._text("bid_period_min"))

    @property
    def code_match_digits(self) -> int:
        return int(self._text("code_match_digits"))

    @property
    def local_content_min(self) -> Decimal:
        return Decimal(self._text("local_content_min"))

    @property
    def verifications(self) -> frozenset[str]:
        """How evidence must have been verified to count."""
        return frozenset(self._text("verifications").split())

    @property
    def capacity_check(self) -> bool:
        return self._text("capacity_check") == "true"

    @property
    def affiliates_refused(self) -> bool:
        return self._text("affiliates_refused") == "true"

    def evidence_types(self, on: date) -> frozenset[str]:
        """Types of evidence that are accepted on a day: ``type:from/until`` entries, either side may be empty."""
        accepted = set()
        for entry in self._text("evidence_types").split():
            kind, _, period = entry.partition(":")
            begins, _, ends = period.partition("/")
            if (not begins or date.fromisoformat(begins) <= on) and (not ends or on <= date.fromisoformat(ends)):
                accepted.add(kind)
        return frozenset(accepted)

    @property
    def payment_days(self) -> int:
        return int(self._text("payment_days"))

    @property
    def payment_in_working_days(self) -> bool:
        return self._text("payment_days_kind") == "working"

    def _text(self, name: str) -> str:
        return self.procedure.parameters[name]


_DURATION = re.compile(
    r"P(?:(?P<days>[0-9]+)D)?(?:T(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?(?:(?P<seconds>[0-9]+)S)?)?"
)


def duration(text: str) -> timedelta:
    """ISO 8601 durations of days, hours, minutes and seconds."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ParameterRefused(f"{text!r} is not a duration", passes="P15D or PT10S")
    return timedelta(**{name: int(value) for name, value in found.groupdict().items() if value})


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise ValueError(text)
    return int(text)


def _percent(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", text):
        raise ValueError(text)
    return Decimal(text)


_READERS: dict[str, Callable[[str], Any]] = {
    "duration": duration,
    "days": _whole,
    "digits": _whole,
    "percent": _percent,
}
"""How a bounded value of a unit is read; exactly as ``Rules`` will read it, so that what is accepted can be used."""


def _check_bounds(name: str, value: str, parameter: Parameter) -> None:
    choices = ("true", "false") if parameter.unit == "boolean" else parameter.choices
    if choices:
        words = value.split() if parameter.unit == "words" else [value]
        inside = bool(words) and set(words) <= set(choices)
        passing = f"{'some' if parameter.unit == 'words' else 'one'} of {', '.join(choices)}"
    else:
        inside = _between(parameter.least, value, parameter.most, _READERS.get(parameter.unit))
        passing = f"{parameter.least} to {parameter.most}" if parameter.least else parameter.value
    if not inside:
        raise ParameterRefused(f"{name} cannot be {value!r}", passes=passing)


def _between(least: str | None, value: str, most: str | None, read: Callable[[str], Any] | None) -> bool:
    if read is None or least is None or most is None:
        return False
    try:
        return bool(read(least) <= read(value) <= read(most))
    except (ArithmeticError, ValueError, ParameterRefused):
        return False
