"""The rule packages in force, checked, with a deployment's values for what could not be sourced."""

from collections.abc import Iterable, Mapping

from domain.procedures.checking import check
from domain.procedures.package import Package, UnknownProcedure


class Procedures:
    """One version of each package. ``values`` is package id -> parameter -> value.

    Refuses (``package-refused``) a package that is not sound, (``unknown-procedure``) values for one that is not there.
    """

    def __init__(self, packages: Iterable[Package], values: Mapping[str, Mapping[str, str]] | None = None) -> None:
        given = dict(values or {})
        self._packages: dict[str, Package] = {}
        for package in packages:
            check(package)
            self._packages[package.id] = package.configured(given.pop(package.id, {}))
        if given:
            raise UnknownProcedure(f"No such procedure: {', '.join(sorted(given))}", passes=", ".join(self._packages))

    def find(self, id: str) -> Package:
        package = self._packages.get(id)
        if package is None:
            raise UnknownProcedure(f"There is no procedure {id!r}", passes=", ".join(sorted(self._packages)))
        return package

    def all(self) -> tuple[Package, ...]:
        return tuple(self._packages.values())
