"""The rule packages in force, checked, with a deployment's values for what could not be sourced."""

from collections.abc import Iterable, Mapping

from domain.procedures.checking import check
from domain.procedures.package import Package, UnknownProcedure


class Procedures:
    """One version of each package, the last one given. ``values`` is package id -> parameter -> value.

    Refuses (``package-refused``) a package that is not sound, (``unknown-procedure``) values for one that is not there.
    """

    def __init__(self, packages: Iterable[Package], values: Mapping[str, Mapping[str, str]] | None = None) -> None:
        found = {package.id: package for package in packages}
        given = dict(values or {})
        strangers = ", ".join(sorted(set(given) - set(found)))
        if strangers:
            raise UnknownProcedure(f"No such procedure: {strangers}", passes=", ".join(sorted(found)))
        for package in found.values():
            check(package)
        self._packages = {id: package.configured(given.get(id, {})) for id, package in found.items()}

    def find(self, id: str) -> Package:
        package = self._packages.get(id)
        if package is None:
            raise UnknownProcedure(f"There is no procedure {id!r}", passes=", ".join(sorted(self._packages)))
        return package

    def all(self) -> tuple[Package, ...]:
        return tuple(self._packages.values())
