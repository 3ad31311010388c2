"""Views of rule packages: everything that a package says, each figure with its source; and what a buyer has set."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.schemas import Day, Instant, Strict
from domain.errors import Titles
from domain.procedures.package import Document, MethodRules, Package, Parameter, Phase, Vector
from domain.procedures.settings import ProcedureSettings
from domain.procedures.vocabulary import TERMS, Bound, Method, PhaseId


class TitlesView(Strict):
    en: str
    ru: str
    kk: str

    @classmethod
    def of(cls, titles: Titles) -> Self:
        return cls(en=titles.en, ru=titles.ru, kk=titles.kk)


class ParameterView(Strict):
    """``confidence``: H read in the law, M in news or a portal, L one weak source, MEM unverified. A buyer may change a
    ``configurable`` one from ``least`` to ``most``, or choose from ``choices``.
    """

    value: str
    unit: str
    source: str
    confidence: str
    in_force_from: Day
    configurable: bool
    least: str | None
    most: str | None
    choices: list[str]

    @classmethod
    def of(cls, name: str, parameter: Parameter) -> Self:
        unit = TERMS[name].unit
        choices = ("true", "false") if unit == "boolean" else parameter.choices
        return cls(
            value=parameter.value,
            unit=unit,
            source=parameter.source,
            confidence=parameter.confidence,
            in_force_from=parameter.in_force_from,
            configurable=parameter.unverified and (bool(choices) or parameter.least is not None),
            least=parameter.least,
            most=parameter.most,
            choices=list(choices) if parameter.unverified else [],
        )


def _parameters(parameters: dict[str, Parameter]) -> dict[str, ParameterView]:
    return {name: ParameterView.of(name, each) for name, each in sorted(parameters.items())}


class MethodView(Strict):
    """``changes`` are the parameters that this method has otherwise than the package."""

    titles: TitlesView
    changes: dict[str, ParameterView]

    @classmethod
    def of(cls, rules: MethodRules) -> Self:
        return cls(titles=TitlesView.of(rules.titles), changes=_parameters(dict(rules.parameters)))


class PhaseView(Strict):
    """``bound`` says how ``period`` (the value of ``parameter`` by the default method) binds."""

    id: PhaseId
    next: list[PhaseId]
    bound: Bound
    parameter: str | None
    period: str | None

    @classmethod
    def of(cls, phase: Phase, values: dict[str, str]) -> Self:
        return cls(
            id=phase.id,
            next=list(phase.next),
            bound=phase.bound,
            parameter=phase.period,
            period=values[phase.period] if phase.period else None,
        )


class DocumentView(Strict):
    id: str
    by: str
    titles: TitlesView
    source: str

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(id=document.id, by=document.by, titles=TitlesView.of(document.titles), source=document.source)


class VectorView(Strict):
    """A worked example of the package as it is written, before anybody has configured a figure."""

    formula: str
    method: Method
    given: dict[str, str]
    expect: str
    source: str

    @classmethod
    def of(cls, vector: Vector, default: Method) -> Self:
        return cls(
            formula=vector.formula,
            method=vector.method or default,
            given=dict(vector.given),
            expect=vector.expect,
            source=vector.source,
        )


class ProcedureView(Strict):
    """A package in full, with the deployment's values."""

    id: str
    version: str
    in_force_from: Day
    titles: TitlesView
    default_method: Method
    methods: dict[Method, MethodView]
    phases: list[PhaseView]
    parameters: dict[str, ParameterView]
    documents: list[DocumentView]
    texts: dict[str, TitlesView]
    vectors: list[VectorView]

    @classmethod
    def of(cls, package: Package) -> Self:
        values = package.pinned().parameters
        return cls(
            id=package.id,
            version=package.version,
            in_force_from=package.in_force_from,
            titles=TitlesView.of(package.titles),
            default_method=package.default_method,
            methods={method: MethodView.of(rules) for method, rules in package.methods.items()},
            phases=[PhaseView.of(phase, values) for phase in package.phases],
            parameters=_parameters(dict(package.parameters)),
            documents=[DocumentView.of(each) for each in package.documents],
            texts={name: TitlesView.of(titles) for name, titles in package.texts.items()},
            vectors=[VectorView.of(each, package.default_method) for each in package.vectors],
        )


class ProcedureLine(Strict):
    """``figures`` counts the parameters of the package and of its methods, ``unverified`` those marked L or MEM."""

    id: str
    version: str
    in_force_from: Day
    titles: TitlesView
    default_method: Method
    methods: list[Method]
    figures: int
    unverified: int

    @classmethod
    def of(cls, package: Package) -> Self:
        return cls(
            id=package.id,
            version=package.version,
            in_force_from=package.in_force_from,
            titles=TitlesView.of(package.titles),
            default_method=package.default_method,
            methods=list(package.methods),
            figures=len(package.figures()),
            unverified=sum(each.unverified for each in package.figures()),
        )


class ProceduresView(Strict):
    items: list[ProcedureLine]


Name = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,60}$")]
Value = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[\x20-\x7e]*$")]


class SettingsBody(Strict):
    """All of your values, by parameter; what is not named is the package's again."""

    values: Annotated[dict[Name, Value], Field(max_length=100)]


class SettingsView(Strict):
    """``configured_at`` null: nothing was ever set, everything is the package's."""

    procedure: str
    values: dict[str, str]
    configured_at: Instant | None

    @classmethod
    def of(cls, settings: ProcedureSettings) -> Self:
        return cls(
            procedure=settings.procedure,
            values=dict(sorted(settings.values.items())),
            configured_at=settings.configured_at,
        )
