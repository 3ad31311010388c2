"""Every rule package that is shipped, with a deployment's values for what could not be sourced."""

from collections.abc import Mapping

from domain.procedures import private, samruk_category
from domain.procedures.package import Package, UnknownProcedure

PACKAGES: tuple[Package, ...] = (samruk_category.PACKAGE, private.PACKAGE)


class Procedures:
    """The newest version of each package, configured. ``values`` is package id -> parameter -> value."""

    def __init__(self, values: Mapping[str, Mapping[str, str]] | None = None) -> None:
        given = dict(values or {})
        self._packages = {package.id: package.configured(given.pop(package.id, {})) for package in PACKAGES}
        if given:
            raise UnknownProcedure(f"No such procedure: {', '.join(sorted(given))}", passes=", ".join(self._packages))

    def find(self, id: str) -> Package:
        package = self._packages.get(id)
        if package is None:
            raise UnknownProcedure(f"There is no procedure {id!r}", passes=", ".join(sorted(self._packages)))
        return package

    def all(self) -> tuple[Package, ...]:
        return tuple(self._packages.values())
