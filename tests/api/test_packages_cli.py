"""``oimaq procedures``: what it says and how it ends."""

from pathlib import Path

import pytest

from adapters.procedures.files import shipped
from api.cli import main
from domain.procedures.drawing import page

BROKEN = """
id = "mine"
version = "1"
extends = "private"
in_force_from = 2026-01-01
titles = { en = "Mine", ru = "Моя", kk = "Менікі" }
[parameters]
bid_period_min = { value = "P90D" }
"""


def test_all_shipped_packages_are_checked_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["procedures", "check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("@")[0] for line in lines] == [package.id for package in shipped()]
    for package, line in zip(shipped(), lines, strict=True):
        unverified = sum(each.unverified for each in package.figures())
        assert line.endswith(
            f"sound; {len(package.figures())} figures, {unverified} unverified, {len(package.vectors)} worked examples"
        )


def test_a_file_from_outside_is_checked_with_place_reason_and_what_would_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound, broken = tmp_path / "sound.toml", tmp_path / "broken.toml"
    broken.write_text(BROKEN, encoding="utf-8")
    sound.write_text(BROKEN.replace("P90D", "P9D"), encoding="utf-8")
    assert main(["procedures", "check", str(sound)]) == 0
    assert main(["procedures", "check", str(broken), str(sound), str(tmp_path / "missing.toml")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"{broken}: not sound"
    assert lines[2] == (
        "  /parameters/bid_period_min/value: 'P90D' is outside of its own bounds; would pass: PT1S to P60D"
    )
    assert lines[3].startswith(f"{sound}: sound;")
    assert "cannot be read" in lines[5]


def test_the_life_cycles_are_drawn_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["procedures", "draw"]) == 0
    assert capsys.readouterr().out == page(shipped())
