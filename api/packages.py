"""``oimaq procedures``: rule packages checked from outside, and their life cycles drawn."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from domain.errors import Refusal
from domain.procedures.checking import check
from domain.procedures.package import Package


def check_packages(packages: Iterable[Package], tell: Callable[[str], None]) -> bool:
    """Whether all are sound; ``tell`` gets a line for each package and for each flaw."""
    return _sound([(f"{each.id}@{each.version}", partial(_same, each)) for each in packages], tell)


def check_files(paths: Iterable[Path], read: Callable[[Path], Package], tell: Callable[[str], None]) -> bool:
    return _sound([(str(path), partial(read, path)) for path in paths], tell)


def _same(package: Package) -> Package:
    return package


def _sound(packages: Iterable[tuple[str, Callable[[], Package]]], tell: Callable[[str], None]) -> bool:
    """Whether all are; every one is looked at."""
    return False not in [_is_sound(name, package, tell) for name, package in packages]


def _is_sound(name: str, package: Callable[[], Package], tell: Callable[[str], None]) -> bool:
    try:
        found = package()
        check(found)
    except Refusal as refusal:
        tell(f"{name}: not sound")
        for flaw in refusal.flaws:
            tell(f"  {flaw.pointer}: {flaw.reason}; would pass: {flaw.passes}")
        return False
    figures = found.figures()
    unverified = sum(each.unverified for each in figures)
    tell(f"{name}: sound; {len(figures)} figures, {unverified} unverified, {len(found.vectors)} worked examples")
    return True
