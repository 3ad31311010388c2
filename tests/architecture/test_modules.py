"""The layers, the purity of the domain and the size of modules."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for folder in ("api", "domain", "adapters") for path in sorted((ROOT / folder).rglob("*.py"))]
WALL = 400


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_no_module_is_longer_than_the_wall() -> None:
    long = {
        str(path.relative_to(ROOT)): lines for path in SOURCES if (lines := len(path.read_text().splitlines())) > WALL
    }
    assert long == {}


def test_the_domain_imports_only_the_standard_library_and_itself() -> None:
    foreign = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "domain")
        for name in imported(path)
        if name.split(".")[0] not in {*sys.stdlib_module_names, "domain"}
    }
    assert foreign == set()


def test_the_domain_reads_no_clock_and_draws_no_randomness() -> None:
    clocks = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time|uuid[147]\(|random\.)")
    found = [str(path) for path in SOURCES if path.is_relative_to(ROOT / "domain") and clocks.search(path.read_text())]
    assert found == []


def test_api_and_adapters_meet_only_in_the_composition_root() -> None:
    meetings = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.is_relative_to(ROOT / "api") and any(name.split(".")[0] == "adapters" for name in imported(path))
    }
    assert meetings == {"api/main.py", "api/databases.py", "api/deployment.py"}


@pytest.mark.parametrize("folder", ["api", "domain", "adapters", "migrations", "tests"])
def test_every_exception_to_a_rule_carries_its_reason(folder: str) -> None:
    bare = re.compile(r"#\s*(noqa(: [A-Z0-9, ]+)?|type: ignore(\[[\w, -]+\])?)\s*$")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if bare.search(line)
    ]
    assert found == []
