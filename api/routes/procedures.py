"""Procedures: the rule packages in full, each figure with its source."""

from typing import Self

from fastapi import APIRouter

from api.dependencies import App
from api.problems import responses
from api.schemas import Day, Strict
from domain.procedures.package import Package, Parameter, UnknownProcedure
from domain.procedures.vocabulary import TERMS

router = APIRouter(prefix="/v1", tags=["procedures"])


class TitlesView(Strict):
    en: str
    ru: str
    kk: str


class ParameterView(Strict):
    """``confidence``: H read in the law, M in news or a portal, L one weak source, MEM unverified."""

    value: str
    unit: str
    source: str
    confidence: str
    in_force_from: Day

    @classmethod
    def of(cls, name: str, parameter: Parameter) -> Self:
        return cls(
            value=parameter.value,
            unit=TERMS[name].unit,
            source=parameter.source,
            confidence=parameter.confidence,
            in_force_from=parameter.in_force_from,
        )


class ProcedureView(Strict):
    id: str
    version: str
    titles: TitlesView
    parameters: dict[str, ParameterView]

    @classmethod
    def of(cls, package: Package) -> Self:
        return cls(
            id=package.id,
            version=package.version,
            titles=TitlesView(en=package.titles.en, ru=package.titles.ru, kk=package.titles.kk),
            parameters={name: ParameterView.of(name, each) for name, each in sorted(package.parameters.items())},
        )


class ProceduresView(Strict):
    items: list[ProcedureView]


@router.get("/procedures", openapi_extra={"security": []})
async def list_procedures(app: App) -> ProceduresView:
    """The rule packages that tenders can be published under."""
    return ProceduresView(items=[ProcedureView.of(package) for package in app.procedures.all()])


@router.get("/procedures/{id}", responses=responses(UnknownProcedure), openapi_extra={"security": []})
async def read_procedure(id: str, app: App) -> ProcedureView:
    return ProcedureView.of(app.procedures.find(id))
